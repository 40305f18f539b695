"""Something came into view: the way to load more by scrolling."""

from typing import Any

import reflex as rx
from reflex_base.event import no_args_event_spec
from reflex_components_core.el.elements.typography import Div


class InView(Div):
    """Calls `on_in_view` each time it comes within 200 px of the window. Needs an `id`."""

    on_in_view: rx.EventHandler[no_args_event_spec]

    def add_imports(self) -> dict[str, Any]:
        return {"react": ["useEffect"]}

    def add_hooks(self) -> list[Any]:
        seen = rx.Var.create(self.event_triggers["on_in_view"])
        body = f"""useEffect(() => {{
          const el = {self.get_ref()}.current;
          if (!el) return;
          const watcher = new IntersectionObserver(
            (found) => found.some((one) => one.isIntersecting) && ({seen!s})(),
            {{ rootMargin: "200px" }});
          watcher.observe(el);
          return () => watcher.disconnect();
        }}, [])"""
        return [rx.Var(body, _var_data=seen._get_all_var_data())]

    def _exclude_props(self) -> list[str]:
        return [*super()._exclude_props(), "on_in_view"]
