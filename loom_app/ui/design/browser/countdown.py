"""Counts down in the browser, without asking the server each second."""

from typing import Any

import reflex as rx
from reflex_base.event import no_args_event_spec
from reflex_components_core.el.elements.inline import Span


class Countdown(Span):
    """What is left of `seconds`, as 9:58 or 23:04:58, then `on_end` once.

    The server says how many seconds are left and the browser's monotonic clock runs, so a wrong
    clock on the phone does no harm.
    """

    seconds: rx.Var[int]
    on_end: rx.EventHandler[no_args_event_spec]

    def add_imports(self) -> dict[str, Any]:
        return {"react": ["useEffect"]}

    def add_hooks(self) -> list[Any]:
        ends = self.event_triggers.get("on_end")
        end = rx.Var.create(ends) if ends is not None else rx.Var("() => {}")
        seconds = self.seconds
        hook = f"""useEffect(() => {{
          const el = {self.get_ref()}.current;
          const stop = performance.now() + {seconds!s} * 1000;
          const tick = () => {{
            const left = Math.max(0, Math.ceil((stop - performance.now()) / 1000));
            const two = (n) => String(n).padStart(2, "0");
            const hours = Math.floor(left / 3600), minutes = Math.floor(left / 60) % 60;
            if (el) el.textContent =
              (hours ? `${{hours}}:${{two(minutes)}}` : minutes) + `:${{two(left % 60)}}`;
            if (!left) {{ clearInterval(timer); if ({seconds!s} > 0) ({end!s})(); }}
          }};
          const timer = setInterval(tick, 1000);
          tick();
          return () => clearInterval(timer);
        }}, [{seconds!s}])"""
        data = rx.vars.VarData.merge(seconds._get_all_var_data(), end._get_all_var_data())
        return [rx.Var(hook, _var_data=data)]

    def _exclude_props(self) -> list[str]:
        return [*super()._exclude_props(), "seconds", "on_end"]
