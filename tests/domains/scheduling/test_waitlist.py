"""The waitlist: the first in line who fits is offered what is free, and nobody jumps (SCH-15)."""

import asyncio
import os
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from loom_app.domains.accounts import actions as accounts
from loom_app.domains.coaches import actions as coaches
from loom_app.domains.scheduling import actions, queries
from loom_app.domains.scheduling.actions import TimeOffEdit
from loom_app.domains.scheduling.errors import ClientBusy, SlotTaken, StillFree
from loom_app.integrations.mail import mailbox
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import DomainError, Forbidden, Invalid, NotFound
from loom_app.kit.jobs import outbox
from tests.factories.accounts import make_user
from tests.factories.coaches import OFFERING
from tests.factories.scheduling import make_hold, make_open_coach, slot

NOW = "2026-11-21T12:00Z"
FREE = replace(OFFERING, price_minor=0)
PAIR = replace(FREE, name="Circle", capacity=2)
WORKER = Actor.system_job("scheduling.test")
FULL = os.environ.get("LOOM_PROVE") == "full"


async def clients(*names: str) -> list[Actor]:
    return [await make_user(name=name) for name in names]


async def book(me: Actor, offering_id: int, when: datetime) -> int:
    await make_hold(me, offering_id, when)
    async with transaction(me) as tx:
        booking = await actions.book(tx, me)
    await outbox.drain()
    return booking.session_id


async def wait(me: Actor, offering_id: int, **wish) -> int:
    async with transaction(me) as tx:
        entry_id = await actions.join(tx, me, offering_id, **wish)
    await outbox.drain()
    return entry_id


async def off(me: Actor, session_id: int, *, drain: bool = True) -> None:
    async with transaction(me) as tx:
        await actions.cancel(tx, me, session_id)
    if drain:
        await outbox.drain()


async def places(me: Actor) -> list[int]:
    async with transaction(me) as tx:
        return [one.position for one in await queries.waits(tx, me)]


async def offered(me: Actor) -> list[datetime]:
    async with transaction(me) as tx:
        return [one.starts_at for one in await queries.offers(tx, me)]


async def answer_no(me: Actor) -> None:
    async with transaction(me) as tx:
        (one,) = await queries.offers(tx, me)
        await actions.decline(tx, me, one.id)


async def free(me: Actor, offering_id: int, when: datetime) -> list[datetime]:
    async with transaction(me) as tx:
        return await queries.month_slots(tx, me, offering_id, when.date(), when.date())


async def rows(sql: str) -> list[tuple]:
    async with transaction(WORKER) as tx:
        return [tuple(row) for row in (await tx.db.execute(text(sql))).all()]


async def sweep() -> None:
    for coach_id in await waited_for():
        async with transaction(WORKER) as tx:
            await actions.ask_line(tx, coach_id)


async def waited_for() -> list[int]:
    async with transaction(WORKER) as tx:
        return await actions.waited_for(tx)


async def full_group(*names: str) -> tuple[Actor, int, datetime, int, list[Actor]]:
    """Ada's group of two with everybody of these in it."""
    ada, offering_id = await make_open_coach(offering=replace(PAIR, capacity=len(names)))
    people = await clients(*names)
    session_id = 0
    for one in people:
        session_id = await book(one, offering_id, slot())
    return ada, offering_id, slot(), session_id, people


async def test_a_seat_that_is_given_back_goes_to_the_first_in_line_and_to_nobody_else(db, at):
    at(NOW)
    ada, offering_id, when, session_id, (ben, _) = await full_group("Ben", "Cleo")
    dan, eve = await clients("Dan", "Eve")
    with pytest.raises(Invalid):
        await wait(ben, offering_id, starts_at=when)
    first = await wait(dan, offering_id, starts_at=when)
    assert await wait(dan, offering_id, starts_at=when) == first, "the same wish is one"
    await wait(eve, offering_id, starts_at=when)
    assert [await places(one) for one in (dan, eve)] == [[1], [2]]
    await off(ben, session_id)
    assert [await offered(one) for one in (dan, eve)] == [[when], []]
    assert when not in await free(ben, offering_id, when), "kept, so nobody else sees it"
    with pytest.raises(SlotTaken):
        await make_hold(ben, offering_id, when)
    (mail,) = [one for one in await mailbox.newest() if "Dan" in str(one.message["To"])]
    assert mail.subject == "A time is free: Circle, Tue 24 November, 11:00"
    assert "until 13:30" in mail.message.get_body(("plain",)).get_content()
    async with transaction(ada) as tx:
        line = await queries.waiting(tx, ada)
        waits_here = await queries.waiting_for(tx, ada, offering_id, when)
    assert [(one.client.name, one.offered) for one in line] == [("Dan", when), ("Eve", None)]
    assert [one.name for one in waits_here] == ["Dan", "Eve"]


