"""What a process counts of itself, in Prometheus' terms; names of routes, handlers, jobs and
statements only, never of people.

Counters and times belong to one process: every process is scraped. What belongs to the database
(work that waits, deliveries that failed) is read when it is asked for, by whichever is asked.
"""

import contextlib
import time
from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass
from typing import Any

import structlog
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from sqlalchemy import Engine, event, text

from loom_app.kit.actor import Actor
from loom_app.kit.db import engine
from loom_app.kit.db.transaction import transaction
from loom_app.kit.settings import settings

log = structlog.get_logger("database")

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)
_TIMES = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)

REQUESTS = Histogram(
    "loom_http_request_seconds",
    "Answers of HTTP by route and status",
    ("route", "method", "status"),
    buckets=_TIMES,
    registry=REGISTRY,
)
EVENTS = Counter(
    "loom_events_total",
    "Events of tabs by what became of them: taken, or why they were refused",
    ("outcome",),
    registry=REGISTRY,
)
HANDLERS = Histogram(
    "loom_handler_seconds",
    "Time in a handler's transaction",
    ("handler",),
    buckets=_TIMES,
    registry=REGISTRY,
)
JOBS = Histogram(
    "loom_job_seconds",
    "Queued work by name and outcome: done or failed",
    ("job", "outcome"),
    buckets=_TIMES,
    registry=REGISTRY,
)
STATEMENTS = Histogram(
    "loom_statement_seconds", "Statements sent to the database", buckets=_TIMES, registry=REGISTRY
)
SOCKETS = Gauge("loom_sockets", "Open websockets of this process", registry=REGISTRY)
POOL = Gauge(
    "loom_database_pool",
    "Connections of this process: open ones, and those in use",
    ("what",),
    registry=REGISTRY,
)
WAITING = Gauge("loom_jobs_waiting", "Work that is due and not done", registry=REGISTRY)
OLDEST = Gauge("loom_jobs_oldest_seconds", "How long the oldest of it is due", registry=REGISTRY)
FAILED = Gauge(
    "loom_failed",
    "What was given up and waits for staff: jobs and deliveries",
    ("what",),
    registry=REGISTRY,
)
UP = Gauge("loom_database_up", "Whether the database answers", registry=REGISTRY)

_BACKLOG = text(
    "SELECT count(*) FILTER (WHERE failed_at IS NULL) AS waiting,"
    " coalesce(extract(epoch FROM :now - min(run_at) FILTER (WHERE failed_at IS NULL)), 0)"
    " AS oldest, count(failed_at) AS failed FROM outbox_jobs"
    " WHERE done_at IS NULL AND (failed_at IS NOT NULL OR run_at <= :now)"
)
_WORKER = Actor.system_job("worker")


def sockets() -> int:
    """Open websockets of this process."""
    return round(sum(one.value for metric in SOCKETS.collect() for one in metric.samples))


SLOW_KEPT = 200
SLOW_TOLD = 10


@dataclass(slots=True)
class _Slow:
    times: int = 0
    most_ms: int = 0
    total_ms: int = 0
    last: float = 0.0  # seconds since 1970


_slow: dict[str, _Slow] = {}


def slow_statements() -> list[dict[str, Any]]:
    """The statements of this process that took LOOM_SLOW_STATEMENT_MS or longer, those first that
    took most time in all: text with placeholders, times, most_ms, total_ms, last."""
    found = sorted(_slow.items(), key=lambda one: -one[1].total_ms)[:SLOW_TOLD]
    return [{"text": words, **{name: getattr(one, name) for name in _Slow.__slots__}}
            for words, one in found]  # fmt: skip


def _note_slow(statement: str, ms: int) -> None:
    words = " ".join(statement.split())[:1000]
    log.warning("statement.slow", ms=ms, statement=words)
    if words not in _slow and len(_slow) >= SLOW_KEPT:
        del _slow[min(_slow, key=lambda one: _slow[one].last)]
    one = _slow.setdefault(words, _Slow())
    one.times, one.most_ms = one.times + 1, max(one.most_ms, ms)
    one.total_ms, one.last = one.total_ms + ms, time.time()


Reading = Callable[[], Awaitable[None]]
_readings: list[Reading] = []


def reading(of: Reading) -> Reading:
    """Register what sets gauges when somebody asks: a domain's own figures in the database."""
    _readings.append(of)
    return of


@reading
async def _jobs() -> None:
    async with transaction(_WORKER) as tx:
        row = (await tx.db.execute(_BACKLOG, {"now": tx.now})).one()
    WAITING.set(row.waiting)
    OLDEST.set(float(row.oldest))
    FAILED.labels("jobs").set(row.failed)


async def scrape() -> bytes:
    """The text that Prometheus reads. A database that is away is a figure, not an error."""
    for what, number in engine.pool_status().items():
        POOL.labels(what).set(number)
    try:
        for one in _readings:
            await one()
    except Exception:  # noqa: BLE001 - whatever it is, it does not answer
        UP.set(0)
    else:
        UP.set(1)
    return generate_latest(REGISTRY)


@contextlib.contextmanager
def timed(histogram: Histogram, *labels: str) -> Generator[None]:
    """Observe how long the block took, however it ends."""
    begun = time.perf_counter()
    try:
        yield
    finally:
        of = histogram.labels(*labels) if labels else histogram
        of.observe(time.perf_counter() - begun)


@engine.on_made
def _watch_statements(of: Engine) -> None:
    """Time every statement; one that takes longer than LOOM_SLOW_STATEMENT_MS is logged with its
    text, in which values are placeholders."""

    def before(connection: Any, *_: Any) -> None:
        connection.info.setdefault("loom_begun", []).append(time.perf_counter())

    def after(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        took = time.perf_counter() - connection.info["loom_begun"].pop()
        STATEMENTS.observe(took)
        if took * 1000 >= settings().slow_statement_ms:
            _note_slow(statement, round(took * 1000))

    def failed(context: Any) -> None:
        begun = context.connection.info.get("loom_begun") if context.connection else None
        if begun:
            begun.pop()

    event.listen(of, "before_cursor_execute", before)
    event.listen(of, "after_cursor_execute", after)
    event.listen(of, "handle_error", failed)
