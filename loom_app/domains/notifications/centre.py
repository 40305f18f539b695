"""The centre: what happened, in one line each, with the way to it. Kept for 90 days."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text

from loom_app.domains.accounts.queries import PersonView
from loom_app.domains.notifications import mails
from loom_app.domains.notifications.catalogue import topic_of
from loom_app.domains.notifications.layout import Facts
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx

PAGE = 30

_PUT = text(
    "INSERT INTO notices (user_id, topic, title, path, created_at)"
    " VALUES (:user_id, :topic, :title, :path, :now)"
)
_PAGE = text(
    "SELECT id, topic, title, path, created_at, read_at IS NOT NULL AS read FROM notices"
    " WHERE user_id = :me AND id < :before AND (NOT :only_unread OR read_at IS NULL)"
    " AND (CAST(:topics AS text[]) IS NULL OR topic = ANY(:topics)) ORDER BY id DESC LIMIT :n"
)
_UNREAD = text("SELECT count(*) FROM notices WHERE user_id = :me AND read_at IS NULL")
_READ = text(
    "UPDATE notices SET read_at = CASE WHEN :read THEN CAST(:now AS timestamptz) END"
    " WHERE user_id = :me AND id = :id AND (read_at IS NULL) = :read RETURNING id"
)
_READ_ALL = text(
    "UPDATE notices SET read_at = :now WHERE user_id = :me AND read_at IS NULL AND id <= :last"
)


@dataclass(frozen=True)
class NoticeView:
    """`path` leads to the thing on our site."""

    id: int
    topic: str
    title: str
    path: str
    at: datetime
    read: bool


def changed_topic(person_id: int) -> str:
    """What tabs watch: signals when something came, or was read elsewhere."""
    return f"person:{person_id}:notices"


async def put(tx: Tx, event: str, facts: Facts, person: PersonView) -> None:
    """Raises NotFound where there is nothing to tell any more."""
    letter, _ = await mails.WRITERS[event](tx, facts, person)
    values: dict[str, Any] = {
        "user_id": person.id,
        "topic": topic_of(event).name,
        "title": letter.subject,
        "path": letter.path,
        "now": tx.now,
    }
    await tx.db.execute(_PUT, values)
    tx.signal(changed_topic(person.id))


async def page(
    tx: Tx,
    me: Actor,
    *,
    topics: list[str] | None = None,
    only_unread: bool = False,
    before: int = 0,
) -> list[NoticeView]:
    """The newest first; `before` goes on after a notice, `topics` leaves out all others."""
    values = {
        "me": me.require_person(),
        "before": before or 2**62,
        "only_unread": only_unread,
        "topics": topics,
        "n": PAGE,
    }
    return [NoticeView(*row) for row in await tx.db.execute(_PAGE, values)]


async def unread(tx: Tx, me: Actor) -> int:
    return int(await tx.db.scalar(_UNREAD, {"me": me.require_person()}) or 0)


async def mark(tx: Tx, me: Actor, notice_id: int, *, read: bool = True) -> None:
    """One of the caller's own; anything else changes nothing."""
    mine = me.require_person()
    values = {"me": mine, "id": notice_id, "read": read, "now": tx.now}
    if await tx.db.scalar(_READ, values):
        tx.signal(changed_topic(mine))


async def mark_all(tx: Tx, me: Actor, last: int) -> None:
    """Everything up to the newest that the caller has seen: what comes meanwhile stays unread."""
    mine = me.require_person()
    await tx.db.execute(_READ_ALL, {"me": mine, "last": last, "now": tx.now})
    tx.signal(changed_topic(mine))
