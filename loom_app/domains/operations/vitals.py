"""Figures of the running system, read and not judged: the database, the queues, the processes.

All of it is read as the app's own role. PostgreSQL hides what sessions of other roles do from it;
`loom_activity` (a migration) lends what is needed, without anybody's statement. Where the tables'
owner may not see it either, sessions count as hidden.
"""

import shutil
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.realtime.processes import DEAD_SECONDS
from loom_app.kit.settings import settings

SYSTEM = "operations.health"
LARGEST = 8
LOCK_WAIT = "Lock"


@dataclass(frozen=True, slots=True)
class TableSize:
    """A table with its indexes. `by_index`: of the times it was read, how many by an index."""

    name: str
    bytes: int
    rows: int
    dead: int
    scans: int
    by_index: int


@dataclass(frozen=True, slots=True)
class Process:
    """One that serves, as it told with its last beat."""

    id: str
    beat_at: datetime
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Vitals:
    """`answer_ms`: a statement there and back. `bare`: tables without row-level security or without
    a policy. `passes`: the serving role is not bound by it. Waits and transactions are of now,
    in seconds; `hidden` sessions are not told of. `factors`: (have one, all) of staff, of coaches.
    """

    answer_ms: float
    size: int
    tables: list[TableSize]
    unused: list[tuple[str, int]]
    bare: list[str]
    passes: bool
    revision: str
    waits: list[float]
    longest: float
    hidden: int
    due: int
    oldest: float
    failed_jobs: int
    failed_mails: int
    mails_sent: int
    events_waiting: int
    events_oldest: float
    processes: list[Process]
    staff_factors: tuple[int, int]
    coach_factors: tuple[int, int]
    backup_at: datetime | None
    disk_free: int = 0
    disk_size: int = 0


_DATABASE = text(
    """
    SELECT pg_database_size(current_database()) AS size,
      (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user) AS passes,
      (SELECT version_num FROM alembic_version) AS revision,
      ARRAY(SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
        AND c.relkind IN ('r', 'p') AND c.relname <> 'alembic_version'
        AND NOT (c.relrowsecurity AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid))
        ORDER BY 1) AS bare
    """
)
_TABLES = text(
    """
    SELECT c.relname, pg_total_relation_size(c.oid), greatest(c.reltuples, 0)::bigint,
      s.n_dead_tup, s.seq_scan + coalesce(s.idx_scan, 0), coalesce(s.idx_scan, 0)
    FROM pg_class c JOIN pg_stat_user_tables s ON s.relid = c.oid
    WHERE c.relnamespace = 'public'::regnamespace
    ORDER BY 2 DESC, 1 LIMIT :most
    """
)
# large, and never asked since the statistics began; unique ones hold something true even so
_UNUSED = text(
    """
    SELECT s.indexrelname, pg_relation_size(s.indexrelid)
    FROM pg_stat_user_indexes s JOIN pg_index i ON i.indexrelid = s.indexrelid
    WHERE s.idx_scan = 0 AND NOT i.indisunique AND s.schemaname = 'public'
      AND pg_relation_size(s.indexrelid) > :bytes
    ORDER BY 2 DESC LIMIT 5
    """
)
_SESSIONS = text("SELECT state, seconds, waiting_for FROM loom_activity()")
_PROCESSES = text(
    "SELECT id, beat_at, facts FROM processes"
    " WHERE beat_at > now() - make_interval(secs => :dead) ORDER BY facts ->> 'started', id"
)
_BACKUP = text("SELECT worked_at FROM outside_calls WHERE service = 'backup'")
_JOBS = text(
    "SELECT count(*) FILTER (WHERE failed_at IS NULL) AS due,"
    " coalesce(extract(epoch FROM :now - min(run_at) FILTER (WHERE failed_at IS NULL)), 0)"
    " AS oldest, count(failed_at) AS failed FROM outbox_jobs"
    " WHERE done_at IS NULL AND (failed_at IS NOT NULL OR run_at <= :now)"
)
_MAILS = text(
    "SELECT (SELECT count(*) FROM deliveries WHERE status = 'failed') AS failed, (SELECT count(*)"
    " FROM deliveries WHERE channel = 'mail' AND status = 'sent' AND created_at > :day) AS sent"
)
_EVENTS = text(
    "SELECT count(*), coalesce(extract(epoch FROM :now - min(received_at)), 0)"
    " FROM external_events WHERE handled_at IS NULL"
)
_FACTORS = text(
    """
    WITH staff AS MATERIALIZED (SELECT DISTINCT user_id FROM staff_members),
      factors AS MATERIALIZED (SELECT user_id FROM second_factors WHERE confirmed_at IS NOT NULL),
      coaches AS MATERIALIZED (SELECT id FROM users WHERE 'coach' = ANY(roles))
    SELECT (SELECT count(*) FROM staff JOIN factors USING (user_id)),
      (SELECT count(*) FROM staff),
      (SELECT count(*) FROM coaches JOIN factors ON user_id = id),
      (SELECT count(*) FROM coaches)
    """
)
UNUSED_BYTES = 10 * 1024 * 1024


async def read(tx: Tx, me: Actor) -> Vitals:
    """Everything, in some ten statements. Raises Forbidden."""
    me.require("health.see")
    async with tx.acting_as_system(SYSTEM):
        begun = time.perf_counter()
        database = (await tx.db.execute(_DATABASE)).one()
        answer_ms = (time.perf_counter() - begun) * 1000
        tables = [TableSize(*row) for row in await tx.db.execute(_TABLES, {"most": LARGEST})]
        unused = [(n, size) for n, size in await tx.db.execute(_UNUSED, {"bytes": UNUSED_BYTES})]
        sessions = (await tx.db.execute(_SESSIONS)).all()
        found = await tx.db.execute(_PROCESSES, {"dead": DEAD_SECONDS})
        processes = [Process(*row) for row in found]
        backup_at = await tx.db.scalar(_BACKUP)
    async with tx.acting_as_system("worker"):
        jobs = (await tx.db.execute(_JOBS, {"now": tx.now})).one()
    async with tx.acting_as_system("notifications.admin"):
        mails = (await tx.db.execute(_MAILS, {"day": tx.now - timedelta(days=1)})).one()
    async with tx.acting_as_system("payments.admin"):
        events = (await tx.db.execute(_EVENTS, {"now": tx.now})).one()
    async with tx.acting_as_system("accounts.admin"):
        factors = (await tx.db.execute(_FACTORS)).one()
    disk = shutil.disk_usage(settings().data_dir)
    return Vitals(
        answer_ms=answer_ms,
        size=database.size,
        tables=tables,
        unused=unused,
        bare=list(database.bare),
        passes=bool(database.passes),
        revision=database.revision,
        waits=[s.seconds or 0.0 for s in sessions if s.waiting_for == LOCK_WAIT],
        longest=max((s.seconds or 0.0 for s in sessions), default=0.0),
        hidden=sum(s.state == "hidden" for s in sessions),
        due=jobs.due,
        oldest=float(jobs.oldest),
        failed_jobs=jobs.failed,
        failed_mails=mails.failed,
        mails_sent=mails.sent,
        events_waiting=events[0],
        events_oldest=float(events[1]),
        processes=processes,
        staff_factors=(factors[0], factors[1]),
        coach_factors=(factors[2], factors[3]),
        backup_at=backup_at,
        disk_free=disk.free,
        disk_size=disk.total,
    )
