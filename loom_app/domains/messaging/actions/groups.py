"""Conversations of many: a coach gathers their clients; everybody may leave."""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import text

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.messaging.actions.changes import Locked, lock, tell
from loom_app.domains.messaging.actions.send import post_system
from loom_app.domains.messaging.queries.words import group_words
from loom_app.domains.moderation import queries as moderation
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Forbidden, Invalid, NotFound
from loom_app.kit.text import t
from loom_app.kit.words import limited

TITLE_MAX = 80
PEOPLE_MAX = 50

_MAKE = text(
    "INSERT INTO conversations (kind, title, owner_id, created_at)"
    " VALUES ('group', :title, :owner, :now) RETURNING id"
)
_JOIN = text(
    "INSERT INTO conversation_members (conversation_id, user_id, first_number, read_number,"
    " delivered_number, joined_at)"
    " SELECT :c, u, :first, :first - 1, :first - 1, :now"
    " FROM unnest(CAST(:people AS bigint[])) u ON CONFLICT DO NOTHING"
)
_LEAVE = text("DELETE FROM conversation_members WHERE conversation_id = :c AND user_id = :who")
_FORGET = text("DELETE FROM conversation_settings WHERE conversation_id = :c AND user_id = :who")
_TITLE = text("UPDATE conversations SET title = :title WHERE id = :c")
_OWNER = text("UPDATE conversations SET owner_id = :owner WHERE id = :c")
_HEIR = text(
    "SELECT m.user_id FROM conversation_members m JOIN users u ON u.id = m.user_id"
    " WHERE m.conversation_id = :c ORDER BY 'coach' = ANY (u.roles) DESC, m.joined_at, m.user_id"
    " LIMIT 1"
)
# who did it has seen it, unless there was more to read before
_SEEN = text(
    "UPDATE conversation_members m SET unread = 0, read_number = c.message_count,"
    " delivered_number = c.message_count FROM conversations c WHERE c.id = m.conversation_id"
    " AND c.id = :c AND m.user_id = :me AND m.read_number = c.message_count - 1"
)
_CLIENTS = text(
    "SELECT client_id FROM engagements WHERE coach_id = :me AND status <> 'ended'"
    " AND client_id = ANY(CAST(:people AS bigint[]))"
)


async def create_group(tx: Tx, me: Actor, title: str, people: Collection[int]) -> int:
    """A coach's new group with some of their clients; its owner is the coach.

    Raises Forbidden (no coach), Invalid (title, nobody, too many), NotFound (no client of theirs).
    """
    mine = me.require_person()
    if not me.is_coach:
        raise Forbidden(t("Only coaches can start a group."))
    title = _checked_title(title)
    invited = await _invited(tx, mine, people)
    if not invited:
        raise Invalid(t("Choose at least one person."), field="people")
    if len(invited) >= PEOPLE_MAX:
        raise Invalid(t("A group holds {n} people.", n=PEOPLE_MAX), field="people")
    async with tx.acting_as_system("messaging.group"):
        made = await tx.db.scalar(_MAKE, {"title": title, "owner": mine, "now": tx.now})
        assert made is not None  # noqa: S101 - inserted
        members = [mine, *invited]
        await tx.db.execute(_JOIN, {"c": made, "people": members, "first": 1, "now": tx.now})
    await _say(tx, me, made, "group.made", title=title)
    return made


async def rename_group(tx: Tx, me: Actor, conversation_id: int, title: str) -> None:
    """Raises NotFound, Forbidden (not the owner), Invalid."""
    group = await _owned(tx, me, conversation_id)
    title = _checked_title(title)
    async with tx.acting_as_system("messaging.group"):
        await tx.db.execute(_TITLE, {"c": group.id, "title": title})
    await _say(tx, me, group.id, "group.named", title=title)


async def add_to_group(tx: Tx, me: Actor, conversation_id: int, people: Collection[int]) -> None:
    """Clients of the owner join; they see what is said from now on. Members already stay as they
    are. Raises NotFound, Forbidden (not the owner), Invalid (too many)."""
    group = await _owned(tx, me, conversation_id)
    new = [
        one for one in await _invited(tx, me.require_person(), people) if one not in group.members
    ]
    if not new:
        return
    if len(group.members) + len(new) > PEOPLE_MAX:
        raise Invalid(t("A group holds {n} people.", n=PEOPLE_MAX), field="people")
    async with tx.acting_as_system("messaging.group"):
        first = group.message_count + 1
        await tx.db.execute(_JOIN, {"c": group.id, "people": new, "first": first, "now": tx.now})
    await _say(tx, me, group.id, "group.joined", people=await _named(tx, new))