async def test_an_offer_passes_on_when_it_runs_out_or_is_declined(db, at):
    at(NOW)
    _, offering_id, when, session_id, (ben, _) = await full_group("Ben", "Cleo")
    dan, eve, fay = await clients("Dan", "Eve", "Fay")
    for one in (dan, eve, fay):
        await wait(one, offering_id, starts_at=when)
    await off(ben, session_id)
    at("2026-11-21T12:31Z")
    await outbox.drain()
    assert [await offered(one) for one in (dan, eve, fay)] == [[], [when], []], "it passed on"
    assert await places(dan) == [], "who waited for this time alone has had their chance"
    await answer_no(eve)
    assert await offered(fay) == [when], "at once, in the same transaction"
    await book(fay, offering_id, when)
    assert await places(fay) == []
    assert await rows("SELECT answer FROM waitlist_offers ORDER BY id") == [
        ("missed",),
        ("declined",),
        ("booked",),
    ]


async def full_days(ben: Actor, offering_id: int, days: int) -> dict[int, int]:
    """A session of Ben's on each of these days, which is all that the coach takes."""
    return {
        n: await book(ben, offering_id, slot(days=n, hour=20 if n == 0 else 10))
        for n in range(days)
    }


async def test_a_day_or_any_time_is_offered_within_the_wish_only(db, at):
    at(NOW)
    offering = replace(FREE, window_days=3, per_day=1)
    _, offering_id = await make_open_coach(offering=offering, zone="UTC")
    ben, cleo, dan = await clients("Ben", "Cleo", "Dan")
    with pytest.raises(StillFree):
        await wait(dan, offering_id, day=slot().date())
    booked = await full_days(ben, offering_id, 4)
    await wait(dan, offering_id)
    await wait(cleo, offering_id, day=slot(days=2).date())
    assert (await places(dan), await places(cleo)) == ([1], [2])
    await off(ben, booked[2])
    (start,) = await offered(dan)
    assert (start.date(), await offered(cleo)) == (slot(days=2).date(), [])
    await answer_no(dan)
    assert await offered(dan) == [], "it passed on to the next, and he is behind her now"
    assert [one.date() for one in await offered(cleo)] == [slot(days=2).date()]
    assert (await places(dan), await places(cleo)) == ([2], [1])
    await off(ben, booked[1])
    assert [one.date() for one in await offered(dan)] == [slot(days=1).date()]


async def test_who_is_busy_is_passed_over_and_keeps_their_place(db, at):
    at(NOW)
    _, offering_id, when, session_id, (ben, cleo) = await full_group("Ben", "Cleo")
    dan, eve = await clients("Dan", "Eve")
    await wait(dan, offering_id, starts_at=when)
    await wait(eve, offering_id, starts_at=when)
    _, other = await make_open_coach("Otto Berg", offering=FREE)
    await make_hold(dan, other, when)
    await off(ben, session_id)
    assert (await offered(dan), await offered(eve)) == ([], [when])
    assert await places(dan) == [1]
    async with transaction(dan) as tx:
        await actions.release(tx, dan)
    await off(cleo, session_id)
    assert await offered(dan) == [when], "the second seat is his"


async def test_an_offer_stands_beside_ones_own_hold_and_taking_it_ends_the_hold(db, at):
    at(NOW)
    _, offering_id, when, session_id, (ben, _) = await full_group("Ben", "Cleo")
    (dan,) = await clients("Dan")
    await wait(dan, offering_id, starts_at=when)
    _, other = await make_open_coach("Otto Berg", offering=FREE)
    await make_hold(dan, other, slot(days=5))
    await off(ben, session_id)
    assert await offered(dan) == [when]
    async with transaction(dan) as tx:
        assert (await queries.draft(tx, dan)).hold.offering_id == other
    with pytest.raises(ClientBusy):
        await make_hold(dan, other, when)
    at("2026-11-21T12:25Z")
    hold = await make_hold(dan, offering_id, when)
    assert hold.expires_at == datetime.fromisoformat("2026-11-21T12:35Z"), "ten minutes at least"
    assert await offered(dan) == []
    assert await rows("SELECT count(*) FROM seats WHERE status = 'held'") == [(1,)]
    at("2026-11-21T12:36Z")
    await outbox.drain()
    assert await rows("SELECT answer FROM waitlist_offers") == [("missed",)]
    assert await places(dan) == []


