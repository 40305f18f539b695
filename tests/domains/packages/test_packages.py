"""Packages: bought, booked against, given back, forfeited; never below zero (SCH-25)."""

import asyncio
import itertools
from collections import Counter
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from loom_app.domains.coaches import actions as coaches
from loom_app.domains.moderation import actions as moderation
from loom_app.domains.notifications.jobs import send
from loom_app.domains.packages import actions, queries, rules
from loom_app.domains.packages.errors import (
    AskedAlready,
    NotForThis,
    PackageEmpty,
    PackageEnds,
    PackageFrozen,
)
from loom_app.domains.packages.jobs import ending
from loom_app.domains.payments import actions as payments
from loom_app.domains.payments.actions import Way
from loom_app.domains.payments.actions.requests import NotHere
from loom_app.domains.payments.errors import NotSelling
from loom_app.domains.payments.events import DisputeClosed, DisputeOpened, PaymentSucceeded
from loom_app.domains.scheduling import actions as scheduling
from loom_app.domains.scheduling import queries as sessions
from loom_app.integrations.mail import mailbox
from loom_app.kit import clock
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Forbidden, Invalid, NotFound
from loom_app.kit.events import _reactions
from loom_app.kit.money import Money, card_step
from tests.domains.packages.helpers import (
    WORKER,
    World,
    accounts,
    book,
    bought,
    buy,
    came_off,
    check,
    coach_missed,
    credit,
    earn,
    edit,
    offered,
    seen,
    use,
)
from tests.domains.payments.helpers import rows
from tests.factories.accounts import make_user
from tests.factories.coaches import OFFERING, make_coach
from tests.factories.scheduling import make_hold, slot
from tests.integrations.stripe.fixtures import contract, sandbox
from tests.sizes import CROWD, FULL

__all__ = ["contract", "sandbox"]
NOW = "2026-11-21T12:00Z"


async def mails() -> list[tuple[str, int]]:
    async with transaction(Actor.system_job("notifications.test")) as tx:
        found = await tx.db.execute(
            text(
                "SELECT event, user_id FROM deliveries"
                " WHERE channel = 'mail' AND event LIKE 'package.%'"
            )
        )
        return sorted((row.event, row.user_id) for row in found)


@pytest.mark.parametrize(
    ("price", "sessions", "parts"),
    [
        (Money(50_002, "EUR"), 5, [10_000] * 4 + [10_002]),
        (Money(1000, "JPY"), 3, [333, 333, 334]),
        (Money(100_010, "KWD"), 3, [33_330, 33_330, 33_350]),
    ],
)
def test_every_session_has_its_part_and_the_last_the_rounding(price, sessions, parts):
    found = [rules.worth(price, sessions, n).minor for n in range(sessions)]
    assert found == parts
    assert rules.worth(price, sessions, 1, sessions - 1).minor == sum(parts[1:])


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"name": " "}, "name"),
        ({"sessions": 1}, "sessions"),
        ({"months": 37}, "months"),
        ({"price_minor": 0}, "price_minor"),
        ({"currency": "USD"}, "currency"),
        ({"offering_ids": ()}, "offering_ids"),
        ({"offering_ids": (99,)}, "offering_ids"),
    ],
)
async def test_what_cannot_be_offered_says_why(db, more, field):
    ada, offering_id = await make_coach()
    with pytest.raises(Invalid) as refused:
        async with transaction(ada) as tx:
            await actions.make(tx, ada, replace(edit(offering_id), **more))
    assert refused.value.field == field


async def test_offerings_of_one_package_are_of_one_length_and_not_free(db):
    ada, offering_id = await make_coach()
    async with transaction(ada) as tx:
        longer = await coaches.create_offering(tx, ada, replace(OFFERING, duration_minutes=90))
        free = await coaches.create_offering(tx, ada, replace(OFFERING, price_minor=0))
        for wrong in (longer, free):
            with pytest.raises(Invalid) as refused:
                await actions.make(tx, ada, edit(offering_id, wrong))
            assert refused.value.field == "offering_ids"


