"""All that Loom has of a person, in one file for them alone (ACC-13)."""

import asyncio
import csv
import io
import json
import zipfile
from dataclasses import replace

import pytest
from sqlalchemy import text

from loom_app.domains.accounts.errors import StepUpNeeded
from loom_app.domains.privacy import actions, files, queries
from loom_app.domains.privacy.queries import ExportView
from loom_app.domains.privacy.tables import as_csv
from loom_app.integrations.mail import mailbox
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Conflict, Forbidden, NotFound, TooMany
from loom_app.kit.files import avatars
from loom_app.kit.jobs import outbox
from tests.domains.privacy.world import EMAIL, MARK, fill, make_client
from tests.factories.accounts import make_user
from tests.integrations.stripe.fixtures import contract, sandbox

__all__ = ["contract", "sandbox"]


async def ask(me: Actor) -> int:
    async with transaction(me) as tx:
        return await actions.ask_export(tx, me)


async def export_of(me: Actor) -> ExportView:
    async with transaction(me) as tx:
        found = await queries.my_export(tx, me)
    assert found is not None
    return found


async def opened(me: Actor) -> zipfile.ZipFile:
    one = await export_of(me)
    async with transaction(me) as tx:
        return zipfile.ZipFile(await actions.download(tx, me, one.token))


async def test_it_holds_what_is_the_persons_and_nothing_of_others(db, sandbox, at):
    at("2026-11-01T12:00Z")
    client, ada, _ = await make_client()
    await make_user(name="Xaver Stranger", email="xaver.stranger@loom.test")
    fill(db, client)
    await ask(client)
    await outbox.drain()
    one = await export_of(client)
    assert (one.status, one.done) == ("ready", one.total)
    assert one.bytes > 0
    with await opened(client) as archive:
        inside = archive.namelist()
        everything = b"".join(archive.read(name) for name in inside).decode()
        profile = json.loads(archive.read("data/users.json"))
        messages = json.loads(archive.read("data/messages.json"))
        manifest = json.loads(archive.read("manifest.json"))
        _tables_hold_the_same(archive)
    assert (profile[0]["bio"], profile[0]["id"]) == (MARK, client.person_id)
    assert {row["sender_id"] for row in messages} == {client.person_id}
    assert {"README.txt", "data/credentials.json", "data/seats.json"} <= set(inside)
    assert manifest["rows"]["data/users.json"] == 1
    assert EMAIL in everything
    for secret in ("password", "token_hash", "argon2", "xaver.stranger", "Xaver", ada.name):
        assert secret not in everything.replace("digest of your password", ""), secret
    assert "Your data is ready" in [m.message["Subject"] for m in await mailbox.newest()]


def _tables_hold_the_same(archive: zipfile.ZipFile) -> None:
    """Every list has its table: the same rows, the same names, the same values."""
    lists = {name for name in archive.namelist() if name.startswith("data/")}
    tables = {name for name in archive.namelist() if name.startswith("tables/")}
    assert {name[5:-5] for name in lists} == {name[7:-4] for name in tables}
    for name in lists:
        told = json.loads(archive.read(name))
        written = archive.read(f"tables/{name[5:-5]}.csv").decode("utf-8-sig")
        found = list(csv.DictReader(io.StringIO(written)))
        assert len(found) == len(told), name
        for row, cells in zip(told, found, strict=True):
            assert set(row) == set(cells), name
            for key, value in row.items():
                if isinstance(value, str) and not value.startswith(("=", "+", "-", "@")):
                    assert cells[key] == value, (name, key)
                elif isinstance(value, int) and not isinstance(value, bool):
                    assert int(cells[key]) == value, (name, key)


def test_a_table_has_no_formulas_and_every_kind_of_value():
    rows = [
        {"a": "=1+1", "b": -500, "c": None, "d": True, "e": ["ü", 1]},
        {"a": 'two, "three"\nfour', "b": 1.5, "f": {"x": "@y"}},
    ]
    written = as_csv(rows)
    found = list(csv.DictReader(io.StringIO(written.removeprefix("\ufeff"), newline="")))
    assert [row["a"] for row in found] == ["'=1+1", 'two, "three"\nfour']
    assert [found[0][name] for name in "bcdef"] == ["-500", "", "true", '["ü", 1]', ""]
    assert [found[1][name] for name in "bcdef"] == ["1.5", "", "", "", '{"x": "@y"}']


