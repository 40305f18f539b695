"""The time in somebody else's zone, as it is now."""

from typing import Any

import reflex as rx
from reflex_components_core.el.elements.inline import Span


class LocalClock(Span):
    """Shows hours and minutes in `zone`, and keeps them true. Needs an `id`."""

    zone: rx.Var[str]

    def add_imports(self) -> dict[str, Any]:
        return {"react": ["useEffect"]}

    def add_hooks(self) -> list[Any]:
        hook = f"""useEffect(() => {{
          const el = {self.get_ref()}.current;
          const say = () => {{
            const how = {{ timeZone: {self.zone!s} || "UTC", hour: "2-digit", minute: "2-digit",
              hourCycle: "h23" }};
            if (el) el.textContent = new Intl.DateTimeFormat("en", how).format(new Date());
          }};
          say();
          const timer = setInterval(say, 5000);
          return () => clearInterval(timer);
        }}, [{self.zone!s}])"""
        return [rx.Var(hook, _var_data=self.zone._get_all_var_data())]

    def _exclude_props(self) -> list[str]:
        return [*super()._exclude_props(), "zone"]
