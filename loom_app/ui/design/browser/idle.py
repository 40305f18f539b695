"""Whether this tab is in use: touched, typed in, scrolled or returned to within five minutes."""

from typing import Any

import reflex as rx
from reflex_base.event import passthrough_event_spec
from reflex_components_core.el.elements.typography import Div

IDLE_SECONDS = 300

# one timer that is set anew by use, not one that ticks: a hidden tab's ticks come a minute late
_HOOK = """const idleRef = useRef({last: Date.now(), active: true});
useEffect(() => {
  const mine = idleRef.current;
  let timer = 0;
  const tell = (active) => { mine.active = active; if (@since) (@on_change)(active); };
  const rest = () => {
    const left = mine.last + @idle - Date.now();
    if (left > 0) timer = setTimeout(rest, left);
    else if (mine.active) tell(false);
  };
  const used = () => {
    const now = Date.now();
    if (now - mine.last < 1000 && mine.active) return;
    mine.last = now;
    clearTimeout(timer);
    timer = setTimeout(rest, @idle);
    if (!mine.active) tell(true);
  };
  const back = () => document.visibilityState === "visible" && used();
  const ways = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart", "focus"];
  ways.forEach((way) => window.addEventListener(way, used, {passive: true}));
  document.addEventListener("visibilitychange", back);
  if (!mine.active) tell(false);  // a new connection takes every tab for one in use
  rest();
  return () => {
    clearTimeout(timer);
    ways.forEach((way) => window.removeEventListener(way, used));
    document.removeEventListener("visibilitychange", back);
  };
}, [@since]);"""


class Idle(Div):
    """Draws nothing; calls `on_change(active)` when use ends or begins again.

    `since` changes with every connection, whereupon an idle tab says so again; 0: nobody to tell.
    """

    since: rx.Var[int]
    on_change: rx.EventHandler[passthrough_event_spec(bool)]

    def add_imports(self) -> dict[str, Any]:
        return {"react": ["useEffect", "useRef"]}

    def add_hooks(self) -> list[Any]:
        change = rx.Var.create(self.event_triggers["on_change"])
        body = (
            _HOOK.replace("@on_change", str(change))
            .replace("@since", str(self.since))
            .replace("@idle", str(IDLE_SECONDS * 1000))
        )
        data = rx.vars.VarData.merge(change._get_all_var_data(), self.since._get_all_var_data())
        return [rx.Var(body, _var_data=data)]

    def _exclude_props(self) -> list[str]:
        return [*super()._exclude_props(), "since", "on_change"]