async def test_everything_that_is_marked_as_exported_comes_out(db, sandbox, at):
    """Walks the catalogue: of every table in which the person has rows, every such column."""
    at("2026-11-01T12:00Z")
    client, _, _ = await make_client()
    fill(db, client)
    async with transaction(replace(client, system="privacy.export")) as tx:
        for name in await tx.db.scalars(text("SELECT loom_my_tables()")):
            rows = await tx.db.scalars(text("SELECT loom_my_rows(:n)"), {"n": name})
            assert all(isinstance(row, dict) and row for row in rows), name
        with pytest.raises(Exception, match="no rows"):
            await tx.db.execute(text("SELECT loom_my_rows('audit_seals')"))


async def test_pictures_and_files_are_in_it(db, at):
    at("2026-11-01T12:00Z")
    me = await make_user(name="Ben")
    key = avatars.store(b"a picture")
    async with transaction(Actor.system_job("accounts.test")) as tx:
        values = {"key": key, "me": me.person_id}
        await tx.db.execute(text("UPDATE users SET avatar = :key WHERE id = :me"), values)
    await ask(me)
    await outbox.drain()
    with await opened(me) as archive:
        assert archive.read("files/picture.webp") == b"a picture"


async def test_it_is_for_a_day_and_then_removed(db, at):
    at("2026-11-01T12:00Z")
    me = await make_user(name="Ben")
    await ask(me)
    await outbox.drain()
    one = await export_of(me)
    async with transaction(me) as tx:
        path = files.path_of(await queries.export_file(tx, me, one.token))
    assert path.is_file()
    at("2026-11-02T12:00Z")
    with pytest.raises(NotFound):
        async with transaction(me) as tx:
            await actions.download(tx, me, one.token)
    assert (await export_of(me)).status == "over"
    assert await actions.clear_old() == 1
    assert await actions.clear_old() == 0
    assert not path.exists()


async def test_only_the_person_with_a_proof_downloads_it(db):
    me, other = await make_user(name="Ben"), await make_user(name="Cleo")
    number = await ask(me)
    await outbox.drain()
    token = (await export_of(me)).token
    for who, what, expected in (
        (other, token, NotFound),
        (me, token + "x", NotFound),
        (me, "", NotFound),
        (me, f"{number}:abc", NotFound),
        (Actor(visitor="v"), token, NotFound),
        (replace(me, stepped_up_at=None), token, StepUpNeeded),
    ):
        with pytest.raises(expected):
            async with transaction(who) as tx:
                await actions.download(tx, who, what)
    for who, expected in (
        (Actor(visitor="v"), Forbidden),
        (replace(me, stepped_up_at=None), StepUpNeeded),
    ):
        with pytest.raises(expected):
            await ask(who)
    with pytest.raises(ValueError, match="passwd"):
        files.path_of("../../etc/passwd")


async def test_one_is_made_at_a_time_and_three_a_day(db, at):
    at("2026-11-01T12:00Z")
    me = await make_user(name="Ben")
    asked = await asyncio.gather(*(ask(me) for _ in range(8)), return_exceptions=True)
    assert [type(one) for one in asked].count(int) == 1
    assert [type(one) for one in asked].count(Conflict) == 7
    await outbox.drain()
    for _ in range(2):
        await ask(me)
        await outbox.drain()
    with pytest.raises(TooMany):
        await ask(me)
    at("2026-11-02T13:00Z")
    await ask(me)


async def test_a_file_that_was_half_made_is_made_anew_and_a_ready_one_is_not(db, at):
    at("2026-11-01T12:00Z")
    me = await make_user(name="Ben")
    number = await ask(me)
    async with transaction(Actor.system_job("privacy.test")) as tx:
        await tx.db.execute(text("UPDATE data_exports SET status = 'working', done = 7"))
    await actions.make(number)
    one = await export_of(me)
    assert one.status == "ready"
    await actions.make(number)
    await actions.make(999)
    assert await export_of(me) == one
