"""A proposal of times, as stored in its message."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from loom_app.domains.messaging.queries.rows import COLUMNS, MessageRow
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound

_ONE = text(f"SELECT {', '.join(COLUMNS)} FROM messages WHERE id = :id AND kind = 'proposal'")


@dataclass(frozen=True)
class Proposal:
    """`picked` is the time that a coach chose or that was booked; `session_id` 0 until then."""

    message_id: int
    sender_id: int
    offering_id: int
    coach_id: int
    client_id: int
    title: str
    times: list[datetime]
    picked: datetime | None
    session_id: int


def proposal_of(row: MessageRow) -> Proposal | None:
    """None for any other message, and for one that was deleted."""
    facts = row.facts or {}
    if row.kind != "proposal" or row.deleted_at is not None or not facts:
        return None
    return Proposal(
        message_id=row.id,
        sender_id=row.sender_id or 0,
        offering_id=int(facts["offering"]),
        coach_id=int(facts["coach"]),
        client_id=int(facts["client"]),
        title=str(facts["title"]),
        times=[datetime.fromisoformat(at) for at in facts["times"]],
        picked=datetime.fromisoformat(facts["picked"]) if facts["picked"] else None,
        session_id=int(facts["session"]),
    )


async def proposal(tx: Tx, me: Actor, message_id: int) -> Proposal:
    """One that the caller may see: row-level security says which. Raises NotFound."""
    row = (await tx.db.execute(_ONE, {"id": message_id})).first()
    found = proposal_of(MessageRow(*row)) if row else None
    if found is None or me.person_id not in (found.coach_id, found.client_id):
        raise NotFound
    return found
