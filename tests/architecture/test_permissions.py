"""Every check of what staff may do goes through one function, and no permission is for nothing."""

import ast
from pathlib import Path

from loom_app.domains.operations.listings import listings
from loom_app.kit import permissions
from loom_app.kit.settings import ROOT

APP = ROOT / "loom_app"
HOME = {APP / "kit" / "actor.py", APP / "kit" / "permissions.py"}
FILES = [path for path in sorted(APP.rglob("*.py")) if path not in HOME]


def _checks() -> dict[str, list[str]]:
    """Permission → where it is asked for, by `me.may(…)` or `me.require(…)` with its name; a list
    of the admin page asks for its own."""
    found = {one.permission: [one.key] for one in listings().values()}
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in {"may", "require"}
                and len(node.args) == 1
                and isinstance(node.args[0], ast.Constant)
            ):
                found.setdefault(str(node.args[0].value), []).append(f"{path}:{node.lineno}")
    return found


def test_every_permission_is_asked_for_somewhere_and_none_else():
    assert set(_checks()) == set(permissions.names())


def test_names_are_told_apart_and_said_in_words():
    all_of_them = permissions.catalogue()
    assert len({one.name for one in all_of_them}) == len(all_of_them)
    assert all(one.area and one.title and one.words for one in all_of_them)


def test_nobody_looks_into_roles_for_staff():
    """`"staff" in roles` and the like would decide beside the one function."""
    wrong = []
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text())):
            names = [one for one in ast.walk(node) if isinstance(one, ast.Constant)]
            compared = isinstance(node, ast.Compare) and any(
                isinstance(op, ast.In | ast.NotIn) for op in node.ops
            )
            if compared and any(one.value == "staff" for one in names):
                wrong.append(f"{_name(path)}:{node.lineno}")
            if isinstance(node, ast.Attribute) and node.attr == "require_staff":
                wrong.append(f"{_name(path)}:{node.lineno}")
    assert wrong == []


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()
