"""A session of a package to which the coach did not come is back in it, earned or not (SCH-19)."""

import asyncio
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from loom_app.domains.packages import actions, rules
from loom_app.domains.packages.jobs import ending
from loom_app.domains.packages.models import PackageEntry
from loom_app.domains.payments import actions as payments
from loom_app.domains.payments import queries as payment_queries
from loom_app.domains.payments.actions import Payable
from loom_app.domains.payments.queries import period_of
from loom_app.integrations.stripe import client
from loom_app.integrations.stripe.sandbox import control
from loom_app.kit import clock
from loom_app.kit.db.transaction import transaction
from loom_app.kit.jobs import outbox
from loom_app.kit.money import Money, card_step
from tests.domains.packages.helpers import (
    WORKER,
    accounts,
    bought,
    check,
    coach_missed,
    earn,
    seen,
    use,
)
from tests.domains.packages.test_disputed import bought_by_card, lose
from tests.domains.packages.test_packages import mails
from tests.domains.payments.helpers import check_books, rows
from tests.integrations.stripe.fixtures import contract, sandbox
from tests.sizes import CROWD

__all__ = ["contract", "sandbox"]
NOW = "2026-11-21T12:00Z"


async def test_what_was_earned_is_undone_to_the_cent_and_earned_again_later(db, at):
    at(NOW)
    world = await bought(sessions=3, price_minor=10_000)  # 33.33, 33.33 and 33.34
    for number in (1, 2, 3):
        await use(world, number, clock.now())
    await earn(1)
    before = await accounts((await check(world.package_id)).charge_id)
    await earn(2, 3)
    await coach_missed(2)
    found = await check(world.package_id)
    assert (found.used, found.left, found.back.minor) == (2, 1, 3_333)
    assert (await accounts(found.charge_id))["deferred"] == 3_333
    words = [(one.words, one.change, one.left) for one in found.statement]
    assert words[-1] == ("Given back: the coach did not come", 1, 1)
    await coach_missed(3)
    assert await accounts(found.charge_id) == before, "the fee as well"
    await use(world, 4, clock.now())
    await use(world, 5, clock.now())
    await earn(4, 5)
    found = await check(world.package_id)
    assert (found.used, found.left) == (3, 0)
    assert "deferred" not in await accounts(found.charge_id)


async def test_the_coach_reads_it_in_earnings_statement_and_steps_and_the_client_does_not(db, at):
    at(NOW)
    world = await bought(sessions=3, price_minor=10_000)
    for number in (1, 2, 3):
        await use(world, number, clock.now())
    await earn(1, 2, 3)
    await coach_missed(2, 3)
    package = Payable("package", world.package_id)
    async with transaction(world.ada) as tx:
        every = period_of("all", tx.now, "UTC")
        lines = await payment_queries.earning_lines(tx, world.ada, every)
        (part,) = (await payment_queries.statement(tx, world.ada, every)).parts
        steps = await payment_queries.money_of(tx, world.ada, package)
    async with transaction(world.ben) as tx:
        theirs = await payment_queries.money_of(tx, world.ben, package)
    back = [one for one in lines if one.kind == "delivery_back"]
    assert payment_queries.line_words(back[0].kind) == "You did not come: back in its package"
    assert [one.amount.minor for one in steps if one.kind == "not_held"] == [2_833, 2_834]
    assert [one.kind for one in theirs] == ["paid"], "it is between the coach and the platform"
    assert [(one.kind, one.times) for one in part.sums] == [("delivery", 3), ("delivery_back", 2)]
    assert part.closing.minor == 2_833


async def test_what_was_released_and_ended_meanwhile_comes_back_with_time_to_use_it(db, at):
    at(NOW)
    world = await bought(months=1)
    await use(world, 1, clock.now())
    await use(world, 2, clock.now())
    await earn(1)
    at("2026-11-23T12:00Z")
    await payments.release()
    at("2026-12-22T12:00Z")
    async with transaction(WORKER) as tx:
        await actions.expire(tx, world.package_id)
    assert (await seen(world.ben, world.package_id)).left == 0
    at("2026-12-24T12:00Z")
    await payments.release()
    assert (await accounts((await seen(world.ben, world.package_id)).charge_id))[
        "coach_payable"
    ] == 4 * 8_500
    back = await coach_missed(1, 2)
    found = await check(world.package_id)
    assert (found.left, found.used, found.forfeited) == (2, 0, 3)
    assert found.expires_at is not None
    assert [one.until for one in back] == [found.expires_at] * 2
    assert await coach_missed(1, 2) == []
    assert found.expires_at.date().isoformat() == "2027-01-23"
    # what could be paid out already is carried forward against what is earned next
    assert (await accounts(found.charge_id))["coach_payable"] == 3 * 8_500
    await use(world, 3, clock.now())


async def test_before_the_later_end_the_client_is_told_again(db, at):
    at(NOW)
    world = await bought(months=1)
    await use(world, 1, clock.now())
    for day in ("2026-12-08", "2026-12-19"):
        at(f"{day}T12:00Z")
        await ending({})
    at("2026-12-20T12:00Z")
    await coach_missed(1)  # thirty days more
    for day in ("2027-01-06", "2027-01-07", "2027-01-17", "2027-01-18"):
        at(f"{day}T12:00Z")
        await ending({})
    assert [one[0] for one in await mails()].count("package.ending") == 4


