"""Times for a session offered in a conversation: shared, chosen, settled when one is booked."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import text

from loom_app.domains.coaches import queries as coaches
from loom_app.domains.messaging.actions.changes import changed, hold
from loom_app.domains.messaging.actions.edit import held
from loom_app.domains.messaging.actions.send import Draft, send
from loom_app.domains.messaging.queries.proposals import Proposal, proposal_of
from loom_app.domains.messaging.queries.rows import MessageRow
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Conflict, Invalid, NotFound
from loom_app.kit.text import t

TIMES_MAX = 5

_PAIR = text(
    "SELECT array_agg(m.user_id) FROM conversation_members m"
    " JOIN conversations c ON c.id = m.conversation_id AND c.kind = 'pair' WHERE c.id = :c"
)
_OPEN = text(
    "SELECT id, facts FROM messages WHERE conversation_id = :c AND kind = 'proposal'"
    " AND deleted_at IS NULL AND facts->>'session' = '0' AND facts->'times' ? :time ORDER BY id"
)
_FACTS = text("UPDATE messages SET facts = CAST(:facts AS jsonb) WHERE id = :id")


async def propose(
    tx: Tx,
    me: Actor,
    conversation_id: int,
    *,
    client_id: str,
    offering_id: int,
    times: Sequence[datetime],
) -> MessageRow:
    """Share up to five times of an offering of one of the two.

    Raises NotFound (not a member, a group, an offering of neither), Invalid, Blocked.
    """
    mine = me.require_person()
    wanted = sorted({at.astimezone(UTC) for at in times if at > tx.now})
    if not 1 <= len(wanted) <= TIMES_MAX:
        raise Invalid(t("Choose one to {n} times.", n=TIMES_MAX), field="times")
    async with tx.acting_as_system("messaging.propose"):
        pair = await tx.db.scalar(_PAIR, {"c": conversation_id}) or []
    offering = await coaches.offering(tx, me, offering_id)
    if mine not in pair or offering.coach_id not in pair or len(pair) != 2 or offering.archived:
        raise NotFound
    facts = {
        "offering": offering.id,
        "coach": offering.coach_id,
        "client": next(one for one in pair if one != offering.coach_id),
        "title": offering.name,
        "times": [at.isoformat() for at in wanted],
        "picked": "",
        "session": 0,
    }
    body = t("Times for {title}", title=offering.name)
    return await send(tx, me, conversation_id, Draft(client_id, body, kind="proposal", facts=facts))


async def pick_time(tx: Tx, me: Actor, message_id: int, at: datetime) -> Proposal:
    """A coach chooses one of the times that their client proposed; the client books it then.

    Raises NotFound, Conflict (settled), Invalid (not one of the times).
    """
    locked, row = await held(tx, me, message_id, writing=True)
    found = proposal_of(row)
    if found is None or found.coach_id != me.person_id or row.sender_id == me.person_id:
        raise NotFound
    if found.session_id:
        raise Conflict(t("A time is booked already."))
    if at not in found.times:
        raise Invalid(t("Choose a time from the list."), field="starts_at")
    async with tx.acting_as_system("messaging.propose"):
        facts = {**(row.facts or {}), "picked": at.astimezone(UTC).isoformat()}
        await tx.db.execute(_FACTS, {"id": message_id, "facts": json.dumps(facts)})
        await changed(tx, locked, [message_id])
    return found


async def settle_proposals(
    tx: Tx, conversation_id: int, *, starts_at: datetime, session_id: int
) -> None:
    """A session at one of the times was booked: every open proposal of that time is settled."""
    time = starts_at.astimezone(UTC).isoformat()
    async with tx.acting_as_system("messaging.propose"):
        locked = await hold(tx, conversation_id)
        found = (await tx.db.execute(_OPEN, {"c": conversation_id, "time": time})).all()
        for message_id, facts in found:
            now = {**facts, "picked": time, "session": session_id}
            await tx.db.execute(_FACTS, {"id": message_id, "facts": json.dumps(now)})
        if locked is not None and found:
            await changed(tx, locked, [row[0] for row in found])
