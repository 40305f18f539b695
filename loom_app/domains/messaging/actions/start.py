"""Opening conversations of two."""

from sqlalchemy import text

from loom_app.domains.engagements import actions as engagements
from loom_app.domains.engagements import queries as engagement_queries
from loom_app.domains.messaging.errors import Blocked
from loom_app.domains.messaging.queries import people
from loom_app.domains.moderation import queries as moderation
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound


async def start(tx: Tx, me: Actor, other_id: int) -> int:
    """The conversation with this person, made if it is missing; starting twice finds the first.

    One may write to a published coach and to whom one has an engagement with. Raises NotFound,
    Blocked.
    """
    mine = me.require_person()
    if await moderation.is_blocked_between(tx, mine, other_id):
        raise Blocked
    pair = await _pair(tx, me, mine, other_id)
    engagement_id = await engagements.ensure(tx, *pair, "inquiry")
    return await for_engagement(tx, engagement_id, pair)


async def _pair(tx: Tx, me: Actor, mine: int, other_id: int) -> tuple[int, int]:
    """(coach, client) of the two. Raises NotFound where they have nothing to do with each other."""
    if other_id == mine:
        raise NotFound
    for coach_id, client_id in ((other_id, mine), (mine, other_id)):
        if await engagement_queries.find_engagement(tx, coach_id, client_id):
            return coach_id, client_id
    if await people.is_published_coach(tx, other_id):
        return other_id, mine
    raise NotFound


async def for_engagement(tx: Tx, engagement_id: int, pair: tuple[int, int]) -> int:
    """The conversation of an engagement, made with its two members if it is missing."""
    async with tx.acting_as_system("messaging.start"):
        made = await tx.db.scalar(
            text(
                "INSERT INTO conversations (engagement_id, created_at) VALUES (:e, :now)"
                " ON CONFLICT ON CONSTRAINT uq_conversations_engagement_id DO UPDATE"
                " SET engagement_id = excluded.engagement_id RETURNING id"
            ),
            {"e": engagement_id, "now": tx.now},
        )
        await tx.db.execute(
            text(
                "INSERT INTO conversation_members (conversation_id, user_id, joined_at)"
                " SELECT :c, u, :now FROM unnest(CAST(:people AS bigint[])) u"
                " ON CONFLICT DO NOTHING"
            ),
            {"c": made, "people": list(pair), "now": tx.now},
        )
    for user_id in pair:
        tx.signal(f"person:{user_id}:inbox", int(made))
    return int(made)
