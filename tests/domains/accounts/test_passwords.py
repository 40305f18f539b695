"""Another password: by the mailed link, or by the current one."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import text

from loom_app.domains.accounts import actions, queries
from loom_app.domains.accounts.errors import LinkExpired, LinkUsed, SecondStepOver, StepUpNeeded
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Forbidden, Invalid, NotFound, TooMany
from loom_app.kit.security import passwords
from tests.domains.accounts.people import (
    DEVICE,
    READER,
    VISITOR,
    again,
    behind,
    code,
    fresh,
    mails,
    signed_in,
    token_of,
    trail,
    with_app,
)
from tests.factories.accounts import PASSWORD, make_user
from tests.sizes import FULL

NEW = "eleven copper whales hum"
EMAIL = "ben@loom.test"
MANY = 200 if FULL else 8  # each hashes a password


async def ask(email: str = EMAIL) -> None:
    async with transaction(VISITOR) as tx:
        await actions.ask_reset(tx, VISITOR, email)


async def link() -> str:
    """The token of the newest mail for a new password."""
    name, number = (await mails())[-1]
    assert name == "account.reset"
    return queries.link_token(number)


async def opens(password: str) -> bool:
    async with transaction(VISITOR) as tx:
        found = await actions.find_credential(tx, EMAIL)
    return found is not None and await passwords.verify_password(found[1], password)


async def test_a_forgotten_password_is_replaced_by_the_mailed_link(db):
    me = await signed_in(email=EMAIL)
    await ask("  Ben@Loom.test ")
    await actions.reset_password(VISITOR, await link(), NEW)
    assert await opens(NEW)
    assert not await opens(PASSWORD)
    assert await fresh(me) is None
    assert [name for name, _ in await mails()] == ["account.reset", "account.password"]
    assert await trail("account.reset_password") == 1


async def test_an_unknown_address_is_answered_alike_and_mailed_nothing(db):
    await ask("nobody@loom.test")
    await ask("x" * 1000)
    assert await mails() == []


async def test_the_queue_does_not_hold_the_address_readably(db):
    await ask()
    async with transaction(Actor.system_job("worker")) as tx:
        payload = await tx.db.scalar(text("SELECT payload::text FROM outbox_jobs"))
    assert "ben" not in payload


async def test_whoever_asks_all_day_keeps_nobody_from_a_link_that_is_good(db, at):
    await signed_in(email=EMAIL)
    sent = []
    for hour in range(6):
        at(f"2026-11-21T{10 + hour}:00Z")
        for _ in range(3):
            await ask()
        sent.append(len(await mails()))
    assert sent == [2, 4, 6, 8, 10, 12]
    at("2026-11-21T15:30Z")
    await ask()
    assert len(await mails()) == 12
    await actions.reset_password(VISITOR, await link(), NEW)
    assert await opens(NEW)


async def test_a_confirmation_link_from_before_signs_nobody_in_after_it(db, at):
    at("2026-11-21T12:00Z")
    form = actions.check_sign_up(actions.SignUp("Ben", EMAIL, PASSWORD, "client", "UTC"))
    async with transaction(VISITOR) as tx:
        await actions.sign_up(tx, VISITOR, form, await actions.prepare_password(PASSWORD))
    _, confirmation = (await mails())[-1]
    await ask()
    await actions.reset_password(VISITOR, await link(), NEW)
    with pytest.raises(LinkUsed):
        async with transaction(VISITOR) as tx:
            await actions.verify(tx, VISITOR, queries.link_token(confirmation), DEVICE)


async def test_the_link_works_once_for_an_hour_and_for_nothing_else(db, at):
    at("2026-11-21T12:00Z")
    me = await signed_in(email=EMAIL)
    await ask()
    token = await link()
    async with transaction(VISITOR) as tx:
        with pytest.raises(NotFound):
            await actions.verify(tx, VISITOR, token, DEVICE)
    for forged in ("", "1", token + "x", token.replace(".", ".x"), "²." + token.partition(".")[2]):
        with pytest.raises(NotFound):
            await actions.reset_password(VISITOR, forged, NEW)
    at("2026-11-21T13:00Z")
    with pytest.raises(LinkExpired):
        await actions.reset_password(VISITOR, token, NEW)
    at("2026-11-21T12:59Z")
    await actions.reset_password(VISITOR, token, NEW)
    with pytest.raises(LinkUsed):
        await actions.reset_password(VISITOR, token, PASSWORD)
    assert await opens(NEW)
    assert me.person_id


async def test_a_weak_password_does_not_use_the_link_up(db):
    await signed_in(email=EMAIL, name="Ben Okafor")
    await ask()
    token = await link()
    for weak in ("short", "benokafor1234", "x" * 129):
        with pytest.raises(Invalid):
            await actions.reset_password(VISITOR, token, weak)
    await actions.reset_password(VISITOR, token, NEW)


async def test_of_many_who_open_one_link_at_once_exactly_one_sets_the_password(db):
    await signed_in(email=EMAIL)
    await ask()
    token = await link()
    words = [f"{NEW} {number}" for number in range(MANY)]
    found = await asyncio.gather(
        *(actions.reset_password(VISITOR, token, one) for one in words), return_exceptions=True
    )
    assert found.count(None) == 1
    assert all(one is None or isinstance(one, LinkUsed) for one in found)
    assert await opens(words[found.index(None)])


async def test_another_link_that_was_sent_leads_nowhere_after_it(db):
    await signed_in(email=EMAIL)
    await ask()
    first = await link()
    await ask()
    await actions.reset_password(VISITOR, await link(), NEW)
    with pytest.raises(LinkUsed):
        await actions.reset_password(VISITOR, first, PASSWORD)


async def test_it_confirms_an_address_that_was_not_yet(db):
    await make_user(email=EMAIL, verified=False)
    await ask()
    await actions.reset_password(VISITOR, await link(), NEW)
    async with transaction(READER) as tx:
        assert await tx.db.scalar(text("SELECT verified_at IS NOT NULL FROM users"))


async def test_the_second_factor_is_asked_for_after_it_and_a_waiting_step_is_over(db):
    me, app, _ = await with_app(await signed_in(email=EMAIL))
    async with transaction(VISITOR) as tx:
        step = await actions.begin_second_step(tx, me.person_id or 0)
    await ask()
    await actions.reset_password(VISITOR, await link(), NEW)
    with pytest.raises(SecondStepOver):
        async with transaction(VISITOR) as tx:
            await actions.pass_second_step(tx, VISITOR, step, code(app, steps=1), DEVICE)


async def test_the_current_password_changes_it_and_only_this_sign_in_stays(db):
    person = (await signed_in(email=EMAIL)).person_id or 0
    other = await again(person)
    token = await token_of(person)
    me = await behind(token)
    assert me is not None
    renewed = await actions.change_password(me, PASSWORD, NEW)
    assert renewed is not None
    assert await behind(renewed.token) is not None
    assert await fresh(other) is None
    assert await opens(NEW)
    assert [name for name, _ in await mails()] == ["account.password"]


async def test_a_wrong_current_password_changes_nothing_and_is_slowed_down(db, at):
    at("2026-11-21T12:00Z")
    me = await signed_in(email=EMAIL)
    for _ in range(5):
        with pytest.raises(Invalid) as wrong:
            await actions.change_password(me, "guess", NEW)
        assert wrong.value.field == "current"
    with pytest.raises(TooMany):
        await actions.change_password(me, PASSWORD, NEW)
    assert await opens(PASSWORD)
    at("2026-11-21T12:00:02Z")
    with pytest.raises(Invalid) as weak:
        await actions.change_password(me, PASSWORD, "weak")
    assert weak.value.field == "password"


async def test_who_has_a_second_factor_proves_it_before_a_change(db):
    me, _, _ = await with_app(await signed_in(email=EMAIL))
    with pytest.raises(StepUpNeeded):
        await actions.change_password(replace(me, stepped_up_at=None), PASSWORD, NEW)
    await actions.change_password(me, PASSWORD, NEW)


async def test_visitors_change_no_password(db):
    with pytest.raises(Forbidden):
        await actions.change_password(VISITOR, PASSWORD, NEW)


async def test_a_hash_of_other_parameters_is_made_anew_unless_it_changed_meanwhile(db):
    await make_user(email=EMAIL)  # with cheap parameters
    async with transaction(VISITOR) as tx:
        found = await actions.find_credential(tx, EMAIL)
        assert found is not None
        assert passwords.outdated(found[1])
        assert not passwords.outdated(passwords.hash_now(PASSWORD))
        assert not passwords.outdated("no hash at all")
        await actions.renew_hash(tx, found[0], "another hash", "newer")
        assert await actions.find_credential(tx, EMAIL) == found
        await actions.renew_hash(tx, *found, "newer")
        assert await actions.find_credential(tx, EMAIL) == (found[0], "newer")
