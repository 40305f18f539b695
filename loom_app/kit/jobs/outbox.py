"""Register handlers of queued work, claim what is due, record how it ended.

Claims use FOR UPDATE SKIP LOCKED, so that workers never wait for each other; a claim is a lease, so
that a worker that dies gives its work back. A handler may run twice and must be idempotent.
"""

import random
import time
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from loom_app.kit import clock, metrics, tracing
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction

Handler = Callable[[dict[str, Any]], Awaitable[None]]

WORKER = Actor.system_job("worker")
LEASE = timedelta(minutes=5)
MAX_ATTEMPTS = 12

_handlers: dict[str, Handler] = {}
_periodic: dict[str, timedelta] = {}


def job(name: str) -> Callable[[Handler], Handler]:
    """Register the handler of "noun.verb" work."""

    def register(handler: Handler) -> Handler:
        _handlers[name] = handler
        return handler

    return register


def every(name: str, *, minutes: float) -> Callable[[Handler], Handler]:
    """Register work that recurs: once per interval, whatever the number of processes."""
    _periodic[name] = timedelta(minutes=minutes)
    return job(name)


def registered() -> dict[str, Handler]:
    return dict(_handlers)


def periodic() -> dict[str, timedelta]:
    return dict(_periodic)


@dataclass(frozen=True, slots=True)
class Claimed:
    id: int
    name: str
    payload: dict[str, Any]
    attempts: int

    @property
    def lease(self) -> tuple[int, int]:
        """Whoever claims it again has another: attempts only grow."""
        return self.id, self.attempts


_CLAIM = text(
    """
    UPDATE outbox_jobs SET attempts = attempts + 1, locked_until = :until
    WHERE id IN (
        SELECT id FROM outbox_jobs
        WHERE done_at IS NULL AND failed_at IS NULL AND run_at <= :now
          AND (locked_until IS NULL OR locked_until < :now)
        ORDER BY run_at LIMIT :limit FOR UPDATE SKIP LOCKED)
    RETURNING id, name, payload, attempts
    """
)
_GIVE_BACK = text(
    "UPDATE outbox_jobs j SET attempts = j.attempts - 1, locked_until = NULL"
    " FROM unnest(CAST(:ids AS bigint[]), CAST(:attempts AS integer[])) AS mine (id, attempts)"
    " WHERE j.id = mine.id AND j.attempts = mine.attempts"
    " AND done_at IS NULL AND locked_until IS NOT NULL"
)
_DONE = text("UPDATE outbox_jobs SET done_at = :now, locked_until = NULL WHERE id = :id")
_RETRY = text(
    "UPDATE outbox_jobs SET run_at = :run_at, locked_until = NULL, last_error = :error"
    " WHERE id = :id"
)
_FAILED = text(
    "UPDATE outbox_jobs SET failed_at = :now, locked_until = NULL, last_error = :error"
    " WHERE id = :id"
)


async def claim(limit: int = 20) -> list[Claimed]:
    """Lease what is due."""
    now = clock.now()
    async with transaction(WORKER) as tx:
        rows = await tx.db.execute(_CLAIM, {"now": now, "until": now + LEASE, "limit": limit})
        return [Claimed(*row) for row in rows]


async def give_back(leases: Collection[tuple[int, int]]) -> None:
    """Claims that this process does not finish: another begins them at once, and as though they
    had not been begun. What another has claimed meanwhile stays with it."""
    values = {"ids": [one[0] for one in leases], "attempts": [one[1] for one in leases]}
    async with transaction(WORKER) as tx:
        await tx.db.execute(_GIVE_BACK, values)


async def run(claimed: Claimed) -> Exception | None:
    """Run one claimed job and record its outcome; returns the error that will be retried."""
    handler = _handlers.get(claimed.name)
    begun, outcome = time.perf_counter(), "failed"
    try:
        if handler is None:
            raise LookupError(f"no handler for {claimed.name}")  # noqa: TRY301 - recorded like any failure
        with tracing.span(f"job {claimed.name}"):
            await handler(claimed.payload)
        outcome = "done"
    except Exception as error:  # noqa: BLE001 - whatever it is, it is recorded and tried again
        await _record_failure(claimed, error)
        return error
    finally:
        name = claimed.name if handler else "unknown"
        metrics.JOBS.labels(name, outcome).observe(time.perf_counter() - begun)
    async with transaction(WORKER) as tx:
        await tx.db.execute(_DONE, {"now": clock.now(), "id": claimed.id})
    return None


async def _record_failure(claimed: Claimed, error: Exception) -> None:
    now = clock.now()
    words = f"{type(error).__name__}: {error}"[:2000]
    async with transaction(WORKER) as tx:
        if claimed.attempts >= MAX_ATTEMPTS:
            await tx.db.execute(_FAILED, {"now": now, "error": words, "id": claimed.id})
        else:
            run_at = now + backoff(claimed.attempts)
            await tx.db.execute(_RETRY, {"run_at": run_at, "error": words, "id": claimed.id})


def backoff(attempts: int) -> timedelta:
    """2, 4, 8 … seconds up to an hour, with a fifth of jitter against herds."""
    seconds = min(2.0**attempts, 3600.0)
    return timedelta(seconds=seconds * random.uniform(0.9, 1.1))  # noqa: S311 - jitter


async def drain(limit: int = 1000) -> int:
    """Run everything that is due, in order, until nothing is; for tests and the command line."""
    done = 0
    while done < limit and (batch := await claim()):
        for claimed in batch:
            await run(claimed)
            done += 1
    return done
