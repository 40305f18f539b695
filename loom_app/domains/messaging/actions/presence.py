"""When people were last here, and whether others may know."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import text

from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx

_SEEN = text(
    "INSERT INTO presences (user_id, seen_at)"
    " SELECT u.id, :at FROM unnest(CAST(:people AS bigint[])) p (id) JOIN users u USING (id)"
    " ORDER BY u.id ON CONFLICT (user_id) DO UPDATE"
    " SET seen_at = greatest(presences.seen_at, excluded.seen_at)"
)
_HIDE = text(
    "INSERT INTO presences (user_id, hidden) VALUES (:me, :hidden)"
    " ON CONFLICT (user_id) DO UPDATE SET hidden = excluded.hidden"
)


async def note_seen(tx: Tx, people: Collection[int], at: datetime) -> None:
    """These people were last here then: one statement for all of them."""
    if people:
        async with tx.acting_as_system("messaging.presence"):
            await tx.db.execute(_SEEN, {"people": sorted(people), "at": at})


async def hide_presence(tx: Tx, me: Actor, *, hidden: bool) -> None:
    """Show nobody when one is here, and see nobody's either; or both again."""
    person_id = me.require_person()
    async with tx.acting_as_system("messaging.presence"):
        await tx.db.execute(_HIDE, {"me": person_id, "hidden": hidden})
    tx.signal(f"person:{person_id}:presence")
