"""What stood around a reported message, for the moderators who judge it and for nobody else."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.moderation import queries as moderation
from loom_app.domains.moderation.queries import Kind
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx
from loom_app.kit.text import t

AROUND = 5

_AROUND = text(
    "SELECT m.id, m.sender_id, coalesce(h.body, m.body) AS body, m.kind,"
    " m.deleted_at IS NOT NULL AND h.body IS NULL AS gone, m.sent_at, m.id = :id AS it"
    " FROM messages here, messages m LEFT JOIN hidden_messages h ON h.message_id = m.id"
    " WHERE here.id = :id"
    " AND m.conversation_id = here.conversation_id"
    " AND m.number BETWEEN here.number - :around AND here.number + :around ORDER BY m.number"
)


@dataclass(frozen=True)
class ContextLine:
    """A message; `it` is the reported one. What its author took back says nothing any more; what
    moderators hid is read by them."""

    id: int
    sender_id: int
    by: str
    body: str
    gone: bool
    it: bool
    at: datetime


async def around_case(tx: Tx, me: Actor, kind: Kind, case_id: int) -> list[ContextLine]:
    """Five messages before and after the one that a case is about; none where it is about none.
    That staff read them stands in the trail. Raises Forbidden, NotFound."""
    me.require("people.moderate")
    found = await moderation.case(tx, me, kind, case_id)
    if not found.message_id:
        return []
    async with tx.acting_as_system("messaging.moderation"):
        values = {"id": found.message_id, "around": AROUND}
        rows = (await tx.db.execute(_AROUND, values)).all()
        people = await accounts.people(tx, {row.sender_id for row in rows if row.sender_id})
    about = {"case": case_id, "message": found.message_id, "lines": len(rows)}
    await audit(tx, "case.read", kind, case_id, after=about)
    return [
        ContextLine(
            row.id,
            row.sender_id or 0,
            people[row.sender_id].name if row.sender_id in people else t("Loom"),
            row.body,
            row.gone,
            row.it,
            row.sent_at,
        )
        for row in rows
    ]