async def test_an_offer_is_changed_put_aside_and_brought_back_by_its_coach_alone(db):
    world = await offered()
    other, _ = await make_coach("Olga")
    async with transaction(other) as tx:
        for verb in (actions.archive, actions.restore):
            with pytest.raises(NotFound):
                await verb(tx, other, world.offer_id)
    async with transaction(world.ada) as tx:
        await actions.save(tx, world.ada, world.offer_id, edit(world.offering_id, sessions=10))
        (one,) = await queries.offers(tx, world.ada, world.ada.require_person())
        assert (one.sessions, one.saving, one.offerings) == (10, 58, ("Clarity session",))
        for _ in range(2):
            await actions.archive(tx, world.ada, world.offer_id)
    async with transaction(world.ben) as tx:
        assert await queries.offers(tx, world.ben, world.ada.require_person()) == []
        with pytest.raises(NotFound, match="no longer offered"):
            await actions.buy(tx, world.ben, world.offer_id)
    async with transaction(world.ada) as tx:
        for _ in range(2):
            await actions.restore(tx, world.ada, world.offer_id)
        assert len(await queries.offers(tx, world.ada, world.ada.require_person())) == 1


async def test_bought_by_card_it_is_there_once_and_both_are_told(db, at, sandbox):
    at(NOW)
    world = await offered()
    async with transaction(world.ben) as tx:
        first = await actions.buy(tx, world.ben, world.offer_id)
    async with transaction(world.ben) as tx:
        again = await actions.buy(tx, world.ben, world.offer_id)
    assert again == first, "a second click finds the same"
    assert not (await seen(world.ben, first.package_id)).paid
    with pytest.raises(NotFound):  # nothing to see for the coach until it is paid
        await seen(world.ada, first.package_id)
    url = (await payments.pay(first.charge_id)).url
    await sandbox.pay(url)
    await payments.check_charge(first.charge_id)
    found = await check(first.package_id)
    assert (found.left, found.left_text, found.status) == (5, "5 of 5 left", "live")
    assert found.expires_at.date().isoformat() == "2027-05-21"
    people = [world.ada.person_id, world.ben.person_id]
    assert await mails() == [("package.bought", person) for person in sorted(people)]
    async with transaction(Actor.system_job("payments.test")) as tx:
        await tx.emit(PaymentSucceeded(first.charge_id, "package", first.package_id))
    assert (await check(first.package_id)).left == 5, "told twice it is the same"
    with pytest.raises(NotHere):
        async with transaction(world.ben) as tx:
            await payments.ask_refund(tx, world.ben, first.charge_id, reason="All of it")


async def test_changed_between_the_click_and_the_payment_it_is_what_was_paid_for(db):
    world = await offered()
    async with transaction(world.ben) as tx:
        first = await actions.buy(tx, world.ben, world.offer_id)
    async with transaction(world.ada) as tx:
        await actions.save(tx, world.ada, world.offer_id, edit(world.offering_id, sessions=3))
    async with transaction(world.ben) as tx:
        second = await actions.buy(tx, world.ben, world.offer_id)
    assert second.package_id != first.package_id
    async with transaction(Actor.system_job("payments.test")) as tx:
        for one in (first, second):
            await tx.emit(PaymentSucceeded(one.charge_id, "package", one.package_id))
    async with transaction(world.ben) as tx:
        assert [one.left for one in await queries.packages(tx, world.ben)] == [3, 5]


async def test_who_cannot_sell_or_buy(db):
    ada, offering_id = await make_coach(selling=False)
    ben = await make_user(name="Ben")
    async with transaction(ada) as tx:
        offer_id = await actions.make(tx, ada, edit(offering_id))
    unknown = replace(ben, verified=False)
    for me, problem in ((ben, NotSelling), (ada, Invalid), (unknown, Forbidden)):
        with pytest.raises(problem):
            async with transaction(me) as tx:
                await actions.buy(tx, me, offer_id)
    async with transaction(ben) as tx:
        await moderation.block(tx, ben, ada.require_person())
    with pytest.raises(NotFound, match="cannot buy"):
        async with transaction(ben) as tx:
            await actions.buy(tx, ben, offer_id)


