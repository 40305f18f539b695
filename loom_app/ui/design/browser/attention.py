"""Whether somebody looks at this: the window is visible and focused, and the page still open."""

from typing import Any

import reflex as rx
from reflex_base.event import no_args_event_spec, passthrough_event_spec
from reflex_components_core.el.elements.typography import Div

_LOOK = """useEffect(() => {
  if (!@ready) return;
  let told = null;
  const tell = () => {
    const looking = document.visibilityState === "visible" && document.hasFocus();
    if (told !== looking) { told = looking; (@on_change)(looking); }
  };
  ["focus", "blur"].forEach((way) => window.addEventListener(way, tell));
  document.addEventListener("visibilitychange", tell);
  tell();
  return () => {
    ["focus", "blur"].forEach((way) => window.removeEventListener(way, tell));
    document.removeEventListener("visibilitychange", tell);
  };
}, [@ready, @opened]);
useEffect(() => {
  clearTimeout(refs['loom_leaving']);
  return () => { refs['loom_leaving'] = setTimeout(() => (@on_leave)(), 300); };
}, []);"""


class Attention(Div):
    """Draws nothing. `on_change(looking)` comes once it is `ready`, when it changes, and whenever
    `opened` does, for a new connection knows nothing; `on_leave()` when the page is left."""

    _OWN = ("ready", "opened", "on_change", "on_leave")

    ready: rx.Var[bool]
    opened: rx.Var[int]
    on_change: rx.EventHandler[passthrough_event_spec(bool)]
    on_leave: rx.EventHandler[no_args_event_spec]

    def add_imports(self) -> dict[str, Any]:
        return {"react": ["useEffect"], "$/utils/state": ["refs"]}

    def add_hooks(self) -> list[Any]:
        calls = {name: rx.Var.create(self.event_triggers[name]) for name in self._OWN[2:]}
        values = {"ready": self.ready, "opened": self.opened, **calls}
        body = _LOOK
        for name, value in values.items():
            body = body.replace(f"@{name}", str(value))
        data = rx.vars.VarData.merge(*(value._get_all_var_data() for value in values.values()))
        return [rx.Var(body, _var_data=data)]

    def _exclude_props(self) -> list[str]:
        return [*super()._exclude_props(), *self._OWN]
