"""Who is here, as one person may know it of another.

Coach and client see each other, and so do members of one conversation. Nobody sees somebody who
hides, somebody who hides sees nobody, and two of whom one blocked the other see nothing.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.i18n import times
from loom_app.kit.realtime import presence
from loom_app.kit.text import t

_PAIRS = text(
    "SELECT w.viewer, w.person, p.seen_at"
    " FROM unnest(CAST(:viewers AS bigint[]), CAST(:people AS bigint[])) w (viewer, person)"
    " LEFT JOIN presences p ON p.user_id = w.person"
    " WHERE loom_sees_presence(w.viewer, w.person)"
)
_MAY_TYPE = text(
    "SELECT EXISTS (SELECT 1 FROM conversation_members m JOIN conversations c ON c.id = :c"
    " WHERE m.conversation_id = :c AND m.user_id = :me AND NOT (c.kind = 'pair' AND EXISTS ("
    "SELECT 1 FROM blocks b JOIN conversation_members o"
    " ON o.conversation_id = :c AND o.user_id <> :me"
    " WHERE (b.blocker_id, b.blocked_id) IN ((o.user_id, :me), (:me, o.user_id)))))"
)


@dataclass(frozen=True, slots=True)
class PresenceView:
    """`here` is online, away or offline; "" where the viewer may not know."""

    here: str = ""
    seen_at: datetime | None = None

    @property
    def words(self) -> str:
        """ "Online", "Away", "Last here 5 minutes ago"; "" where nothing may be said."""
        if self.here == "offline" and self.seen_at is not None:
            return t("Last here {when}", when=times.ago(self.seen_at))
        known = {"online": t("Online"), "away": t("Away"), "offline": t("Offline")}
        return known.get(self.here, "")


async def presence_of(tx: Tx, me: Actor, people: Collection[int]) -> dict[int, PresenceView]:
    """Everybody asked for is in the answer."""
    seen = await presence_of_pairs(tx, [(me.require_person(), person) for person in people])
    return {person: view for (_, person), view in seen.items()}


async def presence_of_pairs(
    tx: Tx, pairs: Collection[tuple[int, int]]
) -> dict[tuple[int, int], PresenceView]:
    """(viewer, person) → what the one may know of the other; one query for all. For the hub."""
    made = dict.fromkeys(pairs, PresenceView())
    if not made:
        return made
    async with tx.acting_as_system("messaging.presence"):
        rows = await tx.db.execute(
            _PAIRS,
            {"viewers": [pair[0] for pair in made], "people": [pair[1] for pair in made]},
        )
    for viewer, person, seen_at in rows:
        # who has just left is not written down yet
        times_seen = [at for at in (seen_at, presence.gone_at(person)) if at is not None]
        made[viewer, person] = PresenceView(presence.of(person), max(times_seen, default=None))
    return made


async def hides_presence(tx: Tx, me: Actor) -> bool:
    """Whether one hides."""
    return bool(
        await tx.db.scalar(
            text("SELECT hidden FROM presences WHERE user_id = :me"), {"me": me.require_person()}
        )
    )


async def may_type(tx: Tx, me: Actor, conversation_id: int) -> bool:
    """Whether others there may be told that one is typing: a member, and in a pair not blocked."""
    async with tx.acting_as_system("messaging.typing"):
        found = await tx.db.scalar(_MAY_TYPE, {"c": conversation_id, "me": me.require_person()})
    return bool(found)
