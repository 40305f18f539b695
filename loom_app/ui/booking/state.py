"""The booking as a whole: which coach, which offering, which step, and the time that is kept.

The place is in the address and the draft in the database, so reload, back button and another
device find it again; this State only shows them.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import reflex as rx

from loom_app.domains.coaches import queries as coaches
from loom_app.domains.payments import queries as payments
from loom_app.domains.scheduling import queries as scheduling
from loom_app.domains.scheduling.actions import Repeat
from loom_app.kit import addresses
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.i18n import times
from loom_app.kit.text import t, tn
from loom_app.ui.booking.occurrences import elsewhere
from loom_app.ui.booking.rows import CoachBrief, Held
from loom_app.ui.directory.rows import OfferingRow
from loom_app.ui.directory.words import closed_note, offering_row
from loom_app.ui.problems import Problems, say
from loom_app.ui.session import acting, public
from loom_app.ui.shell.zone import zone_for

STEPS = ("offering", "time", "details", "review", "confirmed")
ASIDE = {"repeat": "time"}  # a step that may be left out, and the one it belongs to


def address_of(state: rx.State) -> tuple[str, str, dict[str, str]]:
    """Slug, step and query of `/book/<slug>/<step>?…`: claims, to be looked up."""
    url = state.router.url
    parts = [*url.path.strip("/").split("/"), "", "", ""]
    place = parts[2] if parts[2] in (*STEPS, *ASIDE) else "offering"
    return parts[1][:80], place, dict(url.query_parameters)


class BookingState(Problems, rx.State):
    """One booking on its way; each step has its own State for what only it shows."""

    phase: str = ""  # "" while looking, then "here" or "missing"
    place: str = "offering"
    coach: CoachBrief = CoachBrief()
    offerings: list[OfferingRow] = []
    offering: OfferingRow = OfferingRow()
    closed_note: str = ""
    held: Held = Held()
    coach_zone: str = ""
    coach_id: int = 0
    policy: str = ""
    repeatable: bool = False
    _lapsed: bool = False  # a time was chosen, and is not kept any more

    @rx.var
    def step_number(self) -> int:
        return STEPS.index(ASIDE.get(self.place, self.place))

    @rx.var
    def back_href(self) -> str:
        base, choice = f"/book/{self.coach.slug}", f"?offering={self.offering.id}"
        return {
            "time": base,
            "details": f"{base}/time{choice}",
            "repeat": f"{base}/details{choice}",
            "review": f"{base}/details{choice}",
        }.get(self.place, f"/coaches/{self.coach.slug}")

    @rx.var
    def price_words(self) -> str:
        price = self.offering.price
        return t("{price} each", price=price) if self.held.series else price

    @rx.var
    def times_href(self) -> str:
        return f"/book/{self.coach.slug}/time?offering={self.offering.id}"

    @rx.var
    def repeat_href(self) -> str:
        return f"/book/{self.coach.slug}/repeat?offering={self.offering.id}"

    @rx.var
    def back_words(self) -> str:
        return {
            "time": t("Another offering"),
            "details": t("Another time"),
            "repeat": t("Details"),
            "review": t("Details"),
        }.get(self.place, t("About {name}", name=self.coach.name))

    @rx.event
    @public
    async def open(self) -> Any:
        """Every address of the booking begins here, then goes on with its step."""
        slug, place, query = address_of(self)
        async with acting(self) as (tx, me):
            try:
                page = await coaches.coach_by_slug(tx, me, slug)
            except NotFound:
                self.phase = "missing"
                return None
            self.coach = CoachBrief(
                page.slug, page.name, page.initials, page.hue, page.avatar_url, page.headline
            )
            self.coach_id, self.coach_zone = page.user_id, page.zone
            self.policy = page.cancellation_policy
            sells = await payments.sells_in(tx, page.user_id)
            self.offerings = [offering_row(view, page.slug, sells=sells) for view in page.offerings]
            self.closed_note = closed_note(page.name, self.offerings, sells)
            wanted = addresses.number(query.get("offering", ""))
            chosen = [row for row in self.offerings if row.id == wanted]
            self.offering = chosen[0] if chosen else OfferingRow()
            self.repeatable = any(
                one.id == wanted and one.capacity == 1 and not one.intro for one in page.offerings
            )
            await self._fill_held(tx, me)
            self.place, self.phase = place, "here"
        return await self._turned_back()

    async def _turned_back(self) -> Any:
        """The way to the step that is still missing, if one is."""
        if self.place in ("offering", "confirmed"):
            return None
        base = f"/book/{self.coach.slug}"
        # a time that is kept already stays on its way; booking has the last word
        if not self.offering.id or (self.place == "time" and self.offering.closed):
            return rx.redirect(base, replace=True)
        if self.place in ("details", "review", "repeat") and not self.held.until:
            if self._lapsed:
                await self._say_lapsed()
            return rx.redirect(self.times_href, replace=True)
        if self.place == "repeat" and not self.repeatable:
            details = f"{base}/details?offering={self.offering.id}"
            return rx.redirect(details, replace=True)
        return None

    @rx.event
    @public
    async def hold_over(self) -> Any:
        """The clock ran out in the browser; the database says whether it really did."""
        async with acting(self) as (tx, me):
            await self._fill_held(tx, me)
        if self.held.until or self.place not in ("details", "review", "repeat"):
            return None
        await self._say_lapsed()
        return rx.redirect(self.times_href)

    async def _say_lapsed(self) -> None:
        words = t("We could keep this time for you no longer. Choose one again.")
        await say(self, words, "info")

    async def _fill_held(self, tx: Tx, me: Actor) -> None:
        """The time kept for this person at this offering, if one is."""
        draft = await scheduling.draft(tx, me)
        hold = draft.hold if draft else None
        self._lapsed = draft is not None and draft.offering_id == self.offering.id
        if hold is None or hold.offering_id != self.offering.id:
            self.held = Held()
            return
        # what is kept by the coach may cost and last otherwise, and is not repeated
        self.repeatable = self.repeatable and not hold.kept
        self.offering = replace(
            self.offering,
            price=coaches.price_text(hold.price.minor, hold.price.currency),
            free=hold.price.minor == 0,
            duration=coaches.duration_text((hold.ends_at - hold.starts_at) // timedelta(minutes=1)),
        )
        zone = await zone_for(self, me)
        at = hold.starts_at
        there = scheduling.time_there(at, hold.ends_at, self.offering.site_zone, zone)
        other = elsewhere(at, zone, self.coach_zone)
        if there and not elsewhere(at, self.offering.site_zone, self.coach_zone):
            other = ""  # the clock of the place says it
        if other:
            other = f"{other}, {times.zone_label(self.coach_zone, at)}"
        starts = [seat.starts_at for seat in await scheduling.held_series(tx, hold.seat_id)]
        self.held = Held(
            when=f"{times.when(at, zone)}, {times.zone_label(zone, at)}",
            other=other,
            there=there,
            seconds=max(1, int((hold.expires_at - tx.now).total_seconds())),
            until=hold.expires_at.isoformat(),
            series=_series_words(draft.repeat, len(starts)) if draft else "",
            dates=[[times.when(at, zone), elsewhere(at, zone, self.coach_zone)] for at in starts],
        )


def is_at(booking: BookingState, step: str) -> bool:
    """Whether the booking is open at this step, with an offering; else the step hears nothing."""
    return booking.phase == "here" and booking.place == step and bool(booking.offering.id)


def _series_words(repeat: Repeat | None, times: int) -> str:
    """ "8 sessions, every week"; "" for one alone."""
    if repeat is None or times < 2:
        return ""
    if repeat.every_weeks == 1:
        return tn("{n} session, every week", "{n} sessions, every week", times)
    return tn("{n} session, every second week", "{n} sessions, every second week", times)
