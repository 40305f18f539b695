"""Empties the message line once its words went elsewhere."""

from typing import Any

import reflex as rx
from reflex_components_core.el.elements.typography import Div


class ClearLine(Div):
    """Draws nothing; each time `done` changes, what stands in the message line is taken out."""

    done: rx.Var[int]

    def add_imports(self) -> dict[str, Any]:
        return {"react": ["useEffect", "useRef"], "$/utils/state": ["refs"]}

    def add_hooks(self) -> list[Any]:
        hook = f"""const cleared = useRef({self.done!s});
        useEffect(() => {{
          if (cleared.current !== {self.done!s}) refs['loom_compose']?.take();
          cleared.current = {self.done!s};
        }}, [{self.done!s}]);"""
        return [rx.Var(hook, _var_data=self.done._get_all_var_data())]

    def _exclude_props(self) -> list[str]:
        return [*super()._exclude_props(), "done"]
