"""Summaries: what was gathered for a person, in one mail at eight on their own clock."""

import json

from sqlalchemy import text

from loom_app.domains.accounts.queries import PersonView
from loom_app.domains.notifications import wishes
from loom_app.domains.notifications.actions import stored_key
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx

SUMMER = Actor.system_job("notifications.summaries")
EVENT = "summary"
SHOWN = 30  # lines of one mail; the rest is a number

_WAITING = text(
    "SELECT user_id, min(created_at) AS since FROM deliveries WHERE status = 'gathered'"
    " GROUP BY user_id"
)
_TAKE = text(
    "UPDATE deliveries SET status = 'sent', sent_at = :now"
    " WHERE user_id = :person AND status = 'gathered' RETURNING id"
)
_RELEASE = text(
    "UPDATE deliveries SET status = 'queued', due_at = :now"
    " WHERE user_id = :person AND status = 'gathered' RETURNING key"
)
_OWE = text(
    "INSERT INTO deliveries (user_id, event, channel, key, facts, created_at, due_at)"
    " VALUES (:person, 'summary', 'mail', :key, CAST(:facts AS jsonb), :now, :now)"
    " ON CONFLICT DO NOTHING RETURNING id"
)
_GATHERED = text(
    "SELECT event, facts FROM deliveries WHERE id = ANY(:ids) AND user_id = :person ORDER BY id"
)


async def sum_up(tx: Tx) -> int:
    """Owe every summary whose hour has come; how many. What is gathered goes into one only, or by
    itself where somebody wants no summaries any more."""
    made = 0
    for row in (await tx.db.execute(_WAITING)).all():
        wanted = await wishes.of(tx, row.user_id)
        if wanted.paused(tx.now):
            continue
        if not wanted.sums_up():  # summaries were given up meanwhile: each goes by itself
            for key in await tx.db.scalars(_RELEASE, {"person": row.user_id, "now": tx.now}):
                await tx.enqueue("notifications.send", {"key": key}, key=f"release:{key}")
            continue
        if wanted.next_summary(row.since) > tx.now:
            continue
        ids = sorted(await tx.db.scalars(_TAKE, {"person": row.user_id, "now": tx.now}))
        if not ids:  # another process was faster
            continue
        key = stored_key(EVENT, str(ids[0]), row.user_id)
        facts = json.dumps({"ids": ids, "digest": wanted.digest})
        values = {"person": row.user_id, "key": key, "facts": facts, "now": tx.now}
        if await tx.db.scalar(_OWE, values):
            await tx.enqueue("notifications.send", {"key": key}, key=f"send:{key}")
            made += 1
    return made


async def gathered(tx: Tx, ids: list[int], person: PersonView) -> list[tuple[str, dict]]:
    """Event and facts of what a summary holds."""
    rows = await tx.db.execute(_GATHERED, {"ids": ids, "person": person.id})
    return [(row.event, row.facts) for row in rows]
