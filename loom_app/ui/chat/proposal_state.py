"""Proposals in the thread: which of their times are still free, and what became of them, live."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import reflex as rx

from loom_app.domains.coaches import queries as coaches
from loom_app.domains.coaches.queries import OfferingView
from loom_app.domains.messaging import actions as messaging
from loom_app.domains.messaging import queries
from loom_app.domains.messaging.queries import Proposal
from loom_app.domains.scheduling import actions as scheduling
from loom_app.domains.scheduling import queries as slots
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import DomainError, Invalid, NotFound
from loom_app.kit.i18n import times
from loom_app.kit.realtime.signals import Signal
from loom_app.kit.text import t
from loom_app.ui import live
from loom_app.ui.booking.times import read_instant
from loom_app.ui.chat.state import ChatState
from loom_app.ui.problems import say
from loom_app.ui.session import acting

SHOWN_MAX = 20


@dataclass(frozen=True)
class ProposedTime:
    """`state` is free, taken, past, picked or left (another one was booked); only what `can` be
    chosen has a button."""

    instant: str
    label: str
    state: str
    can: bool


@dataclass(frozen=True)
class ProposalView:
    """A proposal as one of its two people sees it now."""

    id: int
    title: str
    detail: str
    note: str
    link: str
    link_words: str
    times: list[ProposedTime]


class ProposalState(rx.State):
    """By the message's id, as text."""

    shown: dict[str, ProposalView] = {}
    _conversation: int = 0
    _coaches: dict[int, int] = {}

    @rx.event
    async def show(self, message_id: int) -> None:
        """A proposal came into the thread, or changed."""
        chat = await self.get_state(ChatState)
        if chat.conversation_id != self._conversation:
            self._conversation, self.shown, self._coaches = chat.conversation_id, {}, {}
        async with acting(self, on_problem=lambda _: None) as (tx, me):
            found = await queries.proposal(tx, me, message_id)
            self._coaches = _newest({**self._coaches, message_id: found.coach_id})
            topics = {f"coach:{coach_id}:slots" for coach_id in self._coaches.values()}
            live.watch(self, topics, "_slots_changed", calm=0.2)  # before reading what is free
            await self._fill(tx, me, [found], chat.thread.name)

    @rx.event
    async def pick(self, message_id: int, instant: str) -> Any:
        """A client's choice goes on to the booking, a coach's back to the client."""
        problems: list[DomainError] = []
        way = ""
        async with acting(self, limit="hold", on_problem=problems.append) as (tx, me):
            found = await queries.proposal(tx, me, message_id)
            at = read_instant(instant)
            if at not in found.times:
                raise Invalid(t("Choose a time from the list."))
            if me.person_id == found.client_id:
                way = await _book(tx, me, found, at)
            else:
                await messaging.pick_time(tx, me, message_id, at)
        for problem in problems:
            await say(self, problem.message, "error")
        return rx.redirect(way) if way else None

    async def _slots_changed(self, _signal: Signal) -> None:
        chat = await self.get_state(ChatState)
        async with acting(self, on_problem=lambda _: None) as (tx, me):
            known: list[Proposal] = []
            for message_id in list(self._coaches):
                try:
                    known.append(await queries.proposal(tx, me, message_id))
                except NotFound:  # deleted meanwhile
                    self._coaches = {k: v for k, v in self._coaches.items() if k != message_id}
            await self._fill(tx, me, known, chat.thread.name)

    async def _fill(self, tx: Tx, me: Actor, known: list[Proposal], other: str) -> None:
        filled = {str(one.message_id): await _view(tx, me, one, other) for one in known}
        if any(self.shown.get(key) != view for key, view in filled.items()):
            self.shown = _newest({**self.shown, **filled})


def _newest(known: dict[Any, Any]) -> dict[Any, Any]:
    """What came last, as many as may be shown; the rest comes again when it is looked at."""
    return dict(list(known.items())[-SHOWN_MAX:])


async def _book(tx: Tx, me: Actor, found: Proposal, at: datetime) -> str:
    """Keep the time; book it where nothing is to pay or to answer. Returns the way to go on."""
    offering = await coaches.offering(tx, me, found.offering_id)
    await scheduling.hold(tx, me, offering_id=offering.id, starts_at=at)
    asked = any(question.required for question in offering.questions)
    if offering.price_minor == 0 and not asked and me.verified:
        await scheduling.book(tx, me)
        return ""
    slug = await coaches.slug_of_coach(tx, found.coach_id)
    return f"/book/{slug}/details?offering={offering.id}"


async def _view(tx: Tx, me: Actor, found: Proposal, other: str) -> ProposalView:
    try:
        offering = await coaches.offering(tx, me, found.offering_id)
    except NotFound:  # no longer on offer
        offering = None
    free = await _free(tx, me, found, offering)
    is_client = me.person_id == found.client_id
    mine = me.person_id == found.sender_id
    chooses = not found.session_id and (not mine if found.picked is None else is_client)
    shown = [_time(at, me.zone, found, tx.now, free, chooses=chooses) for at in found.times]
    note, link, link_words = _note(found, shown, other, is_client=is_client, mine=mine)
    if link == "book" and offering is not None:
        slug = await coaches.slug_of_coach(tx, found.coach_id)
        link = f"/book/{slug}/time?offering={offering.id}"
    detail = f"{offering.duration_text} · {offering.price_text}" if offering else ""
    return ProposalView(found.message_id, found.title, detail, note, link, link_words, shown)


async def _free(
    tx: Tx, me: Actor, found: Proposal, offering: OfferingView | None
) -> frozenset[datetime]:
    coming = [at for at in found.times if at > tx.now]
    if found.session_id or offering is None or not coming:
        return frozenset()
    days = [times.local(at, me.zone).date() for at in coming]
    return frozenset(await slots.month_slots(tx, me, offering.id, min(days), max(days)))


def _time(  # what one line of the card shows
    at: datetime,
    zone: str,
    found: Proposal,
    now: datetime,
    free: frozenset[datetime],
    *,
    chooses: bool,
) -> ProposedTime:
    if found.picked == at:
        state = "picked"
    elif found.session_id:
        state = "left"
    elif at <= now:
        state = "past"
    else:
        state = "free" if at in free else "taken"
    offered = at == found.picked if found.picked else state == "free"
    can = chooses and offered and at in free
    return ProposedTime(at.astimezone(UTC).isoformat(), times.when(at, zone), state, can)


def _note(
    found: Proposal, shown: list[ProposedTime], other: str, *, is_client: bool, mine: bool
) -> tuple[str, str, str]:
    """What stands below the times, and where it leads ("book": to other times)."""
    if found.session_id:
        return t("Booked"), f"/sessions/{found.session_id}", t("Open the session")
    if all(one.state == "past" for one in shown):
        return t("These times have passed."), "", ""
    if not any(one.can or one.state in {"free", "picked"} for one in shown):
        words = t("None of these times is free any more.")
        return words, "book" if is_client else "", t("See other times") if is_client else ""
    if found.picked:
        if is_client:
            return t("{name} chose a time. Book it to keep it.", name=other), "", ""
        return t("You chose a time. {name} books it next.", name=other), "", ""
    return (t("Waiting for {name} to choose", name=other) if mine else t("Choose a time")), "", ""
