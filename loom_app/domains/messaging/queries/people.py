"""Whom one may write to, and when they were here."""

from dataclasses import dataclass

from sqlalchemy import text

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.moderation import queries as moderation
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx


@dataclass(frozen=True)
class Reachable:
    """Somebody one may write to; `client` says that they are the caller's."""

    id: int
    name: str
    initials: str
    hue: int
    avatar_url: str
    client: bool


async def reachable(tx: Tx, me: Actor) -> list[Reachable]:
    """Whom the caller has an engagement with, by name; nobody past a block."""
    mine = me.require_person()
    blocked = await moderation.blocked_with(tx, mine)
    rows = await tx.db.execute(
        text(
            "SELECT u.id, u.name, u.avatar, bool_or(e.coach_id = :me) FROM engagements e"
            " JOIN users u ON u.id = CASE WHEN e.coach_id = :me THEN e.client_id"
            " ELSE e.coach_id END"
            " WHERE :me IN (e.coach_id, e.client_id) AND e.status <> 'ended'"
            " AND NOT u.id = ANY(CAST(:blocked AS bigint[]))"
            " GROUP BY u.id ORDER BY lower(u.name), u.id LIMIT 200"
        ),
        {"me": mine, "blocked": sorted(blocked)},
    )
    return [
        Reachable(
            row[0],
            row[1],
            accounts.initials(row[1]),
            accounts.hue(row[0]),
            accounts.avatar_url(row[2]),
            row[3],
        )
        for row in rows
    ]


async def is_published_coach(tx: Tx, user_id: int) -> bool:
    """Whether anybody may write to this person."""
    found = await tx.db.scalar(
        text("SELECT 1 FROM coach_profiles WHERE user_id = :u AND status = 'published'"),
        {"u": user_id},
    )
    return found is not None
