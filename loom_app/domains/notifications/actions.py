"""From an event to a person: which deliveries are owed, decided and stored with their cause."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import text

from loom_app.domains.notifications import wishes
from loom_app.domains.notifications.catalogue import CHANNELS, Channel, topic_of
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx

_INSERT = text(
    "INSERT INTO deliveries (user_id, event, channel, key, facts, status, created_at, due_at)"
    " VALUES (:user_id, :event, :channel, :key, CAST(:facts AS jsonb), :status, :now, :due_at)"
    " ON CONFLICT DO NOTHING"
)


def stored_key(event: str, key: str, person_id: int, channel: Channel = "mail") -> str:
    """What makes a delivery unique."""
    tail = "" if channel == "mail" else f":{channel}"
    return f"{event}:{key}:{person_id}{tail}"


def keys_of(stored: str) -> list[str]:
    """The keys of one event to one person on every channel, out of that of its mail."""
    return [stored, *(f"{stored}:{channel}" for channel in CHANNELS if channel != "mail")]


async def notify(
    tx: Tx,
    person_id: int,
    event: str,
    *,
    key: str,
    facts: dict[str, Any],
    only: Channel | None = None,
) -> None:
    """Owe a person word of an event, once per key, wherever they want to hear of it, or on one
    channel `only`. To each of their devices it is a delivery of its own.

    The deliveries exist if and only if the cause commits, and leave after it. What falls into quiet
    hours leaves at their end; what waits for a summary is gathered for it. Raises KeyError for an
    event without a topic.
    """
    about = topic_of(event)
    async with tx.acting_as_system("notifications.notify"):
        wanted = await wishes.of(tx, person_id)
    quiet = None if about.urgent else wanted.quiet_end(tx.now)
    gathers = wanted.sums_up() and not (about.urgent or about.whole)
    leaves = set()
    channels: list[Channel] = [one for one in wanted.channels(about, tx.now) if only in (None, one)]
    for channel in channels:
        due_at = quiet if quiet is not None and channel != "in_app" else tx.now
        gathered = channel == "mail" and gathers
        values = {
            "user_id": person_id,
            "event": event,
            "channel": channel,
            "status": "gathered" if gathered else "queued",
            "now": tx.now,
            "due_at": due_at,
        }
        stored = stored_key(event, key, person_id, channel)
        if channel == "push":
            for device in wanted.devices:
                one, about_it = f"{stored}:{device}", {**facts, "device_id": device}
                await tx.db.execute(_INSERT, {**values, "key": one, "facts": json.dumps(about_it)})
                await leave(tx, one, due_at)
            continue
        await tx.db.execute(_INSERT, {**values, "key": stored, "facts": json.dumps(facts)})
        if not gathered:
            leaves.add(due_at)
    for due_at in leaves:
        await leave(tx, stored_key(event, key, person_id), due_at)


async def leave(tx: Tx, stored: str, due_at: datetime) -> None:
    """Send what has this key, then."""
    when = "" if due_at == tx.now else f":{due_at.timestamp():.0f}"
    await tx.enqueue("notifications.send", {"key": stored}, at=due_at, key=f"send:{stored}{when}")


async def send_test(tx: Tx, me: Actor) -> None:
    """Everywhere where one is told anything, whatever was chosen."""
    await notify(tx, me.require_person(), "test", key=tx.now.isoformat(), facts={})
