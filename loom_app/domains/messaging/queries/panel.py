"""What stands beside a conversation: who is in it, and how the viewer keeps it."""

from dataclasses import dataclass

from sqlalchemy import text

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.moderation import queries as moderation
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.text import t

_ABOUT = text(
    """
    SELECT c.kind, c.title, c.owner_id, m.receipts, s.pinned_at IS NOT NULL,
        coalesce(s.archived, false), coalesce(s.muted_until > :now, false)
    FROM conversations c
    JOIN conversation_members m ON m.conversation_id = c.id AND m.user_id = :me
    LEFT JOIN conversation_settings s ON s.conversation_id = c.id AND s.user_id = :me
    WHERE c.id = :c
    """
)
_MEMBERS = text(
    """
    SELECT u.id, u.name, u.avatar, u.zone, u.pronouns, u.bio,
        coalesce(p.slug, ''), coalesce(p.headline, '')
    FROM conversation_members m JOIN users u ON u.id = m.user_id
    LEFT JOIN coach_profiles p ON p.user_id = u.id AND p.status = 'published'
    WHERE m.conversation_id = :c ORDER BY m.joined_at, lower(u.name), u.id
    """
)


@dataclass(frozen=True)
class MemberView:
    """Somebody in the conversation; `slug` leads to a published coach's page."""

    id: int
    name: str
    initials: str
    hue: int
    avatar_url: str
    zone: str
    pronouns: str
    bio: str
    slug: str
    headline: str
    mine: bool
    owner: bool


@dataclass(frozen=True)
class PanelView:
    """`other` is the one across in a conversation of two, `owning` says that a group is the
    viewer's to look after, `blocked` that the viewer blocked the other."""

    id: int
    kind: str
    title: str
    hue: int
    other: MemberView
    members: list[MemberView]
    owning: bool
    receipts: bool
    pinned: bool
    archived: bool
    muted: bool
    blocked: bool


NO_MEMBER = MemberView(0, "", "", 0, "", "UTC", "", "", "", "", mine=False, owner=False)
NO_PANEL = PanelView(
    0, "pair", "", 0, NO_MEMBER, [],
    owning=False, receipts=True, pinned=False, archived=False, muted=False, blocked=False,
)  # fmt: skip


async def panel(tx: Tx, me: Actor, conversation_id: int) -> PanelView:
    """Raises NotFound for what is not the caller's."""
    mine = me.require_person()
    values = {"c": conversation_id, "me": mine, "now": tx.now}
    row = (await tx.db.execute(_ABOUT, values)).first()
    if row is None:
        raise NotFound
    kind, title, owner, receipts, pinned, archived, muted = row
    members = [_member(tuple(one), mine, owner) for one in await tx.db.execute(_MEMBERS, values)]
    others = [one for one in members if not one.mine]
    other = others[0] if kind == "pair" and others else NO_MEMBER
    blocked = {one.id for one in await moderation.blocked_by_me(tx, me)} if other.id else set()
    return PanelView(
        id=conversation_id,
        kind=kind,
        title=other.name if kind == "pair" else title,
        hue=accounts.hue(conversation_id),
        other=other,
        members=members,
        owning=kind == "group" and owner == mine,
        receipts=receipts,
        pinned=pinned,
        archived=archived,
        muted=muted,
        blocked=other.id in blocked,
    )


def _member(row: tuple, mine: int, owner: int | None) -> MemberView:
    return MemberView(
        id=row[0],
        name=row[1] or t("Somebody"),
        initials=accounts.initials(row[1]),
        hue=accounts.hue(row[0]),
        avatar_url=accounts.avatar_url(row[2]),
        zone=row[3],
        pronouns=row[4],
        bio=row[5],
        slug=row[6],
        headline=row[7],
        mine=row[0] == mine,
        owner=row[0] == owner,
    )
