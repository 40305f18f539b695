"""Waiting for what is full: below the times of an offering, for a seat, a day or any time."""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

import reflex as rx

from loom_app.domains.scheduling import actions as scheduling
from loom_app.domains.scheduling import queries
from loom_app.kit import addresses
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.i18n import times
from loom_app.kit.realtime.signals import Signal
from loom_app.kit.text import t
from loom_app.ui import live
from loom_app.ui.booking.state import BookingState, is_at
from loom_app.ui.booking.times import TimesState, read_instant
from loom_app.ui.problems import say
from loom_app.ui.session import acting, public
from loom_app.ui.shell.zone import zone_for
from loom_app.ui.waitlist.rows import WaitRow, wait_row


@dataclass(frozen=True)
class FullRow:
    """A group without a seat left."""

    instant: str = ""
    label: str = ""


class WaitingState(rx.State):
    """What can be waited for on the day that one looks at, and what one waits for already."""

    groups: list[FullRow] = []
    taken: list[tuple[str, str]] = []
    wanted: str = ""
    day: str = ""
    day_label: str = ""
    any_time: bool = False
    mine: list[WaitRow] = []
    offered: bool = False
    signed_in: bool = False
    sign_in_href: str = ""

    @rx.var
    def shown(self) -> bool:
        return bool(
            self.groups or self.taken or self.day or self.any_time or self.mine or self.offered
        )

    @rx.event
    @public
    async def open(self) -> None:
        live.unwatch(self)
        booking = await self.get_state(BookingState)
        if not is_at(booking, "time"):
            return
        async with acting(self) as (tx, me):
            coach = f"coach:{booking.coach_id}"
            topics = [f"{coach}:slots", f"{coach}:waitlist", f"person:{me.person_id}:waitlist"]
            live.watch(self, topics, "_changed", calm=0.2)
            await self._fill(tx, me)

    async def _changed(self, _signal: Signal) -> None:
        if not is_at(await self.get_state(BookingState), "time"):
            return
        async with acting(self) as (tx, me):
            await self._fill(tx, me)

    async def _fill(self, tx: Tx, me: Actor) -> None:
        booking, chosen = await self.get_state(BookingState), await self.get_state(TimesState)
        me = replace(me, zone=await zone_for(self, me))
        offering = booking.offering.id
        looked_at = addresses.day(chosen._seen_day)  # noqa: SLF001 - of the same page
        found = await queries.crowded(tx, me, offering, looked_at)
        self.signed_in = me.person_id is not None
        here = f"{booking.times_href}&day={looked_at}" if looked_at else booking.times_href
        self.sign_in_href = f"/sign-in?next={quote(here)}"
        mine = [one for one in await _waits(tx, me) if one.offering_id == offering]
        self.mine = [wait_row(one, me.zone) for one in mine]
        times_of = {one.since for one in mine if one.one_time}
        days_of = {
            times.local(one.since, me.zone).date() for one in mine if one.since and not one.one_time
        }
        self.groups = [
            FullRow(at.isoformat(), times.clock_time(at, me.zone))
            for at in found.groups
            if at not in times_of
        ]
        self.taken = [
            (at.isoformat(), times.clock_time(at, me.zone))
            for at in found.taken
            if at not in times_of
        ]
        if self.wanted not in dict(self.taken):
            self.wanted = self.taken[0][0] if self.taken else ""
        full = found.day and looked_at is not None and looked_at not in days_of
        self.day = looked_at.isoformat() if full and looked_at else ""
        self.day_label = times.day(looked_at) if full and looked_at else ""
        self.any_time = found.all and all(one.since for one in mine)
        self.offered = self.signed_in and any(
            one.offering_id == offering for one in await queries.offers(tx, me)
        )

    @rx.event
    async def wait_for_seat(self, instant: str) -> None:
        async with acting(self, limit="save") as (tx, me):
            await self._join(tx, me, starts_at=read_instant(instant))

    @rx.event
    def want(self, instant: str) -> None:
        """One of the times that are taken."""
        if instant in dict(self.taken):
            self.wanted = instant

    @rx.event
    async def wait_for_time(self) -> None:
        async with acting(self, limit="save") as (tx, me):
            await self._join(tx, me, starts_at=read_instant(self.wanted))

    @rx.event
    async def wait_for_day(self) -> None:
        async with acting(self, limit="save") as (tx, me):
            await self._join(tx, me, day=addresses.day(self.day))

    @rx.event
    async def wait_for_any(self) -> None:
        async with acting(self, limit="save") as (tx, me):
            await self._join(tx, me)

    async def _join(self, tx: Tx, me: Actor, **wish: Any) -> None:
        booking = await self.get_state(BookingState)
        me = replace(me, zone=await zone_for(self, me))
        await scheduling.join(tx, me, booking.offering.id, **wish)
        await self._fill(tx, me)
        await say(self, t("You are in line. We write to you when it is your turn."))

    @rx.event
    async def leave(self, entry_id: int) -> None:
        async with acting(self, limit="save") as (tx, me):
            await scheduling.leave(tx, me, entry_id)
            await self._fill(tx, me)


async def _waits(tx: Tx, me: Actor) -> list[queries.WaitView]:
    return await queries.waits(tx, me) if me.person_id is not None else []
