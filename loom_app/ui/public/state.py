"""The home page: who is free soon."""

from typing import Any
from urllib.parse import urlencode

import reflex as rx

from loom_app.ui.directory.coach_card import CoachRow
from loom_app.ui.session import public


class HomeState(rx.State):
    """A few coaches, soonest first."""

    loaded: bool = False
    rows: list[CoachRow] = []

    @rx.event
    @public
    async def load(self) -> None:
        self.loaded = True

    @rx.event
    @public
    def find(self, form: dict[str, Any]) -> Any:
        query = str(form.get("q", "")).strip()[:100]
        return rx.redirect("/coaches" + (f"?{urlencode({'q': query})}" if query else ""))
