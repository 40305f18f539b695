"""An authenticator app: RFC 6238, each code once, recovery codes, and what it opens."""

import asyncio
import base64
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from loom_app.domains.accounts import actions, queries, rules
from loom_app.domains.accounts.errors import (
    LinkUsed,
    SecondStepOver,
    StepUpNeeded,
)
from loom_app.kit import clock
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Conflict, Forbidden, Invalid, TooMany
from tests.domains.accounts.people import (
    DEVICE,
    READER,
    VISITOR,
    again,
    code,
    fresh,
    mails,
    read,
    signed_in,
    trail,
    with_app,
)
from tests.sizes import CROWD

# RFC 6238, appendix B, SHA-1: the last six of its eight digits
VECTORS = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
    (20000000000, "353130"),
]
RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(("seconds", "digits"), VECTORS)
def test_codes_are_those_of_the_standard(seconds, digits):
    at = datetime.fromtimestamp(seconds, UTC)
    assert rules.matching_step(RFC_SECRET, digits, at, 0) == seconds // 30
    assert rules.matching_step(RFC_SECRET, digits, at, seconds // 30) is None


def test_a_code_is_good_for_its_half_minute_and_the_ones_beside_it():
    then = 1111111109
    for shift, good in ((-60, False), (-30, True), (0, True), (30, True), (60, False)):
        at = datetime.fromtimestamp(then + shift, UTC)
        assert (rules.matching_step(RFC_SECRET, "081804", at, 0) is not None) is good


async def step_for(user_id: int, **values) -> str:
    async with transaction(VISITOR) as tx:
        return await actions.begin_second_step(tx, user_id, **values)


async def enter(step: str, words: str) -> actions.SignedIn | None:
    async with transaction(VISITOR) as tx:
        return await actions.pass_second_step(tx, VISITOR, step, words, DEVICE)


async def test_it_counts_from_its_first_code_on_and_others_are_signed_out(db):
    me = await signed_in()
    other = await again(me.person_id or 0)
    async with transaction(me) as tx:
        await actions.begin_second_factor(tx, me)
    await again(me.person_id or 0)  # not confirmed: the password alone is enough
    now, _, codes = await with_app(me)
    assert now.mfa
    assert await fresh(other) is None
    assert len(set(codes)) == 10
    assert {len(one.replace("-", "")) for one in codes} == {24}  # of 32 letters each: 120 bits
    async with transaction(now) as tx:
        view = await queries.my_second_factor(tx, now)
    assert (view.since is not None, view.codes_left) == (True, 10)
    async with transaction(VISITOR) as tx:
        half = await actions.begin_session(
            tx, VISITOR, me.person_id or 0, DEVICE, remember=False, return_to="/messages"
        )
    assert (half.token, half.return_to, bool(half.step)) == ("", "/messages", True)
    assert [name for name, _ in await mails()] == ["account.second_factor"]
    assert await trail("account.second_factor_on") == 1


async def test_neither_secret_nor_recovery_code_can_be_read_from_the_database(db):
    _, app, codes = await with_app(await signed_in())
    async with transaction(READER) as tx:
        factor = await tx.db.scalar(text("SELECT to_jsonb(f)::text FROM second_factors f"))
        kept = await tx.db.scalar(
            text("SELECT string_agg(to_jsonb(c)::text, '') FROM recovery_codes c")
        )
    assert app.secret not in factor
    assert not [one for one in codes if one in kept or one.replace("-", "") in kept]


async def test_a_wrong_first_code_switches_nothing_on(db):
    me = await signed_in()
    for words in ("000000", "12345", "abcdef", "", "x" * 100):
        async with transaction(me) as tx:
            await actions.begin_second_factor(tx, me)
        with pytest.raises(Invalid):
            async with transaction(me) as tx:
                await actions.confirm_second_factor(tx, me, words)
    await again(me.person_id or 0)


async def test_there_is_nothing_to_confirm_or_renew_before_it_is_begun(db):
    me = await signed_in()
    for action in (
        lambda tx: actions.confirm_second_factor(tx, me, "123456"),
        lambda tx: actions.renew_recovery_codes(tx, me),
    ):
        with pytest.raises(Conflict):
            async with transaction(me) as tx:
                await action(tx)
    async with transaction(me) as tx:
        await actions.remove_second_factor(tx, me)  # off already


async def test_every_change_of_it_needs_a_fresh_proof(db):
    me = replace(await signed_in(), stepped_up_at=None)
    for action in (
        lambda tx: actions.begin_second_factor(tx, me),
        lambda tx: actions.confirm_second_factor(tx, me, "123456"),
        lambda tx: actions.renew_recovery_codes(tx, me),
        lambda tx: actions.remove_second_factor(tx, me),
    ):
        with pytest.raises(StepUpNeeded):
            async with transaction(me) as tx:
                await action(tx)


async def test_the_code_signs_in_and_goes_on_to_where_somebody_wanted(db, at):
    at("2026-11-21T12:00Z")
    me, app, _ = await with_app(await signed_in())
    at("2026-11-21T12:01Z")
    step = await step_for(me.person_id or 0, remember=True, return_to="/messages")
    made = await enter(step, f" {code(app)[:3]} {code(app)[3:]} ")
    assert made is not None
    assert (made.return_to, made.remember) == ("/messages", True)
    assert (await read(made.token)).mfa
    with pytest.raises(SecondStepOver):
        await enter(step, code(app, steps=1))


async def test_a_code_that_was_used_is_refused_and_so_are_those_before_it(db, at):
    at("2026-11-21T12:00Z")
    me, app, _ = await with_app(await signed_in())
    used = code(app)
    at("2026-11-21T12:00:20Z")
    step = await step_for(me.person_id or 0)
    assert await enter(step, used) is None
    assert await enter(step, code(app, steps=-1)) is None
    assert await enter(step, code(app, steps=1)) is not None


async def test_of_many_who_send_one_code_at_once_exactly_one_gets_in(db, at):
    at("2026-11-21T12:00Z")
    me, app, _ = await with_app(await signed_in())
    at("2026-11-21T12:01Z")
    steps = [await step_for(me.person_id or 0) for _ in range(CROWD)]
    found = await asyncio.gather(*(enter(one, code(app)) for one in steps), return_exceptions=True)
    assert len([one for one in found if isinstance(one, actions.SignedIn)]) == 1
    assert all(one is None or isinstance(one, (actions.SignedIn, TooMany)) for one in found)


async def test_of_many_who_send_one_recovery_code_at_once_exactly_one_gets_in(db):
    me, _, codes = await with_app(await signed_in())
    steps = [await step_for(me.person_id or 0) for _ in range(CROWD)]
    found = await asyncio.gather(
        *(enter(one, codes[3].upper()) for one in steps), return_exceptions=True
    )
    assert len([one for one in found if isinstance(one, actions.SignedIn)]) == 1
    assert await trail("account.recovery_code_used") == 1
    assert (await mails())[-1][0] == "account.second_factor"


async def test_new_recovery_codes_replace_the_old_ones(db):
    me, _, old = await with_app(await signed_in())
    async with transaction(me) as tx:
        new = await actions.renew_recovery_codes(tx, me)
    step = await step_for(me.person_id or 0)
    assert await enter(step, old[0]) is None
    assert await enter(step, new[0]) is not None


async def test_five_wrong_codes_end_the_step_and_then_cost_a_growing_delay(db, at):
    at("2026-11-21T12:00Z")
    me, app, _ = await with_app(await signed_in())
    at("2026-11-21T12:01Z")
    step = await step_for(me.person_id or 0)
    for _ in range(5):
        assert await enter(step, "000000") is None
    with pytest.raises(SecondStepOver):
        await enter(step, code(app))
    another = await step_for(me.person_id or 0)
    with pytest.raises(TooMany):
        await enter(another, code(app))
    at("2026-11-21T12:01:02Z")
    assert await enter(another, code(app)) is not None


async def test_a_step_lives_ten_minutes_and_belongs_to_its_browser(db, at):
    at("2026-11-21T12:00Z")
    me, app, _ = await with_app(await signed_in())
    step = await step_for(me.person_id or 0)
    with pytest.raises(SecondStepOver):
        await enter("another browser's", code(app, steps=1))
    at("2026-11-21T12:10Z")
    with pytest.raises(SecondStepOver):
        await enter(step, code(app))
    await step_for(me.person_id or 0)
    async with transaction(READER) as tx:
        assert await tx.db.scalar(text("SELECT count(*) FROM second_steps")) == 1


async def test_it_is_switched_off_again_and_others_are_signed_out(db):
    me, _, codes = await with_app(await signed_in())
    made = await enter(await step_for(me.person_id or 0), codes[0])
    assert made is not None
    other = await read(made.token)
    async with transaction(me) as tx:
        await actions.remove_second_factor(tx, me)
    assert await fresh(other) is None
    now = await fresh(me)
    assert now is not None
    assert not now.mfa
    await again(me.person_id or 0)


async def test_another_app_takes_the_place_of_the_first_once_it_is_confirmed(db, at):
    at("2026-11-21T12:00Z")
    me, first, _ = await with_app(await signed_in())
    at("2026-11-21T12:01Z")
    async with transaction(me) as tx:
        await actions.begin_second_factor(tx, me)
    step = await step_for(me.person_id or 0)
    assert await enter(step, code(first)) is not None
    me, second, _ = await with_app(me)
    at("2026-11-21T12:02Z")
    step = await step_for(me.person_id or 0)
    assert await enter(step, code(first)) is None
    assert await enter(step, code(second)) is not None


async def test_staff_may_nothing_without_it_and_cannot_switch_it_off(db):
    me = await signed_in()
    async with transaction(Actor.system_job("accounts.appoint")) as tx:
        email = await tx.db.scalar(text("SELECT email FROM credentials"))
        await actions.appoint(tx, email, staff=True)
    bare = await again(me.person_id or 0)
    assert (bare.is_staff, bare.lacks_factor) == (False, True)
    with pytest.raises(Forbidden, match="second factor"):
        bare.require("money.refund")
    now, _, _ = await with_app(bare)
    assert (now.is_staff, now.lacks_factor) == (True, False)
    now.require("money.refund")
    with pytest.raises(Forbidden):
        async with transaction(now) as tx:
            await actions.remove_second_factor(tx, now)


async def test_a_code_proves_who_is_there_and_the_password_alone_no_more(db, at):
    at("2026-11-21T12:00Z")
    me, app, codes = await with_app(await signed_in())
    at("2026-11-21T13:00Z")
    with pytest.raises(Invalid):
        await actions.prove(me, "seven purple lanterns drift")
    await actions.prove(me, code(app))
    now = await fresh(me)
    assert now is not None
    actions.require_step_up(clock.now(), now)
    await actions.prove(me, codes[0])


async def test_a_mailed_link_is_no_way_around_it(db):
    me, _, _ = await with_app(await signed_in())
    async with transaction(READER) as tx:
        link = await tx.db.scalar(
            text(
                "INSERT INTO email_links (user_id, purpose, created_at, expires_at)"
                " VALUES (:u, 'verify', now(), now() + interval '1 day') RETURNING id"
            ),
            {"u": me.person_id},
        )
    with pytest.raises(LinkUsed):
        async with transaction(VISITOR) as tx:
            await actions.verify(tx, VISITOR, queries.link_token(link), DEVICE)
