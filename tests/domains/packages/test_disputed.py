"""A package whose payer's bank takes money back: sessions go with it, and no more than that."""

from datetime import timedelta

import pytest

from loom_app.domains.packages import actions
from loom_app.domains.payments import actions as payments
from loom_app.domains.payments.actions import Way
from loom_app.integrations.stripe import client
from loom_app.integrations.stripe.sandbox import control
from loom_app.kit import clock
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
