"""How a person keeps a conversation: nobody else sees it, all of their tabs do."""

from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy import text

from loom_app.domains.messaging.actions.changes import changed, lock
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound

Mute = Literal["hour", "tomorrow", "always", "off"]

ALWAYS = datetime.fromisoformat("9999-01-01T00:00:00+00:00")
MORNING = 8

_MEMBER = text("SELECT 1 FROM conversation_members WHERE conversation_id = :c AND user_id = :me")
_SET = """
    INSERT INTO conversation_settings (conversation_id, user_id, {column})
    VALUES (:c, :me, :value)
    ON CONFLICT ON CONSTRAINT pk_conversation_settings DO UPDATE SET {column} = excluded.{column}
"""
_COLUMNS = {
    column: text(_SET.format(column=column))
    for column in ("archived", "muted_until", "pinned_at", "marked_unread")
}
_RECEIPTS = text(
    "UPDATE conversation_members SET receipts = :shown, change = :change"
    " WHERE conversation_id = :c AND user_id = :me"
)


async def archive(tx: Tx, me: Actor, conversation_id: int, *, archived: bool) -> None:
    """Out of the list until somebody writes (unless it is muted), or back. Raises NotFound."""
    await _set(tx, me, conversation_id, "archived", archived)


async def mute(tx: Tx, me: Actor, conversation_id: int, how_long: Mute) -> None:
    """No notices for an hour, until tomorrow morning where one is, for good; or again.

    Raises NotFound.
    """
    await _set(tx, me, conversation_id, "muted_until", muted_until(how_long, tx.now, me.zone))


def muted_until(how_long: Mute, now: datetime, zone: str) -> datetime | None:
    """When it ends: tomorrow is 8 o'clock of the next day there."""
    if how_long == "off":
        return None
    if how_long == "hour":
        return now + timedelta(hours=1)
    if how_long == "always":
        return ALWAYS
    tomorrow = now.astimezone(ZoneInfo(zone)) + timedelta(days=1)
    return tomorrow.replace(hour=MORNING, minute=0, second=0, microsecond=0)


async def pin(tx: Tx, me: Actor, conversation_id: int, *, pinned: bool) -> None:
    """At the top of the list, or among the others. Raises NotFound."""
    await _set(tx, me, conversation_id, "pinned_at", tx.now if pinned else None)


async def mark_unread(tx: Tx, me: Actor, conversation_id: int, *, unread: bool) -> None:
    """Remember to come back to it; reading ends it. Raises NotFound."""
    await _set(tx, me, conversation_id, "marked_unread", unread)


async def show_receipts(tx: Tx, me: Actor, conversation_id: int, *, shown: bool) -> None:
    """Whether others see what one has read here; who hides it sees none either. Raises NotFound."""
    locked = await lock(tx, me, conversation_id)
    async with tx.acting_as_system("messaging.receipts"):
        values = {"c": conversation_id, "me": me.require_person(), "shown": shown}
        change = await changed(tx, locked)
        await tx.db.execute(_RECEIPTS, {**values, "change": change})


async def _set(tx: Tx, me: Actor, conversation_id: int, column: str, value: object) -> None:
    values = {"c": conversation_id, "me": me.require_person()}
    if await tx.db.scalar(_MEMBER, values) is None:
        raise NotFound
    await tx.db.execute(_COLUMNS[column], {**values, "value": value})
    tx.signal(f"person:{values['me']}:inbox", conversation_id)
