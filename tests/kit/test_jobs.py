import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.jobs import outbox
from loom_app.kit.jobs.worker import Worker
from loom_app.kit.tasks import running

SYSTEM = Actor.system_job("test.work")
done: list[int] = []
failures: list[int] = []
heard = asyncio.Event()


@outbox.job("test.note")
async def note(payload):
    done.append(payload["n"])
    heard.set()


@outbox.job("test.fail")
async def fail(payload):
    failures.append(payload["n"])
    raise ConnectionError("away")


@pytest.fixture(autouse=True)
def silence():
    done.clear()
    failures.clear()
    heard.clear()


async def enqueue(name, n, **more):
    async with transaction(SYSTEM) as tx:
        await tx.enqueue(name, {"n": n}, **more)


async def row():
    async with transaction(outbox.WORKER) as tx:
        return (
            await tx.db.execute(
                text("SELECT attempts, done_at, failed_at, last_error FROM outbox_jobs")
            )
        ).one()


async def test_work_for_later_waits(db, at):
    start = at("2026-11-21T12:00:00+00:00")
    await enqueue("test.note", 1, at=start + timedelta(minutes=10))
    await outbox.drain()
    assert done == []
    at("2026-11-21T12:10:01+00:00")
    await outbox.drain()
    assert done == [1]


async def test_a_failure_is_tried_again_later_and_ends_where_staff_can_see_it(db, at):
    moment = at("2026-11-21T12:00:00+00:00")
    await enqueue("test.fail", 1)
    for n in range(outbox.MAX_ATTEMPTS + 3):
        at((moment + timedelta(hours=2 * n)).isoformat())
        await outbox.drain()
    found = await row()
    assert len(failures) == outbox.MAX_ATTEMPTS == found.attempts
    assert found.failed_at is not None
    assert found.last_error == "ConnectionError: away"


async def test_a_worker_that_died_gives_its_work_back(db, at):
    at("2026-11-21T12:00:00+00:00")
    await enqueue("test.note", 1)
    assert len(await outbox.claim()) == 1
    assert await outbox.claim() == []
    at("2026-11-21T12:06:00+00:00")
    (again,) = await outbox.claim()
    await outbox.run(again)
    assert done == [1]


async def test_two_workers_never_claim_the_same(db):
    for n in range(30):
        await enqueue("test.note", n)
    batches = await asyncio.gather(*(outbox.claim(10) for _ in range(6)))
    claimed = [one.id for batch in batches for one in batch]
    assert len(claimed) == len(set(claimed)) == 30


async def test_a_commit_wakes_the_worker_of_its_process(db):
    async with running(Worker().run()):
        await asyncio.sleep(0)
        await enqueue("test.note", 5)
        async with asyncio.timeout(10):
            await heard.wait()
    assert done == [5]