async def test_a_package_that_is_none_is_not_found(db):
    world = await offered()
    with pytest.raises(NotFound):
        async with transaction(world.ada) as tx:
            await actions.answer_no(tx, world.ada, 999, "It is over")
    with pytest.raises(NotFound):
        async with transaction(Actor.system_job("packages.test")) as tx:
            await actions.expire(tx, 999)


async def test_booked_against_it_costs_nothing_more_and_comes_back_in_time(db, at):
    at(NOW)
    world = await bought()
    await make_hold(world.ben, world.offering_id, slot())
    async with transaction(world.ben) as tx:  # a page to pay was open already
        opened = await scheduling.book(tx, world.ben)
    async with transaction(world.ben) as tx:
        booking = await scheduling.book(tx, world.ben, package_id=world.package_id)
    assert booking.charge_id is None
    async with transaction(world.ben) as tx:
        page = await sessions.session(tx, world.ben, booking.session_id)
    assert (page.status, page.payment_text) == ("confirmed", "Paid with the package")
    assert page.refund_text == "The session goes back into the package."
    assert (await check(world.package_id)).left == 4
    with pytest.raises(NotFound):
        await seen(await make_user(name="Eve"), world.package_id)
    async with transaction(world.ben) as tx:
        await scheduling.cancel(tx, world.ben, booking.session_id)
    found = await check(world.package_id)
    assert [(one.kind, one.change, one.left) for one in found.statement] == [
        ("bought", 5, 5),
        ("used", -1, 4),
        ("returned", 1, 5),
    ]
    assert found.statement[1].path == f"/sessions/{booking.session_id}"
    assert opened.charge_id


async def test_what_is_paid_for_it_all_the_same_goes_back(db, at, sandbox):
    at(NOW)
    world = await bought()
    await make_hold(world.ben, world.offering_id, slot())
    async with transaction(world.ben) as tx:
        opened = await scheduling.book(tx, world.ben)
    url = (await payments.pay(opened.charge_id)).url
    async with transaction(world.ben) as tx:
        await scheduling.book(tx, world.ben, package_id=world.package_id)
    await sandbox.pay(url)
    await payments.check_charge(opened.charge_id)
    (back,) = await rows("SELECT charge_id, amount, reason FROM refunds")
    assert back == {"charge_id": opened.charge_id, "amount": 12_000, "reason": "paid_twice"}
    assert (await seen(world.ada, world.package_id)).left == 4


async def test_cancelled_too_late_missed_or_held_it_is_used_and_the_coachs(db, at):
    at(NOW)
    world = await bought()
    first = await book(world, slot(days=3))
    at("2026-11-24T02:00Z")  # eight hours before
    async with transaction(world.ben) as tx:
        page = await sessions.session(tx, world.ben, first.session_id)
        assert page.refund_text.startswith("It is too late")
        await scheduling.cancel(tx, world.ben, first.session_id)
    found = await check(world.package_id)
    assert (found.used, found.left) == (1, 4)
    charge_id = found.charge_id
    assert (await accounts(charge_id))["deferred"] == 40_002
    second = await book(world, slot(days=2))
    third = await book(world, slot(days=2, hour=12))
    at("2026-11-26T14:00Z")
    async with transaction(WORKER) as tx:
        for one in (second, third):
            await scheduling.advance(tx, one.session_id)
    async with transaction(world.ada) as tx:
        await scheduling.miss(tx, world.ada, third.session_id)
    found = await check(world.package_id)
    assert (found.used, found.left) == (3, 2)
    assert (await accounts(charge_id))["deferred"] == 20_002
    # what was earned a day ago is released, what is young is not
    await use(world, 900, clock.now())
    at("2026-11-27T13:30Z")
    await earn(900)
    at("2026-11-27T14:30Z")
    await payments.release()
    money = await accounts(charge_id)
    assert (money["coach_payable"], money["coach_pending"]) == (25_500, 8500)
    await check(world.package_id)


