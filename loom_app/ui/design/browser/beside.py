"""What opens beside or above a page without being a dialog: focus goes in, Esc closes it, and
focus returns where it came from."""

from typing import Any

import reflex as rx
from reflex_base.event import no_args_event_spec
from reflex_base.vars import VarData
from reflex_components_core.el.elements.typography import Div

_STAY = """useEffect(() => {
  const box = document.getElementById(@inside);
  if (!@opened || !box) return;
  const from = document.activeElement;
  box.querySelector("input, button")?.focus();
  const onKey = (e) => {
    // a menu or a dialog above it closes first
    if (e.key !== "Escape" || e.defaultPrevented || !box.contains(e.target)) return;
    e.preventDefault();
    (@on_escape)();
  };
  box.addEventListener("keydown", onKey);
  return () => {
    box.removeEventListener("keydown", onKey);
    const now = document.activeElement;
    if (!now || now === document.body || box.contains(now)) from?.focus();
  };
}, [@opened]);"""


class Beside(Div):
    """Draws nothing. Watches the element with the id `inside`, which is there while `opened`;
    `on_escape()` should close it."""

    opened: rx.Var[bool]
    inside: rx.Var[str]
    on_escape: rx.EventHandler[no_args_event_spec]

    def add_imports(self) -> dict[str, Any]:
        return {"react": ["useEffect"]}

    def add_hooks(self) -> list[Any]:
        escape = rx.Var.create(self.event_triggers["on_escape"])
        body, found = _STAY.replace("@on_escape", str(escape)), [escape]
        for name in ("opened", "inside"):
            body = body.replace(f"@{name}", str(getattr(self, name)))
            found.append(getattr(self, name))
        data = VarData.merge(*(var._get_all_var_data() for var in found))
        return [rx.Var(body, _var_data=data)]

    def _exclude_props(self) -> list[str]:
        return [*super()._exclude_props(), "opened", "inside", "on_escape"]
