"""Engines: one async pool as the restricted role, and a sync one as the owner for migrations."""

from sqlalchemy import Engine, create_engine
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

_engine: AsyncEngine | None = None
_sessions: async_sessionmaker[AsyncSession] | None = None


def database_url() -> str:
    """The database of this process: named by settings, or the embedded one."""
    configured = settings().database_url
    return driver_url(configured) if configured else embedded_url()


def owner_engine(url: str | None = None) -> Engine:
    """A sync engine as the connecting role: migrations, seeding, backup. Never for requests."""
    return create_engine(make_url(url or database_url()))


def sessions() -> async_sessionmaker[AsyncSession]:
    """The session factory of this process; the pool opens at first use, never at import."""
    global _engine, _sessions  # noqa: PLW0603 - one pool per process
    if _sessions is None:
        _engine = create_async_engine(
            make_url(database_url()),
            # the role is a start-up parameter, so that RESET ROLE ends at it too
            connect_args={"options": f"-c role={APP_ROLE} -c timezone=UTC -c jit=off"},
            pool_size=settings().database_pool,
            max_overflow=settings().database_pool,
            pool_timeout=30,
        )
        _sessions = async_sessionmaker(_engine, expire_on_commit=False, autoflush=False)
    return _sessions


async def dispose() -> None:
    """Close the pool: at shutdown, and in tests when the loop ends."""
    global _engine, _sessions
    engine, _engine, _sessions = _engine, None, None
    if engine is not None:
        await engine.dispose()
