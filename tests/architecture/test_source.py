"""What no linter says, read from the source; each rule names every place that is against it."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

from loom_app.domains.accounts.queries import verb_words
from loom_app.kit.settings import ROOT, Settings

APP = ROOT / "loom_app"
FILES = sorted(path for path in APP.rglob("*.py"))
UI = [path for path in FILES if "ui" in path.relative_to(APP).parts]

# reason beside each: a file is split where it is two things, not at a number
LONG_FOR_A_REASON: dict[str, str] = {}
NO_CALLS = frozenset(
    {
        "rx.call_script",
        "rx.run_script",
        "rx.console_log",
        "rx.set_clipboard",
        "rx.html",
        "rx.markdown",
    }
)


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Every node of a file."""
    return tuple(ast.walk(ast.parse(path.read_text())))


def calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in nodes(path) if isinstance(node, ast.Call))


def imports(path: Path) -> Iterator[ast.ImportFrom]:
    return (node for node in nodes(path) if isinstance(node, ast.ImportFrom))


def test_files_are_one_thing():
    def limit(path: Path) -> int:
        return 420 if path.parent.name != "state" else 220

    lengths = {path: len(path.read_text().splitlines()) for path in FILES}
    long = [name(path) for path, lines in lengths.items() if lines > limit(path)]
    assert [path for path in long if path not in LONG_FOR_A_REASON] == []


def test_nobody_commits_but_the_transaction():
    wrong = [
        f"{name(path)}:{node.lineno}"
        for path in FILES
        if not path.is_relative_to(APP / "kit" / "db") and not path.is_relative_to(APP / "cli")
        for node in calls(path)
        if isinstance(node.func, ast.Attribute) and node.func.attr in {"commit", "rollback"}
    ]
    assert wrong == []


def test_no_domain_reads_the_models_of_another_to_write():
    """Only queries may join the tables of lower domains."""
    wrong = []
    for path in FILES:
        parts = path.relative_to(APP).parts
        if parts[0] != "domains" or len(parts) < 3 or "queries" in (parts[2], parts[2][:-3]):
            continue
        for node in imports(path):
            where = (node.module or "").split(".")
            models = where[:2] == ["loom_app", "domains"] and where[3:4] == ["models"]
            if models and where[2] != parts[1]:
                wrong.append(f"{name(path)}:{node.lineno} {node.module}")
    assert wrong == []


def test_words_for_people_go_through_the_catalogue():
    """Text children and spoken labels are never bare strings."""
    wrong = []
    for path in UI:
        for node in calls(path) if path.name != "showcase.py" else ():
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
                    if any(c.isalpha() for c in words) and words != "Loom":
                        wrong.append(f"{name(path)}:{value.lineno} {words!r}")
    assert wrong == []


def test_the_server_sends_no_script():
    wrong = []
    for path in UI:
        for node in calls(path):
            called = ast.unparse(node.func)
            if called in NO_CALLS or called.startswith(("rx.toast", "rx.upload")):
                wrong.append(f"{name(path)}:{node.lineno} {called}")
    assert wrong == []


def test_handlers_act_through_the_session():
    """A handler that opens a transaction of its own would act as nobody in particular."""
    may = {"session.py", "fanout.py", "inbox_feed.py", "presence_feed.py"}
    wrong = [
        f"{name(path)}:{node.lineno} {node.module}"
        for path in UI
        if path.name not in may and path.parent.name != "auth"
        for node in imports(path)
        if "transaction" in [alias.name for alias in node.names]
    ]
    assert wrong == []


def test_what_pages_name_of_our_modules_is_there():
    """pyright does not look at attributes in `ui`, where Vars have any."""
    wrong = []
    for path in UI:
        modules = {}
        for node in imports(path):
            for alias in node.names if (node.module or "").startswith("loom_app") else ():
                found = f"{node.module}.{alias.name}"
                if (ROOT / f"{found.replace('.', '/')}.py").exists() or (
                    ROOT / found.replace(".", "/") / "__init__.py"
                ).exists():
                    modules[alias.asname or alias.name] = importlib.import_module(found)
        wrong += [
            f"{name(path)}:{node.lineno} {node.value.id}.{node.attr}"
            for node in nodes(path)
            if isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id in modules
            and not hasattr(modules[node.value.id], node.attr)
        ]
    assert wrong == []


def test_every_setting_is_in_the_example():
    example = (ROOT / ".env.example").read_text()
    for field, info in Settings.model_fields.items():
        variable = info.validation_alias or f"LOOM_{field.upper()}"
        assert f"{variable}=" in example, variable
        assert info.description


def test_no_script_file_is_written_by_hand():
    """But for the service worker, which a browser takes in no other form."""
    tracked = [
        path
        for folder in (APP, ROOT / "assets", ROOT / "tests")
        for path in folder.rglob("*")
        if path.suffix in {".js", ".jsx", ".ts", ".tsx"} and "external" not in path.parts
    ]
    assert tracked == [ROOT / "assets" / "sw.js"]


# verbs of staff and of machines, which nobody reads among what happened to their own account
OF_STAFF = (
    "account.begin account.change account.erase account.schedule admin. audit. case. delivery."
    " dispute. due. event. fee. job. offer. payout. platform. refund. report. role. service."
)


def test_what_a_person_does_has_words_in_their_trail():
    """The argument of each `audit` and of helpers that pass it on, where it is a plain word."""
    helpers = {"audit", "changed", "_changed"}
    said = {
        (f"{name(path)}:{node.lineno}", argument.value)
        for path in FILES
        if path.is_relative_to(APP / "domains")
        for node in calls(path)
        if getattr(node.func, "id", getattr(node.func, "attr", "")) in helpers
        for argument in node.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }
    verbs = {(where, verb) for where, verb in said if "." in verb}
    assert len(verbs) > 50
    silent = [
        f"{where} {verb}"
        for where, verb in sorted(verbs)
        if not verb.startswith(tuple(OF_STAFF.split()))
        and verb_words(verb).startswith(verb.split(".")[0].replace("_", " ").capitalize() + ":")
    ]
    assert silent == []
