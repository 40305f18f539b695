"""Sessions every week: held and paid as one, and each its own afterwards (SCH-13)."""

import asyncio
import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar
from sqlalchemy import text

from loom_app.domains.accounts.events import VisitorAdopted
from loom_app.domains.coaches import actions as coaches
from loom_app.domains.engagements import actions as engagements
from loom_app.domains.payments import actions as payments
from loom_app.domains.payments.actions import Way
from loom_app.domains.payments.errors import CardNeeded
from loom_app.domains.scheduling import actions, queries
from loom_app.domains.scheduling.actions import HourEdit, Order, Repeat, TimeOffEdit
from loom_app.domains.scheduling.errors import CoachBusy, NotPossible, SeriesTaken
from loom_app.domains.scheduling.queries import SessionFilters
from loom_app.domains.scheduling.rules import series as rules
from loom_app.integrations.mail import mailbox
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import DomainError, Invalid, NotFound, TooMany
from loom_app.kit.jobs import outbox
from tests.domains.packages import helpers as package_world
from tests.domains.payments.helpers import check_books, rows
from tests.domains.scheduling.test_deposits import AT_THE_DOOR, card, run
from tests.factories.accounts import make_user
from tests.factories.coaches import OFFERING
from tests.factories.scheduling import make_hold, make_open_coach, make_session, slot
from tests.integrations.stripe.fixtures import contract, sandbox
from tests.sizes import CROWD

__all__ = ["contract", "sandbox"]
NOW = "2026-11-21T12:00Z"
WEEK = timedelta(days=7)
FREE = replace(OFFERING, price_minor=0)
WORKER = Actor.system_job("scheduling.test")
VISITOR = Actor(visitor="v" * 64, address="192.0.2.7")


def weekly(first: datetime, times: int, every: int = 1) -> Repeat:
    return Repeat(every, tuple(first + n * every * WEEK for n in range(1, times)))


async def hold(me: Actor, offering_id: int, first: datetime, repeat: Repeat | None):
    async with transaction(me) as tx:
        return await actions.hold(tx, me, offering_id=offering_id, starts_at=first, repeat=repeat)


async def book(me: Actor, offering_id: int, first: datetime, times: int, way: Way | None = None):
    await hold(me, offering_id, first, weekly(first, times))
    async with transaction(me) as tx:
        booking = await actions.book(tx, me, way or Way())
    if booking.charge_id:
        await payments.pay(booking.charge_id)
    await outbox.drain()
    return booking


async def all_sessions() -> list[tuple[int, str, datetime]]:
    async with transaction(WORKER) as tx:
        found = await tx.db.execute(
            text("SELECT id, status, starts_at FROM coaching_sessions ORDER BY id")
        )
        return [(one.id, one.status, one.starts_at.astimezone(UTC)) for one in found]


async def mails_to(name: str, subject: str) -> list[EmailMessage]:
    """Oldest first."""
    return [
        one.message
        for one in reversed(await mailbox.newest())
        if name in str(one.message["To"]) and one.subject.startswith(subject)
    ]


def calendar_in(mail: EmailMessage) -> Calendar:
    [part] = [one for one in mail.walk() if one.get_content_type() == "text/calendar"][:1]
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    found = Calendar.from_ical(content)
    assert isinstance(found, Calendar)
    return found


