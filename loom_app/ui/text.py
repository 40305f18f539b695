"""`t` and `tn` for pages: the catalogue of the kit, filled with values or vars.

Pages are compiled, so a text is looked up once, at compile time, and costs no state. A language is
a build of the same pages: later ones add a catalogue and a bundle, not a var.
"""

import re
from typing import Any

import reflex as rx

from loom_app.kit import text as catalogue


def t(source: str, **values: Any) -> Any:
    """The text; a var where a value is one, else a plain str."""
    if not any(isinstance(value, rx.Var) for value in values.values()):
        return catalogue.t(source, **values)
    return _fill(catalogue.t(source), values)


def tn(singular: str, plural: str, n: Any, **values: Any) -> Any:
    """The form for n, which may be a var."""
    if isinstance(n, rx.Var):
        one = _fill(catalogue.t(singular), {"n": n, **values})
        many = _fill(catalogue.t(plural), {"n": n, **values})
        return rx.cond(n == 1, one, many)
    return catalogue.tn(singular, plural, n, **values)


def _fill(template: str, values: dict[str, Any]) -> rx.Var:
    filled: Any = rx.Var.create("")
    for i, part in enumerate(re.split(r"\{(\w+)\}", template)):
        if i % 2:
            value = values[part]
            filled = filled + (_words(value) if isinstance(value, rx.Var) else str(value))
        elif part:
            filled = filled + part
    return filled


def _words(value: rx.Var) -> rx.Var:
    """As text; nothing where there is nothing yet. Reflex's own `to_string` makes nothing of 0."""
    return rx.Var(
        f"String({value!s} ?? '')",
        _var_type=str,
        _var_data=value._get_all_var_data(),  # noqa: SLF001 - what a var depends on has no public name
    ).to(str)
