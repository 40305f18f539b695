"""Connections that outlive a test, and its event loop.

A new one costs PostgreSQL 30 ms of work: it knows no table and no policy yet. A connection of
psycopg waits on whatever loop runs, so it may go on in the next test if this one left it at rest.
"""

from weakref import WeakSet

from psycopg import AsyncConnection
from sqlalchemy import Connection, Engine, event, text

from loom_app.kit.db import engine as db_engine

KEPT = 4  # a crowd's connections are not worth keeping
_AT_REST = text(
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle'"
)
_opened: WeakSet[AsyncConnection] = WeakSet()


def _watch(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def connected(connection, record) -> None:
        _opened.add(connection.driver_connection)


db_engine.on_made(_watch)


async def end_test(cleaner: Connection, database: str) -> None:
    """Close what the app has opened, but for a few connections to this database at rest."""
    engine = db_engine._engine
    if engine is None or not _reusable(engine.sync_engine, cleaner, database):
        await db_engine.dispose()
        return
    db_engine._engine = None
    await db_engine.dispose()
    db_engine._engine = engine


def _reusable(engine: Engine, cleaner: Connection, database: str) -> bool:
    if engine.url.render_as_string(hide_password=False) != database or engine.pool.checkedout():
        return False
    pids = {one.info.backend_pid for one in _opened if not one.closed}
    return len(pids) <= KEPT and pids <= set(cleaner.scalars(_AT_REST))
