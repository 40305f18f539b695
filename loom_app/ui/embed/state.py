"""What the page inside another site shows: the same free times as the booking page, to nobody in
particular.

A frame gets no cookie, and who puts it under something else must gain nothing by a click: it reads
as nobody, changes nothing, and a time is a link to the booking page in the whole window.
"""

from dataclasses import replace
from functools import partial
from urllib.parse import quote, urlencode

import reflex as rx

from loom_app.domains.coaches import queries as coaches
from loom_app.domains.payments import queries as payments
from loom_app.domains.platform import flags
from loom_app.domains.platform import queries as platform
from loom_app.domains.scheduling import queries
from loom_app.kit import addresses
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.realtime.signals import Signal
from loom_app.ui import live
from loom_app.ui.booking.calendar import Calendar
from loom_app.ui.booking.rows import CoachBrief
from loom_app.ui.booking.state import address_of
from loom_app.ui.booking.times import topics
from loom_app.ui.design import accent
from loom_app.ui.directory.rows import OfferingRow
from loom_app.ui.directory.words import closed_note, offering_row
from loom_app.ui.session import acting, public
from loom_app.ui.shell.zone import zone_for

THEMES = ("auto", "light", "dark")
SELECTOR = ".embed"


def embed_path(slug: str, offering_id: int = 0, theme: str = "auto", colour: str = "") -> str:
    """The address for a frame: of one offering or of all, in one's own dress."""
    query = {
        "offering": str(offering_id or ""),
        "theme": theme if theme != "auto" else "",
        "accent": colour.removeprefix("#"),
    }
    asked = urlencode({name: value for name, value in query.items() if value})
    return f"/book/{slug}/embed" + (f"?{asked}" if asked else "")


class EmbedState(Calendar, rx.State):
    """One coach's offerings, and the times of one of them."""

    phase: str = ""  # "" while looking, then "offerings", "times" or "missing"
    theme: str = "auto"
    styles: str = ""
    coach: CoachBrief = CoachBrief()
    offerings: list[OfferingRow] = []
    offering: OfferingRow = OfferingRow()
    closed_note: str = ""
    all_href: str = ""
    book_href: str = ""
    _coach_id: int = 0
    _coach_zone: str = ""

    @rx.event
    @public
    async def load(self) -> None:
        await self._load()

    async def _load(self) -> None:
        slug, _, query = address_of(self)
        self.theme = query["theme"] if query.get("theme") in THEMES else "auto"
        colour = accent.read(query.get("accent", "")) or ""
        self.styles = accent.css(SELECTOR, colour, self.theme)
        self._begin()
        live.watch(self, [platform.NOW], "_told")
        async with acting(self, nobody=True) as (tx, me):
            try:
                page = await coaches.coach_by_slug(tx, me, slug)
            except NotFound:
                self.phase = "missing"
                return
            self.coach = CoachBrief(
                page.slug, page.name, page.initials, page.hue, page.avatar_url, page.headline
            )
            self._coach_id, self._coach_zone = page.user_id, page.zone
            if not self._is_on():
                self.phase = "missing"
                return
            sells = await payments.sells_in(tx, page.user_id)
            rows = [offering_row(view, page.slug, sells=sells) for view in page.offerings]
            self.closed_note = closed_note(page.name, rows, sells)
            self._choose(rows, query, colour)
            if not self.offering.id:
                self.phase = "offerings"
                return
            # listen first: what changes while we read must not be missed
            told = topics(page.user_id, self.offering.site_id)
            live.watch(self, [*told, platform.NOW], "_told")
            await self._fill(tx, me)
            self.phase = "times"

    def _choose(self, rows: list[OfferingRow], query: dict[str, str], colour: str) -> None:
        """The one asked for, or the only one; else the list, each of which opens in the frame."""
        slug = self.coach.slug

        def within(row: OfferingRow) -> str:
            return f"{embed_path(slug, row.id, self.theme, colour)}&from=all"

        self.offerings = [replace(row, href=within(row)) for row in rows]
        open_ones = [row for row in rows if not row.closed]
        wanted = addresses.number(query.get("offering", ""))
        chosen = [row for row in open_ones if row.id == wanted]
        if not chosen and len(rows) == 1:
            chosen = open_ones
        self.offering = chosen[0] if chosen else OfferingRow()
        self.all_href = embed_path(slug, 0, self.theme, colour) if query.get("from") else ""

    def _is_on(self) -> bool:
        """Decided by coach: a frame knows nobody else."""
        return flags.enabled("embed", Actor(person_id=self._coach_id, roles=frozenset({"coach"})))

    async def _told(self, signal: Signal) -> None:
        if signal.topic == platform.NOW:
            if self._coach_id and self._is_on() != (self.phase != "missing"):
                await self._load()
            return
        if self.phase != "times":  # on its way as the frame went back to the list
            return
        async with acting(self, nobody=True) as (tx, me):
            await self._fill(tx, me)

    async def _fill(self, tx: Tx, me: Actor) -> None:
        zone = await zone_for(self, me)
        _, _, query = address_of(self)
        kept = {name: query[name] for name in ("theme", "accent", "from") if name in query}
        asked = urlencode({"offering": self.offering.id, **kept})
        await self._draw(
            partial(queries.month_slots, tx, me, self.offering.id),
            query,
            (zone, self.offering.site_zone or self._coach_zone),
            f"/book/{self.coach.slug}/embed?{asked}",
            self.coach.name,
            site=self.offering.site_name,
        )
        await self._draw_seats(tx, replace(me, zone=zone), self.offering.id)
        # from here on in the whole window
        self.book_href = f"/book/{self.coach.slug}/time?offering={self.offering.id}"
        self.times = [
            replace(row, href=f"{self.book_href}&at={quote(row.instant)}") for row in self.times
        ]
