"""The waitlist: what is offered, what one waits for, and for a coach who waits; all of it live."""

from typing import Any

import reflex as rx

from loom_app.domains.scheduling import actions as scheduling
from loom_app.domains.scheduling import queries
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.realtime.signals import Signal
from loom_app.kit.text import t
from loom_app.ui import live
from loom_app.ui.problems import say
from loom_app.ui.session import acting
from loom_app.ui.waitlist.rows import LineRow, OfferRow, WaitRow, line_rows, offer_row, wait_row


class WaitlistState(rx.State):
    """The page of one person, as client and as coach."""

    loaded: bool = False
    coaching: bool = False
    offer: OfferRow = OfferRow()  # nobody has two
    waits: list[WaitRow] = []
    line: list[LineRow] = []

    @rx.event
    async def load(self) -> None:
        async with acting(self, limit="page") as (tx, me):
            await self._fill(tx, me)
            self.loaded = True

    async def _changed(self, _signal: Signal) -> None:
        async with acting(self) as (tx, me):
            await self._fill(tx, me)

    async def _fill(self, tx: Tx, me: Actor) -> None:
        self.coaching = me.is_coach
        waits = await queries.waits(tx, me)
        # places change as others come and go; a new wish makes the page read again, so it is heard
        coaches = {one.coach.id for one in waits} | (
            {me.require_person()} if me.is_coach else set()
        )
        topics = [f"person:{me.person_id}:waitlist", *(f"coach:{one}:waitlist" for one in coaches)]
        live.watch(self, topics, "_changed", calm=0.2)
        self.waits = [wait_row(one, me.zone) for one in waits]
        offers = await queries.offers(tx, me)
        self.offer = offer_row(offers[0], me.zone, tx.now) if offers else OfferRow()
        self.line = line_rows(await queries.waiting(tx, me), me.zone) if me.is_coach else []

    @rx.event
    async def take(self, offer_id: int) -> Any:
        """Go on to book what is offered."""
        async with acting(self, limit="hold") as (tx, me):
            found = [one for one in await queries.offers(tx, me) if one.id == offer_id]
            if not found:
                raise NotFound(t("This offer is over: it went to the next in line."))
            offer = found[0]
            await scheduling.hold(tx, me, offering_id=offer.offering_id, starts_at=offer.starts_at)
            return rx.redirect(f"/book/{offer.slug}/details?offering={offer.offering_id}")
        return await self.over()

    @rx.event
    async def decline(self, offer_id: int) -> None:
        """Let it go to the next."""
        async with acting(self, limit="save") as (tx, me):
            await scheduling.decline(tx, me, offer_id)
            await self._fill(tx, me)
            await say(self, t("The time goes to the next in line."))

    @rx.event
    async def leave(self, entry_id: int) -> None:
        """Wait no longer."""
        async with acting(self, limit="save") as (tx, me):
            await scheduling.leave(tx, me, entry_id)
            await self._fill(tx, me)
            await say(self, t("You do not wait for it any more."))

    @rx.event
    async def over(self) -> None:
        """A clock ran out in the browser; the database says whether it really did."""
        async with acting(self) as (tx, me):
            await self._fill(tx, me)
