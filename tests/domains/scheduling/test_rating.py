"""One rating a session, for two weeks; the coach's average follows."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from loom_app.domains.scheduling import actions, queries
from loom_app.integrations.mail import mailbox
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Forbidden, Invalid, NotFound
from loom_app.kit.jobs import outbox
from tests.factories.accounts import make_user
from tests.factories.scheduling import make_open_coach, make_session, slot
from tests.sizes import CROWD


async def rate(me: Actor, session_id: int, stars: int, *words: str) -> None:
    async with transaction(me) as tx:
        await actions.rate(tx, me, session_id, stars, *words)


async def seen(me: Actor, session_id: int):
    async with transaction(me) as tx:
        return (await queries.session(tx, me, session_id)).rating


async def average() -> tuple[float, int]:
    async with transaction(Actor.system_job("scheduling.test")) as tx:
        row = await tx.db.execute(text("SELECT rating_avg, rating_count FROM coach_profiles"))
        return tuple(row.one())


async def took_place(at, count: int = 1):
    """Sessions that are over, each with a client of its own."""
    at("2026-11-21T12:00Z")
    ada, offering_id = await make_open_coach()
    clients = [await make_user(name=f"Client {n}") for n in range(count)]
    booked = [
        await make_session(me, offering_id, slot(3 + n // 10, 2 * (n % 10)))
        for n, me in enumerate(clients)
    ]
    at(slot(3 + count // 10 + 1).isoformat())
    await outbox.drain()
    return ada, clients, [one.session_id for one in booked]


async def test_a_client_rates_and_changes_it_and_the_coach_reads_it(db, at):
    ada, (ben,), (session_id,) = await took_place(at)
    assert (await seen(ben, session_id)).open
    assert not (await seen(ada, session_id)).open
    await rate(ben, session_id, 3, "Fine.", "A bit fast.")
    await rate(ben, session_id, 5, " Better than I thought. ", "")
    given = await seen(ada, session_id)
    assert (given.stars, given.feedback, given.private_note) == (5, "Better than I thought.", "")
    assert await average() == (5.0, 1)
    await outbox.drain()
    subjects = [one.subject for one in await mailbox.newest()]
    assert sum("star" in one for one in subjects) == 1, "a change is no second mail"
    assert sum(one.startswith("How was Clarity session") for one in subjects) == 1


async def test_only_after_it_and_only_for_two_weeks(db, at):
    at("2026-11-21T12:00Z")
    _, offering_id = await make_open_coach()
    ben = await make_user()
    booked = await make_session(ben, offering_id, slot(3))
    with pytest.raises(Forbidden):
        await rate(ben, booked.session_id, 5)
    done = slot(4)
    at(done.isoformat())
    await outbox.drain()
    await rate(ben, booked.session_id, 4)
    at((done + timedelta(days=14)).isoformat())
    await rate(ben, booked.session_id, 5)
    at((done + timedelta(days=14, seconds=1)).isoformat())
    assert not (await seen(ben, booked.session_id)).open
    with pytest.raises(Forbidden):
        await rate(ben, booked.session_id, 1)


async def test_nobody_else_rates_and_nothing_impossible(db, at):
    ada, (ben,), (session_id,) = await took_place(at)
    cleo = await make_user(name="Cleo")
    for me in (ada, cleo):
        with pytest.raises(NotFound):
            await rate(me, session_id, 5)
    for stars in (0, 6, -1):
        with pytest.raises(Invalid):
            await rate(ben, session_id, stars)
    for words in (("x" * 2001, ""), ("", "x" * 2001)):
        with pytest.raises(Invalid):
            await rate(ben, session_id, 5, *words)
    assert await average() == (0, 0)
    async with transaction(cleo) as tx:
        assert await tx.db.scalar(text("SELECT count(*) FROM session_ratings")) == 0


async def test_the_average_is_exact_when_many_rate_at_once(db, at):
    many = CROWD // 4
    _, clients, sessions = await took_place(at, many)
    given = [1 + n % 5 for n in range(many)]
    await asyncio.gather(
        *(rate(me, one, stars) for me, one, stars in zip(clients, sessions, given, strict=True))
    )
    assert await average() == (sum(given) / many, many)
