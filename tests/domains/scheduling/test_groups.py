"""Group sessions: each seat its own, from booking to refund, and never one too many (SCH-14)."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from icalendar import Calendar
from sqlalchemy import text

from loom_app.domains.payments import actions as payments
from loom_app.domains.payments.actions import Way
from loom_app.domains.scheduling import actions, queries
from loom_app.domains.scheduling.errors import ClientBusy, NotPossible, SlotClosed, SlotTaken
from loom_app.domains.scheduling.queries import SessionFilters
from loom_app.integrations.mail import mailbox
from loom_app.integrations.stripe import client
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import NotFound
from loom_app.kit.jobs import outbox
from tests.domains.payments.helpers import check_books, rows
from tests.factories.accounts import make_user
from tests.factories.coaches import OFFERING
from tests.factories.scheduling import (
    begin_booking,
    make_hold,
    make_open_coach,
    make_session,
    pay,
    slot,
)
from tests.integrations.stripe.fixtures import contract, sandbox
from tests.sizes import CROWD

__all__ = ["contract", "sandbox"]
NOW = "2026-11-21T12:00Z"
GROUP = replace(OFFERING, name="Circle", capacity=3)
WORKER = Actor.system_job("scheduling.test")


async def clients(*names: str) -> list[Actor]:
    return [await make_user(name=name) for name in names]


async def card(me: Actor) -> Way:
    customer = await payments.ensure_customer(me)
    await client.attach_card("pm_card_visa", customer, key=f"loom:attach:{me.person_id}")
    await payments.sync_methods(me.require_person())
    (found,) = await rows("SELECT id FROM payment_methods WHERE user_id = :id", id=me.person_id)
    return Way(found["id"])


async def buy(me: Actor, offering_id: int, when: datetime):
    """Booked and paid by card, through Stripe."""
    await make_hold(me, offering_id, when)
    way = await card(me)
    async with transaction(me) as tx:
        booking = await actions.book(tx, me, way)
    await payments.pay(booking.charge_id or 0)
    await outbox.drain()
    return booking


async def join(me: Actor, offering_id: int, when: datetime):
    """Booked, as if paid."""
    booking = await make_session(me, offering_id, when)
    await outbox.drain()
    return booking


async def page(me: Actor, session_id: int):
    async with transaction(me) as tx:
        return await queries.session(tx, me, session_id)


async def free(me: Actor, offering_id: int, when: datetime) -> list[datetime]:
    async with transaction(me) as tx:
        return await queries.month_slots(tx, me, offering_id, when.date(), when.date())


async def left(me: Actor, offering_id: int, when: datetime) -> int | None:
    async with transaction(me) as tx:
        _, found = await queries.seats_left(tx, me, offering_id, when.date(), when.date())
    return found.get(when)


async def off(me: Actor, session_id: int, reason: str = "") -> None:
    async with transaction(me) as tx:
        await actions.cancel(tx, me, session_id, reason)
    await outbox.drain()


async def scalars(sql: str) -> list[object]:
    async with transaction(WORKER) as tx:
        return list(await tx.db.scalars(text(sql)))


async def refunds() -> list[tuple[str, int]]:
    return [
        (row["reason"], row["amount"])
        for row in await rows("SELECT reason, amount FROM refunds ORDER BY id")
    ]


async def subjects(name: str) -> list[str]:
    """The mails to this person, oldest first."""
    return [
        one.subject for one in reversed(await mailbox.newest()) if name in str(one.message["To"])
    ]


def event_of(content: bytes):
    (event,) = Calendar.from_ical(content).walk("VEVENT")
    return event


async def test_the_first_booking_makes_the_group_and_others_take_seats_in_it(db, at):
    at(NOW)
    ada, offering_id = await make_open_coach(offering=GROUP)
    ben, cleo, dan, eve = await clients("Ben", "Cleo", "Dan", "Eve")
    when = slot()
    assert await left(ben, offering_id, when) is None, "nobody is there: all are free"
    first = await join(ben, offering_id, when)
    assert when in await free(cleo, offering_id, when)
    assert when not in await free(ben, offering_id, when), "one seat each"
    assert await left(cleo, offering_id, when) == 2
    half_past = when + timedelta(minutes=30)
    assert half_past not in await free(cleo, offering_id, when), "the time is taken, its seats not"
    second = await join(cleo, offering_id, when)
    third = await join(dan, offering_id, when)
    assert first.session_id == second.session_id == third.session_id
    assert when not in await free(eve, offering_id, when)
    with pytest.raises(SlotTaken) as full:
        await make_hold(eve, offering_id, when)
    assert full.value.next_free[0] == when + timedelta(hours=1)
    with pytest.raises(ClientBusy):
        await make_hold(ben, offering_id, when)
    found = await page(ada, first.session_id)
    assert found.client.name == "3 of 3 seats booked"
    assert [(one.person.name, one.payment_text) for one in found.attendees] == [
        ("Ben", "Paid"),
        ("Cleo", "Paid"),
        ("Dan", "Paid"),
    ]
    assert await subjects("Ada Lindqvist") == ["Booked: Circle, Tue 24 November, 11:00"] * 3


async def test_a_hold_takes_a_seat_until_it_ends(db, at):
    at(NOW)
    _, offering_id = await make_open_coach(offering=replace(GROUP, capacity=2))
    ben, cleo, dan = await clients("Ben", "Cleo", "Dan")
    when = slot()
    await make_hold(ben, offering_id, when)
    assert await left(ben, offering_id, when) is None, "one's own hold stands in nobody's way"
    await make_hold(cleo, offering_id, when)
    assert await left(ben, offering_id, when) == 1
    with pytest.raises(SlotTaken):
        await make_hold(dan, offering_id, when)
    async with transaction(ben) as tx:
        await actions.release(tx, ben)
    assert await scalars("SELECT status FROM seats ORDER BY id") == ["expired", "held"]
    await make_hold(dan, offering_id, when)
    assert await scalars("SELECT status FROM coaching_sessions") == ["held"]
    at("2026-11-21T12:11Z")
    assert await left(ben, offering_id, when) is None
    async with transaction(WORKER) as tx:
        await actions.expire_overdue_holds(tx)
    assert await scalars("SELECT status FROM coaching_sessions") == ["expired"]


async def test_giving_up_ones_seat_is_ones_own(sandbox, at):
    at(NOW)
    ada, offering_id = await make_open_coach(offering=GROUP)
    ben, cleo = await clients("Ben", "Cleo")
    when = slot()
    booking = await buy(ben, offering_id, when)
    await buy(cleo, offering_id, when)
    await off(ben, booking.session_id, "Sorry")
    await off(ben, booking.session_id)
    mine, theirs = await page(ben, booking.session_id), await page(cleo, booking.session_id)
    assert (mine.status, mine.payment_text) == ("cancelled", "Refunded in full")
    assert (theirs.status, theirs.payment_text) == ("confirmed", "Paid")
    assert mine.cancel_reason == "Sorry"
    assert theirs.cancel_reason == "", "what one writes is for the coach"
    assert "Sorry" not in str(theirs)
    assert await refunds() == [("client_cancelled", 12_000)]
    assert not any(one.startswith("Cancelled") for one in await subjects("Cleo"))
    assert (await subjects("Ada Lindqvist"))[-1] == (
        "A seat is free again: Circle, Tue 24 November, 11:00"
    )
    assert await left(ben, offering_id, when) == 2
    await buy(ben, offering_id, when)
    assert (await page(ben, booking.session_id)).status == "confirmed", "one may come back"
    await off(ben, booking.session_id)
    await off(cleo, booking.session_id)
    assert await scalars("SELECT status FROM coaching_sessions") == ["cancelled"]
    assert (await page(ada, booking.session_id)).client.name == "0 of 3 seats booked"
    assert when in await free(ada, offering_id, when)
    await check_books()


async def test_a_late_leaver_pays_and_the_coach_gives_everybody_everything(db, at):
    at(NOW)
    ada, offering_id = await make_open_coach(offering=GROUP)
    ben, cleo, dan, eve = await clients("Ben", "Cleo", "Dan", "Eve")
    when = slot()
    booking = await join(ben, offering_id, when)
    await join(cleo, offering_id, when)
    at((when - timedelta(hours=20)).isoformat())
    await off(ben, booking.session_id)
    assert await refunds() == []
    await join(dan, offering_id, when)
    await make_hold(eve, offering_id, when)
    await off(ada, booking.session_id, "Ill")
    assert await refunds() == [("coach_cancelled", 12_000)] * 2
    assert await scalars("SELECT status FROM seats ORDER BY id") == [
        "cancelled",
        "cancelled",
        "cancelled",
        "expired",
    ]
    assert (await subjects("Ada Lindqvist")).count("Cancelled: Circle, Tue 24 November, 11:00") == 1
    assert "Cancelled: Circle, Tue 24 November, 11:00" in await subjects("Dan")


async def test_who_pays_after_the_group_was_called_off_gets_it_back(db, at):
    at(NOW)
    ada, offering_id = await make_open_coach(offering=GROUP)
    ben, cleo = await clients("Ben", "Cleo")
    when = slot()
    booking = await join(ben, offering_id, when)
    late = await begin_booking(cleo, offering_id, when)
    async with transaction(ada) as tx:
        await actions.cancel(tx, ada, booking.session_id)
    await pay(late)
    await outbox.drain()
    assert await refunds() == [("coach_cancelled", 12_000), ("slot_lost", 12_000)]
    assert "We are sorry: your time was gone" in await subjects("Cleo")


async def test_too_few_are_refunded_when_it_is_decided(db, at):
    at(NOW)
    ada, offering_id = await make_open_coach(offering=replace(GROUP, min_seats=2, decide_hours=48))
    ben, cleo = await clients("Ben", "Cleo")
    with pytest.raises(SlotClosed):
        await make_hold(ben, offering_id, slot(1, 18))  # it would be decided already
    lonely, full = slot(5), slot(6)
    one = await join(ben, offering_id, lonely)
    two = await join(ben, offering_id, full)
    await join(cleo, offering_id, full)
    assert (await page(ben, one.session_id)).decide_at == lonely - timedelta(hours=48)
    at((lonely - timedelta(hours=48, minutes=1)).isoformat())
    await outbox.drain()
    assert (await page(ben, one.session_id)).status == "confirmed"
    at((full - timedelta(hours=48)).isoformat())
    await outbox.drain()
    gone, stays = await page(ben, one.session_id), await page(ben, two.session_id)
    assert (gone.status, gone.cancelled_by) == ("cancelled", "minimum")
    assert gone.history[-1].words == "Called off: too few had booked"
    assert stays.status == "confirmed"
    assert await refunds() == [("too_few", 12_000)]
    assert (await page(ada, one.session_id)).cancelled_by == "minimum"
    await off(cleo, two.session_id)
    async with transaction(WORKER) as tx:
        assert await actions.undecided(tx) == []
        await actions.decide(tx, two.session_id)
    assert (await page(ben, two.session_id)).status == "confirmed", "it is decided once"


async def test_names_are_read_only_by_consent(db, at):
    at(NOW)
    ada, offering_id = await make_open_coach(offering=replace(GROUP, price_minor=0))
    ben, cleo, dan, eve = await clients("Ben", "Cleo", "Dan", "Eve")
    session_id = 0
    for one, share in ((ben, False), (cleo, True), (dan, False)):
        await make_hold(one, offering_id, slot())
        async with transaction(one) as tx:
            await actions.save_details(tx, one, f"From {one.person_id}", {}, share_name=share)
            session_id = (await actions.book(tx, one)).session_id
    seen = await page(ben, session_id)
    assert (seen.companions, seen.others_text) == (["Cleo"], "And 1 more.")
    assert (await page(cleo, session_id)).others_text == "2 other people come."
    assert seen.agenda == f"From {ben.person_id}"
    assert seen.attendees == []
    assert [one.agenda for one in (await page(ada, session_id)).attendees] == [
        f"From {one.person_id}" for one in (ben, cleo, dan)
    ]
    with pytest.raises(NotFound):
        await page(eve, session_id)
    async with transaction(ben) as tx:
        assert await tx.db.scalar(text("SELECT count(*) FROM seats")) == 1


async def test_each_has_a_calendar_file_of_their_seat_and_the_coach_one_event(db, at):
    at(NOW)
    ada, offering_id = await make_open_coach(offering=replace(GROUP, price_minor=0))
    ben, cleo = await clients("Ben", "Cleo")
    ids = []
    for one in (ben, cleo):
        await make_hold(one, offering_id, slot())
        async with transaction(one) as tx:
            ids.append(await actions.book(tx, one))
    session_id = ids[0].session_id

    async def file(me: Actor):
        async with transaction(me) as tx:
            return event_of(await queries.calendar_file(tx, session_id, me.require_person()))

    uids = [(await file(one))["uid"].split("@")[0] for one in (ben, cleo, ada)]
    assert uids == [f"seat-{ids[0].seat_id}", f"seat-{ids[1].seat_id}", f"session-{session_id}"]
    assert (await file(ada))["summary"] == "Circle with 2 clients"
    await off(ben, session_id)
    assert [(await file(one))["status"] for one in (ben, cleo, ada)] == [
        "CANCELLED",
        "CONFIRMED",
        "CONFIRMED",
    ]
    assert (await file(ben))["sequence"] == 1
    async with transaction(ada) as tx:
        feed = Calendar.from_ical(await queries.calendar_feed(tx, ada))
    assert len(feed.walk("VEVENT")) == 1
    async with transaction(ada) as tx:
        coming = await queries.sessions(tx, ada, SessionFilters())
        cancelled = await queries.sessions(tx, ada, SessionFilters(view="cancelled"))
    assert [card.other.name for card in coming.cards] == ["1 of 3 seats booked"]
    assert [card.other.name for card in cancelled.cards] == ["Ben"]


async def test_it_takes_place_and_who_did_not_come_is_said_one_by_one(db, at):
    at(NOW)
    ada, offering_id = await make_open_coach(offering=GROUP)
    ben, cleo = await clients("Ben", "Cleo")
    when = slot()
    booking = await join(ben, offering_id, when)
    other = await join(cleo, offering_id, when)
    async with transaction(ada) as tx:
        with pytest.raises(NotPossible):
            await actions.miss(tx, ada, booking.session_id, other.seat_id)
    at((when + timedelta(hours=1)).isoformat())
    await outbox.drain()
    for _ in range(2):
        async with transaction(ada) as tx:
            await actions.miss(tx, ada, booking.session_id, other.seat_id)
    await outbox.drain()
    assert (await page(ben, booking.session_id)).status == "completed"
    assert (await page(cleo, booking.session_id)).status == "no_show"
    assert (await page(ada, booking.session_id)).status == "completed"
    async with transaction(ben) as tx:
        await actions.rate(tx, ben, booking.session_id, 5, "Good round")
    await outbox.drain()
    assert (await subjects("Ben"))[-1] == "How was Circle?"
    assert (await subjects("Cleo"))[-1] == "You were missed: Circle"
    assert (await subjects("Ada Lindqvist"))[-1] == "5 stars from Ben"
    async with transaction(ada) as tx:
        past = await queries.sessions(tx, ada, SessionFilters(view="past"))
    assert past.total == 1


async def test_the_coach_moves_all_and_who_was_about_to_join_chooses_again(db, at):
    at(NOW)
    ada, offering_id = await make_open_coach(offering=replace(GROUP, price_minor=0, min_seats=2))
    ben, cleo, dan = await clients("Ben", "Cleo", "Dan")
    when = slot()
    session_id = 0
    for one in (ben, cleo):
        await make_hold(one, offering_id, when)
        async with transaction(one) as tx:
            session_id = (await actions.book(tx, one)).session_id
    await make_hold(dan, offering_id, when)
    async with transaction(ben) as tx:
        with pytest.raises(NotPossible):
            await actions.move(tx, ben, session_id, when + timedelta(hours=3))
    async with transaction(ada) as tx:
        await actions.move(tx, ada, session_id, when + timedelta(hours=3))
    await outbox.drain()
    assert await scalars("SELECT status FROM seats ORDER BY id") == [
        "confirmed",
        "confirmed",
        "expired",
    ]
    moved = await page(ben, session_id)
    assert moved.starts_at == when + timedelta(hours=3)
    assert moved.decide_at == when - timedelta(hours=21)
    assert any(line.words.startswith("Moved by the coach") for line in moved.history)
    told = [await subjects(name) for name in ("Ben", "Cleo", "Ada Lindqvist")]
    assert [sum(one.startswith("Moved") for one in mails) for mails in told] == [1, 1, 1]


async def test_200_at_once_take_the_last_three_seats(db):
    _, offering_id = await make_open_coach(offering=replace(GROUP, capacity=5))
    when = slot()
    for one in await clients("Ben", "Cleo"):
        await make_hold(one, offering_id, when)

    async def attempt(n: int) -> str:
        try:
            await make_hold(Actor(visitor=f"{n:064d}"), offering_id, when)
        except SlotTaken as taken:
            return "refused" if taken.next_free else "without other times"
        return "won"

    outcomes = await asyncio.gather(*(attempt(n) for n in range(CROWD)))
    assert (outcomes.count("won"), outcomes.count("refused")) == (3, CROWD - 3)
    assert await scalars("SELECT count(*) FROM coaching_sessions WHERE status = 'held'") == [1]


async def test_the_database_alone_lets_no_seat_too_many_in(db):
    """No lock and no check: raw rows at once, as a bug or a second writer would make them."""
    _, offering_id = await make_open_coach(offering=GROUP)
    held = await make_hold(Actor(visitor="v" * 64), offering_id, slot())

    async def insert(n: int) -> str:
        try:
            async with transaction(WORKER) as tx:
                await tx.db.execute(
                    text(
                        "INSERT INTO seats (session_id, coach_id, visitor, status, starts_at,"
                        " ends_at, hold_expires_at, price_minor, currency, created_at)"
                        " SELECT session_id, coach_id, :visitor, status, starts_at, ends_at,"
                        " hold_expires_at, price_minor, currency, created_at FROM seats"
                        " WHERE id = :id"
                    ),
                    {"visitor": f"{n:064d}", "id": held.seat_id},
                )
        except Exception as error:  # noqa: BLE001 - whatever it is, it is counted
            return "refused" if "ck_seats_room" in str(error) else repr(error)
        return "won"

    outcomes = await asyncio.gather(*(insert(n) for n in range(30)))
    assert (outcomes.count("won"), outcomes.count("refused")) == (2, 28)
