"""What the documents say is there, is there."""

import re

import pytest

from loom_app.cli import COMMANDS, docs
from loom_app.kit.settings import ROOT

PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
TOPS = "loom_app|alembic|tests|docs|assets|reflex.lock|.ci"
PATH = re.compile(rf"`((?:{TOPS})/[\w./-]*)`")
LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)\)")
TARGET = re.compile(r"^([a-z]+):.*##", re.MULTILINE)


def name(path):
    return path.relative_to(ROOT).as_posix()


def test_the_reference_is_what_the_code_says():
    assert docs.PAGE.read_text() == docs.reference(), "run: python -m loom_app.cli docs"


def test_every_signal_is_in_the_table_of_topics():
    listed = {topic.partition(":")[0] + topic.partition(">")[2] for topic, *_ in docs.TOPICS}
    for path in (ROOT / "loom_app").rglob("*.py"):
        for kind, rest in re.findall(r'\.signal\(\s*f"(\w+):\{[^}]+\}([\w:]*)"', path.read_text()):
            assert kind + rest in listed, f"{name(path)}: {kind}:<id>{rest}"


def test_every_make_target_of_the_readme_exists_and_every_one_is_in_it():
    said = set(re.findall(r"\bmake ([a-z]+)\b", (ROOT / "README.md").read_text()))
    there = set(TARGET.findall((ROOT / "Makefile").read_text()))
    assert said == there


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_path_and_link_leads_somewhere(page):
    words = page.read_text()
    missing = [path for path in PATH.findall(words) if not (ROOT / path).exists()]
    missing += [link for link in LINK.findall(words) if not (page.parent / link).exists()]
    assert missing == []


def test_every_command_is_a_module():
    for command in COMMANDS:
        folder, module = ROOT / "loom_app" / "cli", command.replace("-", "_")
        assert (folder / f"{module}.py").exists() or (folder / module).is_dir()
