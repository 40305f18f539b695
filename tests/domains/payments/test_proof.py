"""Nobody who found an unlocked device moves money: each of these asks who is there first."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from loom_app.domains.accounts.errors import StepUpNeeded
from loom_app.domains.payments import actions
from loom_app.domains.payments.actions import onboarding
from loom_app.kit import clock
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import DomainError
from loom_app.kit.jobs import outbox
from tests.domains.payments.helpers import check_books, rows
from tests.factories.accounts import make_user

Act = Callable[[Any, Actor], Awaitable[Any]]
# of a coach; None of them needs to be possible: who is not there learns not even that
COACH: dict[str, Act] = {
    "where one is paid": lambda tx, me: onboarding.begin(tx, me, country="DE", currency="EUR"),
    "the form at Stripe": lambda _, me: actions.onboarding_link(me),
    "the page at Stripe": lambda _, me: actions.dashboard_link(me),
    "when one is paid": lambda tx, me: actions.save_schedule(
        tx, me, interval="daily", anchor=0, minimum=100
    ),
    "paid out now": lambda tx, me: actions.pay_out_now(tx, me, "USD"),
    "paid out again": lambda tx, me: actions.retry_payout(tx, me, 1),
}
STAFF: dict[str, Act] = {
    "fee": lambda tx, me: actions.set_fee(tx, me, actions.Fee(100, 0)),
    "fee taken away": lambda tx, me: actions.set_fee(tx, me, None),
}
TOUCHED = ("payout_accounts", "payouts", "fee_rules", "audit_entries")


def _within(act: str, me: Actor) -> AbstractAsyncContextManager[Any]:
    """What calls Stripe opens its own transactions."""
    return nullcontext() if act.endswith("at Stripe") else transaction(me)


async def _tried(name: str, act: Act, me: Actor) -> DomainError | None:
    try:
        async with _within(name, me) as tx:
            await act(tx, me)
    except DomainError as problem:
        return problem
    return None


async def _held() -> list[int]:
    return [(await rows(f"SELECT count(*) AS n FROM {one}"))[0]["n"] for one in TOUCHED]


async def test_payout_accounts_payouts_and_fees_ask_who_is_there(payments):
    olga = await make_user(name="Olga", roles=["staff"])
    before = await _held()
    acts = [(payments.ada, *one) for one in COACH.items()]
    acts += [(olga, *one) for one in STAFF.items()]
    for proven in (None, clock.now() - timedelta(minutes=16)):
        for who, name, act in acts:
            problem = await _tried(name, act, replace(who, stepped_up_at=proven))
            assert isinstance(problem, StepUpNeeded), name
    assert await _held() == before
    for who, name, act in acts:  # with a proof it is something else that hinders, or nothing
        problem = await _tried(name, act, replace(who, stepped_up_at=clock.now()))
        assert not isinstance(problem, StepUpNeeded), name


async def test_staff_gives_back_only_after_a_proof_and_the_coach_as_always(payments):
    olga = await make_user(name="Olga", roles=["staff"])
    charge_id = await payments.pay()
    async with transaction(payments.ben) as tx:
        request_id = await actions.ask_refund(tx, payments.ben, charge_id, reason="I was ill")
    stale = replace(olga, stepped_up_at=clock.now() - timedelta(minutes=16))
    async with transaction(stale) as tx:
        with pytest.raises(StepUpNeeded):
            await actions.decide_request(tx, stale, request_id, approve=True)
    assert (await payments.charge(charge_id))["status"] == "succeeded"
    async with transaction(payments.ada) as tx:
        coach = replace(payments.ada, stepped_up_at=None)
        await actions.decide_request(tx, coach, request_id, approve=True)
    await outbox.drain()
    assert (await payments.charge(charge_id))["status"] == "refunded"
    await check_books()