async def test_young_money_that_is_undone_releases_nothing_too_early(db, at):
    at(NOW)
    world = await bought(sessions=4, price_minor=40_000)
    for number in (1, 2, 3):
        await use(world, number, clock.now())
    await earn(1)
    at("2026-11-22T11:00Z")
    await earn(2, 3)
    at("2026-11-22T12:30Z")  # the first is a day old
    await coach_missed(2)
    await payments.release()
    charge_id = (await check(world.package_id)).charge_id
    assert (await accounts(charge_id)).get("coach_payable", 0) in (0, 8_500)
    at("2026-11-23T11:30Z")
    await payments.release()
    money = await accounts(charge_id)
    assert (money["coach_payable"], money.get("coach_pending", 0)) == (17_000, 0)


async def test_it_comes_back_once_however_many_say_so(db):
    world = await bought()
    for number in (1, 2, 3):
        await use(world, number, clock.now())
    await earn(1)
    ways = [coach_missed(1), coach_missed(2), earn(3), earn(1), coach_missed(1, 2)]
    await asyncio.gather(*ways)
    await asyncio.gather(*(coach_missed(1, 2) for _ in range(CROWD)))
    found = await check(world.package_id)
    assert (found.used, found.left) == (1, 4)
    async with transaction(WORKER) as tx:
        ended = await tx.db.execute(
            text(
                "SELECT payable_id, count(*) FROM package_entries"
                " WHERE kind IN ('returned', 'restored') GROUP BY 1 ORDER BY 1"
            )
        )
        assert [tuple(row) for row in ended] == [(1, 1), (2, 1)]


async def test_the_database_itself_refuses_more_than_was_earned(db):
    world = await bought()
    await use(world, 1, clock.now())
    await use(world, 2, clock.now())
    await earn(1)
    into = (
        "INSERT INTO package_entries"
        " (package_id, kind, sessions, minor, payable_kind, payable_id, at) VALUES"
    )
    for payable, minor in ((2, 0), (1, 0), (1, 10_000), (1, -10_001)):
        with pytest.raises(DBAPIError):
            async with transaction(WORKER) as tx:
                await tx.db.execute(
                    text(
                        f"{into} ({world.package_id}, 'restored', 1, {minor}, 'seat', {payable},"
                        " now())"
                    )
                )
    assert (await check(world.package_id)).left == 3


async def open_dispute(**how) -> str:
    (row,) = await rows("SELECT id, intent_id FROM charges WHERE payable_kind = 'package'")
    intent = await client.payment(row["intent_id"])
    await control.act("open_dispute", id=intent.charge_id, **how)
    (found,) = [each.id async for each in client.disputes(intent_id=intent.id)]
    await payments.sync_dispute(found)
    return found


@pytest.mark.parametrize("won", [True, False])
async def test_while_a_bank_asks_it_comes_back_and_the_answer_decides_what_it_is_worth(
    db, sandbox, won
):
    world = await bought_by_card()
    for number in (1, 2):
        await use(world, number, clock.now() + timedelta(days=number))
    await earn(1, 2)
    dispute = await open_dispute()
    (back,) = await coach_missed(1)
    assert (back.until, back.waits) == (None, True), "nothing to be used yet"
    await check_books()
    assert (await seen(world.ben, world.package_id)).left == 4
    await control.act("decide_dispute", id=dispute, won=won)
    await payments.sync_dispute(dispute)
    await outbox.drain()
    await check_books()
    found = await seen(world.ben, world.package_id)
    money = await accounts(found.charge_id)
    if won:
        assert (found.left, found.used, money["deferred"]) == (4, 1, 40_002)
    else:
        assert (found.left, found.refunded) == (0, 4)
        assert "deferred" not in money


async def test_what_the_bank_has_taken_already_is_not_given_back_a_second_time(db, sandbox):
    world = await bought_by_card()
    for number in (1, 2, 3):
        await use(world, number, clock.now() + timedelta(days=number))
    await earn(1)
    charge_id = await lose()
    await earn(2)  # nothing was there for it any more
    held = await accounts(charge_id)
    for number in (1, 2, 3):
        (back,) = await coach_missed(number)
        assert (back.until, back.waits) == (None, False), "the bank gave the client its price"
        await check_books()
    found = await seen(world.ben, world.package_id)
    assert (found.left, found.used, found.refunded) == (0, 0, 5)
    assert await accounts(charge_id) == held
    assert await rows("SELECT amount FROM refunds") == []


@given(
    st.integers(2, 12),
    st.integers(100, 10**6),
    st.sampled_from(["EUR", "JPY", "KWD"]),
    st.lists(st.tuples(st.sampled_from(["earned", "refunded", "restored"]), st.integers(0, 99))),
)
def test_however_often_one_comes_back_the_parts_are_never_more_than_the_price(
    sessions, minor, currency, steps
):
    price = Money(minor * card_step(currency), currency)
    entries: list[PackageEntry] = []
    earned: list[int] = []
    for number, (kind, n) in enumerate(steps):
        now = rules.decided(price, sessions, entries)
        left = sessions - now.many
        assert 0 <= now.minor <= price.minor
        assert (now.minor == price.minor) == (left == 0)
        about = {"package_id": 1, "at": clock.now(), "payable_kind": "seat"}
        if kind == "restored" and earned:
            which = earned.pop(n % len(earned))
            entries.append(PackageEntry(kind=kind, sessions=1, payable_id=which, **about))
        elif kind == "earned" and left:
            earned.append(number)
            entries.append(PackageEntry(kind=kind, sessions=0, payable_id=number, **about))
        elif kind == "refunded" and left:
            entries.append(PackageEntry(kind=kind, sessions=-(n % left + 1), **about))
