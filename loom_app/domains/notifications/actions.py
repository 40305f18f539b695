"""Writing deliveries."""

import json
from typing import Any

from sqlalchemy import text

from loom_app.kit.db.transaction import Tx

_INSERT = text(
    "INSERT INTO deliveries (user_id, event, channel, key, facts, created_at)"
    " VALUES (:user_id, :event, 'mail', :key, CAST(:facts AS jsonb), :now)"
    " ON CONFLICT DO NOTHING"
)


async def mail(tx: Tx, user_id: int, event: str, *, key: str, facts: dict[str, Any]) -> None:
    """Owe a person a mail, once per key; it leaves after the commit, or not at all."""
    unique = f"{event}:{key}:{user_id}"
    values = {
        "user_id": user_id,
        "event": event,
        "key": unique,
        "facts": json.dumps(facts),
        "now": tx.now,
    }
    await tx.db.execute(_INSERT, values)
    await tx.enqueue("notifications.mail", {"key": unique}, key=f"mail:{unique}")
