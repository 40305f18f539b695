"""What is shown of files, and who may have their bytes."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.files import links, names
from loom_app.kit.i18n import times

PAGE = 50
KINDS = ("image", "audio", "voice", "pdf", "file")


@dataclass(frozen=True)
class FileView:
    """A file of a message; `size` in words, `seconds` of sound, `peaks` of a voice note's wave.

    `url`, and of a picture `thumb` and `view`, are links that end (`kit/files/links`).
    """

    id: int
    name: str
    kind: str
    mime: str
    size: str
    url: str
    thumb: str
    view: str
    width: int
    height: int
    seconds: int
    peaks: list[int]


@dataclass(frozen=True)
class SharedFile:
    """A file in the list of a conversation's: with who sent it, when, and its message's number."""

    id: int
    file: FileView
    number: int
    sender: str
    when: str


@dataclass(frozen=True, slots=True)
class StoredFile:
    """Where the bytes lie and what they are; only for who may have them."""

    id: int
    key: str
    name: str
    mime: str
    kind: str
    thumb_key: str


# the policies of row-level security say the same; two doors for what is private
_READABLE = text(
    """
    SELECT f.id, f.key, f.name, f.mime, f.kind, f.thumb_key
    FROM message_files f
    JOIN conversation_members k ON k.conversation_id = f.conversation_id AND k.user_id = :me
    LEFT JOIN messages m ON m.id = f.message_id
    WHERE f.id = :id AND CASE WHEN f.message_id IS NULL THEN f.uploader_id = :me ELSE
        m.deleted_at IS NULL AND m.number >= k.first_number AND NOT :me = ANY (m.hidden_for) END
    """
)
_SHARED = text(
    """
    SELECT f.id, f.name, f.mime, f.bytes, f.kind, f.width AS w, f.height AS h,
        f.duration_ms AS ms, f.peaks, f.thumb_key <> '' AS thumb, m.number, u.name AS sender,
        m.sent_at
    FROM message_files f
    JOIN messages m ON m.id = f.message_id
    JOIN conversation_members k ON k.conversation_id = f.conversation_id AND k.user_id = :me
    LEFT JOIN users u ON u.id = m.sender_id
    WHERE f.conversation_id = :c AND m.deleted_at IS NULL AND m.number >= k.first_number
        AND NOT :me = ANY (m.hidden_for) AND f.kind = ANY (:kinds) AND f.id < :before
    ORDER BY f.id DESC LIMIT :n
    """
)


def file_views(stored: Iterable[Mapping[str, Any]]) -> list[FileView]:
    """From the snapshot that `loom_send` keeps with the message."""
    return [file_view(one) for one in stored]


def file_view(one: Mapping[str, Any]) -> FileView:
    """From one entry of a snapshot, or a row with the same names."""
    number = int(one["id"])
    base = f"/files/messages/{number}"
    name = str(one["name"])
    return FileView(
        id=number,
        name=name,
        kind=str(one["kind"]),
        mime=str(one["mime"]),
        size=size_words(int(one["bytes"])),
        url=links.signed(f"{base}/{names.in_address(name)}", number),
        thumb=links.signed(f"{base}/thumb", number) if one["thumb"] else "",
        view=links.signed(f"{base}/view", number) if one["thumb"] else "",
        width=int(one["w"]),
        height=int(one["h"]),
        seconds=-(-int(one["ms"]) // 1000),
        peaks=[int(peak) for peak in one["peaks"]],
    )


def size_words(count: int) -> str:
    return f"{count / 1_000_000:.1f} MB" if count >= 1_000_000 else f"{max(1, count // 1000)} KB"


async def readable_file(tx: Tx, me: Actor, file_id: int) -> StoredFile:
    """A file whose bytes the caller may have: a member, who sees its message; before it is sent,
    who brought it. Raises NotFound for all else."""
    values = {"me": me.require_person(), "id": file_id}
    row = (await tx.db.execute(_READABLE, values)).first()
    if row is None:
        raise NotFound
    return StoredFile(*row)


async def shared_files(
    tx: Tx,
    me: Actor,
    conversation_id: int,
    *,
    kinds: Collection[str] = KINDS,
    before: int | None = None,
    limit: int = PAGE,
) -> list[SharedFile]:
    """The files of a conversation that the caller may see, newest first; none for who is no member.

    `before` is the id of the last one of the page before.
    """
    values = {
        "me": me.require_person(),
        "c": conversation_id,
        "kinds": sorted(kinds),
        "before": before or 2**62,
        "n": limit,
    }
    rows = (await tx.db.execute(_SHARED, values)).mappings()
    return [
        SharedFile(
            id=row["id"],
            file=file_view(row),  # pyright: ignore[reportArgumentType] - a mapping by name
            number=row["number"],
            sender=row["sender"] or "",
            when=times.short(row["sent_at"], me.zone),
        )
        for row in rows
    ]