def words_in(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return part.get_content()


async def plan(me: Actor, offering_id: int, first: datetime, every: int, times: int):
    async with transaction(me) as tx:
        return await queries.series_plan(tx, me, offering_id, first, every, times)


@given(
    st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"]),
    st.integers(0, 700 * 24 * 4),
    st.sampled_from([1, 2]),
    st.integers(2, 26),
)
def test_the_coachs_wall_clock_repeats_over_every_clock_change(zone, quarters, every, times):
    here = ZoneInfo(zone)
    first = datetime(2026, 1, 1, tzinfo=UTC) + quarters * timedelta(minutes=15)
    found = rules.occurrences(zone, first, every, times)
    wall = first.astimezone(here).replace(tzinfo=None)
    assert len(found) == times
    assert found[0] == first
    for n, at in enumerate(found):
        wanted = wall + n * every * WEEK
        exists = wanted.replace(tzinfo=here).astimezone(UTC).astimezone(here)
        assert at.astimezone(here).replace(tzinfo=None) == exists.replace(tzinfo=None)
    moved = rules.shifted(zone, found, found[0] + timedelta(hours=1, days=1))
    assert len(set(moved)) == times


async def test_what_cannot_be_says_why_and_what_is_near(db, at):
    at(NOW)
    hours = [HourEdit(day, 9 * 60, 17 * 60) for day in range(5)]
    ada, offering_id = await make_open_coach(hours=hours, offering=replace(OFFERING, per_day=2))
    ben = await make_user(zone="America/New_York")
    cleo, dora = await make_user(name="Cleo"), await make_user(name="Dora")
    first = datetime(2026, 11, 24, 9, tzinfo=UTC)
    _, other = await make_open_coach("Ida Holm")
    await make_session(ben, other, first + WEEK)
    await make_session(cleo, offering_id, first + 2 * WEEK)
    await make_hold(dora, offering_id, first + 3 * WEEK + timedelta(hours=1))
    await make_session(cleo, offering_id, first + 3 * WEEK + timedelta(hours=3))
    async with transaction(ada) as tx:
        day = (first + 4 * WEEK).date()
        await actions.save_time_off(tx, ada, TimeOffEdit(day, day, reason="skiing"))
        await actions.save_holidays(tx, ada, "DE", "BE", [])
        await actions.save_exception(tx, ada, (first + 6 * WEEK).date(), [(600 + 120, 900)])
    found = await plan(ben, offering_id, first, 1, 20)
    said = {n: one.problem for n, one in enumerate(found, start=2) if one.problem}
    assert said == {
        2: "You have another session then.",
        3: "Somebody has booked this time.",
        4: "This day is full.",
        5: "Your coach is away.",
        7: "Your coach has other hours that day.",
    }
    taken = found[1]
    assert [one - taken.at for one in taken.others] == [timedelta(hours=n) for n in (-1, 1, 2, 3)]
    assert not any(one.others for one in found if not one.problem)
    assert found[18].at - first > timedelta(days=60)  # beyond the window of the offering
    march = await plan(ben, offering_id, first, 2, 12)
    assert march[-1].at.hour == 8  # Berlin changed its clocks: ten o'clock stays ten o'clock
    for every, times in ((3, 4), (1, 1), (1, 27)):
        with pytest.raises(Invalid):
            await plan(ben, offering_id, first, every, times)


async def test_a_series_is_held_as_one_and_ends_as_one(db, at):
    at(NOW)
    _, offering_id = await make_open_coach()
    ben, cleo = await make_user(), await make_user(name="Cleo")
    first = slot(10)
    await hold(ben, offering_id, first, None)
    held = await hold(ben, offering_id, first, weekly(first, 3))
    async with transaction(ben) as tx:
        draft = await queries.draft(tx, ben)
        seats = await queries.held_series(tx, held.seat_id)
    assert draft is not None
    assert draft.repeat == weekly(first, 3)
    assert [(one.to_book.minor, one.rest, one.keeps_card) for one in seats] == [
        (12_000, "", True),
        (0, "before", True),
        (0, "before", True),
    ]
    with pytest.raises(SeriesTaken, match="Somebody has booked"):
        await hold(cleo, offering_id, first - WEEK, weekly(first - WEEK, 3))
    assert Counter(one[1] for one in await all_sessions()) == {"held": 3}
    at("2026-11-21T12:10:01Z")
    await outbox.drain()
    assert {one[1] for one in await all_sessions()} == {"expired"}
    await hold(ben, offering_id, first, weekly(first, 3))
    await hold(ben, offering_id, first, weekly(first, 2, every=2))
    found = [one for one in await all_sessions() if one[1] == "held"]
    assert [one[2] for one in found] == [first, first + 2 * WEEK]
    await hold(ben, offering_id, first, None)
    assert Counter(one[1] for one in await all_sessions()) == {"expired": 6, "held": 1}
    for wrong in (
        Repeat(1, (first,)),
        Repeat(1, (first + WEEK, first + WEEK)),
        Repeat(3, (first + WEEK,)),
        Repeat(1, ()),
        Repeat(1, ((first + WEEK).replace(tzinfo=None),)),
    ):
        with pytest.raises(Invalid):
            await hold(ben, offering_id, first, wrong)


async def test_only_what_is_for_one_client_repeats(db):
    _, group = await make_open_coach(offering=replace(OFFERING, capacity=3))
    first = slot()
    with pytest.raises(Invalid):
        await hold(await make_user(), group, first, weekly(first, 2))


async def test_what_a_coach_keeps_is_not_repeated_and_stays_beside_a_series(sandbox, at):
    at(NOW)
    ada, offering_id = await make_open_coach()
    ben = await make_user()
    async with transaction(ben) as tx:
        await engagements.ensure(tx, ada.require_person(), ben.require_person(), "inquiry")
    async with transaction(ada) as tx:
        await actions.book_for(tx, ada, Order(ben.require_person(), offering_id, slot(10)))
    assert (await hold(ben, offering_id, slot(10), None)).kept
    with pytest.raises(Invalid):
        await hold(ben, offering_id, slot(10), weekly(slot(10), 3))
    assert not (await hold(ben, offering_id, slot(11), weekly(slot(11), 3))).kept
    found = await rows("SELECT offered, follows FROM seats WHERE status = 'held' ORDER BY id")
    assert [(one["offered"], one["follows"]) for one in found] == [
        (True, False), (False, False), (False, True), (False, True)
    ]  # fmt: skip


async def test_a_visitors_series_is_short_and_becomes_theirs(db, at):
    at(NOW)
    _, offering_id = await make_open_coach()
    first = slot()
    with pytest.raises(TooMany):
        await hold(VISITOR, offering_id, first, weekly(first, 11))
    await hold(VISITOR, offering_id, first, weekly(first, 9))
    other, early = replace(VISITOR, visitor="w" * 64), first - timedelta(hours=3)
    with pytest.raises(TooMany):
        await hold(other, offering_id, early, weekly(early, 3))
    ben = await make_user()
    async with transaction(Actor.system_job("accounts.test")) as tx:
        await tx.emit(VisitorAdopted(VISITOR.visitor or "", ben.person_id or 0))
    async with transaction(ben) as tx:
        draft = await queries.draft(tx, ben)
        assert draft is not None
        assert draft.hold is not None
        assert len(await queries.held_series(tx, draft.hold.seat_id)) == 9


async def test_the_first_is_paid_now_and_each_later_one_before_it(sandbox, at):
    at(NOW)
    _, offering_id = await make_open_coach()
    ben = await make_user()
    first = slot(10)
    await hold(ben, offering_id, first, weekly(first, 3))
    with pytest.raises(CardNeeded):
        async with transaction(ben) as tx:
            await actions.book(tx, ben)
    await book(ben, offering_id, first, 3, Way(await card(ben)))
    dues = await rows("SELECT part, amount, due_at, status FROM dues ORDER BY id")
    assert [(one["part"], one["amount"], one["due_at"], one["status"]) for one in dues] == [
        ("later", 12_000, first + n * WEEK - timedelta(hours=48), "planned") for n in (1, 2)
    ]
    booked = [one for one in await all_sessions() if one[1] == "confirmed"]
    assert [one[2] for one in booked] == [first + n * WEEK for n in range(3)]
    [to_ben] = await mails_to("Ben", "Booked")
    [to_ada] = await mails_to("Ada", "Booked")
    events = calendar_in(to_ben).walk("VEVENT")
    assert [one["DTSTART"].dt for one in events] == [first + n * WEEK for n in range(3)]
    assert len({str(one["UID"]) for one in events}) == 3
    assert words_in(to_ben).count("is charged on") == 2
    assert words_in(to_ada).count("Also") == 2
    async with transaction(ben) as tx:
        seen = await queries.session(tx, ben, booked[1][0])
        listed = await queries.sessions(tx, ben, SessionFilters())
    assert (seen.series_text, seen.payment_text) == ("2 of 3, weekly", "Not paid yet")
    assert seen.refund_text == "Nothing was paid yet, and nothing is asked for."
    assert [one.series_text for one in listed.cards] == [f"{n} of 3, weekly" for n in (1, 2, 3)]


async def test_a_card_that_says_no_leaves_that_session_alone_unpaid(sandbox, at):
    at(NOW)
    ada, offering_id = await make_open_coach()
    ben = await make_user()
    method = await card(ben)
    booking = await book(ben, offering_id, slot(10), 3, Way(method))
    booked = await all_sessions()
    at("2026-12-06T10:00Z")
    await run()
    async with transaction(ada) as tx:
        assert (await queries.session(tx, ada, booked[1][0])).payment_text == "Paid"
        await actions.cancel(tx, ada, booked[1][0])
    await payments.remove_method(ben, method)
    at("2026-12-13T10:00Z")
    await run()
    dues = await rows("SELECT status FROM dues ORDER BY id")
    assert [one["status"] for one in dues] == ["paid", "failed"]
    back = await rows("SELECT payable_id, part, refunded FROM charges ORDER BY id")
    assert [(one["part"], one["refunded"]) for one in back] == [("full", 0), ("later", 12_000)]
    assert booking.session_id == booked[0][0]


async def test_a_longer_policy_is_paid_before_it_ends(sandbox, at):
    at(NOW)
    ada, offering_id = await make_open_coach()
    async with transaction(ada) as tx:
        await tx.db.execute(text("UPDATE coach_profiles SET cancel_free_hours = 72"))
    ben = await make_user()
    await book(ben, offering_id, slot(10), 2, Way(await card(ben)))
    [due] = await rows("SELECT due_at FROM dues")
    assert due["due_at"] == slot(17) - timedelta(hours=72)


async def test_what_is_paid_in_person_is_so_every_time(sandbox, at):
    at(NOW)
    ada, offering_id = await make_open_coach(offering=AT_THE_DOOR)
    ben = await make_user()
    await book(ben, offering_id, slot(10), 2, Way(await card(ben)))
    found = await rows("SELECT part, how, amount FROM dues ORDER BY id")
    assert [(one["part"], one["how"], one["amount"]) for one in found] == [
        ("rest", "in_person", 8000),
        ("no_show", "card", 5000),
        ("later", "in_person", 12_000),
        ("no_show", "card", 5000),
    ]
    second = (await all_sessions())[-1][0]
    async with transaction(ada) as tx:
        seen = await queries.session(tx, ada, second)
        assert seen.payment_text == "To be paid in person"
        due = seen.dues[0]
        await payments.pay_in_person(tx, ada, due.id)
    async with transaction(ada) as tx:
        assert (await queries.session(tx, ada, second)).payment_text == "Paid in person"


async def test_a_package_pays_for_each_of_them_or_for_none(db, at):
    at(NOW)
    world = await package_world.bought()
    ben, first = world.ben, slot(10)
    for times in (6, 3):
        await hold(ben, world.offering_id, first, weekly(first, times))
        try:
            async with transaction(ben) as tx:
                await actions.book(tx, ben, package_id=world.package_id)
        except DomainError:
            assert times == 6  # there are five in it
    booked = [one[0] for one in await all_sessions() if one[1] == "confirmed"]
    assert len(booked) == 3
    assert (await package_world.check(world.package_id)).left == 2
    assert await rows("SELECT id FROM dues") == []
    async with transaction(ben) as tx:
        await actions.cancel_following(tx, ben, booked[1], booked[1:])
    assert (await package_world.check(world.package_id)).left == 4


async def test_paid_too_late_for_one_of_them_is_paid_for_none(sandbox, at):
    at(NOW)
    _, offering_id = await make_open_coach()
    ben, cleo = await make_user(), await make_user(name="Cleo")
    way = Way(await card(ben))
    await hold(ben, offering_id, slot(), weekly(slot(), 3))
    async with transaction(ben) as tx:
        booking = await actions.book(tx, ben, way)
    at("2026-11-21T12:40Z")
    await outbox.drain()
    await make_session(cleo, offering_id, slot() + 2 * WEEK)
    await payments.pay(booking.charge_id or 0)
    await outbox.drain()
    statuses = Counter(one[1] for one in await all_sessions())
    assert statuses == {"expired": 3, "confirmed": 1}
    mine = await rows("SELECT amount, refunded FROM charges WHERE payer_id = :b", b=ben.person_id)
    assert all(one["refunded"] in (0, one["amount"]) for one in mine)


async def test_cancelling_from_one_on_lists_what_changes_and_leaves_the_rest(sandbox, at):
    at(NOW)
    _, offering_id = await make_open_coach()
    ben, cleo = await make_user(), await make_user(name="Cleo")
    await book(ben, offering_id, slot(10), 4, Way(await card(ben)))
    one, two, three, four = [found[0] for found in await all_sessions()]
    async with transaction(ben) as tx:
        listed = await queries.following(tx, ben, two)
    assert [(found.session_id, found.number) for found in listed] == [
        (two, 2),
        (three, 3),
        (four, 4),
    ]
    async with transaction(ben) as tx:
        await actions.cancel(tx, ben, three, "away")
    with pytest.raises(NotFound):
        async with transaction(cleo) as tx:
            await actions.cancel_following(tx, cleo, two, [two, three, four])
    async with transaction(ben) as tx:  # four is not in the list that was read
        assert await actions.cancel_following(tx, ben, two, [two, three]) == 1
    assert [found[1] for found in await all_sessions()] == [
        "confirmed", "cancelled", "cancelled", "confirmed",
    ]  # fmt: skip
    async with transaction(ben) as tx:
        assert await actions.cancel_following(tx, ben, one, [one, four]) == 2
    await outbox.drain()
    await check_books()
    assert {found["status"] for found in await rows("SELECT status FROM dues")} == {"cancelled"}
    [charge] = await rows("SELECT amount, refunded FROM charges")
    assert charge["amount"] == charge["refunded"]
    file = calendar_in((await mails_to("Ben", "Cancelled"))[-1])
    assert [event["STATUS"] for event in file.walk("VEVENT")] == ["CANCELLED", "CANCELLED"]
    assert file["METHOD"] == "PUBLISH"


async def test_moving_from_one_on_shows_what_is_in_the_way(db, at):
    at(NOW)
    ada, offering_id = await make_open_coach(offering=FREE)
    ben, cleo = await make_user(), await make_user(name="Cleo")
    first = slot(10)
    await book(ben, offering_id, first, 4)
    ids = [one[0] for one in await all_sessions()]
    await make_hold(cleo, offering_id, first + 2 * WEEK + timedelta(hours=2))
    async with transaction(ben) as tx:
        found = await queries.move_plan(tx, ben, ids[1], first + WEEK + timedelta(hours=2))
    assert [(one.session_id, one.problem) for one in found] == [
        (ids[1], ""),
        (ids[2], "Somebody has booked this time."),
        (ids[3], ""),
    ]
    wanted = {one.session_id: one.at for one in found}
    for me, problem in ((ben, SeriesTaken), (ada, CoachBusy)):
        with pytest.raises(problem):
            async with transaction(me) as tx:
                await actions.move_following(tx, me, ids[1], wanted)
    with pytest.raises(NotPossible):
        async with transaction(ben) as tx:
            await actions.move_following(tx, ben, ids[1], {ids[0]: first + timedelta(hours=5)})
    naive = (first + timedelta(hours=5)).replace(tzinfo=None)
    with pytest.raises(Invalid):
        async with transaction(ben) as tx:
            await actions.move_following(tx, ben, ids[1], {ids[1]: naive})
    wanted[ids[2]] = found[1].others[0]
    async with transaction(ben) as tx:
        moved = await actions.move_following(tx, ben, ids[1], wanted, "Choir")
    assert len(moved) == 3
    starts = {one[0]: one[2] for one in await all_sessions()}
    assert [starts[one] for one in ids] == [first, *wanted.values()]
    await outbox.drain()
    assert len(await mails_to("Ben", "Moved")) == 1


async def test_a_series_passes_through_its_own_times(db, at):
    """A week later, each takes the place of the next."""
    at(NOW)
    ada, offering_id = await make_open_coach(offering=FREE)
    ben = await make_user()
    first = slot(10)
    await book(ben, offering_id, first, 5)
    ids = [one[0] for one in await all_sessions()]
    for me, by in ((ben, WEEK), (ada, -WEEK), (ada, timedelta(minutes=30))):
        start = {one[0]: one[2] for one in await all_sessions()}[ids[0]]
        async with transaction(me) as tx:
            found = await queries.move_plan(tx, me, ids[0], start + by)
            assert not any(one.problem for one in found)
            await actions.move_following(tx, me, ids[0], {one.session_id: one.at for one in found})
    assert [one[2] - first for one in await all_sessions()] == [
        n * WEEK + timedelta(minutes=30) for n in range(5)
    ]


Model = dict[int, tuple[str, datetime]]


async def _step(pick: random.Random, me: Actor, own: list[int], model: Model) -> None:
    live = [one for one in own if model[one][0] == "confirmed"]
    if not live:
        return
    one = pick.choice(live)
    later = [other for other in live if model[other][1] >= model[one][1]]
    what = pick.choice(["cancel", "cancel all", "move", "move all", "move all"])
    async with transaction(me) as tx:
        if what == "cancel":
            await actions.cancel(tx, me, one)
            model[one] = ("cancelled", model[one][1])
        elif what == "cancel all" and len(later) < 4:
            await actions.cancel_following(tx, me, one, later)
            model |= {other: ("cancelled", model[other][1]) for other in later}
        elif what.startswith("move"):
            start = model[one][1] + timedelta(hours=pick.choice([-1, 1, 24]))
            found = await queries.move_plan(tx, me, one, start)
            found = found if what == "move all" else found[:1]
            going = {change.session_id: change.at for change in found if not change.problem}
            if going:
                await actions.move_following(tx, me, one, going)
            model |= {other: ("confirmed", at) for other, at in going.items()}


@pytest.mark.parametrize("seed", [1, 2])
async def test_whatever_is_done_to_some_is_done_to_no_other(db, at, seed):
    """Random histories against a model that knows only what was asked for."""
    at(NOW)
    pick = random.Random(seed)
    ada, offering_id = await make_open_coach(offering=FREE)
    ben = await make_user()
    await book(ben, offering_id, slot(10), 6)
    await book(ben, offering_id, slot(10, hour=15), 4)
    model = {one[0]: (one[1], one[2]) for one in await all_sessions()}
    series = [sorted(model)[:6], sorted(model)[6:]]
    for _ in range(12):
        await _step(pick, pick.choice([ada, ben]), pick.choice(series), model)
        assert {one[0]: (one[1], one[2]) for one in await all_sessions()} == model
    async with transaction(ben) as tx:
        feed = Calendar.from_ical(await queries.calendar_feed(tx, ben))
    off = [str(one["STATUS"]) for one in feed.walk("VEVENT")].count("CANCELLED")
    assert off == sum(status == "cancelled" for status, _ in model.values())


async def test_many_overlapping_series_at_once_are_whole_or_nothing(db):
    _, offering_id = await make_open_coach()
    people = [await make_user(name=f"Person {n}") for n in range(CROWD)]
    base = slot(3)

    async def attempt(n: int) -> str:
        first = base + (n % 4) * WEEK
        try:
            await hold(people[n], offering_id, first, weekly(first, 4))
        except Exception as problem:  # noqa: BLE001 - whatever it is, it is counted
            return type(problem).__name__
        return "won"

    outcomes = Counter(await asyncio.gather(*(attempt(n) for n in range(CROWD))))
    assert outcomes["won"] == 1
    assert set(outcomes) <= {"won", "SlotTaken", "SeriesTaken"}
    async with transaction(WORKER) as tx:
        whole = await tx.db.execute(
            text("SELECT series_id, count(*) FROM seats WHERE status = 'held' GROUP BY 1")
        )
        assert [row[1] for row in whole] == [4]


async def test_archived_offerings_keep_their_series_movable(db, at):
    at(NOW)
    ada, offering_id = await make_open_coach(offering=FREE)
    ben = await make_user()
    await book(ben, offering_id, slot(10), 2)
    async with transaction(ada) as tx:
        await coaches.archive_offering(tx, ada, offering_id)
    one = (await all_sessions())[0][0]
    async with transaction(ben) as tx:
        assert len(await queries.move_plan(tx, ben, one, slot(11))) == 2
