"""The drill: what is backed up comes back whole; what is damaged is told before it is needed."""

import os
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from loom_app.cli import backup, restore
from loom_app.kit.audit import audit
from loom_app.kit.audit.chain import seal
from loom_app.kit.db.transaction import transaction
from loom_app.kit.files import store
from loom_app.kit.settings import settings
from tests.factories.accounts import make_user
from tests.factories.scheduling import make_open_coach, make_session, slot

_TABLES = text(
    "SELECT format('%I.%I', nspname, relname) FROM pg_class c"
    " JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind = 'r'"
    " AND nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema' ORDER BY 1"
)


def contents(url: str) -> dict[str, str]:
    """A digest of the rows of every table, whatever their order on the disk."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = {
            name: connection.scalar(
                text(
                    f"SELECT count(*) || md5(coalesce(string_agg(r, ',' ORDER BY r), ''))"
                    f" FROM (SELECT t::text AS r FROM {name} t) rows"
                )
            )
            for name in connection.scalars(_TABLES)
        }
    engine.dispose()
    return {name: str(value) for name, value in found.items()}


@pytest.fixture
def data(folder, monkeypatch) -> Path:
    monkeypatch.setattr(settings(), "data_dir", folder / "data")
    key = store.new_key()
    store.incoming(key).write_bytes(b"half of a file")
    whole = store.path_of(key)
    whole.parent.mkdir(parents=True)
    whole.write_bytes(b"a picture")
    return folder / "data"


@pytest.fixture
async def practice(db, data) -> str:
    _, offering_id = await make_open_coach()
    ben = await make_user(zone="America/New_York")
    await make_session(ben, offering_id, slot(3))
    async with transaction(ben) as tx:
        await audit(tx, "profile.save", "user", ben.person_id)
    await seal()
    return db


@pytest.fixture
def elsewhere(server_url, monkeypatch, folder) -> Iterator[str]:
    """An empty database and an empty folder on another machine, so to say."""
    name = f"restored_{os.getpid()}"
    admin = create_engine(server_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    url = make_url(server_url).set(database=name).render_as_string(hide_password=False)
    yield url
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


async def test_all_of_it_comes_back_and_the_trail_holds(
    practice, elsewhere, data, folder, monkeypatch, capsys
):
    archive = backup.write(folder / "backups")
    before = contents(practice)
    monkeypatch.setattr(settings(), "database_url", elsewhere)
    monkeypatch.setattr(settings(), "data_dir", folder / "new")
    monkeypatch.setattr(settings(), "secret_key", settings().secret_key)
    restore.restore(archive)
    assert contents(elsewhere) == before
    assert sum(not value.startswith("0") for value in before.values()) > 15, "a world to lose"
    found = {p.relative_to(folder / "new"): p.read_bytes() for p in files(folder / "new")}
    there = {p.relative_to(data): p.read_bytes() for p in files(data) if "incoming" not in p.parts}
    assert found == there
    assert b"a picture" in found.values()


def files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file() and path.name != "secret.key"]


async def test_nothing_is_overwritten_by_mistake(practice, elsewhere, folder, monkeypatch):
    archive = backup.write(folder / "backups")
    monkeypatch.setattr(settings(), "database_url", elsewhere)
    restore.restore(archive)
    before = contents(elsewhere)
    with pytest.raises(backup.Broken, match="not empty"):
        restore.restore(archive)
    assert contents(elsewhere) == before
    restore.restore(archive, replace=True)
    assert contents(elsewhere) == before
    assert len(pictures_aside()) == 2, "what was there is moved, not lost"


def pictures_aside() -> list[Path]:
    found = settings().data_dir.glob("before-*/files/**/*")
    return [path for path in found if path.is_file() and path.read_bytes() == b"a picture"]


async def test_two_restores_in_one_second_keep_what_each_found(
    practice, elsewhere, folder, monkeypatch, at
):
    archive = backup.write(folder / "backups")
    monkeypatch.setattr(settings(), "database_url", elsewhere)
    at("2026-11-22T12:00Z")
    for _ in range(3):
        restore.restore(archive, replace=True)
    assert len(pictures_aside()) == 3
    brought = files(settings().data_dir / "files")
    assert b"a picture" in [path.read_bytes() for path in brought]


async def test_what_was_there_stays_where_the_archive_does_not_fit(
    practice, elsewhere, folder, monkeypatch
):
    archive = backup.write(folder / "backups")
    monkeypatch.setattr(settings(), "database_url", elsewhere)
    restore.restore(archive)
    before = contents(elsewhere)
    tool = backup.tool

    def spoilt(name: str, *options: str, database: str) -> None:
        if name == "psql":  # as where the disk is full, or another server refuses a statement
            script = Path(options[-1].partition("=")[2])
            script.write_text(script.read_text() + "\nSELECT no_such_function();\n")
        tool(name, *options, database=database)

    monkeypatch.setattr(backup, "tool", spoilt)
    with pytest.raises(backup.Broken, match="no_such_function"):
        restore.restore(archive, replace=True)
    assert contents(elsewhere) == before


async def test_nobody_is_restored_over_who_is_connected(practice, elsewhere, folder, monkeypatch):
    archive = backup.write(folder / "backups")
    monkeypatch.setattr(settings(), "database_url", elsewhere)
    engine = create_engine(elsewhere)
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
        with pytest.raises(backup.Broken, match="Stop Loom"):
            restore.restore(archive)
    engine.dispose()


@pytest.mark.parametrize("damage", ["cut", "byte", "missing", "nothing"])
async def test_a_damaged_archive_is_told_before_anything_is_touched(practice, folder, damage):
    archive = backup.write(folder / "backups")
    content = bytearray(archive.read_bytes())
    if damage == "cut":
        del content[len(content) // 2 :]
    elif damage == "byte":
        content[2000] ^= 1
    elif damage == "nothing":
        content = bytearray(b"not a tar")
    archive.write_bytes(content)
    if damage == "missing":
        other = folder / "other.tar"
        with tarfile.open(archive) as old, tarfile.open(other, "w") as new:
            for one in old.getmembers():
                if one.name != backup.DUMP:
                    new.addfile(one, old.extractfile(one))
        archive = other
    with pytest.raises(backup.Broken):
        backup.check(archive)


async def test_old_ones_go_and_the_newest_stay(practice, folder, at, capsys):
    place = folder / "backups"
    for hour in (10, 11, 12):
        at(f"2026-11-21T{hour}:00Z")
        assert backup.main(["--to", str(place), "--keep", "2"]) == 0
    assert sorted(one.name for one in place.iterdir()) == [
        "loom-20261121T110000Z.tar",
        "loom-20261121T120000Z.tar",
    ]
    assert all(one.stat().st_mode & 0o077 == 0 for one in place.iterdir())


async def test_a_database_that_is_away_leaves_nothing_half(folder, db, data, monkeypatch, capsys):
    monkeypatch.setattr(settings(), "database_url", "postgresql+psycopg://nobody@127.0.0.1:1/no")
    assert backup.main(["--to", str(folder / "backups")]) == 1
    assert "pg_dump" in capsys.readouterr().err
    assert list((folder / "backups").iterdir()) == []