async def test_what_opens_is_for_who_waits_and_never_within_the_notice(db, at):
    at(NOW)
    ada, offering_id = await make_open_coach(
        offering=replace(FREE, notice_minutes=180, window_days=3)
    )
    async with transaction(ada) as tx:
        first, last = slot(days=0).date(), slot(days=9).date()
        away = await actions.save_time_off(tx, ada, TimeOffEdit(first, last))
    (ben,) = await clients("Ben")
    await wait(ben, offering_id)
    assert await offered(ben) == []
    async with transaction(ada) as tx:
        await actions.drop_time_off(tx, ada, away)
    await outbox.drain()
    assert await offered(ben) == [datetime.fromisoformat("2026-11-21T15:00Z")]
    async with transaction(ben) as tx:
        (one,) = await queries.waits(tx, ben)
        await actions.leave(tx, ben, one.id)
        await actions.leave(tx, ben, one.id)
    assert (await offered(ben), await places(ben)) == ([], [])


async def test_a_kill_between_the_free_seat_and_the_offer_is_mended(db, at):
    at(NOW)
    _, offering_id, when, session_id, (ben, _) = await full_group("Ben", "Cleo")
    dan, eve = await clients("Dan", "Eve")
    await wait(dan, offering_id, starts_at=when)
    await off(ben, session_id, drain=False)
    await rows("DELETE FROM outbox_jobs WHERE name = 'scheduling.pass_on' RETURNING 1")
    with pytest.raises(SlotTaken):
        await make_hold(eve, offering_id, when)
    assert await offered(dan) == [], "her attempt was undone as a whole"
    await sweep()
    await sweep()
    assert await offered(dan) == [when]
    assert await rows("SELECT count(*) FROM waitlist_offers") == [(1,)]


async def test_nobody_reads_or_answers_for_others(db, at):
    at(NOW)
    ada, offering_id, when, session_id, (ben, cleo) = await full_group("Ben", "Cleo")
    dan, eve = await clients("Dan", "Eve")
    entry = await wait(dan, offering_id, starts_at=when)
    await off(ben, session_id)
    (offer_id,) = (await rows("SELECT id FROM waitlist_offers"))[0]
    for stranger in (eve, cleo, Actor(visitor="v")):
        async with transaction(stranger) as tx:
            for table in ("waitlist_entries", "waitlist_offers"):
                found = await tx.db.scalar(text(f"SELECT count(*) FROM {table}"))
                assert found == 0
    for verb, number in ((actions.leave, entry), (actions.decline, offer_id)):
        for other in (eve, ada):
            with pytest.raises(NotFound):
                async with transaction(other) as tx:
                    await verb(tx, other, number)
    with pytest.raises(Forbidden):
        async with transaction(eve) as tx:
            await queries.waiting(tx, eve)
    unsure = replace(eve, verified=False)
    with pytest.raises(Forbidden):
        await wait(unsure, offering_id)


async def test_three_missed_offers_end_a_wish_for_any_time(db, at):
    at(NOW)
    offering = replace(FREE, window_days=1, per_day=1)
    _, offering_id = await make_open_coach(offering=offering, zone="UTC")
    ben, cleo = await clients("Ben", "Cleo")
    booked = await full_days(cleo, offering_id, 2)
    await wait(ben, offering_id)
    await off(cleo, booked[1])
    seen = []
    for minutes in (0, 31, 62):
        at((datetime.fromisoformat(NOW) + timedelta(minutes=minutes)).isoformat())
        await outbox.drain()
        seen += await offered(ben)
    assert len(set(seen)) == 3
    at("2026-11-21T14:00Z")
    await outbox.drain()
    assert (await offered(ben), await places(ben)) == ([], [])


