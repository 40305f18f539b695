"""Sending a push: what it says, out of the same letters as mail, and what became of it.

At most a duplicate: a crash after the service took it and before that was written down sends it
again under the same tag, which takes the place of the first on the device.
"""

import json
from datetime import timedelta
from typing import Any

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.accounts.queries import PersonView
from loom_app.domains.notifications import devices, mails, wishes
from loom_app.domains.notifications.catalogue import topic_of
from loom_app.domains.notifications.layout import Letter
from loom_app.domains.notifications.outcomes import ended, postponed
from loom_app.integrations.push import client
from loom_app.integrations.push.client import Push, PushGone, PushLater, PushRefused
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx, transaction
from loom_app.kit.errors import NotFound
from loom_app.kit.jobs.outbox import MAX_ATTEMPTS, backoff
from loom_app.kit.security import tokens
from loom_app.kit.text import language

PUSHER = Actor.system_job("notifications.push")
TITLE, BODY = 120, 400  # letters
KEPT = timedelta(days=2)  # how long a service waits for a device that is off
KEPT_URGENT = timedelta(hours=1)  # a reminder of this morning is of no use in the evening


async def send(row: Any) -> None:
    """A delivery to one device. Begin (read), call (its push service), record."""
    try:
        async with transaction(PUSHER) as tx:
            about = topic_of(row.event)
            if "push" not in (await wishes.of(tx, row.user_id)).channels(about, tx.now):
                raise NotFound  # switched off while it waited  # noqa: TRY301
            to = await devices.subscription(tx, row.facts["device_id"], row.user_id)
            person = await accounts.person(tx, row.user_id)
            push = await write(tx, row, person)
    except devices.FormerKey:
        await _end(row, "dropped", "it subscribed with a former key of ours")
        return
    except NotFound:  # its message is for people, and in their language
        await _end(row, "dropped", "gone")
        return
    try:
        await client.send(push, to)
    except PushGone as error:
        await _end(row, "dropped", str(error), lost=True)
    except PushRefused as error:
        await _end(row, "failed", str(error))
    except PushLater as error:
        await _later(row, error)
    else:
        await _end(row, "sent", None)


async def write(tx: Tx, row: Any, person: PersonView) -> Push:
    """Raises NotFound where there is nothing to tell any more, KeyError for an event without a
    template."""
    letter, _ = await mails.WRITERS[row.event](tx, row.facts, person)
    about, tag = topic_of(row.event), tag_of(row.id, row.facts)
    told = {
        "title": _cut(letter.subject, TITLE),
        "body": _cut(_body(letter, row.facts), BODY),
        "path": letter.path,
        "tag": tag,
        "lang": language(),
        "at": int(tx.now.timestamp() * 1000),
    }
    message = about.group == "messages"
    return Push(
        content=json.dumps(told, ensure_ascii=False).encode(),
        topic=tokens.digest(tag)[:32],
        ttl=KEPT_URGENT if about.name == "session.reminder" else KEPT,
        urgency="high" if about.urgent or message else "normal",
    )


def tag_of(delivery_id: int, facts: dict[str, Any]) -> str:
    """What a notice takes the place of: the one of the same conversation, of the same session, or
    itself."""
    for what in ("conversation", "session"):
        if number := facts.get(f"{what}_id"):
            return f"{what}-{number}"
    return f"delivery-{delivery_id}"


def _body(letter: Letter, facts: dict[str, Any]) -> str:
    """Of messages their last lines, with names where several write; of all else what a mail begins
    with, without its greeting."""
    if "conversation_id" in facts:
        alone = len({name for name, _ in letter.facts}) == 1
        return "\n".join(words if alone else f"{name}: {words}" for name, words in letter.facts)
    first = letter.lines[0] if letter.lines else ""
    return first[:1].upper() + first[1:]


def _cut(words: str, most: int) -> str:
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"


async def _end(row: Any, status: str, error: str | None, *, lost: bool = False) -> None:
    async with transaction(PUSHER) as tx:
        mine = await ended(tx, row.id, status, error)
        if status == "sent" and mine:
            await devices.reached(tx, row.facts["device_id"])
        if lost:
            await devices.lost(tx, row.facts["device_id"])


async def _later(row: Any, error: PushLater) -> None:
    """When the service says, or after a while that grows; a few times only."""
    async with transaction(PUSHER) as tx:
        if row.attempts + 1 >= MAX_ATTEMPTS:
            await ended(tx, row.id, "failed", str(error))
        else:
            wait = error.after or backoff(row.attempts + 1)
            await postponed(tx, row.id, str(error), tx.now + wait)
