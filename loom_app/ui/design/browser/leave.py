"""Leaving the single page for an address the server chose: a payment page, a foreign host."""

from typing import Any

import reflex as rx
from reflex_components_core.el.elements.inline import Span


class Leave(Span):
    """Goes to `url` by a full load as soon as there is one. The server has checked the host."""

    url: rx.Var[str]

    def add_imports(self) -> dict[str, Any]:
        return {"react": ["useEffect"]}

    def add_hooks(self) -> list[Any]:
        url = f"{self.url!s}"
        hook = f"useEffect(() => {{ if ({url}) window.location.assign({url}) }}, [{url}])"
        return [rx.Var(hook, _var_data=self.url._get_all_var_data())]

    def _exclude_props(self) -> list[str]:
        return [*super()._exclude_props(), "url"]


def leave_for(url: Any) -> rx.Component:
    return Leave.create(url=url, hidden=True)
