"""Blocking, reporting, and noting what the filter noticed."""

from sqlalchemy import text

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.moderation import rules
from loom_app.domains.moderation.events import PersonBlocked, PersonUnblocked, ReportMade
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Invalid, NotFound
from loom_app.kit.text import t

EXCERPT_MAX = 4000

_BLOCK = text(
    "INSERT INTO blocks (blocker_id, blocked_id, created_at) VALUES (:me, :other, :now)"
    " ON CONFLICT DO NOTHING RETURNING blocked_id"
)
_UNBLOCK = text(
    "DELETE FROM blocks WHERE blocker_id = :me AND blocked_id = :other RETURNING blocked_id"
)
_REPORT = text(
    """
    INSERT INTO reports (reporter_id, person_id, conversation_id, message_id, reason, words,
        excerpt, created_at)
    SELECT :me, :person, :conversation, CAST(:message AS bigint), :reason, :words, :excerpt, :now
    WHERE NOT EXISTS (
        SELECT 1 FROM reports WHERE reporter_id = :me AND person_id = :person AND status = 'open'
          AND reason = :reason AND words = :words
          AND message_id IS NOT DISTINCT FROM CAST(:message AS bigint))
    RETURNING id
    """
)
_HIT = text(
    "INSERT INTO filter_hits (message_id, sender_id, rule, explained, created_at)"
    " SELECT :message, :sender, :rule, :explained, :now WHERE NOT EXISTS (SELECT 1 FROM filter_hits"
    " WHERE message_id = :message AND rule = :rule AND explained = :explained)"
    " RETURNING id"
)


async def block(tx: Tx, me: Actor, person_id: int) -> None:
    """Neither writes to, books nor sees the other from now on; idempotent.

    Raises NotFound (whom the caller cannot see), Invalid (oneself).
    """
    mine = me.require_person()
    if person_id == mine:
        raise Invalid(t("That is you."))
    await accounts.person(tx, person_id)
    values = {"me": mine, "other": person_id, "now": tx.now}
    if await tx.db.scalar(_BLOCK, values) is not None:
        _tell(tx, mine, person_id)
        await tx.emit(PersonBlocked(mine, person_id))


async def unblock(tx: Tx, me: Actor, person_id: int) -> None:
    """Lift the caller's own block; idempotent."""
    mine = me.require_person()
    if await tx.db.scalar(_UNBLOCK, {"me": mine, "other": person_id}) is not None:
        _tell(tx, mine, person_id)
        await tx.emit(PersonUnblocked(mine, person_id))


def _tell(tx: Tx, *people: int) -> None:
    for person_id in people:
        tx.signal(f"person:{person_id}:blocks")


async def report(tx: Tx, me: Actor, person_id: int, *, reason: str, words: str) -> None:
    """Tell staff about a person. Raises NotFound, Invalid."""
    await accounts.person(tx, person_id)
    await note_report(tx, me, person_id, reason=reason, words=words)


async def note_report(  # noqa: PLR0913 - the columns of a report
    tx: Tx,
    me: Actor,
    person_id: int,
    *,
    reason: str,
    words: str,
    conversation_id: int | None = None,
    message_id: int | None = None,
    excerpt: str = "",
) -> None:
    """For domains that checked what the caller may see of the message. The same report twice is
    one. Raises Invalid, NotFound (oneself)."""
    mine = me.require_person()
    if person_id == mine:
        raise NotFound
    words = rules.check_reason(reason, words)
    async with tx.acting_as_system("moderation.report"):
        made = await tx.db.scalar(
            _REPORT,
            {
                "me": mine,
                "person": person_id,
                "conversation": conversation_id,
                "message": message_id,
                "reason": reason,
                "words": words,
                "excerpt": excerpt[:EXCERPT_MAX],
                "now": tx.now,
            },
        )
    if made is not None:
        await tx.emit(ReportMade(made, person_id, mine))
        tx.signal("staff:moderation")


async def screen(tx: Tx, sender_id: int, message_id: int, body: str) -> None:
    """Note what staff should look at in a message that was sent or edited; it stays delivered."""
    found = rules.hits(body)
    if not found:
        return
    async with tx.acting_as_system("moderation.screen"):
        for hit in found:
            values = {
                "message": message_id,
                "sender": sender_id,
                "rule": hit.rule,
                "explained": hit.explained,
                "now": tx.now,
            }
            if await tx.db.scalar(_HIT, values) is not None:
                tx.signal("staff:moderation")


def is_noteworthy(body: str) -> bool:
    """Whether `screen` would note something."""
    return bool(rules.hits(body))
