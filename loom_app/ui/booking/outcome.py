"""The last step: what became of the booking, by the database and not by the address."""

from typing import Any

import reflex as rx

from loom_app.domains.payments import actions as payments
from loom_app.domains.scheduling import queries as scheduling
from loom_app.domains.scheduling.queries import SessionPage
from loom_app.kit import addresses
from loom_app.kit.errors import NotFound
from loom_app.kit.i18n import times
from loom_app.kit.realtime.signals import Signal
from loom_app.ui import live
from loom_app.ui.booking.state import BookingState, address_of
from loom_app.ui.problems import Problems
from loom_app.ui.session import acting, minding

BOOKED = frozenset({"confirmed", "in_progress", "completed"})


def phase_of(page: SessionPage) -> str:
    """What the person is told: "" as long as nobody knows."""
    if page.status in BOOKED:
        return "confirmed"
    if page.status != "held":
        return "lost"
    return {"none": "failed", "under_way": "waiting"}.get(page.payment_status, "")


class OutcomeState(Problems, rx.State):
    """Waiting for a bank, confirmed, lost or failed, or `none` where the address names no session;
    a signal of the session brings the news."""

    phase: str = ""
    when: str = ""
    coach_name: str = ""
    offering_name: str = ""
    place_words: str = ""
    directions: str = ""
    there: str = ""  # the time on the clock of the place, where that differs
    session_href: str = ""
    chat_href: str = ""
    again_href: str = ""
    _session_id: int = 0

    @rx.event
    async def open(self) -> Any:
        """Coming back from paying: ask Stripe now, for the webhook may be late."""
        self.phase = ""
        self._session_id = addresses.number(address_of(self)[2].get("session", ""))
        if not self._session_id:
            live.unwatch(self)
            self.phase = "none"
            return
        live.watch(self, [f"session:{self._session_id}"], "_changed")
        charge_id = await self._read()
        if self.phase == "" and charge_id:
            yield
            async with minding(self):
                await payments.check_charge(charge_id)
            await self._read()

    async def _changed(self, _signal: Signal) -> None:
        await self._read()

    async def _read(self) -> int:
        """Fill in the session; returns the charge that is still open, if one is."""
        booking = await self.get_state(BookingState)
        self.again_href = f"/book/{booking.coach.slug}"
        charge_id = 0
        async with acting(self) as (tx, me):
            try:
                page = await scheduling.session(tx, me, self._session_id)
            except NotFound:
                self.phase = "lost"
                return 0
            draft = await scheduling.draft(tx, me)
            hold = draft.hold if draft else None
            if hold and hold.session_id == page.id:
                charge_id = hold.charge_id or 0
            self.phase = phase_of(page)
            self.when = (
                f"{times.time_range(page.starts_at, page.ends_at, me.zone)},"
                f" {times.zone_label(me.zone, page.starts_at)}"
            )
            if page.series_text:
                self.when = f"{self.when} ({page.series_text})"
            self.coach_name, self.offering_name = page.coach.name, page.title
            self.place_words = page.address or page.place_text
            self.directions = page.site.directions
            self.there = scheduling.time_there(
                page.starts_at, page.ends_at, page.site.place_zone, me.zone
            )
            self.session_href = f"/sessions/{page.id}"
            self.chat_href = f"/messages?to={page.coach.id}"
        return charge_id
