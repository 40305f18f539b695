"""Engines: async pools as the restricted role, and a sync one as the owner for migrations."""

import contextlib
from collections.abc import Callable, Generator
from typing import Any

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

from loom_app.kit.db.embedded import driver_url, embedded_url
from loom_app.kit.settings import settings

APP_ROLE = "loom_app"
# the role is a start-up parameter, so that RESET ROLE ends at it too
OPTIONS = f"-c role={APP_ROLE} -c timezone=UTC -c jit=off"

_watchers: list[Callable[[Engine], None]] = []
_engine: AsyncEngine | None = None
_sessions: async_sessionmaker[AsyncSession] | None = None
_pool: AsyncConnectionPool[AsyncConnection[Any]] | None = None


def on_made(watch: Callable[[Engine], None]) -> None:
    """Call it with this process's engine, once there is one."""
    _watchers.append(watch)


def database_url() -> str:
    """The database of this process: named by settings, or the embedded one."""
    configured = settings().database_url
    return driver_url(configured) if configured else embedded_url()


def pool_status() -> dict[str, int]:
    """Connections of this process, open and in use."""
    of: Any = _engine.pool if _engine is not None else None
    if of is None:
        return {"open": 0, "used": 0}
    return {"open": of.checkedin() + of.checkedout(), "used": of.checkedout()}


def owner_engine(url: str | None = None) -> Engine:
    """A sync engine as the connecting role: migrations, seeding, backup. Never for requests."""
    return create_engine(make_url(url or database_url()))


@contextlib.contextmanager
def one_at_a_time(what: str, url: str | None = None) -> Generator[None]:
    """Whoever else wants to do this to the database waits, in any process and on any machine."""
    engine = owner_engine(url)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SELECT pg_advisory_lock(hashtext(:what))"), {"what": what})
        yield
    engine.dispose()


def sessions() -> async_sessionmaker[AsyncSession]:
    """The session factory of this process; the pool opens at first use, never at import."""
    global _engine, _sessions  # noqa: PLW0603 - one pool per process
    if _sessions is None:
        url = make_url(database_url())
        if _engine is None or _engine.url != url:
            _engine = create_async_engine(
                url,
                connect_args={"options": OPTIONS},
                pool_size=settings().database_pool,
                max_overflow=settings().database_pool,
                pool_timeout=30,
            )
            for watch in _watchers:
                watch(_engine.sync_engine)
        _sessions = async_sessionmaker(_engine, expire_on_commit=False, autoflush=False)
    return _sessions


async def pool() -> AsyncConnectionPool[AsyncConnection[Any]]:
    """The driver's own pool, each statement a transaction: for `kit.db.direct` only."""
    global _pool  # noqa: PLW0603 - one pool per process
    if _pool is None:
        _pool = AsyncConnectionPool(
            database_url().replace("postgresql+psycopg://", "postgresql://"),
            min_size=1,
            max_size=settings().database_pool,
            kwargs={"autocommit": True, "options": OPTIONS, "prepare_threshold": 1},
            open=False,
        )
    if _pool.closed:
        await _pool.open()
    return _pool


async def dispose() -> None:
    """Close the pools: at shutdown, and in tests when the loop ends. What the engine has learnt of
    statements stays for the next time."""
    global _sessions, _pool  # noqa: PLW0603 - one pool per process
    _sessions = None
    opened, _pool = _pool, None
    if _engine is not None:
        await _engine.dispose()
    if opened is not None:
        await opened.close()