async def off_at_once(me: Actor, session_id: int) -> None:
    """Cancel, or fail where that has to wait for somebody."""
    async with transaction(me) as tx:
        await tx.db.execute(text("SET LOCAL lock_timeout = '50ms'"))
        await actions.cancel(tx, me, session_id)


async def test_nothing_comes_free_between_asking_the_line_and_holding(db, at):
    """Else a seat given back in that moment would be the caller's, and not who waits for it."""
    at(NOW)
    ada, offering_id, when, session_id, (ben, _) = await full_group("Ben", "Cleo")
    (dan,) = await clients("Dan")
    await wait(dan, offering_id, starts_at=when)
    async with transaction(WORKER) as tx:
        await actions.ask_line(tx, ada.require_person())
        with pytest.raises(OperationalError, match="lock timeout"):
            await off_at_once(ben, session_id)
    await off(ben, session_id)
    assert await offered(dan) == [when]


async def test_many_join_and_leave_at_once_and_the_order_is_kept(db, at):
    """Whoever joined first is offered first, and nobody from outside gets in between."""
    at(NOW)
    seats, many = (20, 200) if FULL else (2, 8)
    _, offering_id = await make_open_coach(offering=replace(FREE, name="Circle", capacity=seats))
    inside = await clients(*(f"In {n}" for n in range(seats)))
    session_id = 0
    for one in inside:
        session_id = (await make_session_free(one, offering_id)).session_id
    waiting = await clients(*(f"Wait {n}" for n in range(many)))
    strangers = await clients(*(f"Out {n}" for n in range(max(4, many // 8))))

    async def join(me: Actor) -> None:
        async with transaction(me) as tx:
            await actions.join(tx, me, offering_id, starts_at=slot())

    async def grab(me: Actor) -> None:
        with pytest.raises(DomainError):
            await make_hold(me, offering_id, slot())

    await asyncio.gather(*map(join, waiting))
    await asyncio.gather(
        *(off(one, session_id, drain=False) for one in inside),
        *map(grab, strangers),
        *(sweep() for _ in range(3)),
    )
    await outbox.drain()
    line = [row[0] for row in await rows("SELECT client_id FROM waitlist_entries ORDER BY id")]
    got = [
        row[0]
        for row in await rows(
            "SELECT e.client_id FROM waitlist_offers o JOIN waitlist_entries e"
            " ON e.id = o.entry_id ORDER BY o.id"
        )
    ]
    assert got == line[:seats]
    assert await rows("SELECT count(*) FROM seats WHERE status = 'held' AND offered") == [(seats,)]


async def make_session_free(me: Actor, offering_id: int):
    await make_hold(me, offering_id, slot())
    async with transaction(me) as tx:
        return await actions.book(tx, me)


async def test_a_single_time_that_is_taken_can_be_waited_for(db, at):
    at(NOW)
    ada, offering_id = await make_open_coach(offering=FREE)
    ben, cleo, dan = await clients("Ben", "Cleo", "Dan")
    with pytest.raises(StillFree):
        await wait(cleo, offering_id, starts_at=slot())
    session_id = await book(ben, offering_id, slot())
    later = slot() + timedelta(hours=3)
    other = await book(ben, offering_id, later)
    async with transaction(cleo) as tx:
        seen = await queries.crowded(tx, cleo, offering_id, slot().date())
    assert (slot() in seen.taken, later in seen.taken, seen.groups, seen.day) == (
        True,
        True,
        [],
        False,
    )
    async with transaction(ben) as tx:
        mine = await queries.crowded(tx, ben, offering_id, slot().date())
    assert mine.taken == [], "one does not wait for oneself"
    for who, when in ((ben, slot()), (cleo, slot() + timedelta(minutes=7)), (cleo, slot(days=-1))):
        with pytest.raises(Invalid):
            await wait(who, offering_id, starts_at=when)
    await wait(cleo, offering_id, starts_at=slot())
    await wait(dan, offering_id, starts_at=slot())
    await off(ben, other)
    assert await offered(cleo) == [], "it is another time"
    await off(ben, session_id)
    assert [await offered(one) for one in (cleo, dan)] == [[slot()], []]
    with pytest.raises(SlotTaken):
        await make_hold(ben, offering_id, slot())
    await book(cleo, offering_id, slot())
    async with transaction(ada) as tx:
        (left,) = await queries.waiting(tx, ada)
    assert (left.client.name, left.group) == ("Dan", False)


async def ends(name: str) -> list[str]:
    """What was written to somebody about the end of a wish."""
    return [
        one.message.get_body(("plain",)).get_content()
        for one in await mailbox.newest()
        if name in str(one.message["To"]) and one.subject.startswith("You no longer wait for")
    ]


async def test_who_waits_is_told_when_it_is_over(db, at):
    at(NOW)
    _, offering_id, when, session_id, (ben, _) = await full_group("Ben", "Cleo")
    dan, eve, fay = await clients("Dan", "Eve", "Fay")
    for one in (dan, eve, fay):
        await wait(one, offering_id, starts_at=when)
    await off(ben, session_id)
    at("2026-11-21T12:31Z")
    await outbox.drain()
    (told,) = await ends("Dan")
    assert "heard nothing" in told
    await answer_no(eve)
    await book(fay, offering_id, when)
    assert (await ends("Eve"), await ends("Fay")) == ([], []), "they know"


async def test_who_waits_is_told_when_nothing_can_come_any_more(db, at):
    at(NOW)
    _, offering_id, when, _, _ = await full_group("Ben", "Cleo")
    (dan,) = await clients("Dan")
    await wait(dan, offering_id, starts_at=when)
    at((when - timedelta(minutes=20)).isoformat())
    await sweep()
    await sweep()
    await outbox.drain()
    (told,) = await ends("Dan")
    assert "no time became free" in told
    assert "A seat on" in told
    assert await places(dan) == []


async def test_who_waits_is_told_when_the_coach_offers_it_no_more(db, at):
    at(NOW)
    ada, offering_id, when, _, _ = await full_group("Ben")
    (dan,) = await clients("Dan")
    await wait(dan, offering_id, starts_at=when)
    async with transaction(ada) as tx:
        await coaches.archive_offering(tx, ada, offering_id)
    await outbox.drain()
    (told,) = await ends("Dan")
    assert "does not offer it any more" in told
    assert await places(dan) == []


async def test_an_open_offer_outlives_the_last_moment_for_one(db, at):
    """The wish of who is just asked does not end under their hands."""
    at("2026-11-23T08:00Z")
    _, offering_id = await make_open_coach(offering=replace(FREE, notice_minutes=0))
    ben, cleo = await clients("Ben", "Cleo")
    when = datetime.fromisoformat("2026-11-23T09:00Z")
    session_id = await book(ben, offering_id, when)
    await wait(cleo, offering_id, starts_at=when)
    at("2026-11-23T08:25Z")
    await off(ben, session_id)
    assert await offered(cleo) == [when]
    at("2026-11-23T08:35Z")
    await sweep()
    await sweep()
    assert await offered(cleo) == [when]
    assert await places(cleo) == [1]


TRIES = "SELECT coalesce(max(last_value), 0) FROM pg_sequences WHERE sequencename = 'seats_id_seq'"


async def suspend(person: Actor) -> None:
    olga = await make_user(name="Olga", roles=["staff"])
    async with transaction(olga) as tx:
        await accounts.suspend(tx, olga, person.person_id or 0, 1, reason="Rude.", until=None)


async def test_who_is_suspended_is_passed_over_without_a_try(db, at):
    at(NOW)
    _, offering_id, when, session_id, (ben,) = await full_group("Ben")
    dan, eve = await clients("Dan", "Eve")
    await wait(dan, offering_id, starts_at=when)
    await wait(eve, offering_id, starts_at=when)
    await suspend(dan)
    before = await rows(TRIES)
    await off(ben, session_id)
    assert await offered(eve) == [when]
    assert (await rows(TRIES))[0][0] - before[0][0] == 1, "Eve's seat alone"


async def test_for_a_suspended_coach_nothing_is_tried_and_wishes_still_end(db, at):
    at(NOW)
    ada, offering_id, when, session_id, (ben,) = await full_group("Ben")
    dan, eve = await clients("Dan", "Eve")
    await wait(dan, offering_id, starts_at=when)
    await wait(eve, offering_id, starts_at=when)
    await suspend(ada)
    before = await rows(TRIES)
    await off(ben, session_id)
    assert [await offered(one) for one in (dan, eve)] == [[], []]
    assert await rows(TRIES) == before
    at((when - timedelta(minutes=20)).isoformat())
    await sweep()
    await outbox.drain()
    assert len(await ends("Eve")) == 1
