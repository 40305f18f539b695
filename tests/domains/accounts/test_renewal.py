"""The token of a sign-in is renewed; the sign-in itself, and its sockets, go on."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from loom_app.domains.accounts import actions, rules
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from tests.domains.accounts.people import SESSION, again, behind, fresh, read, signed_in, token_of
from tests.factories.accounts import make_user


async def renew(token: str) -> str:
    async with transaction(SESSION) as tx:
        made = await actions.renew(tx, token)
    return made.token if made is not None else ""


async def test_once_a_day_there_is_another_token_for_the_same_sign_in(db, at):
    at("2026-11-21T12:00Z")
    token = await token_of((await make_user()).person_id or 0)
    me = await read(token)
    at("2026-11-22T11:59Z")
    async with transaction(SESSION) as tx:
        await actions.touch(tx, [me.session_id or 0])
    assert await renew(token) == ""


async def aged(user_id: int) -> str:
    """The token of a sign-in whose token is a day old and which was used a moment ago."""
    token = await token_of(user_id)
    async with transaction(SESSION) as tx:
        await tx.db.execute(
            text("UPDATE auth_sessions SET renewed_at = renewed_at - interval '1 day'")
        )
    return token


async def test_the_former_token_is_good_until_a_minute_after_the_new_one_was_seen(db, at):
    at("2026-11-21T12:00Z")
    old = await aged((await make_user()).person_id or 0)
    before = await read(old)
    new = await renew(old)
    assert new
    assert (await read(new)).session_id == before.session_id
    at("2026-11-21T12:30Z")
    assert await behind(old) is not None  # nobody has shown the new one yet
    assert await renew(new) == ""
    at("2026-11-21T12:30:59Z")
    assert await behind(old) is not None
    at("2026-11-21T12:31:01Z")
    assert await behind(old) is None
    assert await behind(new) is not None


async def test_an_answer_that_was_lost_costs_nobody_their_sign_in(db, at):
    at("2026-11-21T12:00Z")
    old = await aged((await make_user()).person_id or 0)
    lost = await renew(old)
    assert await renew(old) == ""  # a moment later: a second tab, not a lost answer
    at("2026-11-21T12:02Z")
    new = await renew(old)
    assert new
    assert await behind(lost) is None
    assert await behind(new) is not None


async def test_of_many_pages_opened_at_once_one_brings_the_new_token_and_none_fails(db):
    old = await aged((await make_user()).person_id or 0)
    found = await asyncio.gather(*(renew(old) for _ in range(20)))
    assert len([one for one in found if one]) == 1
    assert await behind(old) is not None


async def test_after_a_change_of_what_one_may_do_the_former_is_good_for_a_minute(db, at):
    at("2026-11-21T12:00Z")
    old = await token_of((await make_user()).person_id or 0, remember=True)
    me = await read(old)
    async with transaction(me) as tx:
        made = await actions.renew_now(tx, me)
    assert made is not None
    assert made.max_age == 30 * 86_400
    at("2026-11-21T12:00:59Z")
    assert await behind(old) is not None
    at("2026-11-21T12:01:01Z")
    assert await behind(old) is None
    assert await behind(made.token) is not None


async def test_nothing_is_renewed_for_nobody_or_for_what_is_over(db):
    me = await signed_in()
    token = await token_of(me.person_id or 0)
    ended = await read(token)
    async with transaction(me) as tx:
        await actions.end_other_sessions(tx, me)
    assert await renew(token) == ""
    assert await renew("x" * 40) == ""
    for nobody in (Actor(), ended):
        async with transaction(nobody) as tx:
            assert await actions.renew_now(tx, nobody) is None


async def test_the_former_token_signs_out_too(db):
    old = await aged((await make_user()).person_id or 0)
    new = await renew(old)
    async with transaction(Actor()) as tx:
        await actions.sign_out(tx, Actor(), old)
    assert await behind(new) is None


@pytest.mark.parametrize(
    ("roles", "staff", "remember", "idle", "whole"),
    [
        (["client"], False, True, timedelta(days=14), timedelta(days=30)),
        (["client"], False, False, timedelta(hours=12), timedelta(days=7)),
        (["coach"], False, True, timedelta(hours=12), timedelta(days=7)),
        (["client", "coach"], True, True, timedelta(minutes=30), timedelta(hours=12)),
    ],
)
def test_the_more_one_may_do_the_shorter_a_sign_in_lives(roles, staff, remember, idle, whole):
    assert rules.lifetime(roles, remember=remember, staff=staff) == (idle, whole)


async def test_a_sign_in_that_rests_is_over_and_one_that_is_used_goes_on(db, at):
    at("2026-11-21T12:00Z")
    used, rested = await signed_in(), await signed_in()
    at("2026-11-21T23:00Z")
    async with transaction(SESSION) as tx:
        await actions.touch(tx, [used.session_id or 0])
    at("2026-11-22T01:00Z")
    assert await fresh(used) is not None
    assert await fresh(rested) is None


async def test_who_becomes_staff_has_the_sign_ins_of_staff_from_then_on(db, at):
    at("2026-11-21T12:00Z")
    user_id = (await make_user(email="sam@loom.test")).person_id or 0
    token = await token_of(user_id, remember=True)
    me = await read(token)
    async with transaction(Actor.system_job("accounts.appoint")) as tx:
        await actions.appoint(tx, "sam@loom.test", staff=True)
    assert await renew(token)
    at("2026-11-21T12:31Z")
    assert await fresh(me) is None
    assert await again(user_id)
