"""A session is called off while, or after, the client's bank asks about its payment."""

import pytest
from sqlalchemy import text

from loom_app.domains.payments import actions as payments
from loom_app.domains.payments import queries
from loom_app.domains.payments.actions import Way
from loom_app.domains.payments.errors import NothingToRefund
from loom_app.domains.scheduling import actions
from loom_app.integrations.stripe import client
from loom_app.integrations.stripe.sandbox import control
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from tests.domains.payments.helpers import balances, check_books, one, rows
from tests.domains.scheduling.test_deposits import NOW, book, card, mails, page, run
from tests.domains.scheduling.test_policy import choose
from tests.factories.accounts import make_user
from tests.factories.scheduling import make_open_coach
from tests.integrations.stripe.fixtures import contract, sandbox

__all__ = ["contract", "sandbox"]


async def dispute(booking, **how) -> str:
    row = await one("SELECT intent_id FROM charges WHERE id = :id", id=booking.charge_id)
    intent = await client.payment(row["intent_id"])
    await control.act("open_dispute", id=intent.charge_id, **how)
    (found,) = [each.id async for each in client.disputes(intent_id=intent.id)]
    await payments.sync_dispute(found)
    return found


async def test_after_a_part_was_lost_to_the_bank_the_rest_goes_back(sandbox, at):
    at(NOW)
    ada, offering_id = await make_open_coach()
    ben = await make_user()
    booking = await book(ben, offering_id, Way(await card(ben)))
    found = await dispute(booking, amount=4000)
    await control.act("decide_dispute", id=found, won=False)
    await payments.sync_dispute(found)
    async with transaction(ada) as tx:
        await actions.cancel(tx, ada, booking.session_id)
    await run()
    assert [row["amount"] for row in await rows("SELECT amount FROM refunds")] == [8000]


async def decide(found: str, *, won: bool) -> None:
    await control.act("decide_dispute", id=found, won=won)
    await payments.sync_dispute(found)
    await run()
    await check_books()


@pytest.mark.parametrize(
    ("by", "won", "back", "earned"),
    [
        ("ada", True, 12000, 0),
        ("ben", True, 6000, 5100),
        ("ada", False, 0, 0),
        ("ben", False, 0, 0),
    ],
)
async def test_called_off_while_a_bank_decides_the_policy_is_carried_out_when_it_has(
    sandbox, at, by, won, back, earned
):
    at(NOW)
    ada, offering_id = await make_open_coach()
    await choose(ada, "ada", 48, 50)
    ben = await make_user()
    booking = await book(ben, offering_id, Way(await card(ben)))
    found = await dispute(booking)
    at("2026-11-30T10:30Z")
    me = ada if by == "ada" else ben
    assert "bank" in (await page(me, booking)).refund_text
    async with transaction(me) as tx:
        await actions.cancel(tx, me, booking.session_id)
    await run()
    assert await rows("SELECT amount FROM refunds") == []
    assert ("coach_pending", "EUR") not in await balances()
    await decide(found, won=won)
    assert sum(row["amount"] for row in await rows("SELECT amount FROM refunds")) == back
    found_now = await balances()
    assert -found_now.get(("coach_pending", "EUR"), 0) == earned
    assert ("deferred", "EUR") not in found_now


async def test_an_inquiry_takes_nothing_and_stops_no_refund(sandbox, at):
    """Giving the money back is the best answer to it."""
    at(NOW)
    ada, offering_id = await make_open_coach()
    ben = await make_user()
    booking = await book(ben, offering_id, Way(await card(ben)))
    async with transaction(Actor.system_job("payments.test")) as tx:
        await tx.db.execute(
            text(
                "INSERT INTO disputes (charge_id, processor_id, amount, currency, reason, status)"
                " VALUES (:charge, 'du_inquiry', 12000, 'EUR', 'general', 'warning_needs_response')"
            ),
            {"charge": booking.charge_id},
        )
    async with transaction(ada) as tx:
        await actions.cancel(tx, ada, booking.session_id)
    await run()
    assert [row["amount"] for row in await rows("SELECT amount FROM refunds")] == [12000]


async def test_a_refund_that_a_new_dispute_stopped_is_made_up_when_the_bank_has_decided(
    sandbox, at
):
    at(NOW)
    ada, offering_id = await make_open_coach()
    ben = await make_user()
    booking = await book(ben, offering_id, Way(await card(ben)))
    async with transaction(ada) as tx:
        await actions.cancel(tx, ada, booking.session_id)
    found = await dispute(booking)  # before the worker has asked Stripe
    await run()
    async with transaction(ben) as tx:
        (line,) = (await queries.payment(tx, ben, booking.charge_id)).refunds
        with pytest.raises(NothingToRefund):
            await payments.take_as_credit(tx, ben, line.id)
    assert (line.status_text, line.retry) == ("Waits for the bank's decision", False)
    assert await mails("payment.refund_failed") == []
    await decide(found, won=True)
    got = await rows("SELECT amount FROM refunds WHERE status = 'succeeded'")
    assert [one["amount"] for one in got] == [12000]
