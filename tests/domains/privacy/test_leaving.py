"""Leaving: fourteen days to think better of it, and then nothing of the person is left (ACC-13)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.accounts.errors import StepUpNeeded
from loom_app.domains.payments import actions as payments
from loom_app.domains.privacy import actions, queries
from loom_app.integrations.mail import mailbox
from loom_app.kit.actor import Actor
from loom_app.kit.db.engine import owner_engine
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Conflict, Forbidden, Invalid, NotFound
from loom_app.kit.jobs import outbox
from loom_app.kit.money import Money
from loom_app.kit.realtime import signals
from tests.domains.accounts.people import again, fresh, signed_in
from tests.domains.privacy.world import EMAIL, MARK, NAME, fill, holding, make_client
from tests.factories.accounts import make_user
from tests.integrations.stripe.fixtures import contract, sandbox

__all__ = ["contract", "sandbox"]
# invoices are kept whole by law; there are none in this world, and none of these may hold a name
KEPT: list[str] = []
# where the name and the words of the other one are, who did not leave
OF_THE_CLIENT = {
    "credentials.email",
    "credentials.email_key",
    "mailbox_messages.recipient",
    "message_words.word",
    "messages.body",
    "users.name",
}


async def leave(me: Actor, typed: str = EMAIL) -> None:
    async with transaction(me) as tx:
        await actions.ask_deletion(tx, me, typed)


async def due(me: Actor) -> object:
    async with transaction(me) as tx:
        return await queries.leaving_at(tx, me)


async def subjects() -> list[str]:
    await outbox.drain()
    return [one.message["Subject"] for one in await mailbox.newest()]


async def test_nothing_of_who_left_is_in_any_table(db, sandbox, at):
    at("2026-11-01T12:00Z")
    client, ada, conversation = await make_client()
    fill(db, client)
    await outbox.drain()
    assert len(holding(db, MARK)) > 20
    await leave(client)
    at("2026-11-15T11:59Z")
    assert await actions.erase_due() == 0
    at("2026-11-15T12:00Z")
    assert await actions.erase_due() == 1
    assert await actions.erase_due() == 0
    await outbox.drain()
    assert holding(db, MARK) == KEPT
    assert holding(db, EMAIL) == KEPT
    assert holding(db, NAME) == KEPT
    async with transaction(ada) as tx:  # what they had together is still there
        people = await accounts.people(tx, [client.person_id or 0])
        assert people[client.person_id or 0].name == "Deleted person"
        lines = text("SELECT count(*) FROM messages WHERE conversation_id = :c")
        assert await tx.db.scalar(lines, {"c": conversation})


async def test_what_is_asked_for_can_be_undone(db, at):
    at("2026-11-01T12:00Z")
    await make_user(name="Somebody Else")
    me = await make_user(name=NAME, email=EMAIL)
    await leave(me, f" {EMAIL.upper()} ")
    await leave(me)  # twice is once
    assert await due(me) is not None
    assert (await subjects())[0] == "Your account will be deleted on 15 November 2026"
    for _ in range(2):
        async with transaction(me) as tx:
            await actions.keep_account(tx, me)
    assert await due(me) is None
    at("2026-12-01T12:00Z")
    assert await actions.erase_due() == 0
    assert "users.name" in holding(db, NAME)


async def test_it_takes_a_proof_and_the_address_typed(db):
    me = await make_user(name=NAME, email=EMAIL)
    with pytest.raises(StepUpNeeded):
        await leave(replace(me, stepped_up_at=None))
    for typed in ("", "yes", "quentin@loom.test"):
        with pytest.raises(Invalid) as refused:
            await leave(me, typed)
        assert refused.value.field == "typed"
    with pytest.raises(Forbidden):
        await leave(Actor(visitor="v"))
    assert await due(Actor(visitor="v")) is None


async def test_what_is_booked_or_owed_is_settled_first(db, at, sandbox):
    at("2026-11-01T12:00Z")
    client, ada, _ = await make_client()
    for person in (client, ada):
        async with transaction(person) as tx:
            found = await queries.hindrances(tx, person)
        assert "/sessions" in [one.href for one in found]
    with pytest.raises(Conflict):
        await leave(client)
    olga = await make_user(name="Olga", roles=["staff"])
    async with transaction(olga) as tx:
        assert [one.href for one in await queries.hindrances(tx, olga)] == ["/staff/roles"]
    await make_user(name="Otto", roles=["staff"])
    async with transaction(olga) as tx:
        assert await queries.hindrances(tx, olga) == []


async def test_what_came_up_meanwhile_is_waited_for_and_told_once(db, at, sandbox):
    at("2026-11-01T12:00Z")
    client, _, _ = await make_client()
    owner = owner_engine(db)
    with owner.begin() as connection:
        connection.execute(text("UPDATE seats SET status = 'completed'"))
    await leave(client)
    with owner.begin() as connection:
        connection.execute(text("UPDATE seats SET status = 'confirmed'"))
    owner.dispose()
    at("2026-11-16T12:00Z")
    for _ in range(2):
        assert await actions.erase_due() == 0
    assert (await subjects()).count("Your account could not be deleted yet") == 1
    fill(db, client)
    assert await actions.erase_due() == 1


async def test_other_sign_ins_end_with_the_asking_and_the_last_one_on_the_day(db, at):
    at("2026-11-01T12:00Z")
    here = await signed_in(name=NAME, email=EMAIL)
    elsewhere = [await again(here.person_id or 0) for _ in range(2)]
    await leave(here)
    assert [await fresh(one) for one in elsewhere] == [None, None]
    assert await fresh(here) is not None
    at("2026-11-15T11:59Z")
    late = await again(here.person_id or 0)
    at("2026-11-15T12:00Z")
    told: list[str] = []
    stop = signals.listen(lambda one: told.append(one.topic))
    assert await actions.erase_due() == 1
    stop()
    assert f"auth:{late.session_id}" in told  # its open tabs are closed
    assert await fresh(late) is None


@asynccontextmanager
async def begun(payer: Actor, coach: Actor, number: int) -> AsyncIterator[None]:
    """A payment that is being begun: nobody else sees it yet."""
    async with transaction(payer) as tx:
        await payments.begin_charge(
            tx,
            payer,
            payments.Payable("package", number),
            Money(12000, "USD"),
            payer_id=payer.person_id or 0,
            coach_id=coach.person_id or 0,
            description="Ten sessions",
            return_path="/packages/1",
            cancel_path="/packages/1",
            expires_at=tx.now + timedelta(minutes=31),
        )
        yield


async def until_it_waits(work: asyncio.Task[int]) -> None:
    """Until a statement of the work waits for a lock of ours, or the work is done."""
    blocked = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    while not work.done():
        async with transaction(Actor.system_job("privacy.test")) as tx:
            if await tx.db.scalar(blocked):
                return


@pytest.mark.parametrize("side", ["payer", "coach"])
async def test_a_payment_begun_in_the_moment_of_the_erasure_is_waited_for(db, at, sandbox, side):
    at("2026-11-01T12:00Z")
    ben = await make_user(name=NAME, email=EMAIL)
    ada = await make_user(name="Ada", roles=["coach"], email="ada@loom.test")
    leaver, typed = (ben, EMAIL) if side == "payer" else (ada, "ada@loom.test")
    await leave(leaver, typed)
    at("2026-11-16T12:00Z")
    async with begun(ben, ada, 1):
        erasing = asyncio.create_task(actions.erase_due())
        await until_it_waits(erasing)
    assert await erasing == 0
    assert await due(leaver) is not None


async def test_with_who_has_left_nothing_is_begun(db, at, sandbox):
    at("2026-11-01T12:00Z")
    ben, ada = await make_user(name=NAME, email=EMAIL), await make_user(roles=["coach"])
    await leave(ben)
    at("2026-11-16T12:00Z")
    assert await actions.erase_due() == 1
    with pytest.raises(NotFound):
        async with begun(ben, ada, 1):
            pass


async def test_nobody_is_erased_who_did_not_ask(db):
    me = await make_user(name=NAME, email=EMAIL)
    for who in (me, Actor.system_job("privacy.erase"), Actor.system_job("accounts.x")):
        with pytest.raises(Exception, match="nobody asked"):
            async with transaction(who) as tx:
                await tx.db.execute(text("SELECT loom_erase(:me, now())"), {"me": me.person_id})
    for who in (replace(me, system="accounts.x"), Actor.system_job("privacy.export")):
        with pytest.raises(Exception, match="one's own"):
            async with transaction(who) as tx:
                await tx.db.execute(text("SELECT loom_my_rows('users')"))


async def test_a_coach_who_leaves_is_shown_no_more_and_leaves_no_word(db, at, sandbox):
    at("2026-11-01T12:00Z")
    client, ada, _ = await make_client()
    async with transaction(ada) as tx:
        email = (await accounts.my_profile(tx, ada)).email
    fill(db, ada, email)
    await leave(ada, email)
    at("2026-11-16T12:00Z")
    assert await actions.erase_due() == 1
    await outbox.drain()
    assert holding(db, email) == []
    assert set(holding(db, MARK)) <= OF_THE_CLIENT
    async with transaction(client) as tx:
        with pytest.raises(NotFound):
            await accounts.email_of(tx, ada.person_id or 0)
