"""The memory of who is signed in, checked against the database."""

import asyncio

from sqlalchemy import event, text

from loom_app.domains.accounts import actions
from loom_app.kit.actor import Actor
from loom_app.kit.db import engine
from loom_app.kit.db.transaction import transaction
from loom_app.kit.realtime import signals
from loom_app.ui import session
from tests.factories.accounts import make_user

VISITOR = Actor(visitor="v" * 64)


async def sign_in(person: Actor) -> int:
    async with transaction(VISITOR) as tx:
        await actions.begin_session(
            tx, VISITOR, person.require_person(), actions.Device(), remember=True
        )
    async with transaction(Actor.system_job("accounts.test")) as tx:
        return await tx.db.scalar(text("SELECT max(id) FROM auth_sessions"))


async def test_a_sign_in_ended_elsewhere_ends_here_at_the_next_check(db):
    session._actors.clear()
    number = await sign_in(await make_user())
    assert await session.person_of(number) is not None
    async with transaction(Actor.system_job("accounts.test")) as tx:
        await tx.db.execute(text("UPDATE auth_sessions SET revoked_at = now()"))
    heard: list[str] = []
    stops = [signals.listen(lambda s: heard.append(s.topic)), signals.listen(session.forget)]
    await session.check_once()
    for stop in stops:
        stop()
    assert heard == [f"auth:{number}"]
    assert await session.person_of(number) is None


async def test_somebody_who_signs_in_during_a_check_is_not_thrown_out(db):
    session._actors.clear()
    first, second = await sign_in(await make_user()), await sign_in(await make_user(name="Cleo"))
    await session.person_of(first)
    heard: list[str] = []
    stop = signals.listen(lambda s: heard.append(s.topic))
    engine.sessions()
    arrived = asyncio.Event()

    def meanwhile(*_):
        """While the question is on its way, a second person becomes known."""
        if not arrived.is_set():
            arrived.set()
            session._actors[second] = (float("inf"), VISITOR)

    assert engine._engine is not None
    event.listen(engine._engine.sync_engine, "after_cursor_execute", meanwhile)
    await session.check_once()
    stop()
    assert arrived.is_set()
    assert heard == []
