"""A coach's account: begun, left, resumed, approved, restricted, rejected, closed."""

import asyncio

import pytest
from sqlalchemy import text

from loom_app.domains.payments import actions, events, queries
from loom_app.domains.payments.errors import AccountClosed, NoAccount
from loom_app.integrations.stripe import client
from loom_app.integrations.stripe.sandbox import control
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Forbidden, Invalid
from tests.domains.payments.coaches import account, active_account, begin_account
from tests.domains.payments.helpers import rows
from tests.integrations.stripe import world


async def sells(coach):
    async with transaction(coach) as tx:
        assert await queries.sellers(tx, [coach.person_id, 999]) == (
            {coach.person_id} if await queries.sells_in(tx, coach.person_id) else set()
        )
        return await queries.sells_in(tx, coach.person_id)


async def test_from_the_first_click_to_selling(payments, heard):
    ada = payments.ada
    account_id = await begin_account(ada)
    assert (await account(ada))["status"] == "started"
    assert (await client.balance_settings(account_id)).interval == "manual"
    assert await actions.sync_account(account_id)  # coming back proves nothing
    assert (await account(ada))["status"] in ("started", "restricted")
    assert not await sells(ada)
    missing = {one["what"] for one in (await account(ada))["requirements"]}
    assert "identity.individual.date_of_birth" in missing
    await world.onboard(payments.sandbox, account_id)
    await actions.refresh_account(ada)
    assert (await account(ada))["status"] == "active"
    assert await sells(ada)
    assert events.CoachAccountChanged(ada.person_id, "active") in heard
    assert (await actions.dashboard_link(ada)).startswith("http")


async def test_leaving_and_coming_back_goes_on_with_the_same_account(payments):
    account_id = await begin_account(payments.ada)
    links = [await actions.onboarding_link(payments.ada) for _ in range(3)]
    assert len(set(links)) == 3
    assert (await account(payments.ada))["processor_id"] == account_id
    made = await client.sdk().v2.core.accounts.list_async({})
    assert len(made.data) == 1


async def test_many_clicks_make_one_account(payments):
    ada = payments.ada
    async with transaction(ada) as tx:
        await actions.begin_account(tx, ada, country="us", currency="usd")
    told = await asyncio.gather(
        *(actions.onboarding_link(ada) for _ in range(10)), return_exceptions=True
    )
    assert any(isinstance(one, str) for one in told)
    assert len((await client.sdk().v2.core.accounts.list_async({})).data) == 1
    assert (await account(ada))["processor_id"]


@pytest.mark.parametrize(
    ("verdict", "status"),
    [("pending", "pending"), ("restricted", "restricted"), ("rejected", "restricted")],
)
async def test_what_stripe_thinks_decides_who_sells(payments, verdict, status):
    account_id = await active_account(payments.ada)
    assert await sells(payments.ada)
    await control.act("judge_account", id=account_id, verdict=verdict)
    await actions.sync_account(account_id)
    assert (await account(payments.ada))["status"] == status
    assert not await sells(payments.ada)


async def test_a_closed_account_stays_closed(payments):
    account_id = await active_account(payments.ada)
    await client.close_account(account_id, key="loom:close:1")
    await actions.sync_account(account_id)
    assert (await account(payments.ada))["status"] == "closed"
    with pytest.raises(AccountClosed):
        await actions.onboarding_link(payments.ada)


async def test_who_has_none_is_told_so(payments, cleo):
    for call in (actions.onboarding_link, actions.dashboard_link):
        with pytest.raises(NoAccount):
            await call(payments.ada)
    await actions.refresh_account(payments.ada)
    with pytest.raises(Forbidden):
        async with transaction(cleo) as tx:
            await actions.begin_account(tx, cleo, country="US", currency="USD")
    async with transaction(payments.ada) as tx:
        await actions.begin_account(tx, payments.ada, country="US", currency="USD")
    with pytest.raises(NoAccount):
        await actions.dashboard_link(payments.ada)
    stranger = await world.account(99)
    assert not await actions.sync_account(stranger.id)


@pytest.mark.parametrize(("country", "currency"), [("USA", "USD"), ("U1", "USD"), ("US", "US")])
async def test_country_and_currency_must_be_some(payments, country, currency):
    with pytest.raises(Invalid):
        async with transaction(payments.ada) as tx:
            await actions.begin_account(tx, payments.ada, country=country, currency=currency)


@pytest.mark.parametrize(
    ("interval", "anchor", "minimum"),
    [("hourly", 0, 1), ("weekly", 7, 1), ("monthly", 0, 1), ("daily", 0, 0)],
)
async def test_a_schedule_must_be_one(payments, interval, anchor, minimum):
    await begin_account(payments.ada)
    with pytest.raises(Invalid):
        async with transaction(payments.ada) as tx:
            await actions.save_schedule(
                tx, payments.ada, interval=interval, anchor=anchor, minimum=minimum
            )


async def test_others_see_no_account(payments, cleo):
    await active_account(payments.ada)
    async with transaction(cleo) as tx:
        assert (await tx.db.execute(text("SELECT * FROM payout_accounts"))).all() == []
    assert len(await rows("SELECT * FROM payout_accounts")) == 1
