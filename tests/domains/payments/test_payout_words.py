"""What is missing and what failed, in words; what a payout is made of."""

import pytest

from loom_app.domains.payments import actions, queries
from loom_app.integrations.stripe.sandbox import control
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import NotFound
from loom_app.kit.money import Money
from tests.domains.payments.coaches import active_account, ask, begin_account, earn, fund


async def seen(coach):
    async with transaction(coach) as tx:
        return await queries.account(tx, coach)


async def test_what_is_missing_is_said_once_each(payments):
    assert await seen(payments.ada) is None
    account_id = await begin_account(payments.ada)
    await actions.sync_account(account_id)
    view = await seen(payments.ada)
    words = [one.words for one in view.missing]
    assert len(words) == len(set(words))
    assert {"Your name", "Your date of birth", "Your home address"} <= set(words)
    assert all(one.ours for one in view.missing)
    assert not view.active
    assert queries.requirement_words("something.new").startswith("Another detail")


async def test_a_picture_that_could_not_be_read_is_urgent(payments):
    account_id = await active_account(payments.ada)
    await control.act("judge_account", id=account_id, verdict="restricted")
    await actions.sync_account(account_id)
    (one,) = (await seen(payments.ada)).missing
    assert (one.urgent, one.ours, len(one.errors)) == (True, True, 1)
    assert (await seen(payments.ada)).status == "restricted"


async def test_a_payout_shows_what_it_is_made_of_and_to_its_coach_only(payments, cleo):
    await fund()
    await active_account(payments.ada)
    numbers = []
    for minor in (10000, 20000):
        await earn(payments, minor)
        numbers.append(await ask(payments.ada))
        await actions.carry_out_payout(numbers[-1])
    async with transaction(payments.ada) as tx:
        page, more = await queries.payouts(tx, payments.ada, most=1)
        assert ([one.id for one in page], more) == ([numbers[1]], True)
        page, more = await queries.payouts(tx, payments.ada, before=numbers[1])
        assert ([one.id for one in page], more) == ([numbers[0]], False)
        lines = await queries.payout_lines(tx, payments.ada, numbers)
    assert [line.amount for line in lines] == [Money(8500, "USD"), Money(17000, "USD")]
    assert {line.reason for line in lines} == {"release"}
    async with transaction(cleo) as tx:
        assert await queries.payouts(tx, cleo) == ([], False)
        assert await queries.payout_lines(tx, cleo, numbers) == []
        with pytest.raises(NotFound):
            await queries.payout_facts(tx, numbers[0])


@pytest.mark.parametrize("code", ["account_closed", "no_account", "unheard_of", None])
def test_every_failure_has_words(code):
    assert queries.failure_words(code).endswith(".")