async def remove_from_group(tx: Tx, me: Actor, conversation_id: int, person_id: int) -> None:
    """Raises NotFound, Forbidden (not the owner), Invalid (oneself: that is leaving)."""
    group = await _owned(tx, me, conversation_id)
    if person_id == me.person_id:
        raise Invalid(t("To go yourself, leave the group."))
    if person_id not in group.members:
        raise NotFound
    gone = await _named(tx, [person_id])
    await _go(tx, group, person_id)
    await _say(tx, me, group.id, "group.removed", people=gone)


async def leave_group(tx: Tx, me: Actor, conversation_id: int) -> None:
    """Go; an owner's group passes to another coach in it, or to who is longest there.

    Raises NotFound.
    """
    group = await _group(tx, me, conversation_id)
    await _go(tx, group, me.require_person())
    await _say(tx, me, group.id, "group.left")
    if group.owner_id == me.person_id:
        async with tx.acting_as_system("messaging.group"):
            heir = await tx.db.scalar(_HEIR, {"c": group.id})
            await tx.db.execute(_OWNER, {"c": group.id, "owner": heir})
        if heir is not None:
            await _say(tx, me, group.id, "group.owned", people=await _named(tx, [heir]))


async def hand_over_group(tx: Tx, me: Actor, conversation_id: int, person_id: int) -> None:
    """Another member becomes the owner. Raises NotFound, Forbidden (not the owner)."""
    group = await _owned(tx, me, conversation_id)
    if person_id not in group.members:
        raise NotFound
    if person_id == me.person_id:
        return
    async with tx.acting_as_system("messaging.group"):
        await tx.db.execute(_OWNER, {"c": group.id, "owner": person_id})
    await _say(tx, me, group.id, "group.owned", people=await _named(tx, [person_id]))


async def _group(tx: Tx, me: Actor, conversation_id: int) -> Locked:
    found = await lock(tx, me, conversation_id)
    if found.kind != "group":
        raise NotFound
    return found


async def _owned(tx: Tx, me: Actor, conversation_id: int) -> Locked:
    found = await _group(tx, me, conversation_id)
    if found.owner_id != me.person_id:
        raise Forbidden(t("Only the owner of the group can do that."))
    return found


async def _invited(tx: Tx, mine: int, people: Collection[int]) -> list[int]:
    """Whom the caller may invite: all of them or NotFound."""
    wanted = sorted(set(people) - {mine})
    allowed = set(await tx.db.scalars(_CLIENTS, {"me": mine, "people": wanted}))
    blocked = await moderation.blocked_with(tx, mine)
    if not set(wanted) <= allowed - blocked:
        raise NotFound(t("You can add your own clients."), field="people")
    return wanted


def _checked_title(title: str) -> str:
    title = " ".join(title.split())
    if not title:
        raise Invalid(t("Give the group a name."), field="title")
    return limited(title, TITLE_MAX, "title")


async def _go(tx: Tx, group: Locked, person_id: int) -> None:
    values = {"c": group.id, "who": person_id}
    async with tx.acting_as_system("messaging.group"):
        await tx.db.execute(_LEAVE, values)
        await tx.db.execute(_FORGET, values)
    # their own lists, which no later change of the group reaches
    tell(tx, group.id, group.change_count, [person_id])


async def _named(tx: Tx, ids: Iterable[int]) -> list[dict[str, Any]]:
    """With their numbers, by which a name is found again when its person leaves Loom."""
    async with tx.acting_as_system("messaging.group"):
        people = await accounts.people(tx, ids)
    named = [{"id": person_id, "name": person.name} for person_id, person in people.items()]
    return sorted(named, key=lambda one: one["name"])


async def _say(tx: Tx, me: Actor, conversation_id: int, event: str, **facts: Any) -> None:
    """A line in the group for everybody in it."""
    async with tx.acting_as_system("messaging.group"):
        count = await tx.db.scalar(
            text("SELECT change_count FROM conversations WHERE id = :c"), {"c": conversation_id}
        )
    told = {"event": event, "by": me.name, "by_id": me.require_person(), **facts}
    key = f"{event}:{conversation_id}:{count}"
    await post_system(tx, conversation_id, key=key, body=group_words(told), facts=told)
    async with tx.acting_as_system("messaging.group"):
        await tx.db.execute(_SEEN, {"c": conversation_id, "me": me.require_person()})
