import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.jobs import outbox
from loom_app.kit.jobs import worker as worker_module
from loom_app.kit.jobs.worker import Worker
from loom_app.kit.tasks import running

SYSTEM = Actor.system_job("test.work")
done: list[int] = []
failures: list[int] = []
heard, released = asyncio.Event(), asyncio.Event()


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
    global heard, released
    heard, released = asyncio.Event(), asyncio.Event()


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


@outbox.job("test.long")
async def long(payload):
    heard.set()
    await released.wait()
    done.append(payload["n"])


async def test_a_worker_that_is_told_to_stop_finishes_what_runs_and_begins_nothing(db):
    worker = Worker()
    await enqueue("test.long", 1)
    running_task = asyncio.create_task(worker.run())
    async with asyncio.timeout(10):
        await heard.wait()
    worker.stop()
    await enqueue("test.note", 2)
    released.set()
    async with asyncio.timeout(10):
        await running_task
    assert done == [1]
    (waiting,) = [one for one in await outbox.claim(100) if one.name == "test.note"]
    assert waiting.attempts == 1


async def test_what_a_stopping_worker_cannot_finish_is_given_back_at_once(db, monkeypatch):
    monkeypatch.setattr(worker_module, "FINISH_SECONDS", 0.05)
    for n in range(6):  # more than run at a time: the others are claimed and have not begun
        await enqueue("test.long", n)
    async with running(Worker().run()):
        async with asyncio.timeout(10):
            await heard.wait()
    again = [one for one in await outbox.claim(100) if one.name == "test.long"]
    assert sorted(one.payload["n"] for one in again) == list(range(6))
    assert {one.attempts for one in again} == {1}
    assert done == []


async def test_who_is_told_to_stop_and_then_ended_gives_back_what_is_not_done(db, monkeypatch):
    """As a process leaves: its worker stops at once, and its tasks are cancelled soon after."""
    monkeypatch.setattr(worker_module, "FINISH_SECONDS", 0.3)
    waits = asyncio.Event()

    class Leaving(Worker):
        async def _finish(self) -> None:
            waits.set()
            await super()._finish()

    worker = Leaving()
    await enqueue("test.long", 1)
    async with running(worker.run()), asyncio.timeout(10):
        await heard.wait()
        worker.stop()
        await waits.wait()
    (again,) = [one for one in await outbox.claim(100) if one.name == "test.long"]
    assert (again.attempts, done) == (1, [])


async def test_what_another_has_claimed_meanwhile_is_not_taken_from_it(db, at):
    at("2026-11-22T12:00Z")
    await enqueue("test.long", 1)
    (first,) = await outbox.claim()
    at("2026-11-22T12:06Z")  # its lease is over
    (second,) = await outbox.claim()
    await outbox.give_back([first.lease])
    assert await outbox.claim() == []
    await outbox.give_back([second.lease])
    assert [one.attempts for one in await outbox.claim()] == [2]
