"""What a person chose on another device is taken over here, once; what this device was set to
afterwards stays."""

from typing import Any

import reflex as rx
from reflex_components_core.el.elements.inline import Span

_FOLLOW = """const { setColorMode: followTheme } = useContext(ColorModeContext);
useEffect(() => {
  const known = "loom_theme";
  if (!(@signed_in) || @theme === (localStorage.getItem(known) ?? "system")) return;
  localStorage.setItem(known, @theme);
  followTheme(@theme);
}, [@signed_in, @theme]);"""


class FollowTheme(Span):
    """Draws nothing; `theme` is light, dark or system, of who is `signed_in`."""

    theme: rx.Var[str]
    signed_in: rx.Var[bool]

    def add_imports(self) -> dict[str, Any]:
        return {"react": ["useContext", "useEffect"], "$/utils/context": ["ColorModeContext"]}

    def add_hooks(self) -> list[Any]:
        body = _FOLLOW.replace("@signed_in", str(self.signed_in)).replace("@theme", str(self.theme))
        return [rx.Var(body, _var_data=self.theme._get_all_var_data())]

    def _exclude_props(self) -> list[str]:
        return [*super()._exclude_props(), "theme", "signed_in"]
