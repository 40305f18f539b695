"""What is not needed any more goes, once a day, by rules that stand beside the tables they are of.

Money, the audit trail, messages and sessions have rules of their own or none: they are not here.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import text

from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.jobs.outbox import every

BATCH = 5_000
log = structlog.get_logger("retention")


@dataclass(frozen=True, slots=True)
class Rule:
    """Rows go `days` after the instant that `since` gives, an SQL expression of the row; where it
    is NULL they stay. `system` is the actor that may delete them."""

    table: str
    days: int
    since: str
    system: str
    why: str


_rules: list[Rule] = []


def rule(table: str, *, days: int, since: str, system: str, why: str) -> None:
    """Register; called when the module of the table's domain is loaded."""
    _rules.append(Rule(table, days, since, system, why))


def rules() -> list[Rule]:
    return sorted(_rules, key=lambda one: one.table)


async def run() -> dict[str, int]:
    """Delete what is over, in batches of their own; how much by table."""
    gone: dict[str, int] = {}
    for one in rules():
        statement = text(
            f"DELETE FROM {one.table} WHERE ctid = ANY(ARRAY("
            f"SELECT ctid FROM {one.table} WHERE {one.since} < :before LIMIT :batch))"
        )
        more = True
        while more:
            async with transaction(Actor.system_job(one.system)) as tx:
                before = tx.now - timedelta(days=one.days)
                done = await tx.db.execute(statement, {"before": before, "batch": BATCH})
                count = getattr(done, "rowcount", 0)
            gone[one.table] = gone.get(one.table, 0) + count
            more = count == BATCH
    log.info("retention.done", **gone)
    return gone


@every("retention.run", minutes=24 * 60)
async def daily(_payload: dict[str, Any]) -> None:
    """Idempotent: what is gone is gone."""
    await run()


rule(
    "outbox_jobs",
    days=7,
    since="done_at",
    system="worker",
    why="work that is done; what was given up stays for staff",
)
