"""Money back on request: asked with a reason, answered once, never more than was paid."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import text

from loom_app.domains.payments import actions, queries
from loom_app.domains.payments.actions.requests import AlreadyAsked, Decided
from loom_app.domains.payments.errors import NothingToRefund, RefundTooHigh
from loom_app.domains.payments.events import RefundAsked, RefundDecided
from loom_app.kit import permissions
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Forbidden, Invalid, NotFound
from loom_app.kit.jobs import outbox
from loom_app.kit.money import Money
from tests.domains.payments.helpers import check_books, rows
from tests.domains.payments.test_credit import left
from tests.sizes import CROWD


async def ask(me: Actor, charge_id: int, reason: str = "I was ill", **more) -> int:
    async with transaction(me) as tx:
        return await actions.ask_refund(tx, me, charge_id, reason=reason, **more)


async def decide(me: Actor, request_id: int, *, approve: bool, **more) -> None:
    async with transaction(me) as tx:
        await actions.decide_request(tx, me, request_id, approve=approve, **more)
    await outbox.drain()


async def seen(me: Actor, charge_id: int) -> list[queries.RequestView]:
    async with transaction(me) as tx:
        return await queries.requests_of(tx, charge_id)


async def test_a_coach_gives_back_what_was_asked_for(payments, heard):
    charge_id = await payments.pay()
    request_id = await ask(payments.ben, charge_id)
    ada, ben = payments.ada.require_person(), payments.ben.require_person()
    assert heard[-1] == RefundAsked(request_id, charge_id, ada, ben)
    async with transaction(payments.ada) as tx:
        (waiting,) = await queries.requests_to(tx, payments.ada)
    assert (waiting.reason, waiting.status, waiting.amount) == (
        "I was ill", "open", Money(12000, "USD"),
    )  # fmt: skip
    assert waiting.client_id == ben
    await decide(payments.ada, request_id, approve=True)
    assert RefundDecided(request_id, charge_id, ada, ben, True) in heard
    assert (await payments.charge(charge_id))["status"] == "refunded"
    (done,) = await seen(payments.ben, charge_id)
    assert (done.status, done.reason) == ("approved", "I was ill")
    await check_books()


async def test_a_part_as_credit_and_a_no_with_a_note(payments):
    charge_id = await payments.pay()
    first = await ask(payments.ben, charge_id, as_credit=True)
    await decide(payments.ada, first, approve=True, amount=Money(4000, "USD"), note="Half is fair")
    assert await left(payments) == {"USD": 4000}
    second = await ask(payments.ben, charge_id, amount=Money(1000, "USD"))
    with pytest.raises(Invalid) as refused:
        await decide(payments.ada, second, approve=False)
    assert refused.value.field == "note"
    await decide(payments.ada, second, approve=False, note="We met and worked.")
    assert [one.status for one in await seen(payments.ben, charge_id)] == ["declined", "approved"]
    assert (await payments.charge(charge_id))["refunded"] == 4000
    await check_books()


async def test_one_request_at_a_time_and_it_can_be_withdrawn(payments):
    charge_id = await payments.pay()
    request_id = await ask(payments.ben, charge_id)
    with pytest.raises(AlreadyAsked):
        await ask(payments.ben, charge_id)
    with pytest.raises(NotFound):
        async with transaction(payments.ada) as tx:
            await actions.withdraw_request(tx, payments.ada, request_id)
    async with transaction(payments.ben) as tx:
        await actions.withdraw_request(tx, payments.ben, request_id)
    with pytest.raises(Decided):
        await decide(payments.ada, request_id, approve=True)
    assert await ask(payments.ben, charge_id) != request_id


async def test_two_hundred_ask_and_decide_and_it_happens_once(payments):
    charge_id = await payments.pay()
    asked = await asyncio.gather(
        *(ask(payments.ben, charge_id) for _ in range(CROWD)), return_exceptions=True
    )
    (request_id,) = [one for one in asked if isinstance(one, int)]
    assert all(isinstance(one, AlreadyAsked) for one in asked if one != request_id)

    async def yes() -> None:
        async with transaction(payments.ada) as tx:
            await actions.decide_request(tx, payments.ada, request_id, approve=True)

    told = await asyncio.gather(*(yes() for _ in range(CROWD)), return_exceptions=True)
    assert sum(one is None for one in told) == 1
    await outbox.drain()
    assert len(await rows("SELECT 1 FROM refunds")) == 1
    await check_books()


async def test_what_may_not_be_asked_or_answered(payments, cleo):
    charge_id = await payments.pay()
    for stranger in (cleo, payments.ada):
        with pytest.raises(NotFound):
            await ask(stranger, charge_id)
    for reason in ("", "   ", "x" * 501):
        with pytest.raises(Invalid) as refused:
            await ask(payments.ben, charge_id, reason)
        assert refused.value.field == "reason"
    for minor in (0, -5, 12001):
        with pytest.raises(RefundTooHigh):
            await ask(payments.ben, charge_id, amount=Money(minor, "USD"))
    unpaid = await payments.begin()
    with pytest.raises(NothingToRefund):
        await ask(payments.ben, unpaid)
    request_id = await ask(payments.ben, charge_id, amount=Money(5000, "USD"))
    for stranger in (cleo, payments.ben):
        with pytest.raises(NotFound):
            await decide(stranger, request_id, approve=True)
    for minor in (0, 5001):
        with pytest.raises(RefundTooHigh):
            await decide(payments.ada, request_id, approve=True, amount=Money(minor, "USD"))
    await payments.refund(charge_id)  # cancelled meanwhile, say: that is the answer
    with pytest.raises(Decided):
        await decide(payments.ada, request_id, approve=True)
    await outbox.drain()
    with pytest.raises(NothingToRefund):
        await ask(payments.ben, charge_id, amount=Money(1, "USD"))
    assert await seen(cleo, charge_id) == []
    async with transaction(cleo) as tx:
        assert await queries.request(tx, request_id) is None


async def test_what_is_given_back_in_full_answers_what_was_asked_for(payments):
    charge_id = await payments.pay()
    request_id = await ask(payments.ben, charge_id)
    await payments.refund(charge_id, 5000)
    assert (await seen(payments.ben, charge_id))[0].status == "open"
    await payments.refund(charge_id)
    assert (await seen(payments.ben, charge_id))[0].status == "approved"
    async with transaction(Actor.system_job("payments.test")) as tx:
        await tx.db.execute(  # as a version before this one left it
            text("UPDATE refund_requests SET status = 'open', refund_id = NULL, decided_at = NULL")
        )
    await decide(payments.ada, request_id, approve=True)
    assert (await seen(payments.ben, charge_id))[0].status == "approved"
    assert len(await rows("SELECT id FROM refunds")) == 2
    await check_books()


async def test_staff_decide_too_but_nobody_about_their_own(payments, cleo):
    sam = replace(cleo, powers=permissions.names())
    charge_id = await payments.pay()
    request_id = await ask(payments.ben, charge_id)
    with pytest.raises(NotFound):
        await decide(cleo, request_id, approve=True)
    with pytest.raises(NotFound):
        await decide(replace(payments.ben, powers=permissions.names()), request_id, approve=True)
    for nobody in (cleo, payments.ada):
        async with transaction(nobody) as tx:
            with pytest.raises(Forbidden):
                await queries.desk(tx, nobody)
    async with transaction(sam) as tx:
        (waiting,) = (await queries.desk(tx, sam)).requests
    assert (waiting.client_id, waiting.coach and waiting.coach.name) == (
        payments.ben.person_id,
        "Ada",
    )
    await decide(sam, request_id, approve=True, amount=Money(5000, "USD"), note="Half way")
    async with transaction(sam) as tx:
        assert (await queries.desk(tx, sam)).requests == []
    assert (await payments.charge(charge_id))["refunded"] == 5000
    with pytest.raises(Decided):
        await decide(payments.ada, request_id, approve=True)