async def test_the_coach_calls_off_late_and_there_is_time_to_use_it_again(db, at):
    at(NOW)
    world = await bought(months=1)
    booking = await book(world, slot(days=29))
    at("2026-12-20T09:00Z")
    async with transaction(world.ada) as tx:
        await scheduling.cancel(tx, world.ada, booking.session_id)
    found = await check(world.package_id)
    assert (found.left, found.expires_at.date().isoformat()) == (5, "2027-01-19")


async def test_two_hundred_book_at_once_against_three_left(db):
    world = await bought(sessions=3)
    when = clock.now() + timedelta(days=3)

    async def one(number: int) -> str:
        try:
            await use(world, number, when)
        except PackageEmpty:
            return "empty"
        return "won"

    outcomes = Counter(await asyncio.gather(*(one(n) for n in range(1, CROWD + 1))))
    assert outcomes == {"won": 3, "empty": CROWD - 3}
    assert (await check(world.package_id)).left == 0


async def test_a_session_comes_back_once_and_is_earned_once_however_many_say_so(db):
    world = await bought()
    await use(world, 1, clock.now())
    await use(world, 2, clock.now())
    ways = [came_off(1, back=True), earn(1), came_off(1, back=False)] * 4
    await asyncio.gather(*ways, *(earn(2) for _ in range(8)), return_exceptions=True)
    found = await check(world.package_id)
    assert found.used + found.left == 5
    kinds = await rows("SELECT payable_id, kind FROM package_entries WHERE kind <> 'used'")
    assert kinds == []  # row-level security: it is not payments' to read
    async with transaction(WORKER) as tx:
        ended = await tx.db.execute(
            text(
                "SELECT payable_id, count(*) FROM package_entries"
                " WHERE kind IN ('returned', 'earned') GROUP BY 1 ORDER BY 1"
            )
        )
        assert [tuple(row) for row in ended] == [(1, 1), (2, 1)]


async def test_the_database_itself_refuses_what_is_not_so(db):
    world = await bought(sessions=2)
    into = "INSERT INTO package_entries (package_id, kind, sessions, payable_kind, payable_id, at)"
    for wrong in (
        "UPDATE package_entries SET sessions = 9",
        "DELETE FROM package_entries",
        "UPDATE packages SET remaining = 9",
        f"{into} VALUES ({world.package_id}, 'forfeited', -3, NULL, NULL, now())",
        f"{into} VALUES ({world.package_id}, 'returned', 1, 'seat', 7, now())",
        f"{into} VALUES ({world.package_id}, 'restored', 1, 'seat', 7, now())",
    ):
        with pytest.raises(DBAPIError):
            async with transaction(WORKER) as tx:
                await tx.db.execute(text(wrong))
    assert (await check(world.package_id)).left == 2


async def test_it_is_for_its_offerings_its_client_and_its_time(db, at):
    at(NOW)
    world = await bought(months=1)
    eve = await make_user(name="Eve")
    late = clock.now() + timedelta(days=40)
    with pytest.raises(PackageEnds, match="21 Dec"):
        await use(world, 1, late)
    with pytest.raises(NotFound):
        await use(replace(world, ben=eve), 1, clock.now())
    with pytest.raises(NotForThis):
        await use(replace(world, offering_id=99), 1, clock.now())
    async with transaction(world.ben) as tx:
        who = (world.ada.require_person(), world.offering_id)
        assert [one.left for one in await queries.usable(tx, world.ben, *who, clock.now())] == [5]
        assert await queries.usable(tx, world.ben, *who, late) == []
        assert await queries.usable(tx, world.ben, who[0], 99, clock.now()) == []
    async with transaction(Actor(visitor="v" * 64)) as tx:
        assert await queries.usable(tx, Actor(visitor="v" * 64), *who, clock.now()) == []


