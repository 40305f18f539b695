"""Files of messages: brought one by one, bound by sending, gone with their message.

The bytes lie in `kit/files/store`; a row exists from the moment they are whole. What is never sent
and what belongs to a deleted message is taken away by jobs: rows first, then, by the outbox, bytes.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text

from loom_app.domains.messaging.actions.changes import lock
from loom_app.domains.messaging.queries.files import FileView, file_view
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Invalid, NotFound
from loom_app.kit.settings import settings
from loom_app.kit.text import t

PEAKS = 64
LONGEST_VOICE_MS = 3_600_000
UNSENT_FOR = timedelta(hours=24)
_MEGABYTE = 1_048_576

_USED = text("SELECT count(*), coalesce(sum(bytes), 0) FROM message_files WHERE uploader_id = :me")
# one upload of a person at a time may count, or two at once would both find room
_ALONE = text("SELECT pg_advisory_xact_lock(7020, CAST(:me % 2147483647 AS integer))")
_KEEP = text(
    """
    INSERT INTO message_files (conversation_id, uploader_id, key, name, mime, bytes, kind, width,
        height, duration_ms, peaks, thumb_key, created_at)
    VALUES (:c, :me, :key, :name, :mime, :bytes, :kind, :w, :h, :ms, CAST(:peaks AS jsonb),
        :thumb_key, :now)
    RETURNING id
    """
)
_DISCARD = text(
    "DELETE FROM message_files WHERE id = :id AND uploader_id = :me AND message_id IS NULL"
    " RETURNING key"
)
_OF_DELETED = text(
    "DELETE FROM message_files f USING messages m WHERE m.id = f.message_id AND m.id = :m"
    " AND m.deleted_at IS NOT NULL RETURNING f.key"
)
_LEFT_OVER = text(
    """
    DELETE FROM message_files WHERE id IN (
        SELECT f.id FROM message_files f LEFT JOIN messages m ON m.id = f.message_id
        WHERE (f.message_id IS NULL AND f.created_at < :before) OR (m.deleted_at IS NOT NULL
          AND NOT EXISTS (SELECT 1 FROM hidden_messages h WHERE h.message_id = m.id))
        ORDER BY f.id LIMIT 500)
    RETURNING key
    """
)


@dataclass(frozen=True, slots=True)
class Brought:
    """A whole file as it lies in the store, judged by its content."""

    key: str
    name: str
    mime: str
    bytes: int
    kind: str
    width: int = 0
    height: int = 0
    duration_ms: int = 0
    peaks: Sequence[int] = ()


async def admit_file(tx: Tx, me: Actor, conversation_id: int) -> None:
    """Whether the caller may bring a file here at all: asked before its bytes are taken.

    Raises NotFound (not a member), Blocked, Invalid (their room is used up).
    """
    await lock(tx, me, conversation_id, writing=True)
    await _room(tx, me, 0)


async def keep_file(tx: Tx, me: Actor, conversation_id: int, brought: Brought) -> FileView:
    """Record a file that waits to be sent. Raises NotFound, Blocked, Invalid as `admit` does."""
    mine = me.require_person()
    await lock(tx, me, conversation_id, writing=True)
    await tx.db.execute(_ALONE, {"me": mine})
    await _room(tx, me, brought.bytes)
    values = {
        "c": conversation_id,
        "me": mine,
        "key": brought.key,
        "name": brought.name,
        "mime": brought.mime,
        "bytes": brought.bytes,
        "kind": brought.kind,
        "w": brought.width,
        "h": brought.height,
        "ms": max(0, min(brought.duration_ms, LONGEST_VOICE_MS)),
        "thumb_key": brought.key if brought.kind == "image" else "",
        "now": tx.now,
    }
    peaks = [max(0, min(int(peak), 100)) for peak in brought.peaks[:PEAKS]]
    made = await tx.db.scalar(_KEEP, {**values, "peaks": json.dumps(peaks)})
    thumb = values["thumb_key"] != ""
    return file_view({**values, "id": made, "peaks": peaks, "thumb": thumb})


async def _room(tx: Tx, me: Actor, more: int) -> None:
    chosen = settings()
    async with tx.acting_as_system("messaging.files"):
        count, used = (await tx.db.execute(_USED, {"me": me.require_person()})).one()
    whole = chosen.upload_total_megabytes * _MEGABYTE
    if count >= chosen.upload_files_per_person or used + more > whole:
        raise Invalid(
            t("The room for your files is used up. Delete messages with files to make some."),
            field="file",
        )


async def discard_file(tx: Tx, me: Actor, file_id: int) -> None:
    """Take back a file of one's own that was not sent. Raises NotFound."""
    async with tx.acting_as_system("messaging.files"):
        values = {"id": file_id, "me": me.require_person()}
        keys = list(await tx.db.scalars(_DISCARD, values))
    if not keys:
        raise NotFound
    await _unlink_later(tx, keys)


async def remove_of(tx: Tx, message_id: int) -> None:
    """The files of a deleted message; for a system actor of messaging."""
    await _unlink_later(tx, list(await tx.db.scalars(_OF_DELETED, {"m": message_id})))


async def remove_left_over(tx: Tx) -> int:
    """What was never sent within a day, and what a deleted message left; returns how many.

    For a system actor of messaging.
    """
    keys = list(await tx.db.scalars(_LEFT_OVER, {"before": tx.now - UNSENT_FOR}))
    await _unlink_later(tx, keys)
    return len(keys)


async def _unlink_later(tx: Tx, keys: list[str]) -> None:
    """Bytes go after the rows are gone for good; a crash in between is finished by the outbox."""
    if keys:
        await tx.enqueue("messaging.unlink_files", {"keys": keys})
