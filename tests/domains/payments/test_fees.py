"""The platform's fee: the most specific rule wins, and what was sold keeps its fee."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loom_app.domains.payments import actions, queries, rules
from loom_app.domains.payments.actions import Fee
from loom_app.kit import permissions
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Forbidden, Invalid
from loom_app.kit.money import Money


async def shown(coach, offering_id=None):
    async with transaction(coach) as tx:
        return (await queries.fee_for(tx, Money(10000, "USD"), coach.person_id, offering_id)).minor


async def test_the_most_specific_rule_wins_and_goes_again(payments):
    ada, staff = payments.ada, replace(payments.ben, powers=permissions.names())
    steps = [
        (Fee(1000, 30), {}, 1030),
        (Fee(800, 0), {"coach_id": ada.person_id}, 800),
        (Fee(500, 1), {"coach_id": ada.person_id, "offering_id": 7}, 501),
        (Fee(400, 0), {"coach_id": ada.person_id, "offering_id": 7}, 400),
    ]
    for fee, whose, expected in steps:
        async with transaction(staff) as tx:
            await actions.set_fee(tx, staff, fee, **whose)
        assert await shown(ada, 7) == expected
    assert await shown(ada, 8) == 800
    assert await shown(replace(ada, person_id=payments.ben.person_id)) == 1030
    charge_id = await payments.begin(Money(10000, "USD"))
    charge = await payments.charge(charge_id)
    assert (charge["fee_bps"], charge["fee_fixed"], charge["fee"]) == (800, 0, 800)
    for _, whose, _ in steps:
        async with transaction(staff) as tx:
            await actions.set_fee(tx, staff, None, **whose)
    assert await shown(ada, 7) == 1500
    assert (await payments.charge(charge_id))["fee"] == 800  # what was sold keeps its fee


async def test_nobody_but_staff_sets_a_fee(payments):
    for me in (payments.ada, payments.ben):
        with pytest.raises(Forbidden):
            async with transaction(me) as tx:
                await actions.set_fee(tx, me, Fee(0, 0))
    staff = replace(payments.ben, powers=permissions.names())
    for fee, whose in ((Fee(10_001, 0), {}), (Fee(1, -1), {}), (Fee(1, 1), {"offering_id": 3})):
        with pytest.raises(Invalid):
            async with transaction(staff) as tx:
                await actions.set_fee(tx, staff, fee, **whose)


@given(st.integers(1, 10**9), st.integers(0, 10_000), st.integers(0, 10**6))
def test_fee_and_coach_make_the_price(gross, bps, fixed):
    fee = rules.fee(gross, bps, fixed)
    assert 0 <= fee <= gross
    exact = gross * bps / 10_000 + fixed
    if exact <= gross - 1:
        assert abs(fee - exact) <= 0.5


@given(st.integers(1, 10**7), st.integers(0, 10_000), st.lists(st.integers(1, 10**6), max_size=8))
def test_parts_given_back_take_their_part_of_the_fee_and_no_more(gross, bps, parts):
    fee = rules.fee(gross, bps, 0)
    kept, refunded = fee, 0
    for part in parts:
        refunded = min(gross, refunded + part)
        now = rules.fee_kept(fee, gross, refunded)
        assert 0 <= now <= kept
        kept = now
    assert rules.fee_kept(fee, gross, gross) == 0
