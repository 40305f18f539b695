"""What no linter says, read from the source."""

import ast
from pathlib import Path

import pytest

from loom_app.kit.settings import ROOT, Settings

APP = ROOT / "loom_app"
FILES = sorted(path for path in APP.rglob("*.py"))
UI = [path for path in FILES if "ui" in path.relative_to(APP).parts]

# reason beside each: a file is split where it is two things, not at a number
LONG_FOR_A_REASON: dict[str, str] = {}


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", FILES, ids=name)
def test_files_are_one_thing(path):
    lines = len(path.read_text().splitlines())
    limit = 420 if path.parent.name != "state" else 220
    assert lines <= limit or name(path) in LONG_FOR_A_REASON


@pytest.mark.parametrize("path", FILES, ids=name)
def test_nobody_commits_but_the_transaction(path):
    if path.is_relative_to(APP / "kit" / "db") or path.is_relative_to(APP / "cli"):
        return
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            assert node.func.attr not in {"commit", "rollback"}, f"line {node.lineno}"


@pytest.mark.parametrize("path", FILES, ids=name)
def test_no_domain_reads_the_models_of_another_to_write(path):
    """Only queries may join the tables of lower domains."""
    parts = path.relative_to(APP).parts
    if parts[0] != "domains" or len(parts) < 3 or "queries" in (parts[2], parts[2][:-3]):
        return
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            where = node.module.split(".")
            if where[:2] == ["loom_app", "domains"] and where[3:4] == ["models"]:
                assert where[2] == parts[1], node.module


@pytest.mark.parametrize("path", UI, ids=name)
def test_words_for_people_go_through_the_catalogue(path):
    """Text children and spoken labels are never bare strings."""
    if path.name == "showcase.py":
        return
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call):
            continue
        element = isinstance(node.func, ast.Attribute) and ast.unparse(node.func).startswith(
            "rx.el."
        )
        spoken = [
            keyword.value
            for keyword in node.keywords
            if keyword.arg in {"aria_label", "placeholder", "alt", "title"}
        ]
        for value in (node.args if element else []) + spoken:
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                words = value.value.strip()
                assert not any(c.isalpha() for c in words) or words == "Loom", (
                    f"line {value.lineno}: {words!r}"
                )


@pytest.mark.parametrize("path", UI, ids=name)
def test_the_server_sends_no_script(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            assert called not in {
                "rx.call_script",
                "rx.run_script",
                "rx.console_log",
                "rx.set_clipboard",
                "rx.html",
                "rx.markdown",
            }, f"line {node.lineno}: {called}"
            assert not called.startswith(("rx.toast", "rx.upload")), f"line {node.lineno}"


@pytest.mark.parametrize("path", UI, ids=name)
def test_handlers_act_through_the_session(path):
    """A handler that opens a transaction of its own would act as nobody in particular."""
    if (
        path.name in {"session.py", "fanout.py", "inbox_feed.py", "presence_feed.py"}
        or path.parent.name == "auth"
    ):
        return
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            assert "transaction" not in [alias.name for alias in node.names], node.module


def test_every_setting_is_in_the_example():
    example = (ROOT / ".env.example").read_text()
    for field, info in Settings.model_fields.items():
        variable = info.validation_alias or f"LOOM_{field.upper()}"
        assert f"{variable}=" in example, variable
        assert info.description


def test_no_script_file_is_written_by_hand():
    tracked = [
        path
        for folder in (APP, ROOT / "assets", ROOT / "tests")
        for path in folder.rglob("*")
        if path.suffix in {".js", ".jsx", ".ts", ".tsx"} and "external" not in path.parts
    ]
    assert tracked == []
