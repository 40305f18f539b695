"""What moderators have before them: the queue, one case with its history, appeals, figures."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.accounts.queries import PersonView
from loom_app.domains.moderation.working import Case, Kind
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.text import t

SYSTEM = "moderation.work"
PAGE = 100

_CASES = """
    SELECT 'report' AS kind, r.id, r.person_id, r.reporter_id, r.conversation_id, r.message_id,
      r.reason, r.words, r.excerpt, r.status, r.outcome, r.assigned_to, r.decided_by, r.created_at,
      r.decided_at FROM reports r
    UNION ALL
    SELECT 'hit', h.id, h.sender_id, NULL, NULL, h.message_id, h.rule, h.explained, '', h.status,
      h.outcome, h.assigned_to, h.decided_by, h.created_at, h.decided_at FROM filter_hits h
"""
_FORMER = """
    (SELECT count(*) FROM reports f WHERE f.person_id = c.person_id
      AND (c.kind <> 'report' OR f.id <> c.id)) AS reports,
    (SELECT count(*) FROM moderation_decisions d WHERE d.person_id = c.person_id
      AND d.withdrawn_at IS NULL) AS decisions
"""
_QUEUE = text(
    f"SELECT c.*, {_FORMER} FROM ({_CASES}) c WHERE c.status = :status"
    " AND c.person_id IS DISTINCT FROM :me"
    " AND (CAST(:mine AS bigint) IS NULL OR c.assigned_to = :mine)"
    " ORDER BY CASE WHEN :status = 'open' THEN c.created_at END,"
    " c.decided_at DESC NULLS LAST, c.id LIMIT :n"
)
_ONE = text(
    f"SELECT c.*, {_FORMER} FROM ({_CASES}) c WHERE c.kind = :kind AND c.id = :id"
    " AND c.person_id IS DISTINCT FROM :me"
)
_SAME = text(
    f"SELECT c.*, 0 AS reports, 0 AS decisions FROM ({_CASES}) c WHERE c.person_id = :person"
    " AND NOT (c.kind = :kind AND c.id = :id) ORDER BY c.created_at DESC LIMIT 20"
)
_ENTRIES = text(
    "SELECT kind, words, by_id, at, until_at, withdrawn_at FROM moderation_decisions"
    " WHERE CASE WHEN :kind = 'report' THEN report_id ELSE hit_id END = :id ORDER BY id"
)
_FIGURES = text(
    f"""
    SELECT count(*) FILTER (WHERE status = 'open') AS open,
      min(created_at) FILTER (WHERE status = 'open') AS oldest,
      count(*) FILTER (WHERE decided_at >= :since) AS decided,
      percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM decided_at - created_at))
        FILTER (WHERE decided_at >= :since) AS median
    FROM ({_CASES}) c WHERE c.person_id IS DISTINCT FROM :me
    """
)
_APPEALS = text(
    "SELECT a.id, a.words, a.status, a.answer, a.at, a.decided_at, a.person_id, d.kind,"
    " d.words AS reason, d.by_id, d.until_at, d.report_id, d.hit_id FROM appeals a"
    " JOIN moderation_decisions d ON d.id = a.decision_id WHERE a.status = 'open'"
    " AND a.person_id IS DISTINCT FROM :me ORDER BY a.at"
)
_DECISION = text(
    "SELECT d.kind, d.words, d.until_at, d.withdrawn_at, d.person_id, d.at,"
    " (SELECT count(*) FROM appeals a WHERE a.decision_id = d.id) AS appeals,"
    " (SELECT a.status FROM appeals a WHERE a.decision_id = d.id ORDER BY a.id DESC LIMIT 1)"
    "   AS status,"
    " (SELECT a.answer FROM appeals a WHERE a.decision_id = d.id ORDER BY a.id DESC LIMIT 1)"
    "   AS answer"
    " FROM moderation_decisions d WHERE d.id = :id AND d.person_id IS NOT NULL"
    " AND d.kind IN ('warn', 'hide', 'suspend')"
)


@dataclass(frozen=True)
class CaseView:
    """A case; `reason` is the reporter's choice or the filter's rule, `words` say more. `former`:
    other reports about the person, `measures`: decisions that stand against them."""

    case: Case
    person: PersonView | None
    reporter: PersonView | None
    message_id: int
    conversation_id: int
    reason: str
    words: str
    excerpt: str
    status: str
    outcome: str
    assigned: str
    assigned_to: int
    decided_by: str
    created_at: datetime
    decided_at: datetime | None
    former: int
    measures: int


@dataclass(frozen=True)
class EntryView:
    """A note or a decision on a case."""

    kind: str
    words: str
    by: str
    at: datetime
    until: datetime | None
    withdrawn: bool


@dataclass(frozen=True)
class Figures:
    """Of the last thirty days, without cases about the caller; `median` is from the report to the
    decision."""

    open: int
    oldest: datetime | None
    decided: int
    median: timedelta | None


@dataclass(frozen=True)
class AppealView:
    """An appeal that waits. `mine`: the caller made the decision that it is about."""

    id: int
    person: PersonView | None
    kind: str
    reason: str
    words: str
    by: str
    mine: bool
    at: datetime
    until: datetime | None
    case: Case


@dataclass(frozen=True)
class DecisionPage:
    """A decision as whom it is about reads it; `appeal` is the newest one's status, "" without."""

    id: int
    person_id: int
    kind: str
    words: str
    until: datetime | None
    withdrawn: bool
    appeal: str
    answer: str
    may_appeal: bool


