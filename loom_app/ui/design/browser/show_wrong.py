"""Brings the first field that is wrong into sight, with the caret in it."""

from typing import Any

import reflex as rx
from reflex_components_core.el.elements.typography import Div


class ShowWrong(Div):
    """Draws nothing; after a save that left something in `errors`, the first field marked as wrong
    gets the focus. `busy` is true while it is being saved: only its end is the end of a save, and
    what an earlier visit left marked takes nobody's focus."""

    errors: rx.Var[dict[str, str]]
    busy: rx.Var[bool]

    def add_imports(self) -> dict[str, Any]:
        return {"react": ["useEffect", "useRef"]}

    def add_hooks(self) -> list[Any]:
        hook = f"""const wasSaving = useRef(false);
        useEffect(() => {{
          const saved = wasSaving.current && !{self.busy!s};
          wasSaving.current = {self.busy!s};
          if (!saved || !Object.keys({self.errors!s} ?? {{}}).length) return;
          const shown = setTimeout(() => {{
            const said = [...document.querySelectorAll('main [role="alert"]')];
            const wrong = document.querySelector('main [aria-invalid="true"]')
              ?? said.find((one) => one.textContent);
            wrong?.scrollIntoView({{ block: "center" }});
            wrong?.focus({{ preventScroll: true }});
          }});
          return () => clearTimeout(shown);
        }}, [{self.busy!s}]);"""
        both = rx.vars.VarData.merge(self.errors._get_all_var_data(), self.busy._get_all_var_data())
        return [rx.Var(hook, _var_data=both)]

    def _exclude_props(self) -> list[str]:
        return [*super()._exclude_props(), "errors", "busy"]
