"""The home page: who is free soon."""

from typing import Any
from urllib.parse import urlencode

import reflex as rx

from loom_app.domains.scheduling import queries as scheduling
from loom_app.ui.directory.coach_card import CoachRow
from loom_app.ui.directory.words import coach_row
from loom_app.ui.problems import Problems
from loom_app.ui.session import acting, public
from loom_app.ui.shell.zone import zone_for

SHOWN = 6


class HomeState(Problems, rx.State):
    """A few coaches, soonest first."""

    loaded: bool = False
    rows: list[CoachRow] = []

    @rx.event
    @public
    async def load(self) -> None:
        async with acting(self, limit="search") as (tx, me):
            zone = await zone_for(self, me)
            soonest = scheduling.Filters(sort="soonest", page_size=SHOWN)
            found = await scheduling.directory(tx, me, soonest)
            self.rows = [coach_row(card, zone) for card in found.cards if card.next_free]
            self.loaded = True

    @rx.event
    @public
    def find(self, form: dict[str, Any]) -> Any:
        query = str(form.get("q", "")).strip()[:100]
        return rx.redirect("/coaches" + (f"?{urlencode({'q': query})}" if query else ""))
