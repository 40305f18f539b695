"""Before money and security change, the person proves that they are there."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from loom_app.domains.accounts import actions, queries
from loom_app.domains.accounts.errors import StepUpNeeded
from loom_app.kit import clock
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Forbidden, Invalid, NotFound, TooMany
from tests.domains.accounts.people import SESSION, again, fresh, signed_in
from tests.factories.accounts import PASSWORD


async def test_a_new_sign_in_has_proven_enough_for_a_quarter_of_an_hour(db):
    me = await signed_in()
    actions.require_step_up(clock.now(), me)
    actions.require_step_up(clock.now() + timedelta(minutes=14), me)
    with pytest.raises(StepUpNeeded) as asked:
        actions.require_step_up(clock.now() + timedelta(minutes=16), me)
    assert asked.value.by == "password"
    with pytest.raises(StepUpNeeded):
        actions.require_step_up(clock.now(), replace(me, stepped_up_at=None))


async def test_who_has_a_second_factor_is_asked_for_its_code(db):
    me = replace(await signed_in(), mfa=True, stepped_up_at=None)
    with pytest.raises(StepUpNeeded) as asked:
        actions.require_step_up(clock.now(), me)
    assert asked.value.by == "code"


async def test_visitors_prove_nothing_and_jobs_need_not(db):
    with pytest.raises(Forbidden):
        actions.require_step_up(clock.now(), Actor(visitor="v" * 64))
    actions.require_step_up(clock.now(), SESSION)


async def test_the_password_proves_it_for_this_sign_in_only(db, at):
    at("2026-11-21T12:00Z")
    me = await signed_in()
    other = await again(me.person_id or 0)
    at("2026-11-21T13:00Z")
    with pytest.raises(Invalid):
        await actions.prove(me, "not my password")
    assert (await fresh(me)) == me
    await actions.prove(me, PASSWORD)
    proven = await fresh(me)
    assert proven is not None
    actions.require_step_up(clock.now(), proven)
    assert (await fresh(other)) == other


async def test_of_many_guesses_at_once_only_the_first_five_are_judged(db, at):
    at("2026-11-21T12:00Z")
    me = await signed_in()

    async def guess(n: int) -> type[Exception]:
        with pytest.raises((Invalid, TooMany)) as refused:
            await actions.prove(me, f"guess {n}")
        return refused.type

    said = await asyncio.gather(*(guess(n) for n in range(20)))
    assert said.count(Invalid) == 5


async def test_guessing_the_proof_costs_a_growing_delay(db, at):
    at("2026-11-21T12:00Z")
    me = await signed_in()
    for _ in range(5):
        with pytest.raises(Invalid):
            await actions.prove(me, "guess")
    with pytest.raises(TooMany):
        await actions.prove(me, PASSWORD)
    at("2026-11-21T12:00:02Z")
    await actions.prove(me, PASSWORD)


async def test_ones_sign_ins_are_listed_with_browser_and_country(db):
    firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
    me = await signed_in(firefox)
    async with transaction(me) as tx:
        (one,) = await queries.my_sign_ins(tx, me)
    assert (one.id, one.browser, one.system) == (me.session_id, "Firefox", "Linux")
    assert (one.address, one.country) == ("93.184.216.34", "United States")


async def test_one_of_ones_sign_ins_is_ended_and_nobody_elses(db):
    me = await signed_in()
    other, stranger = await again(me.person_id or 0), await signed_in(name="Otto Brandt")
    async with transaction(me) as tx:
        await actions.end_session(tx, me, other.session_id or 0)
        await actions.end_session(tx, me, other.session_id or 0)
    assert await fresh(other) is None
    for number in (stranger.session_id or 0, 0, -1):
        with pytest.raises(NotFound):
            async with transaction(me) as tx:
                await actions.end_session(tx, me, number)
    assert await fresh(stranger) == stranger
    assert await fresh(me) == me


async def test_all_others_are_ended_and_this_one_stays(db):
    me = await signed_in()
    others = [await again(me.person_id or 0) for _ in range(2)]
    async with transaction(me) as tx:
        assert await actions.end_other_sessions(tx, me) == 2
    assert [await fresh(one) for one in others] == [None, None]
    assert await fresh(me) == me