async def queue(tx: Tx, me: Actor, *, status: str = "open", mine: bool = False) -> list[CaseView]:
    """Open cases oldest first, or decided ones newest first; none about the caller. Raises
    Forbidden."""
    staff_id = me.require("people.moderate")
    values = {"status": status, "me": staff_id, "mine": staff_id if mine else None, "n": PAGE}
    async with tx.acting_as_system(SYSTEM):
        rows = (await tx.db.execute(_QUEUE, values)).all()
    return await _views(tx, rows)


async def case(tx: Tx, me: Actor, kind: Kind, case_id: int) -> CaseView:
    """Raises Forbidden, NotFound (also where it is about the caller)."""
    values = {"kind": kind, "id": case_id, "me": me.require("people.moderate")}
    async with tx.acting_as_system(SYSTEM):
        row = (await tx.db.execute(_ONE, values)).first()
    if row is None:
        raise NotFound(t("This case is gone."))
    (found,) = await _views(tx, [row])
    return found


async def former_cases(tx: Tx, me: Actor, one: CaseView) -> list[CaseView]:
    """Other cases about the same person, newest first. Raises Forbidden."""
    mine = me.require("people.moderate")
    if one.person is None or one.person.id == mine:
        return []
    values = {"person": one.person.id, "kind": one.case.kind, "id": one.case.id}
    async with tx.acting_as_system(SYSTEM):
        rows = (await tx.db.execute(_SAME, values)).all()
    return await _views(tx, rows)


async def entries(tx: Tx, me: Actor, one: Case) -> list[EntryView]:
    """Notes and decisions, oldest first. Raises Forbidden, NotFound."""
    await case(tx, me, one.kind, one.id)
    async with tx.acting_as_system(SYSTEM):
        rows = (await tx.db.execute(_ENTRIES, {"kind": one.kind, "id": one.id})).all()
        people = await accounts.people(tx, [row.by_id for row in rows if row.by_id])
    return [
        EntryView(
            row.kind,
            row.words,
            _name(people, row.by_id),
            row.at,
            row.until_at,
            row.withdrawn_at is not None,
        )
        for row in rows
    ]


async def figures(tx: Tx, me: Actor) -> Figures:
    """Raises Forbidden."""
    values = {"me": me.require("people.moderate"), "since": tx.now - timedelta(days=30)}
    async with tx.acting_as_system(SYSTEM):
        row = (await tx.db.execute(_FIGURES, values)).one()
    median = timedelta(seconds=float(row.median)) if row.median is not None else None
    return Figures(row.open, row.oldest, row.decided, median)


