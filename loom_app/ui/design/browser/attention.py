"""Whether somebody looks: the window is visible and focused, and was used within five minutes."""

from typing import Any

import reflex as rx
from reflex_base.event import passthrough_event_spec
from reflex_components_core.el.elements.typography import Div

_LOOK = """useEffect(() => {
  if (!@ready) return;
  let last = Date.now(), told = "";
  const tell = () => {
    const looking = document.visibilityState === "visible" && document.hasFocus();
    const active = Date.now() - last < 300000;
    if (told !== `${looking}${active}`) {
      told = `${looking}${active}`;
      (@on_change)(looking, active);
    }
  };
  const used = () => { last = Date.now(); tell(); };
  const timer = setInterval(tell, 20000);
  const ways = ["pointerdown", "keydown", "focus"];
  ways.forEach((way) => window.addEventListener(way, used));
  window.addEventListener("blur", tell);
  document.addEventListener("visibilitychange", tell);
  tell();
  return () => {
    clearInterval(timer);
    ways.forEach((way) => window.removeEventListener(way, used));
    window.removeEventListener("blur", tell);
    document.removeEventListener("visibilitychange", tell);
  };
}, [@ready]);"""


class Attention(Div):
    """Draws nothing; calls `on_change(looking, active)` when either changes, once `ready`."""

    ready: rx.Var[bool]
    on_change: rx.EventHandler[passthrough_event_spec(bool, bool)]

    def add_imports(self) -> dict[str, Any]:
        return {"react": ["useEffect"]}

    def add_hooks(self) -> list[Any]:
        change = rx.Var.create(self.event_triggers["on_change"])
        body = _LOOK.replace("@on_change", str(change)).replace("@ready", str(self.ready))
        data = rx.vars.VarData.merge(change._get_all_var_data(), self.ready._get_all_var_data())
        return [rx.Var(body, _var_data=data)]

    def _exclude_props(self) -> list[str]:
        return [*super()._exclude_props(), "ready", "on_change"]
