"""What a page asks of the database: how many statements, and which tables it reads whole."""

import contextlib
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event, text

from loom_app.kit.actor import Actor
from loom_app.kit.db import engine
from loom_app.kit.db.transaction import Tx, transaction

BIG = 5_000  # rows: a smaller table is read whole sooner than by an index


@dataclass(slots=True)
class Seen:
    """Statements and their parameters, in order; those that only say who acts are left out."""

    statements: list[tuple[str, Any]] = field(default_factory=list)


@contextlib.asynccontextmanager
async def watching() -> AsyncGenerator[Seen]:
    """Note every statement that this process sends within the block."""
    seen, bound = Seen(), engine.sessions().kw["bind"].sync_engine

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if not statement.startswith(("SELECT set_config", "EXPLAIN")):
            seen.statements.append((statement, parameters))

    event.listen(bound, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(bound, "before_cursor_execute", note)


async def judged(me: Actor, what: Callable[[Tx], Awaitable[object]]) -> dict[str, Any]:
    """{"statements": how many, "scans": big tables read from end to end}, as the app's role."""
    async with transaction(me) as tx:
        async with watching() as seen:
            await what(tx)
        big = set(
            await tx.db.scalars(
                text("SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples >= :big"),
                {"big": BIG},
            )
        )
        connection, scanned = await tx.db.connection(), set[str]()
        for statement, parameters in seen.statements:
            if statement.lstrip().upper().startswith(("SELECT", "WITH")):
                asked = "EXPLAIN (ANALYZE, FORMAT JSON) " + statement
                found = (await connection.exec_driver_sql(asked, parameters)).scalar_one()
                plan = json.loads(found) if isinstance(found, str) else found
                scanned |= _read_whole(plan[0]["Plan"])
    return {"statements": len(seen.statements), "scans": sorted(scanned & big)}


def _read_whole(plan: dict[str, Any]) -> set[str]:
    """Tables under a sequential scan that was really run."""
    found: set[str] = set()
    if plan["Node Type"] == "Seq Scan" and plan.get("Actual Loops", 0):
        found.add(plan["Relation Name"])
    return found.union(*(_read_whole(part) for part in plan.get("Plans", ())))