async def test_before_it_ends_the_client_is_told_twice_and_then_the_rest_is_forfeited(db, at):
    at(NOW)
    world = await bought(months=1)
    await use(world, 1, clock.now())
    for day in ("2026-12-06", "2026-12-08", "2026-12-09", "2026-12-18", "2026-12-20"):
        at(f"{day}T12:00Z")
        await ending({})
    ben = world.ben.person_id
    assert [one for one in await mails() if one[0] == "package.ending"] == [
        ("package.ending", ben)
    ] * 2
    at("2026-12-21T12:00Z")
    for _ in range(2):
        await ending({})
    async with transaction(Actor.system_job("packages.test")) as tx:
        await actions.expire(tx, world.package_id)
    found = await check(world.package_id)
    assert (found.left, found.used, found.forfeited) == (0, 1, 4)
    assert (await accounts(found.charge_id))["deferred"] == 10_002
    await earn(1)
    assert "deferred" not in await accounts(found.charge_id)
    await check(world.package_id)
    assert ("package.ended", ben) in await mails()
    with pytest.raises(PackageEmpty):
        await use(world, 2, clock.now())


async def test_the_client_asks_for_the_unused_part_and_the_coach_answers(db):
    world = await bought()
    for wrong in ((world.ben, " ", Invalid), (world.ada, "Mine", NotFound)):
        me, why, problem = wrong
        with pytest.raises(problem):
            async with transaction(me) as tx:
                await actions.ask_back(tx, me, world.package_id, why)
    async with transaction(world.ben) as tx:
        await actions.ask_back(tx, world.ben, world.package_id, "I move away")
        with pytest.raises(AskedAlready):
            await actions.ask_back(tx, world.ben, world.package_id, "Please")
        with pytest.raises(NotFound):
            await actions.give_back(tx, world.ben, world.package_id)
    async with transaction(world.ada) as tx:
        with pytest.raises(Invalid):
            await actions.answer_no(tx, world.ada, world.package_id, "")
        for _ in range(2):
            await actions.answer_no(tx, world.ada, world.package_id, "You had so many")
    assert (await seen(world.ben, world.package_id)).answer == "You had so many"
    told = [event for event, _ in await mails()]
    assert told == ["package.answered", "package.asked", "package.bought", "package.bought"]


async def test_what_is_not_used_is_given_back_to_the_cent(db):
    world = await bought()
    await use(world, 1, clock.now())
    await use(world, 2, clock.now())
    await earn(1)

    async def give(many: int = 0) -> None:
        async with transaction(world.ada) as tx:
            refund_id = await actions.give_back(tx, world.ada, world.package_id, many)
        await check(world.package_id)
        await payments.carry_out_refund(refund_id)

    with pytest.raises(Invalid, match="At most 3"):
        await give(4)
    await give(1)
    found = await check(world.package_id)
    assert (found.left, found.refunded, found.back) == (2, 1, Money(20_000, "EUR"))
    await give()
    await came_off(2, back=True)
    await give()
    with pytest.raises(PackageEmpty):
        await give()
    assert (await check(world.package_id)).left == 0
    assert await credit(world.ben) == Money(40_002, "EUR")


async def test_while_a_bank_asks_nothing_is_done_with_it(db):
    world = await bought()
    found = await seen(world.ada, world.package_id)
    about = (1, found.charge_id, world.ada.require_person())
    judge = Actor.system_job("payments.test")

    async def told(event) -> None:
        async with transaction(judge) as tx:
            for reaction in _reactions[type(event)]:
                if "packages" in reaction.__module__:
                    await reaction(tx, event)

    await told(DisputeOpened(*about))
    with pytest.raises(PackageFrozen):
        await use(world, 1, clock.now())
    with pytest.raises(PackageFrozen):
        async with transaction(world.ada) as tx:
            await actions.give_back(tx, world.ada, world.package_id)
    for _ in range(2):
        await told(DisputeClosed(*about, "won"))
    await use(world, 1, clock.now())


async def test_two_packages_of_one_client_are_listed_what_is_left_first(db):
    world = await bought(sessions=2)
    second = await buy(world.ben, world.offer_id)
    await use(world, 1, clock.now())
    await use(world, 2, clock.now())
    async with transaction(world.ada) as tx:
        found = await queries.packages(tx, world.ada)
    assert [(one.id, one.left) for one in found] == [(second, 2), (world.package_id, 0)]
    assert Way() == payments.ON_THE_PAGE


