"""Reads of moderation."""

from sqlalchemy import text

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.accounts.queries import PersonView
from loom_app.domains.moderation import rules
from loom_app.domains.moderation.work_queries import (
    AppealView,
    CaseView,
    DecisionPage,
    EntryView,
    Figures,
    appeal_of,
    case,
    decision_page,
    entries,
    figures,
    former_cases,
    open_appeals,
    queue,
    stands,
)
from loom_app.domains.moderation.working import Case, Kind
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx

__all__ = [
    "REASONS",
    "AppealView",
    "Case",
    "CaseView",
    "DecisionPage",
    "EntryView",
    "Figures",
    "Kind",
    "appeal_of",
    "blocked_by_me",
    "blocked_with",
    "case",
    "decision_page",
    "entries",
    "figures",
    "former_cases",
    "is_blocked_between",
    "open_appeals",
    "queue",
    "stands",
]

REASONS = rules.REASONS

_BETWEEN = text(
    "SELECT EXISTS (SELECT 1 FROM blocks WHERE (blocker_id = :a AND blocked_id = :b)"
    " OR (blocker_id = :b AND blocked_id = :a))"
)
_MINE = text("SELECT blocked_id FROM blocks WHERE blocker_id = :me ORDER BY created_at DESC")
_WITH = text(
    "SELECT blocked_id FROM blocks WHERE blocker_id = :me"
    " UNION SELECT blocker_id FROM blocks WHERE blocked_id = :me"
)


async def is_blocked_between(tx: Tx, one_id: int, other_id: int) -> bool:
    """Whether either of the two blocked the other."""
    async with tx.acting_as_system("moderation.read"):
        return bool(await tx.db.scalar(_BETWEEN, {"a": one_id, "b": other_id}))


async def blocked_with(tx: Tx, person_id: int) -> frozenset[int]:
    """Everybody with whom this person has a block, whoever made it: for what hides people."""
    async with tx.acting_as_system("moderation.read"):
        return frozenset(await tx.db.scalars(_WITH, {"me": person_id}))


async def blocked_by_me(tx: Tx, me: Actor) -> list[PersonView]:
    """Whom the caller blocked, newest first."""
    mine = {"me": me.require_person()}
    async with tx.acting_as_system("moderation.read"):  # also people one sees nowhere else any more
        ids = list(await tx.db.scalars(_MINE, mine))
        people = await accounts.people(tx, ids)
    return [people[one] for one in ids if one in people]
