"""What somebody began to write, kept for their other devices."""

from datetime import datetime

from sqlalchemy import text

from loom_app.domains.messaging import rules
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound

_KEEP = text(
    "INSERT INTO conversation_settings (conversation_id, user_id, draft, draft_at)"
    " SELECT m.conversation_id, m.user_id, :draft, :at FROM conversation_members m"
    " WHERE m.conversation_id = :c AND m.user_id = :me"
    " ON CONFLICT (conversation_id, user_id) DO UPDATE"
    " SET draft = CASE WHEN conversation_settings.draft_at > excluded.draft_at"
    "  THEN conversation_settings.draft ELSE excluded.draft END,"
    " draft_at = greatest(conversation_settings.draft_at, excluded.draft_at) RETURNING user_id"
)
_DRAFT = text(
    "SELECT draft, draft_at FROM conversation_settings WHERE conversation_id = :c AND user_id = :me"
)


def drafts_topic(person_id: int) -> str:
    """Says the conversation whose draft changed."""
    return f"person:{person_id}:drafts"


async def keep_draft(
    tx: Tx, me: Actor, conversation_id: int, words: str, at: datetime | None = None
) -> None:
    """The newest words win, by when they were written (`at`, else now), not by when they come; none
    forget the draft. Raises NotFound (not a member)."""
    mine = me.require_person()
    written = min(at or tx.now, tx.now)  # a clock that is ahead must not win for ever
    values = {"c": conversation_id, "me": mine, "draft": rules.clean_draft(words), "at": written}
    if await tx.db.scalar(_KEEP, values) is None:
        raise NotFound
    tx.signal(drafts_topic(mine), conversation_id)


async def draft(tx: Tx, me: Actor, conversation_id: int) -> tuple[str, datetime | None]:
    """What was begun, and when; nothing where nothing was."""
    values = {"c": conversation_id, "me": me.require_person()}
    row = (await tx.db.execute(_DRAFT, values)).first()
    return (row[0], row[1]) if row else ("", None)
