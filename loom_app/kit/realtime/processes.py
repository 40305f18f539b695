"""The processes that serve now: one row each, renewed while it lives.

The row also says whose tabs the process holds, so that whoever finds it dead knows who was last
seen when. One row a process and not one a person: a beat costs the same however many are here.
With each beat it tells of itself what staff see on the page of health (`tell`).
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text

from loom_app.kit.db.transaction import Tx

BEAT_SECONDS = 5.0
DEAD_SECONDS = 15.0

_BEAT = text(
    "INSERT INTO processes (id, beat_at, people, facts) VALUES (:me, now(),"
    " coalesce(CAST(:people AS bigint[]), '{}'), CAST(:facts AS jsonb))"
    " ON CONFLICT (id) DO UPDATE SET beat_at = now(), facts = excluded.facts,"
    " people = coalesce(CAST(:people AS bigint[]), processes.people)"
    " RETURNING xmax = 0"  # a row that was inserted; one that was updated has been locked before
)
_ALIVE = text(
    "SELECT id FROM processes WHERE id <> :me AND beat_at > now() - make_interval(secs => :dead)"
)
_REAP = text(
    "DELETE FROM processes WHERE beat_at <= now() - make_interval(secs => :dead)"
    " RETURNING id, people, beat_at"
)


@dataclass(frozen=True, slots=True)
class Dead:
    """A process that ended without a word."""

    id: str
    people: list[int]
    seen_at: datetime


_tellers: dict[str, Callable[[], Any]] = {}


def tell(name: str, teller: Callable[[], Any]) -> None:
    """With each beat this process says what `teller` returns, something of JSON and small: numbers
    and names of code, never of people."""
    _tellers[name] = teller


async def beat(tx: Tx, me: str, people: list[int] | None) -> bool:
    """Say that this process lives; True where it had no row: new, or taken for dead meanwhile.

    None: the same people as before.
    """
    return bool(await tx.db.scalar(_BEAT, {"me": me, "people": people, "facts": _facts()}))


def _facts() -> str:
    return json.dumps({name: teller() for name, teller in _tellers.items()})


async def alive(tx: Tx, me: str) -> frozenset[str]:
    """Which others live."""
    return frozenset(await tx.db.scalars(_ALIVE, {"me": me, "dead": DEAD_SECONDS}))


async def reap(tx: Tx) -> list[Dead]:
    """Take the dead away; each is returned to one caller only."""
    return [Dead(*row) for row in await tx.db.execute(_REAP, {"dead": DEAD_SECONDS})]


async def leave(tx: Tx, me: str) -> None:
    """An orderly end."""
    await tx.db.execute(text("DELETE FROM processes WHERE id = :me"), {"me": me})
