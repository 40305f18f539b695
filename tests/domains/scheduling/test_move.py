"""Another time for a session: who may, when, and what follows."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from icalendar import Calendar
from sqlalchemy import text

from loom_app.domains.scheduling import actions, events, queries
from loom_app.domains.scheduling.actions import HourEdit
from loom_app.domains.scheduling.errors import (
    ClientBusy,
    ClientElsewhere,
    CoachBusy,
    NotPossible,
    SlotClosed,
    SlotTaken,
)
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Invalid, NotFound
from loom_app.kit.jobs import outbox
from tests.factories.accounts import make_user
from tests.factories.coaches import OFFERING
from tests.factories.scheduling import make_hold, make_open_coach, make_session, slot

READER = Actor.system_job("scheduling.test")


async def move(me: Actor, session_id: int, starts_at, reason: str = ""):
    async with transaction(me) as tx:
        return await actions.move(tx, me, session_id, starts_at, reason)


async def page(me: Actor, session_id: int):
    async with transaction(me) as tx:
        return await queries.session(tx, me, session_id)


async def test_a_client_moves_to_a_free_time_and_everything_follows(db, told, at):
    at("2026-11-21T12:00Z")
    ada, offering_id = await make_open_coach()
    ben = await make_user()
    booked = await make_session(ben, offering_id, slot(3))
    await move(ben, booked.session_id, slot(5, 15), "My train is late.")
    for me in (ada, ben):
        shown = await page(me, booked.session_id)
        assert (shown.starts_at, shown.ends_at - shown.starts_at) == (
            slot(5, 15), timedelta(minutes=60),
        )  # fmt: skip
        assert "Moved by the client" in shown.history[-1].words
        assert "My train is late." in shown.history[-1].words
    assert events.SessionMoved(booked.session_id, "client", slot(3)) in told
    async with transaction(ben) as tx:
        file = Calendar.from_ical(await queries.calendar_file(tx, booked.session_id, ben.person_id))
        free = await queries.month_slots(tx, ben, offering_id, slot(3).date(), slot(3).date())
    assert file.walk("VEVENT")[0]["sequence"] == 1
    assert slot(3) in free, "the old time is for others again"
    at((slot(4)).isoformat())
    await outbox.drain()
    assert (await page(ben, booked.session_id)).status == "confirmed", "its old hour means nothing"


async def test_the_same_time_again_changes_nothing(db, told):
    _, offering_id = await make_open_coach()
    ben = await make_user()
    booked = await make_session(ben, offering_id, slot(3))
    await move(ben, booked.session_id, slot(4))
    before = len(told)
    with pytest.raises(SlotClosed):
        await move(ben, booked.session_id, slot(4) + timedelta(minutes=7))
    assert await move(await _coach(booked.session_id), booked.session_id, slot(4)) is None
    assert len(told) == before


async def _coach(session_id: int) -> Actor:
    async with transaction(READER) as tx:
        coach_id = await tx.db.scalar(
            text("SELECT coach_id FROM coaching_sessions WHERE id = :id"), {"id": session_id}
        )
    return Actor(coach_id, roles=frozenset({"coach"}), verified=True)


async def test_within_a_day_only_the_coach_may(db, at):
    at("2026-11-21T12:00Z")
    ada, offering_id = await make_open_coach()
    ben = await make_user()
    booked = await make_session(ben, offering_id, slot(3))
    later = slot(6)
    at((slot(3) - timedelta(hours=23)).isoformat())
    assert not (await page(ben, booked.session_id)).can_move
    with pytest.raises(NotPossible, match="too late"):
        await move(ben, booked.session_id, later)
    assert (await page(ada, booked.session_id)).can_move
    await move(ada, booked.session_id, later)
    assert (await page(ben, booked.session_id)).can_move, "far away again"


async def test_a_coach_moves_beyond_their_hours_a_client_does_not(db):
    ada, offering_id = await make_open_coach(hours=[HourEdit(d, 540, 1020) for d in range(7)])
    ben = await make_user()
    booked = await make_session(ben, offering_id, slot(3))
    night = slot(4, 23)
    with pytest.raises(SlotClosed):
        await move(ben, booked.session_id, night)
    await move(ada, booked.session_id, night)
    assert (await page(ben, booked.session_id)).starts_at == night


async def test_nobody_moves_into_another_session_or_hold(db):
    ada, offering_id = await make_open_coach()
    bea, other_offering = await make_open_coach("Bea Lind")
    ben, cleo = await make_user(), await make_user(name="Cleo")
    booked = await make_session(ben, offering_id, slot(3))
    await make_session(cleo, offering_id, slot(4))
    await make_hold(cleo, offering_id, slot(5))
    await make_session(ben, other_offering, slot(6))
    for day in (4, 5):
        for me, problem in ((ada, CoachBusy), (ben, SlotTaken)):
            with pytest.raises(problem):
                await move(me, booked.session_id, slot(day))
    for me, problem in ((ada, ClientElsewhere), (ben, ClientBusy)):
        with pytest.raises(problem):
            await move(me, booked.session_id, slot(6))
    assert (await page(ben, booked.session_id)).starts_at == slot(3)
    assert bea.person_id != ada.person_id


async def test_it_may_overlap_with_where_it_was(db):
    _, offering_id = await make_open_coach(offering=replace(OFFERING, slot_interval=15))
    ben = await make_user()
    booked = await make_session(ben, offering_id, slot(3))
    async with transaction(ben) as tx:
        day = slot(3).date()
        free = await queries.move_slots(tx, ben, booked.session_id, day, day)
    near = [one for one in free if abs(one - slot(3)) < timedelta(hours=1)]
    assert near
    assert slot(3) not in free, "where it is already is no choice"
    await move(ben, booked.session_id, near[0])
    assert (await page(ben, booked.session_id)).starts_at == near[0]


@pytest.mark.parametrize(
    ("when", "problem"),
    [
        (lambda: slot(-1), Invalid),
        (lambda: slot(900), Invalid),
        (lambda: slot().replace(tzinfo=None), Invalid),
    ],
)
async def test_impossible_times_are_refused_in_words(db, when, problem):
    ada, offering_id = await make_open_coach()
    booked = await make_session(await make_user(), offering_id, slot(3))
    with pytest.raises(problem):
        await move(ada, booked.session_id, when())


async def test_over_cancelled_or_somebody_elses_it_does_not_move(db, at):
    at("2026-11-21T12:00Z")
    ada, offering_id = await make_open_coach()
    ben, cleo = await make_user(), await make_user(name="Cleo")
    booked = await make_session(ben, offering_id, slot(3))
    with pytest.raises(NotFound):
        await move(cleo, booked.session_id, slot(4))
    with pytest.raises(Invalid):
        await move(ada, booked.session_id, slot(4), "x" * 501)
    gone = await make_session(ben, offering_id, slot(5))
    async with transaction(ada) as tx:
        await actions.cancel(tx, ada, gone.session_id)
    with pytest.raises(NotPossible, match="cancelled"):
        await move(ada, gone.session_id, slot(6))
    target = slot(8)
    at((slot(3) + timedelta(minutes=1)).isoformat())
    with pytest.raises(NotPossible, match="begun"):
        await move(ada, booked.session_id, target)


async def test_of_many_who_move_to_one_time_one_gets_it(db):
    """Coaches and clients at once: one success, and everybody else stays where they were."""
    ada, offering_id = await make_open_coach()
    people = [await make_user(name=f"Client {n}") for n in range(12)]
    booked = [
        await make_session(me, offering_id, slot(3 + n // 6, 8 + 2 * (n % 6)))
        for n, me in enumerate(people)
    ]
    target = slot(9)
    movers = [ada if n % 2 else me for n, me in enumerate(people)]
    ended = await asyncio.gather(
        *(move(me, one.session_id, target) for me, one in zip(movers, booked, strict=True)),
        return_exceptions=True,
    )
    told = sorted(type(one).__name__ for one in ended)
    assert told.count("Shift") == 1
    assert set(told) <= {"Shift", "SlotTaken", "CoachBusy"}
    async with transaction(READER) as tx:
        there = await tx.db.scalar(
            text("SELECT count(*) FROM coaching_sessions WHERE starts_at = :at"), {"at": target}
        )
    assert there == 1


async def test_both_are_told_by_mail_and_in_the_conversation(db):
    ada, offering_id = await make_open_coach()
    ben = await make_user()
    booked = await make_session(ben, offering_id, slot(3))
    await move(ada, booked.session_id, slot(4))
    await move(ada, booked.session_id, slot(3))
    await outbox.drain()
    async with transaction(Actor.system_job("notifications.test")) as tx:
        sent = await tx.db.execute(
            text(
                "SELECT user_id, status FROM deliveries"
                " WHERE channel = 'mail' AND event = 'session.moved'"
            )
        )
        assert sorted(tuple(row) for row in sent) == sorted(
            [(ada.person_id, "sent"), (ben.person_id, "sent")] * 2
        )
    async with transaction(Actor.system_job("mailbox")) as tx:
        subjects = list(await tx.db.scalars(text("SELECT subject FROM mailbox_messages")))
    assert sum(one.startswith("Moved: Clarity session") for one in subjects) == 4
    async with transaction(Actor.system_job("messaging.test")) as tx:
        lines = await tx.db.scalars(
            text("SELECT body FROM messages WHERE body LIKE 'Session moved%'")
        )
        assert len(list(lines)) == 2
