"""The audit trail is append-only, and its chain shows whatever was done to it (OPS-4)."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from loom_app.cli import audit as command
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit, chain
from loom_app.kit.db.engine import owner_engine
from loom_app.kit.db.transaction import transaction
from loom_app.kit.settings import settings
from tests.sizes import CROWD

JOB = Actor.system_job("audit.test")
ME = Actor(person_id=7, session_id=3, network="203.0.113.9", agent="Firefox")


@pytest.fixture(autouse=True)
def own_head(db, folder, monkeypatch):
    monkeypatch.setattr(chain, "_head_file", lambda: folder / "audit" / "head")


async def write(count: int = 1, me: Actor = ME) -> None:
    for number in range(count):
        async with transaction(me) as tx:
            before, after = {"n": number, "ä": None}, {"b": 1.5, "a": [number]}
            await audit(tx, "thing.change", "thing", number, before=before, after=after)


def as_owner(db: str, *statements: str) -> None:
    """What somebody with the whole database in hand could do."""
    owner = owner_engine(db)
    with owner.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in statements:
            connection.execute(text(statement))
    owner.dispose()


async def test_an_entry_says_who_what_and_from_where(db):
    async with transaction(ME) as tx:
        await audit(tx, "thing.change", "thing", 5, after={"a": 1}, reason="They asked")
    async with transaction(JOB) as tx:
        row = (await tx.db.execute(text("SELECT * FROM audit_entries"))).mappings().one()
    assert (row["actor"], row["address"], row["agent"]) == ("person:7", "203.0.113.9", "Firefox")
    assert (row["session_id"], row["reason"], row["after"]) == (3, "They asked", {"a": 1})


async def test_a_chain_that_nobody_touched_holds(db, capsys):
    assert (await chain.verify()).problems == []
    await write(3)
    assert await chain.seal() == 3
    await write(2, Actor(visitor="v"))
    assert await chain.seal() == 2
    assert await chain.seal() == 0
    await write()
    found = await chain.verify()
    assert (found.problems, found.entries, found.last, found.waiting) == ([], 5, 5, 1)
    assert await command.verify() == 0
    assert "The chain holds." in capsys.readouterr().out


DONE_TO_IT = {
    "changed": ["UPDATE audit_entries SET verb = 'thing.keep' WHERE id = 3"],
    "changed inside": ["""UPDATE audit_entries SET after = '{"b": 2}' WHERE id = 3"""],
    "another person": ["UPDATE audit_entries SET actor = 'person:8' WHERE id = 3"],
    "another time": ["UPDATE audit_entries SET at = at - interval '1 hour' WHERE id = 3"],
    "entry deleted": ["DELETE FROM audit_entries WHERE id = 3"],
    "deleted": [
        "DELETE FROM audit_entries WHERE id = 3",
        "DELETE FROM audit_seals WHERE number = 3",
    ],
    "first deleted": [
        "DELETE FROM audit_entries WHERE id = 1",
        "DELETE FROM audit_seals WHERE number = 1",
    ],
    "closed up": [
        "DELETE FROM audit_entries WHERE id = 3",
        "DELETE FROM audit_seals WHERE number = 3",
        "UPDATE audit_seals SET number = number - 1 WHERE number > 3",
    ],
    "cut off": [
        "DELETE FROM audit_entries WHERE id > 4",
        "DELETE FROM audit_seals WHERE number > 4",
    ],
    "all gone": [
        "DELETE FROM audit_entries",
        "DELETE FROM audit_seals",
        "DELETE FROM audit_checkpoints",
    ],
    "reordered": [
        "UPDATE audit_seals SET entry_id = -1 WHERE number = 2",
        "UPDATE audit_seals SET entry_id = 2 WHERE number = 3",
        "UPDATE audit_seals SET entry_id = 3 WHERE number = 2",
    ],
    "inserted": [
        "UPDATE audit_seals SET number = number + 100 WHERE number > 3",
        "UPDATE audit_seals SET number = number - 99 WHERE number > 100",
        "INSERT INTO audit_entries VALUES (99, now(), 'x', 'y', 'z', 1)",
        "INSERT INTO audit_seals VALUES (4, 99, repeat('a', 64), now())",
    ],
    "never sealed": [
        "INSERT INTO audit_entries VALUES (99, now() - interval '1 day', 'x', 'y', 'z', 1)"
    ],
    "checkpoint forged": ["UPDATE audit_checkpoints SET number = 2"],
}


@pytest.mark.parametrize("what", DONE_TO_IT)
async def test_whatever_is_done_to_the_trail_is_found(db, what, capsys):
    await write(6)
    await chain.seal()
    as_owner(db, *DONE_TO_IT[what])
    assert await command.verify() == 1
    assert "The chain is broken." in capsys.readouterr().out


async def test_a_chain_that_was_made_anew_does_not_fit_what_was_signed(db, folder):
    """With the database alone one could hash all of it again: checkpoints and the head show it."""
    await write(6)
    await chain.seal()
    kept = (folder / "audit" / "head").read_text()
    as_owner(
        db,
        "UPDATE audit_entries SET actor = 'person:8' WHERE id = 3",
        "CREATE TEMP TABLE signed ON COMMIT PRESERVE ROWS AS SELECT * FROM audit_checkpoints",
        "DELETE FROM audit_seals",
    )
    await chain.seal()  # as the forger would, with the same code
    (folder / "audit" / "head").write_text(kept)
    assert any("signed" in one for one in (await chain.verify()).problems)


async def test_a_head_that_somebody_else_signed_is_no_head(db, folder):
    await write()
    await chain.seal()
    (folder / "audit" / "head").write_text("1:abc.forged")
    assert "is not signed by this key" in (await chain.verify()).problems[0]
    (folder / "audit" / "head").unlink()  # a new machine has none yet
    assert (await chain.verify()).problems == []


async def try_it(who: Actor, statement: str) -> None:
    async with transaction(who) as tx:
        await tx.db.execute(text("SET LOCAL loom.audit_forget = 'on'"))
        await tx.db.execute(text(statement))


async def test_the_app_can_neither_change_nor_delete_nor_seal_as_somebody_else(db):
    await write(2)
    await chain.seal()
    for who in (ME, JOB, chain.SEALER, chain.KEEPER):
        for statement in (
            "UPDATE audit_entries SET actor = 'x'",
            "DELETE FROM audit_entries",
            "TRUNCATE audit_entries",
            "UPDATE audit_seals SET hash = 'x'",
            "DELETE FROM audit_seals",
            "DELETE FROM audit_checkpoints",
            "DELETE FROM audit_flags",
        ):
            with pytest.raises(Exception, match="permission denied"):
                await try_it(who, statement)
    for who in (ME, JOB, chain.KEEPER):
        with pytest.raises(Exception, match="row-level security"):
            async with transaction(who) as tx:
                await tx.db.execute(text("INSERT INTO audit_seals VALUES (9, 9, 'x', now())"))
    for who in (ME, JOB, chain.SEALER):
        with pytest.raises(Exception, match="only the retention"):
            async with transaction(who) as tx:
                await tx.db.execute(text("SELECT loom_audit_forget(1)"))
    with pytest.raises(Exception, match="too young"):
        async with transaction(chain.KEEPER) as tx:
            await tx.db.execute(text("SELECT loom_audit_forget(1)"))


async def test_not_even_the_owner_changes_it_by_accident(db):
    await write(2)
    owner = owner_engine(db)
    for statement in ("UPDATE audit_entries SET actor = 'x'", "TRUNCATE audit_entries CASCADE"):
        with pytest.raises(Exception, match="append-only"), owner.begin() as connection:
            connection.execute(text(statement))
    owner.dispose()


async def test_people_see_what_they_did_and_what_was_done_to_them_and_no_more(db):
    await write(1)
    async with transaction(Actor(person_id=8)) as tx:
        await audit(tx, "account.test", "user", 7)
        await audit(tx, "account.test", "user", 9)
    async with transaction(ME) as tx:
        seen = (await tx.db.scalars(text("SELECT verb FROM audit_entries ORDER BY id"))).all()
    assert seen == ["thing.change", "account.test"]
    async with transaction(Actor(visitor="v")) as tx:
        assert (await tx.db.scalars(text("SELECT id FROM audit_entries"))).all() == []


async def test_many_write_and_seal_at_once_and_the_chain_has_no_fork(db):
    async def one(number: int) -> None:
        await write(1, replace(ME, person_id=number))
        if number % 5 == 0:
            await chain.seal()

    await asyncio.gather(*(one(number) for number in range(CROWD)))
    await chain.seal()
    found = await chain.verify()
    assert (found.problems, found.entries, found.last, found.waiting) == ([], CROWD, CROWD, 0)


async def test_what_commits_late_gets_its_place_too(db):
    async with transaction(ME) as slow:
        await audit(slow, "thing.slow", "thing", 1)
        await write(2)
        assert await chain.seal() == 2
    assert await chain.seal() == 1
    assert (await chain.verify()).problems == []


async def test_what_is_old_is_forgotten_and_the_rest_can_be_verified(db, at, monkeypatch, capsys):
    monkeypatch.setattr(settings(), "audit_days", 365)
    at("2024-01-01T12:00Z")
    await write(3)
    await chain.seal()
    assert await chain.retain() == 0
    at("2025-06-01T12:00Z")
    await write(2)
    await chain.seal()
    assert await chain.retain() == 3
    assert await chain.retain() == 0
    await chain.seal()
    found = await chain.verify()
    assert (found.problems, found.base, found.last) == ([], 3, 6)  # two, and that it forgot
    at("2025-06-02T12:00Z")
    await write()
    await chain.seal()
    assert (await chain.verify()).problems == []
    as_owner(
        db, "DELETE FROM audit_seals WHERE number = 4", "DELETE FROM audit_entries WHERE id = 4"
    )
    assert "missing from number 4" in (await chain.verify()).problems[0]
    monkeypatch.setattr(settings(), "audit_days", 0)
    at("2035-06-02T12:00Z")
    assert await chain.retain() == 0


async def test_all_that_is_old_is_forgotten_but_the_last(db, at, monkeypatch):
    monkeypatch.setattr(settings(), "audit_days", 90)
    moment = at("2024-01-01T12:00Z")
    await write(3)
    await chain.seal()
    at((moment + timedelta(days=91)).isoformat())
    assert await chain.retain() == 2
    await chain.seal()
    found = await chain.verify()
    assert (found.problems, found.base, found.last) == ([], 2, 4)
