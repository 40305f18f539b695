"""A session is called off while, or after, the client's bank asks about its payment."""

from loom_app.domains.payments import actions as payments
from loom_app.domains.payments.actions import Way
from loom_app.domains.scheduling import actions
from loom_app.integrations.stripe import client
from loom_app.integrations.stripe.sandbox import control
from loom_app.kit.db.transaction import transaction
from tests.domains.payments.helpers import balances, one, rows
from tests.domains.scheduling.test_deposits import NOW, book, card, run
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


async def test_while_a_bank_decides_nothing_of_what_is_called_off_is_the_coachs(sandbox, at):
    at(NOW)
    ada, offering_id = await make_open_coach()
    await choose(ada, "ada", 48, 50)
    ben = await make_user()
    booking = await book(ben, offering_id, Way(await card(ben)))
    await dispute(booking)
    at("2026-11-30T10:30Z")
    async with transaction(ben) as tx:
        await actions.cancel(tx, ben, booking.session_id)
    await run()
    assert ("coach_pending", "EUR") not in await balances()
