"""A package whose payer's bank takes money back: sessions go with it, and no more than that."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from loom_app.domains.packages import actions
from loom_app.domains.payments import actions as payments
from loom_app.domains.payments.actions import Way
from loom_app.domains.payments.events import DisputeClosed
from loom_app.integrations.stripe import client
from loom_app.integrations.stripe.sandbox import control
from loom_app.kit import clock
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.jobs import outbox
from tests.domains.packages.helpers import (
    World,
    accounts,
    came_off,
    check,
    credit,
    earn,
    offered,
    seen,
    use,
)
from tests.domains.payments.helpers import rows
from tests.domains.scheduling.test_deposits import card
from tests.integrations.stripe.fixtures import contract, sandbox

__all__ = ["contract", "sandbox"]
_ANOTHER = text(
    "INSERT INTO disputes (charge_id, processor_id, amount, currency, reason, status)"
    " VALUES (:charge, 'du_two', 1000, 'EUR', 'general', 'needs_response')"
)
_WON = text(
    "WITH over AS (UPDATE disputes SET status = 'warning_closed', closed_at = now()"
    " WHERE processor_id = 'du_two') UPDATE charges SET disputed = 0 WHERE id = :charge"
)


async def bought_by_card() -> World:
    """Five sessions for 500.02: 100 each, and 100.02 the last."""
    world = await offered()
    async with transaction(world.ben) as tx:
        made = await actions.buy(tx, world.ben, world.offer_id, Way(await card(world.ben)))
    await payments.pay(made.charge_id)
    world.package_id = made.package_id
    await outbox.drain()
    return world


async def lose(**how) -> int:
    """Returns the charge's id."""
    (row,) = await rows("SELECT id, intent_id FROM charges WHERE payable_kind = 'package'")
    intent = await client.payment(row["intent_id"])
    await control.act("open_dispute", id=intent.charge_id, **how)
    (found,) = [each.id async for each in client.disputes(intent_id=intent.id)]
    await payments.sync_dispute(found)
    await control.act("decide_dispute", id=found, won=False)
    await payments.sync_dispute(found)
    await outbox.drain()
    return row["id"]


@pytest.mark.parametrize(
    ("taken", "left", "back"), [(10_000, 4, 0), (15_000, 3, 5_000), (50_002, 0, 0)]
)
async def test_so_many_sessions_go_as_the_bank_took_money_and_what_is_over_comes_back(
    db, sandbox, taken, left, back
):
    world = await bought_by_card()
    charge_id = await lose(amount=taken)
    found = await check(world.package_id)
    assert (found.left, found.statement[-1].words) == (left, "Taken back by the bank")
    refunds = await rows("SELECT amount FROM refunds WHERE charge_id = :id", id=charge_id)
    assert sum(row["amount"] for row in refunds) == back
    assert (await accounts(charge_id)).get("deferred", 0) == 50_002 - taken - back
    assert (await credit(world.ben)).minor == back


async def test_a_booked_session_that_comes_back_goes_to_the_bank_and_one_that_is_held_earns_nothing(
    db, sandbox
):
    world = await bought_by_card()
    for number in (1, 2):
        await use(world, number, clock.now() + timedelta(days=number))
    await lose()
    assert (await seen(world.ben, world.package_id)).left == 0
    await came_off(1, back=True)
    await earn(2)
    found = await check(world.package_id)
    assert (found.left, found.refunded, found.used) == (0, 4, 1)
    assert ("coach_pending") not in await accounts((await rows("SELECT id FROM charges"))[0]["id"])


async def test_while_the_bank_asks_about_another_part_it_waits_and_nothing_is_stuck(db, sandbox):
    """The sandbox knows one dispute of a payment; Stripe may open several."""
    world = await bought_by_card()
    await use(world, 1, clock.now() + timedelta(days=1))
    (row,) = await rows("SELECT id FROM charges WHERE payable_kind = 'package'")
    other = {"charge": row["id"]}
    async with transaction(Actor.system_job("payments.test")) as tx:
        await tx.db.execute(_ANOTHER, other)
    await lose(amount=15_000)
    await came_off(1, back=True)
    assert (await seen(world.ben, world.package_id)).left == 5
    async with transaction(Actor.system_job("payments.test")) as tx:
        await tx.db.execute(_WON, other)
        await tx.emit(DisputeClosed(1, row["id"], world.ada.require_person(), "won"))
    await outbox.drain()
    found = await check(world.package_id)
    assert (found.left, found.refunded) == (3, 2)
    assert (await credit(world.ben)).minor == 5_000
