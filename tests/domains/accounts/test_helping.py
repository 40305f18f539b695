"""Staff ends somebody's sign-ins, or lets in who lost app and recovery codes: never at once."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from loom_app.domains.accounts import actions, queries
from loom_app.domains.accounts.errors import LinkExpired, LinkUsed, StepUpNeeded
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Conflict, Forbidden, Invalid, NotFound
from loom_app.kit.jobs import outbox
from loom_app.kit.realtime import signals
from tests.domains.accounts.people import (
    DEVICE,
    VISITOR,
    again,
    code,
    fresh,
    mails,
    signed_in,
    trail,
    with_app,
)
from tests.factories.accounts import make_user

WHY = "Called on the number we know"
SYSTEM = Actor.system_job("accounts.test")


@pytest.fixture
async def olga(db, at):
    at("2026-11-01T12:00Z")
    return await make_user(name="Olga", roles=["staff"])


async def lost(days_old: int = 30):
    """Somebody with an app and a password of some age: the sign-in, the app, recovery codes."""
    me, app, codes = await with_app(await signed_in())
    await chosen_before(me.person_id, days_old)
    return me, app, codes


async def chosen_before(user_id: int | None, days: int) -> None:
    async with transaction(SYSTEM) as tx:
        await tx.db.execute(
            text("UPDATE credentials SET changed_at = :now - :d * interval '1 day'"
                 " WHERE user_id = :u"),
            {"now": tx.now, "d": days, "u": user_id},
        )  # fmt: skip


async def begin(staff: Actor, user_id: int | None, reason: str = WHY) -> None:
    async with transaction(staff) as tx:
        await actions.ask_factor_reset(tx, staff, user_id or 0, reason)


async def end(staff: Actor, user_id: int | None, reason: str = WHY) -> int:
    async with transaction(staff) as tx:
        return await actions.end_sessions_of(tx, staff, user_id or 0, reason)


async def finish(token: str) -> None:
    async with transaction(VISITOR) as tx:
        await actions.reset_factor(tx, token)


async def link() -> str:
    """The link of the newest mail about it."""
    found = [number for name, number in await mails() if name == "account.factor_asked"]
    return queries.link_token(found[-1])


async def waits(user_id: int | None) -> object:
    async with transaction(SYSTEM) as tx:
        return await queries.factor_reset_of(tx, user_id or 0)


async def asks_for_a_code(user_id: int | None) -> bool:
    me = Actor(person_id=user_id)
    async with transaction(me) as tx:
        return (await queries.my_second_factor(tx, me)).since is not None


async def test_staff_ends_all_sign_ins_and_open_tabs_with_a_mail_and_a_reason(olga):
    ben = await signed_in()
    others = [ben, await again(ben.person_id or 0)]
    told: list[str] = []
    stop = signals.listen(lambda one: told.append(one.topic))
    assert await end(olga, ben.person_id) == 2
    stop()
    assert {f"auth:{one.session_id}" for one in others} <= set(told)
    assert [await fresh(one) for one in others] == [None, None]
    assert [name for name, _ in await mails()] == ["account.signed_out"]
    async with transaction(olga) as tx:
        (entry,) = await queries.trail(tx, olga, queries.TrailFilter(verb="account.end_by_staff"))
    assert (entry.reason, entry.after) == (WHY, {"ended": 2})


async def test_a_lost_factor_goes_by_the_mailed_link_and_not_before_its_day(olga, at):
    ben, _, _ = await lost()
    await begin(olga, ben.person_id)
    token = await link()
    at("2026-11-02T11:59Z")
    for _ in range(2):
        with pytest.raises(Conflict):
            await finish(token)
    assert await asks_for_a_code(ben.person_id)
    at("2026-11-02T12:00Z")
    assert [name for name, _ in await mails()][-1] == "account.factor_due"
    here = await again(ben.person_id or 0, mfa=True)
    await finish(token)
    assert not await asks_for_a_code(ben.person_id)
    assert await fresh(here) is None
    with pytest.raises(LinkUsed):
        await finish(token)
    assert [name for name, _ in await mails()][-1] == "account.second_factor"
    assert await trail("account.factor_reset") == 1


async def _by_app(me: Actor, app, _codes) -> None:
    await _code(me, code(app, steps=1))


async def _by_recovery_code(me: Actor, _app, codes) -> None:
    await _code(me, codes[0])


async def _code(me: Actor, words: str) -> None:
    async with transaction(VISITOR) as tx:
        step = await actions.begin_second_step(tx, me.person_id or 0)
    async with transaction(VISITOR) as tx:
        assert await actions.pass_second_step(tx, VISITOR, step, words, DEVICE)


async def _by_the_mail(_me: Actor, _app, _codes) -> None:
    async with transaction(VISITOR) as tx:
        await actions.stop_factor_reset(tx, await link())


async def _signed_in(me: Actor, _app, _codes) -> None:
    for _ in range(2):
        async with transaction(me) as tx:
            await actions.stop_my_factor_reset(tx, me)


@pytest.mark.parametrize("stop", [_by_app, _by_recovery_code, _by_the_mail, _signed_in])
async def test_whatever_shows_that_it_is_not_lost_stops_it(olga, at, stop):
    ben = await lost()
    await begin(olga, ben[0].person_id)
    token = await link()
    await stop(*ben)
    assert await waits(ben[0].person_id) is None
    at("2026-11-03T12:00Z")
    with pytest.raises(LinkUsed):
        await finish(token)
    assert await asks_for_a_code(ben[0].person_id)
    assert await trail("account.factor_stop") == 1
    assert "account.factor_due" not in [name for name, _ in await mails()]


async def test_a_thief_of_the_mailbox_who_chooses_a_password_waits_anew(olga, at):
    ben, _, _ = await lost()
    await begin(olga, ben.person_id)
    token = await link()
    at("2026-11-02T11:00Z")
    await chosen_before(ben.person_id, 0)
    at("2026-11-02T12:00Z")
    await outbox.drain()
    with pytest.raises(Conflict):
        await finish(token)
    at("2026-11-03T11:00Z")
    assert [name for name, _ in await mails()].count("account.factor_due") == 1
    await finish(token)


async def test_the_link_dies_after_a_week_and_then_it_is_begun_anew(olga, at):
    ben, _, _ = await lost()
    await begin(olga, ben.person_id)
    with pytest.raises(Conflict):
        await begin(olga, ben.person_id)
    token = await link()
    at("2026-11-08T12:00Z")
    with pytest.raises(LinkExpired):
        await finish(token)
    await begin(olga, ben.person_id)
    assert await link() != token


async def test_it_takes_the_permission_a_proof_and_a_reason(olga):
    ben, _, _ = await lost()
    for act in (begin, end):
        for reason in ("", "  ", "x" * 301):
            with pytest.raises(Invalid) as refused:
                await act(olga, ben.person_id, reason)
            assert refused.value.field == "reason"
        with pytest.raises(StepUpNeeded):
            await act(replace(olga, stepped_up_at=None), ben.person_id)
        for other in (ben, replace(olga, powers=frozenset({"people.roles"}))):
            with pytest.raises(Forbidden):
                await act(other, ben.person_id)
        with pytest.raises(NotFound):
            await act(olga, 0)
        with pytest.raises(Forbidden):
            await act(olga, olga.person_id)
    assert await fresh(ben) is not None
    assert await waits(ben.person_id) is None


async def test_nobody_helps_who_may_more_and_who_has_no_app_lost_none(olga):
    ben = await make_user(name="Ben")
    helper = replace(ben, powers=frozenset({"people.help"}))
    for act in (begin, end):
        with pytest.raises(Forbidden):
            await act(helper, olga.person_id)
    with pytest.raises(Conflict):
        await begin(olga, ben.person_id)
    async with transaction(helper) as tx:
        found = await actions.helped(tx, helper, olga.person_id or 0)
    assert not found.within


async def test_half_a_sign_in_does_not_outlive_the_factor(olga, at):
    ben, _, _ = await lost()
    await begin(olga, ben.person_id)
    token = await link()
    at("2026-11-02T12:00Z")
    async with transaction(VISITOR) as tx:
        await actions.begin_second_step(tx, ben.person_id or 0)
    await finish(token)
    async with transaction(SYSTEM) as tx:
        assert await tx.db.scalar(text("SELECT count(*) FROM second_steps")) == 0
