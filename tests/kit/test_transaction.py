import asyncio

import pytest
from sqlalchemy import text

from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import transaction
from loom_app.kit.jobs import outbox
from loom_app.kit.realtime import signals

SYSTEM = Actor.system_job("test.work")


async def test_work_exists_only_if_its_cause_commits(db):
    async def fail() -> None:
        async with transaction(SYSTEM) as tx:
            await tx.enqueue("test.never", {})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await outbox.claim() == []


async def test_a_key_enqueues_once(db):
    for _ in range(2):
        async with transaction(SYSTEM) as tx:
            await tx.enqueue("test.once", {"n": 1}, key="only")
    assert [claimed.name for claimed in await outbox.claim()] == ["test.once"]


async def test_signals_go_out_after_the_commit_and_not_before(db):
    heard: list[signals.Signal] = []
    stop = signals.listen(heard.append)
    async with transaction(SYSTEM) as tx:
        tx.signal("thing:1", 3)
        tx.signal("thing:1", 5)
        assert heard == []
    stop()
    assert heard == [signals.Signal("thing:1", 5)]


async def test_the_role_is_bound_by_row_level_security(db):
    async with transaction(SYSTEM) as tx:
        row = (
            await tx.db.execute(
                text(
                    "SELECT current_user, (SELECT rolbypassrls OR rolsuper FROM pg_roles"
                    " WHERE rolname = current_user)"
                )
            )
        ).one()
    assert tuple(row) == ("loom_app", False)


async def test_the_audit_trail_cannot_be_changed(db):
    async with transaction(SYSTEM) as tx:
        await audit(tx, "thing.made", "thing", 1, after={"a": 1})
    for statement in ("UPDATE audit_entries SET verb = 'x'", "DELETE FROM audit_entries"):
        with pytest.raises(Exception, match="permission denied"):
            async with transaction(SYSTEM) as tx:
                await tx.db.execute(text(statement))


async def test_acting_as_a_system_ends_with_its_block(db):
    person = Actor(person_id=1)
    async with transaction(person) as tx:
        async with tx.acting_as_system("test.narrow"):
            async with tx.acting_as_system("test.inner"):
                assert await tx.db.scalar(text("SELECT loom_system()")) == "test.inner"
            assert await tx.db.scalar(text("SELECT loom_system()")) == "test.narrow"
        assert await tx.db.scalar(text("SELECT loom_system()")) is None
        assert await tx.db.scalar(text("SELECT loom_person()")) == 1


async def test_who_leaves_in_the_middle_is_no_failure(db):
    """A tab that goes to another page cancels what its page was reading."""
    begun = asyncio.Event()

    async def read() -> None:
        async with transaction(SYSTEM) as tx, tx.acting_as_system("test.narrow"):
            begun.set()
            await tx.db.execute(text("SELECT pg_sleep(60)"))

    reading = asyncio.create_task(read())
    await begun.wait()
    await asyncio.sleep(0)  # into the statement
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    async with transaction(SYSTEM) as tx:
        assert await tx.db.scalar(text("SELECT 1")) == 1
