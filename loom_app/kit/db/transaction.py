"""One transaction per intention.

`transaction(actor)` begins, tells row-level security who acts, hands out a `Tx`, commits, and only
then sends the signals that were collected. Nobody else commits.
"""

import contextlib
import json
from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import PendingRollbackError
from sqlalchemy.ext.asyncio import AsyncSession

from loom_app.kit import clock
from loom_app.kit.actor import Actor
from loom_app.kit.db.engine import sessions
from loom_app.kit.events import Event, reactions_to
from loom_app.kit.realtime import signals

_SET_ACTOR = text(
    "SELECT set_config('loom.person', :person, true), set_config('loom.visitor', :visitor, true),"
    " set_config('loom.system', :system, true)"
)
_SET_SYSTEM = text("SELECT set_config('loom.system', :system, true)")
_ENQUEUE = text(
    "INSERT INTO outbox_jobs (name, payload, key, run_at)"
    " VALUES (:name, CAST(:payload AS jsonb), :key, :run_at) ON CONFLICT DO NOTHING"
)


class Tx:
    """An open transaction and what must follow it."""

    def __init__(self, db: AsyncSession, actor: Actor) -> None:
        self.db = db
        self.actor = actor
        self.now = clock.now()
        self._signals: list[signals.Signal] = []
        self._wake = False
        self._system = actor.system or ""

    async def emit(self, event: Event) -> None:
        """Run every reaction to the event now, in this transaction."""
        for reaction in reactions_to(event):
            await reaction(self, event)

    async def enqueue(
        self,
        name: str,
        payload: dict[str, Any],
        *,
        at: datetime | None = None,
        key: str | None = None,
    ) -> None:
        """Write work into the outbox; it exists if and only if this transaction commits.

        `key` makes it happen once: a second enqueue with the same key is nothing.
        """
        values = {
            "name": name,
            "payload": json.dumps(payload),
            "key": key,
            "run_at": at or self.now,
        }
        await self.db.execute(_ENQUEUE, values)
        self._wake = True

    def work(self) -> None:
        """Wake the worker after the commit, for work that was there before."""
        self._wake = True

    def signal(self, topic: str, number: int = 0) -> None:
        """Say after the commit that something changed: a topic and a number, never a text."""
        self._signals.append(signals.Signal(topic, number))

    @contextlib.asynccontextmanager
    async def acting_as_system(self, name: str) -> AsyncGenerator[None]:
        """Widen row-level security to one narrow system actor for a few statements; may nest."""
        before, self._system = self._system, name
        await self.db.execute(_SET_SYSTEM, {"system": name})
        try:
            yield
        finally:
            self._system = before
            # after a failed statement the transaction is lost anyway, and SET would only hide why
            if not self.db.in_transaction() or not _broken(self.db):
                await self.db.execute(_SET_SYSTEM, {"system": before})

    def after_commit(self) -> None:
        """Wake the worker and send the signals; called by `transaction` only."""
        if self._wake:
            signals.wake_worker()
        signals.publish(self._signals)


def _broken(db: AsyncSession) -> bool:
    try:
        connection = db.sync_session.connection().connection.dbapi_connection
    except PendingRollbackError:  # a statement was cancelled, and took the connection along
        return True
    status = getattr(getattr(connection, "info", None), "transaction_status", None)
    return status is not None and int(status) == 3  # psycopg: INERROR


@contextlib.asynccontextmanager
async def transaction(actor: Actor) -> AsyncGenerator[Tx]:
    """Begin as this actor; commit at the end, roll back on any exception."""
    async with sessions()() as db, db.begin():
        values = {
            "person": str(actor.person_id or ""),
            "visitor": actor.visitor or "",
            "system": actor.system or "",
        }
        await db.execute(_SET_ACTOR, values)
        tx = Tx(db, actor)
        yield tx
    tx.after_commit()
