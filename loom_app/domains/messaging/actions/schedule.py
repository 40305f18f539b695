"""Messages that wait: for a time, or until the other is awake. Editable until they are sent."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import text

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.messaging import rules
from loom_app.domains.messaging.actions.changes import lock
from loom_app.domains.messaging.actions.send import Draft, send
from loom_app.domains.messaging.queries.scheduled import next_waking_of_other
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import DomainError, Forbidden, Invalid, NotFound
from loom_app.kit.text import t

FARTHEST = timedelta(days=365)
WAITING_MAX = 50

_WAITING = text("SELECT count(*) FROM scheduled_messages WHERE sender_id = :me")
_ADD = text(
    "INSERT INTO scheduled_messages"
    " (conversation_id, sender_id, client_id, body, due_at, awake, created_at)"
    " VALUES (:c, :me, :client_id, :body, :due, :awake, :now) RETURNING id"
)
_EDIT = text(
    "UPDATE scheduled_messages SET body = :body, due_at = :due, awake = :awake, problem = ''"
    " WHERE id = :id"
)
_DROP = text(
    "DELETE FROM scheduled_messages WHERE id = :id AND sender_id = :me RETURNING conversation_id"
)
_HELD = text(
    "SELECT conversation_id, client_id, body, due_at, awake FROM scheduled_messages"
    " WHERE id = :id AND sender_id = :me FOR UPDATE"
)
_PROBLEM = text("UPDATE scheduled_messages SET problem = :problem WHERE id = :id")
_LATER = text("UPDATE scheduled_messages SET due_at = :due WHERE id = :id")
_SENDER = text(
    "SELECT sender_id FROM scheduled_messages WHERE id = :id AND due_at <= :now AND problem = ''"
)


async def schedule(
    tx: Tx, me: Actor, conversation_id: int, body: str, *, at: datetime | None = None
) -> int:
    """Send at a time, or without one as soon as the other is awake.

    Raises NotFound, Blocked, Invalid (text, a time that is over or too far, too many waiting).
    """
    mine = me.require_person()
    await lock(tx, me, conversation_id, writing=True)
    if (await tx.db.scalar(_WAITING, {"me": mine}) or 0) >= WAITING_MAX:
        raise Invalid(t("{n} messages wait already. Send or drop one first.", n=WAITING_MAX))
    values = {
        "c": conversation_id,
        "me": mine,
        "client_id": f"later-{secrets.token_hex(12)}",
        "body": rules.clean_body(body),
        "due": await _due(tx, me, conversation_id, at),
        "awake": at is None,
        "now": tx.now,
    }
    made = int(await tx.db.scalar(_ADD, values) or 0)
    await _enqueue(tx, made, values["due"])
    tx.signal(f"person:{mine}:scheduled", conversation_id)
    return made


async def edit_scheduled(
    tx: Tx, me: Actor, scheduled_id: int, body: str, *, at: datetime | None = None
) -> None:
    """Other words, another time. Raises NotFound (sent, dropped, not one's own, no longer a
    member), Invalid."""
    conversation_id, *_ = await _held(tx, me, scheduled_id)
    await lock(tx, me, conversation_id)
    due = await _due(tx, me, conversation_id, at)
    values = {"id": scheduled_id, "body": rules.clean_body(body), "due": due, "awake": at is None}
    await tx.db.execute(_EDIT, values)
    await _enqueue(tx, scheduled_id, due)
    tx.signal(f"person:{me.person_id}:scheduled", conversation_id)


async def drop_scheduled(tx: Tx, me: Actor, scheduled_id: int) -> None:
    """Raises NotFound."""
    values = {"id": scheduled_id, "me": me.require_person()}
    conversation_id = await tx.db.scalar(_DROP, values)
    if conversation_id is None:
        raise NotFound
    tx.signal(f"person:{me.person_id}:scheduled", conversation_id)


async def send_scheduled_now(tx: Tx, me: Actor, scheduled_id: int) -> None:
    """Do not wait any longer. Raises NotFound, Blocked."""
    conversation_id, client_id, body, *_ = await _held(tx, me, scheduled_id)
    await _send(tx, me, scheduled_id, conversation_id, Draft(client_id, body))


async def sender_of_due(tx: Tx, scheduled_id: int) -> int | None:
    """For the job, acting as a system of messaging: whose message is due, if it still waits."""
    return await tx.db.scalar(_SENDER, {"id": scheduled_id, "now": tx.now})


async def send_due(tx: Tx, me: Actor, scheduled_id: int) -> None:
    """The job's part, as the sender: once, whatever runs twice. What is refused stays with its
    reason; where the other has gone to bed meanwhile, it waits for the morning."""
    try:
        conversation_id, client_id, body, due, awake = await _held(tx, me, scheduled_id)
    except NotFound:
        return  # sent or dropped meanwhile
    if due > tx.now:
        return  # moved meanwhile: a later job sends it
    try:
        if await accounts.is_suspended(tx, me.require_person()):
            raise Forbidden(t("Your account was suspended at that time. Send it now, or drop it."))
        async with tx.db.begin_nested():
            if awake and (later := await _due(tx, me, conversation_id, None)) > tx.now:
                await tx.db.execute(_LATER, {"id": scheduled_id, "due": later})
                await _enqueue(tx, scheduled_id, later)
            else:
                await _send(tx, me, scheduled_id, conversation_id, Draft(client_id, body))
    except DomainError as problem:
        words = problem.message
        if isinstance(problem, NotFound):
            words = t("You are no longer in this conversation.")
        # as the system: whoever left may write nothing there any more
        async with tx.acting_as_system("messaging.schedule"):
            await tx.db.execute(_PROBLEM, {"id": scheduled_id, "problem": words})
        tx.signal(f"person:{me.person_id}:scheduled", conversation_id)


async def _send(tx: Tx, me: Actor, scheduled_id: int, conversation_id: int, draft: Draft) -> None:
    await send(tx, me, conversation_id, draft)
    await tx.db.execute(_DROP, {"id": scheduled_id, "me": me.require_person()})
    tx.signal(f"person:{me.person_id}:scheduled", conversation_id)


async def _held(tx: Tx, me: Actor, scheduled_id: int) -> tuple[int, str, str, datetime, bool]:
    row = (await tx.db.execute(_HELD, {"id": scheduled_id, "me": me.require_person()})).first()
    if row is None:
        raise NotFound
    return row[0], row[1], row[2], row[3], row[4]


async def _due(tx: Tx, me: Actor, conversation_id: int, at: datetime | None) -> datetime:
    if at is not None:
        if at <= tx.now:
            raise Invalid(t("Choose a time that is still to come."), field="at")
        if at > tx.now + FARTHEST:
            raise Invalid(t("Choose a time within a year."), field="at")
        return at
    waking = await next_waking_of_other(tx, me, conversation_id)
    if waking is None:
        raise Invalid(t("In a group, choose a time."), field="at")
    return waking.at


async def _enqueue(tx: Tx, scheduled_id: int, due: datetime) -> None:
    key = f"scheduled:{scheduled_id}:{due.timestamp():.6f}"
    await tx.enqueue("messaging.send_scheduled", {"id": scheduled_id}, at=due, key=key)
