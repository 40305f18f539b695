"""How the last calls to services outside went: kept for all processes, and for staff to see.

Whoever calls one wraps the call in `calling`. What is noted waits in memory and is written when it
changes how a service stands, else once in five minutes: a busy service costs a row nothing.
"""

import asyncio
import contextlib
import functools
import re
import ssl
from collections.abc import Generator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
import structlog
from sqlalchemy import Column, Text, text
from sqlmodel import Field

from loom_app.kit import clock
from loom_app.kit.actor import Actor
from loom_app.kit.db.base import Base, instant
from loom_app.kit.db.transaction import transaction
from loom_app.kit.telemetry import redact

log = structlog.get_logger("outside")

LONGEST = 300
WRITE_SECONDS = 3.0
AGAIN = timedelta(minutes=5)
WRITER = Actor.system_job("kit.outside")
_ADDRESS = re.compile(r"\S+@\S+")
_WRITE = text(
    "INSERT INTO outside_calls (service, worked_at, failed_at, error)"
    " VALUES (:service, :worked_at, :failed_at, :error) ON CONFLICT (service) DO UPDATE SET"
    " worked_at = greatest(excluded.worked_at, outside_calls.worked_at),"
    " failed_at = greatest(excluded.failed_at, outside_calls.failed_at),"
    " error = CASE WHEN excluded.failed_at IS NULL OR excluded.failed_at < outside_calls.failed_at"
    " THEN outside_calls.error ELSE excluded.error END"
)


class OutsideCall(Base, table=True):
    """One service, and when a call to it last worked and last failed."""

    __tablename__ = "outside_calls"

    service: str = Field(sa_column=Column(Text, primary_key=True))
    worked_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    failed_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    error: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))


@functools.cache
def trust() -> ssl.SSLContext:
    """The authorities whose certificates a client believes, `verify` of httpx; read once: reading
    them anew for each client would hold up the loop for 20 ms."""
    return httpx.create_ssl_context()


@dataclass(slots=True)
class _Noted:
    worked_at: datetime | None = None
    failed_at: datetime | None = None
    error: str = ""


_unsaid: dict[str, _Noted] = {}
_said: dict[str, tuple[bool, datetime]] = {}


def worked(service: str) -> None:
    """The service did what it was asked."""
    now = clock.now()
    stood, at = _said.get(service, (False, now))
    if not stood or now - at >= AGAIN or service in _unsaid:
        _unsaid.setdefault(service, _Noted()).worked_at = now


def failed(service: str, error: BaseException | str) -> None:
    """It did not answer, or not as it should."""
    now = clock.now()
    stood, at = _said.get(service, (True, now))
    if stood or now - at >= AGAIN or service in _unsaid:
        noted = _unsaid.setdefault(service, _Noted())
        noted.failed_at, noted.error = now, in_words(error)


def in_words(error: BaseException | str) -> str:
    """What is kept of an error: its kind and what it says, without addresses of people."""
    if isinstance(error, str):
        said = error
    else:
        cause = error if str(error) or error.__cause__ is None else error.__cause__
        said = f"{type(cause).__name__}: {cause}" if str(cause) else type(cause).__name__
    return _ADDRESS.sub("…", redact(" ".join(said.split())))[:LONGEST]


@contextlib.contextmanager
def calling(service: str, *, fine: tuple[type[Exception], ...] = ()) -> Generator[None]:
    """Around one call. `fine`: a refusal of what was asked, from a service that works."""
    try:
        yield
    except fine:
        worked(service)
        raise
    except Exception as error:
        failed(service, error)
        raise
    worked(service)


async def write() -> None:
    """Write down what was noted; on failure it waits for the next time."""
    waiting = dict(_unsaid)
    _unsaid.clear()
    if not waiting:
        return
    try:
        async with transaction(WRITER) as tx:
            for service, noted in sorted(waiting.items()):  # one order, so that nobody deadlocks
                await tx.db.execute(_WRITE, {"service": service, **_values(noted)})
    except Exception:
        for service, noted in waiting.items():
            _unsaid.setdefault(service, noted)
        raise
    for service, noted in waiting.items():
        newest = max(at for at in (noted.worked_at, noted.failed_at) if at)
        _said[service] = (newest == noted.worked_at, newest)


def _values(noted: _Noted) -> dict[str, Any]:
    return {"worked_at": noted.worked_at, "failed_at": noted.failed_at, "error": noted.error}


async def keep_writing() -> None:
    """Until cancelled; writes what is left at the end."""
    try:
        while True:
            await asyncio.sleep(WRITE_SECONDS)
            try:
                await write()
            except Exception:  # the database may be away; the next round tries again
                log.exception("outside.write_failed")
    finally:
        with contextlib.suppress(Exception):
            await write()
