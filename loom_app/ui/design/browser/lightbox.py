"""Pictures over the page, one at a time: opened by a click, turned by keys, closed by Esc."""

from typing import Any

import reflex as rx
from reflex_base.event import EventChain
from reflex_base.vars import VarData
from reflex_base.vars.function import FunctionVar
from reflex_components_core.el.elements.typography import Div

# {list, at}: the pictures of the message that was clicked, and which of them is shown
looked_at = rx._x.client_state("pictures", default={"list": [], "at": -1})

_TURN = """useEffect(() => {
  const keys = (e) => {
    const { list, at } = refs['_client_state_pictures'] ?? { list: [], at: -1 };
    const by = { ArrowLeft: -1, ArrowRight: 1 }[e.key];
    if (at < 0 || !by || list.length < 2) return;
    e.preventDefault();
    refs['_client_state_setPictures']({ list, at: (at + by + list.length) % list.length });
  };
  document.addEventListener("keydown", keys);
  return () => document.removeEventListener("keydown", keys);
}, []);"""


class ArrowKeys(Div):
    """Draws nothing; turns the pictures that are looked at."""

    def add_imports(self) -> dict[str, Any]:
        return {"react": ["useEffect"], "$/utils/state": ["refs"]}

    def add_hooks(self) -> list[Any]:
        return [rx.Var(_TURN, _var_data=looked_at._get_all_var_data())]


def show_pictures(list_: rx.Var, at: rx.Var | int) -> rx.Var:
    """A click handler: look at one of these pictures."""
    depends = [one._get_all_var_data() for one in (list_, at) if isinstance(one, rx.Var)]
    return rx.Var(
        "() => { refs['loom_looked_from'] = document.activeElement;"
        f" refs['_client_state_setPictures']({{ list: {list_!s}, at: {at!s} }}); }}",
        _var_data=VarData.merge(VarData(imports={"$/utils/state": "refs"}), *depends),
    )


def turn_pictures(by: int) -> rx.Var:
    """A click handler: the next one or the one before, around the ends."""
    return rx.Var(
        "() => { const { list, at } = refs['_client_state_pictures'];"
        " refs['_client_state_setPictures']({ list,"
        f" at: (at + {by} + list.length) % list.length }}); }}",
        _var_data=VarData(imports={"$/utils/state": "refs"}),
    )


def looking(expression: str, kind: type) -> Any:
    """A var of what is looked at; `@` stands for it."""
    return rx.Var(
        expression.replace("@", str(looked_at.value)),
        _var_data=looked_at.value._get_all_var_data(),
    ).to(kind)


def closed() -> Any:
    """For `on_open_change`: nothing is looked at any more, and focus is where it came from."""
    return rx.Var(
        "(open) => { if (open) return;"
        " refs['_client_state_setPictures']({ list: [], at: -1 });"
        " setTimeout(() => refs['loom_looked_from']?.focus(), 50); }",
        _var_data=VarData(imports={"$/utils/state": "refs"}),
    ).to(FunctionVar, EventChain)
