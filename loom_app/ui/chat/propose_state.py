"""Choosing times to propose: whose offering, which week, up to five of its free times."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import reflex as rx

from loom_app.domains.coaches import queries as coaches
from loom_app.domains.engagements import queries as engagements
from loom_app.domains.messaging import actions as messaging
from loom_app.domains.scheduling import queries as scheduling
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.i18n import times
from loom_app.kit.text import t
from loom_app.ui.booking.month import by_day
from loom_app.ui.booking.times import read_instant
from loom_app.ui.chat.state import ChatState
from loom_app.ui.problems import Problems
from loom_app.ui.session import acting

WEEKS_AHEAD = 8


@dataclass(frozen=True)
class OfferingChoice:
    """A session that may be proposed."""

    id: int
    name: str
    detail: str


@dataclass(frozen=True)
class TimeChoice:
    """A free time, as its reader's clock shows it."""

    instant: str
    label: str


@dataclass(frozen=True)
class DayTimes:
    """One day with its free times."""

    label: str
    times: list[TimeChoice]


class ProposeState(Problems, rx.State):
    """The dialog of the composer."""

    opened: bool = False
    loaded: bool = False
    offerings: list[OfferingChoice] = []
    offering_id: int = 0
    week: int = 0
    days: list[DayTimes] = []
    chosen: list[str] = []
    zone_words: str = ""
    _cid: str = ""

    @rx.event
    async def begin(self) -> Any:
        """Open the dialog for the conversation that is open."""
        self.opened, self.loaded, self.offerings, self.days = True, False, [], []
        self.chosen, self.week, self.offering_id = [], 0, 0
        self._cid = str(uuid.uuid4())
        yield
        chat = await self.get_state(ChatState)
        async with acting(self) as (tx, me):
            coach_id = await coach_of(tx, me, chat.thread.other_id)
            found = await coaches.offerings(tx, me, coach_id) if coach_id else []
            self.offerings = [
                OfferingChoice(one.id, one.name, f"{one.duration_text} · {one.price_text}")
                for one in found
            ]
            self.offering_id = found[0].id if found else 0
            self.zone_words = t("Times in {zone}.", zone=times.zone_label(me.zone, tx.now))
            await self._fill(tx, me)
            self.loaded = True

    @rx.event
    async def set_opened(self, opened: bool) -> None:
        self.opened = opened

    @rx.event
    async def choose(self, offering_id: int) -> None:
        """Another offering: the times chosen for the former one are not its times."""
        known = {one.id for one in self.offerings}
        self.offering_id = offering_id if offering_id in known else 0
        self.chosen, self.week = [], 0
        async with acting(self) as (tx, me):
            await self._fill(tx, me)

    @rx.event
    async def turn(self, weeks: int) -> None:
        """To the next week, or back."""
        self.week = min(max(self.week + (1 if weeks > 0 else -1), 0), WEEKS_AHEAD)
        async with acting(self) as (tx, me):
            await self._fill(tx, me)

    @rx.event
    async def toggle(self, instant: str) -> None:
        """Choose a time, or leave it out again."""
        if instant in self.chosen:
            self.chosen = [one for one in self.chosen if one != instant]
        elif len(self.chosen) < messaging.TIMES_MAX and len(instant) < 40:
            self.chosen = sorted([*self.chosen, instant])

    @rx.event
    async def send(self) -> None:
        """Share what was chosen; a second click sends nothing twice."""
        chat = await self.get_state(ChatState)
        async with acting(self, limit="message") as (tx, me):
            await messaging.propose(
                tx,
                me,
                chat.conversation_id,
                client_id=self._cid,
                offering_id=self.offering_id,
                times=[read_instant(one) for one in self.chosen],
            )
            self.opened = False

    async def _fill(self, tx: Tx, me: Actor) -> None:
        today = times.local(tx.now, me.zone).date()
        first = today + timedelta(days=7 * self.week)
        found: list[datetime] = []
        if self.offering_id:
            found = await scheduling.month_slots(
                tx, me, self.offering_id, first, first + timedelta(days=6)
            )
        self.days = [
            DayTimes(
                times.day(day),
                [TimeChoice(at.isoformat(), times.clock_time(at, me.zone)) for at in free],
            )
            for day, free in by_day(found, me.zone).items()
        ]


async def coach_of(tx: Tx, me: Actor, other_id: int) -> int:
    """Who of the two coaches the other; 0 where neither is known to."""
    mine = me.require_person()
    if await engagements.find_engagement(tx, mine, other_id):
        return mine
    if other_id and await engagements.find_engagement(tx, other_id, mine):
        return other_id
    return 0