@given(st.integers(2, 100), st.integers(100, 10**8), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_in_whatever_parts_it_is_decided_they_are_the_price(sessions, minor, currency):
    price = Money(minor * card_step(currency), currency)
    cut = sessions // 3
    parts = [
        rules.worth(price, sessions, 0, cut),
        rules.worth(price, sessions, cut, sessions - cut),
    ]
    assert sum(part.minor for part in parts) == price.minor
    assert all(part.minor >= 0 and part.minor % card_step(currency) == 0 for part in parts)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["use", "use", "back", "late", "earn", "give", "absent", "expire"]),
        st.integers(0, 9),
    ),
    min_size=4,
    max_size=16,
)


@settings(
    max_examples=40 if FULL else 3,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(price=st.integers(4, 99_999), sessions=st.integers(2, 4), steps=STEPS)
async def test_any_history_keeps_sessions_and_money_true(db, price, sessions, steps):
    """A model beside it: whoever asks for what is not there is refused, and all else adds up."""
    world = await bought(sessions=sessions, price_minor=price + 100)
    seats = itertools.count(world.package_id * 1000)
    left, open_, gone = sessions, [], []
    for verb, n in steps:
        if verb == "use":
            seat = next(seats)
            with pytest.raises(PackageEmpty) if left == 0 else nullcontext():
                await use(world, seat, clock.now())
                left, open_ = left - 1, [*open_, seat]
        elif verb == "give" and left:
            many = n % left + 1
            await give(world, many)
            left -= many
        elif verb == "expire" and n == 0:
            await end(world.package_id)
            left = 0
            break
        elif open_ and verb in ("back", "late", "earn"):
            seat = open_.pop(n % len(open_))
            await (earn(seat) if verb == "earn" else came_off(seat, back=verb == "back"))
            left += verb == "back"
            gone += [seat] if verb != "back" else []
        elif verb == "absent" and (taken := gone or open_):
            await come_back(taken.pop(n % len(taken)))
            left += 1
        assert (await check(world.package_id)).left == left
    await earn(*open_)
    found = await check(world.package_id)
    assert found.left == left
    assert (await accounts(found.charge_id)).get("deferred", 0) == found.back.minor


async def give(world: World, many: int) -> None:
    async with transaction(world.ada) as tx:
        refund = await actions.give_back(tx, world.ada, world.package_id, many)
    await payments.carry_out_refund(refund)


async def end(package_id: int) -> None:
    async with transaction(WORKER) as tx:
        await tx.db.execute(
            text("UPDATE packages SET expires_at = now() WHERE id = :id"), {"id": package_id}
        )
    await ending({})


async def come_back(seat: int) -> None:
    """Its coach did not come; said a second time it changes nothing."""
    for _ in range(2):
        await coach_missed(seat)


async def test_every_mail_about_a_package_can_be_read_by_its_reader(db, at):
    at(NOW)
    world = await bought(months=1)
    async with transaction(world.ben) as tx:
        await actions.ask_back(tx, world.ben, world.package_id, "I move away")
    async with transaction(world.ada) as tx:
        await actions.answer_no(tx, world.ada, world.package_id, "You have had so many")
        await actions.give_back(tx, world.ada, world.package_id, 1)
    at("2026-12-19T12:00Z")
    await ending({})
    await sends()
    at("2026-12-21T12:00Z")
    await ending({})
    await sends()
    said = {(str(one.message["To"]).split()[0], one.subject) for one in await mailbox.newest()}
    assert said == {
        ("Ada", "Ben bought a package: Five to begin"),
        ("Ben", "Your package is there: Five to begin"),
        ("Ada", "Ben asks for the unused part of a package"),
        ("Ben", "Your coach has answered about your package"),
        ("Ben", "€100 of your package come back"),
        ("Ben", "4 sessions of your package end on 21 December 2026"),
        ("Ada", "A package has ended: Five to begin"),
        ("Ben", "A package has ended: Five to begin"),
    }


async def sends() -> None:
    """What is owed, without the papers that are queued beside it."""
    async with transaction(Actor.system_job("notifications.test")) as tx:
        keys = list(
            await tx.db.scalars(
                text("SELECT key FROM deliveries WHERE channel = 'mail' AND status = 'queued'")
            )
        )
    for key in keys:
        await send({"key": key})