async def open_appeals(tx: Tx, me: Actor) -> list[AppealView]:
    """Oldest first; not the caller's own. Raises Forbidden."""
    values = {"me": me.require("people.moderate")}
    async with tx.acting_as_system(SYSTEM):
        rows = (await tx.db.execute(_APPEALS, values)).all()
        ids = {one for row in rows for one in (row.person_id, row.by_id) if one}
        people = await accounts.people(tx, ids)
    return [
        AppealView(
            row.id,
            people.get(row.person_id),
            row.kind,
            row.reason,
            row.words,
            _name(people, row.by_id),
            row.by_id == me.person_id,
            row.at,
            row.until_at,
            Case("report", row.report_id) if row.report_id else Case("hit", row.hit_id or 0),
        )
        for row in rows
    ]


async def decision_page(tx: Tx, token: str) -> DecisionPage:
    """What a mailed link or a refused sign-in leads to. Raises NotFound for what is not ours."""
    case_id = accounts.case_of_token(token)
    async with tx.acting_as_system(SYSTEM):
        row = (await tx.db.execute(_DECISION, {"id": case_id})).first()
    if row is None:
        raise NotFound(t("This link is not complete. Open it from the mail once more."))
    withdrawn = row.withdrawn_at is not None
    return DecisionPage(
        id=case_id,
        person_id=row.person_id,
        kind=row.kind,
        words=row.words,
        until=row.until_at,
        withdrawn=withdrawn,
        appeal=row.status or "",
        answer=row.answer or "",
        may_appeal=not withdrawn and row.status != "open" and row.appeals < 3,
    )


async def stands(tx: Tx, decision_id: int) -> bool:
    """Whether a decision was not taken back by now."""
    statement = text(
        "SELECT EXISTS (SELECT 1 FROM moderation_decisions WHERE id = :id AND withdrawn_at IS NULL)"
    )
    async with tx.acting_as_system(SYSTEM):
        return bool(await tx.db.scalar(statement, {"id": decision_id}))


async def appeal_of(tx: Tx, appeal_id: int) -> tuple[str, str, bool]:
    """The kind of decision, the answer and whether it was lifted: for who writes the mail. Raises
    NotFound."""
    statement = text(
        "SELECT d.kind, a.answer, a.status = 'lifted' FROM appeals a"
        " JOIN moderation_decisions d ON d.id = a.decision_id WHERE a.id = :id"
    )
    async with tx.acting_as_system(SYSTEM):
        row = (await tx.db.execute(statement, {"id": appeal_id})).first()
    if row is None:
        raise NotFound
    return row[0], row[1], row[2]


async def _views(tx: Tx, rows: Any) -> list[CaseView]:
    named = ("person_id", "reporter_id", "assigned_to", "decided_by")
    ids = {getattr(row, name) for row in rows for name in named} - {None}
    async with tx.acting_as_system(SYSTEM):
        people = await accounts.people(tx, ids)
    return [
        CaseView(
            case=Case(row.kind, row.id),
            person=people.get(row.person_id),
            reporter=people.get(row.reporter_id),
            message_id=row.message_id or 0,
            conversation_id=row.conversation_id or 0,
            reason=row.reason,
            words=row.words,
            excerpt=row.excerpt,
            status=row.status,
            outcome=row.outcome,
            assigned=_name(people, row.assigned_to) if row.assigned_to else "",
            assigned_to=row.assigned_to or 0,
            decided_by=_name(people, row.decided_by) if row.decided_by else "",
            created_at=row.created_at,
            decided_at=row.decided_at,
            former=row.reports,
            measures=row.decisions,
        )
        for row in rows
    ]


def _name(people: dict[int, PersonView], person_id: int | None) -> str:
    return people[person_id].name if person_id in people else t("Somebody of our team")
