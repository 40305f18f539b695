"""The lights of the page of health: real figures, and red where something is wrong."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, text

from loom_app.domains.operations import health, vitals
from loom_app.kit import clock, metrics
from loom_app.kit.actor import Actor
from loom_app.kit.db.migrate import head
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Forbidden
from loom_app.kit.realtime import processes, telling
from tests.factories.accounts import make_user
from tests.factories.coaches import make_coach

REGISTRY = Actor.system_job("realtime.processes")


async def look(me, certificate=None):
    async with transaction(me) as tx:
        found = await vitals.read(tx, me)
    parts = health.parts(clock.now(), found, certificate)
    return found, {sign.key: sign for part in parts for sign in part.signs}


@pytest.fixture
def owner(database):
    engine = create_engine(database, isolation_level="AUTOCOMMIT")
    yield engine
    engine.dispose()


async def test_only_staff_who_may_see_it_do(db):
    for me in (Actor(), await make_user(), await make_user(email="b@loom.test", roles=["coach"])):
        with pytest.raises(Forbidden):
            await look(me)


async def test_a_calm_system_is_green_where_it_can_be_known(db):
    sam = await make_user(roles=["staff"])
    async with transaction(REGISTRY) as tx:
        await processes.beat(tx, "one", [])
    found, lights = await look(sam)
    assert found.revision == head()
    green = {key for key, one in lights.items() if one.level == "good"}
    assert {"rows", "locks", "version", "due", "failed", "mails", "webhooks", "versions"} <= green
    assert all(one.todo for one in lights.values() if one.level in {"warn", "bad"})
    assert not any(one.todo for one in lights.values() if one.level == "good")
    assert found.size > 1_000_000
    assert len(found.tables) == vitals.LARGEST


async def test_a_table_without_row_level_security_is_red_and_named(db, owner):
    sam = await make_user(roles=["staff"])
    with owner.connect() as connection:
        connection.execute(text("CREATE TABLE left_open (id int)"))
        try:
            _, lights = await look(sam)
        finally:
            connection.execute(text("DROP TABLE left_open"))
    assert lights["rows"].level == "bad"
    assert "left_open" in lights["rows"].says
    assert "Stop Loom" in lights["rows"].todo


async def test_work_that_is_late_or_given_up_turns_lights(db):
    sam = await make_user(roles=["staff"])
    now = clock.now()
    async with transaction(Actor.system_job("test.work")) as tx:
        await tx.enqueue("test.late", {}, at=now - timedelta(minutes=11))
        await tx.enqueue("test.failed", {})
    async with transaction(Actor.system_job("worker")) as tx:
        await tx.db.execute(
            text("UPDATE outbox_jobs SET failed_at = now() WHERE name = 'test.failed'")
        )
    _, lights = await look(sam)
    assert lights["due"].level == "bad"
    assert lights["due"].says == "1, the oldest for 11 minutes"
    assert (lights["failed"].level, lights["failed"].says) == ("bad", "1")
    assert lights["failed"].href == "/admin/jobs/list"


async def test_who_waits_for_a_lock_is_seen_without_anybodys_statement(db, owner):
    sam = await make_user(roles=["staff"])
    with owner.connect() as holder, owner.connect() as waiter:
        holder.execute(text("BEGIN"))
        holder.execute(text("SELECT id FROM users FOR UPDATE"))
        waiting = asyncio.to_thread(waiter.execute, text("SELECT id FROM users FOR UPDATE"))
        task = asyncio.create_task(waiting)
        async with asyncio.timeout(20):
            while True:  # until PostgreSQL says that it waits
                found, lights = await look(sam)
                if found.waits:
                    break
                await asyncio.sleep(0)
        holder.execute(text("ROLLBACK"))
        await task
    assert lights["locks"].level == "warn"
    assert found.longest > 0


async def test_staff_without_a_second_factor_is_red_and_coaches_are_counted(db):
    sam = await make_user(roles=["staff"])
    await make_coach()
    _, lights = await look(sam)
    assert lights["staff_factors"].level == "bad"
    assert lights["staff_factors"].says == "0 of 1 have one"
    assert lights["coach_factors"].says == "0 of 1 have one"
    assert lights["coach_factors"].level == "warn"


async def test_processes_tell_how_full_they_are_and_what_was_slow_in_them(db):
    sam = await make_user(roles=["staff"])
    telling.begin()
    metrics._slow.clear()
    metrics._note_slow("SELECT something  FROM\n somewhere", 700)
    metrics._note_slow("SELECT something FROM somewhere", 900)
    async with transaction(REGISTRY) as tx:
        await processes.beat(tx, "one", [])
    metrics._note_slow("SELECT something FROM somewhere", 100)
    async with transaction(REGISTRY) as tx:
        await processes.beat(tx, "two", [])
    metrics._slow.clear()
    found, lights = await look(sam)
    (slow,) = health.slow_statements(found)
    assert (slow.text, slow.times, slow.most_ms) == ("SELECT something FROM somewhere", 5, 900)
    assert lights["slow"].level == "warn"
    assert lights["versions"].says == "2 processes"
    assert found.processes[0].facts["sockets_most"] == 12000


@pytest.mark.parametrize(("days", "level"), [(60, "good"), (20, "warn"), (3, "bad"), (-1, "bad")])
async def test_a_certificate_is_looked_at_by_its_end(db, monkeypatch, days, level):
    sam = await make_user(roles=["staff"])
    async with transaction(sam) as tx:
        found = await vitals.read(tx, sam)
    plain = health.parts(clock.now(), found, None)
    assert next(s.level for p in plain for s in p.signs if s.key == "certificate") == "plain"
    ends = clock.now() + timedelta(days=days, hours=1)
    assert health._of_certificate(clock.now(), ends).level == level
