"""A real PostgreSQL, migrated once into a template, copied per worker, emptied after each test."""

import gc
import hashlib
import os
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.exc import OperationalError

gc.disable()  # until everything is imported: see pytest_collection_finish
TEST_DATA = Path(__file__).resolve().parents[1] / ".loom" / "test"
os.environ["LOOM_DATA_DIR"] = str(TEST_DATA)
os.environ.setdefault("LOOM_SECRET_KEY", "a-key-for-tests-that-is-long-enough-0123456789")
os.environ.pop("LOOM_PUBLIC_URL", None)

from loom_app import wiring  # noqa: E402 - settings come first
from loom_app.kit import outside  # noqa: E402
from loom_app.kit.db import engine as db_engine  # noqa: E402
from loom_app.kit.db.embedded import embedded_url  # noqa: E402
from loom_app.kit.db.migrate import migrate  # noqa: E402
from loom_app.kit.settings import ROOT, settings  # noqa: E402

wiring.wire()


def pytest_collection_finish() -> None:
    """What is imported by now stays to the end: half a million objects, which the collector walked
    over again and again, for a fifth of all the time of Python."""
    gc.collect()
    gc.freeze()
    gc.enable()
    gc.set_threshold(20_000, 20, 20)


# A table with little in it is emptied row by row: TRUNCATE makes new files for it and its indexes.
# It also makes the planner forget what it knew of the table, so a table once counted is truncated.
EMPTY = """
DO $$ DECLARE one record; BEGIN
  SET LOCAL session_replication_role = replica;
  FOR one IN SELECT c.oid::regclass AS name, reltuples >= 0 OR pg_relation_size(c.oid) > 100000
      AS renew FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace AND relkind = 'r'
    WHERE nspname IN ('public', 'stripe_sandbox') AND relname <> 'alembic_version' LOOP
    IF one.renew THEN
      EXECUTE format('TRUNCATE %s CASCADE', one.name);
    ELSE
      EXECUTE format('DELETE FROM %s', one.name);
    END IF;
  END LOOP;
  PERFORM setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
    FROM pg_sequences WHERE last_value IS NOT NULL;
END $$
"""
_END_OTHERS = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def _template(url: str) -> str:
    """A migrated database named for the migrations it holds; made by whoever comes first."""
    files = sorted((ROOT / "alembic" / "versions").glob("*.py"))
    mark = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]
    name = f"template_{mark}"
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(7001)"))
        found = connection.scalar(text("SELECT 1 FROM pg_database WHERE datname = :n"), {"n": name})
        if not found:
            connection.execute(text("DROP DATABASE IF EXISTS building"))
            connection.execute(text("CREATE DATABASE building"))
            migrate(make_url(url).set(database="building").render_as_string(hide_password=False))
            connection.execute(text(f"ALTER DATABASE building RENAME TO {name}"))
        connection.execute(text("SELECT pg_advisory_unlock(7001)"))
    admin.dispose()
    return name


@pytest.fixture(scope="session")
def server_url() -> str:
    """The test server; it forgets on power loss, which makes it fast."""
    TEST_DATA.mkdir(parents=True, exist_ok=True)
    return embedded_url(TEST_DATA / "postgres", durable=False)


@pytest.fixture(scope="session")
def database(server_url: str) -> Iterator[str]:
    """This process's own copy of the migrated template; returns its address as the owner."""
    name = f"test_{os.getpid()}"
    template = _template(server_url)
    admin = create_engine(server_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(7001)"))
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
        connection.execute(text("SELECT pg_advisory_unlock(7001)"))
    url = make_url(server_url).set(database=name).render_as_string(hide_password=False)
    os.environ["DATABASE_URL"] = "postgresql://" + url.partition("://")[2]
    settings.cache_clear()
    yield url
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(scope="session")
def cleaner(database: str) -> Iterator[Connection]:
    """One connection as the owner, for what stands between the tests."""
    engine = create_engine(database, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("SET lock_timeout = '5s'"))
        yield connection
    engine.dispose()


@pytest.fixture
async def db(database: str, cleaner: Connection) -> AsyncIterator[str]:
    """An empty database; what a test commits is gone after it, and what is noted of services
    outside and not written yet with it."""
    outside._unsaid.clear()
    outside._said.clear()
    yield database
    await db_engine.dispose()
    try:
        cleaner.execute(text(EMPTY))
    except OperationalError:  # its work goes on, in this very thread: waiting would be for ever
        cleaner.execute(text(_END_OTHERS))
        cleaner.execute(text(EMPTY))
        pytest.fail("The test ended before a transaction of its own")


@pytest.fixture
def at() -> Iterator[Callable[[str], datetime]]:
    """Freeze the clock: `at("2026-11-21T12:00Z")`; a second call moves it."""
    travellers: list[time_machine.travel] = []

    def freeze(moment: str) -> datetime:
        instant = datetime.fromisoformat(moment)
        traveller = time_machine.travel(instant, tick=False)
        traveller.start()
        travellers.append(traveller)
        return instant

    yield freeze
    for traveller in reversed(travellers):
        traveller.stop()


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as made:
        yield Path(made)
