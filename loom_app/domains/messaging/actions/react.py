"""Reactions: an emoji on a message, on and off."""

import json

import emoji as emojis
from sqlalchemy import text

from loom_app.domains.messaging import rules
from loom_app.domains.messaging.actions.changes import changed
from loom_app.domains.messaging.actions.edit import held
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Forbidden, Invalid
from loom_app.kit.text import t

_REACT = text("UPDATE messages SET reactions = CAST(:all AS jsonb) WHERE id = :id")


async def react(tx: Tx, me: Actor, message_id: int, emoji: str) -> None:
    """Put an emoji on a message, or take one's own off again.

    Raises NotFound, Blocked, Invalid (no emoji, or more than 20 kinds), Forbidden (deleted).
    """
    if not emojis.is_emoji(emoji):
        raise Invalid(t("Choose an emoji."))
    locked, row = await held(tx, me, message_id, writing=True)
    if row.deleted_at is not None or row.kind == "system":
        raise Forbidden(t("This message takes no reactions."))
    mine = me.require_person()
    after = toggled(row.reactions or [], emoji, mine)
    if len(after) > rules.REACTIONS_MAX:
        raise Invalid(t("A message holds {n} kinds of reactions.", n=rules.REACTIONS_MAX))
    async with tx.acting_as_system("messaging.react"):
        await tx.db.execute(_REACT, {"id": message_id, "all": json.dumps(after)})
        await changed(tx, locked, [message_id])


def toggled(reactions: list[list[object]], emoji: str, person_id: int) -> list[list[object]]:
    """[emoji, [people]] with the person's mark on this emoji turned around."""
    known = {str(one[0]): list(one[1]) for one in reactions}  # type: ignore[call-overload]
    people = known.setdefault(emoji, [])
    if person_id in people:
        people.remove(person_id)
    else:
        people.append(person_id)
    return [[one, who] for one, who in known.items() if who]
