"""Staff works the queue: each case is decided once, with words for whom it is about.

A case is a report or a hit of the content filter. Its row is locked while it is decided, so that
of two moderators at once the second is told that it is done.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from sqlalchemy import select, text
from sqlmodel import col

from loom_app.domains.accounts import actions as accounts
from loom_app.domains.accounts.queries import staff_who_may
from loom_app.domains.moderation import events
from loom_app.domains.moderation.work_models import Appeal, Decision
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Conflict, Forbidden, Invalid, NotFound
from loom_app.kit.text import t
from loom_app.kit.words import limited

Kind = Literal["report", "hit"]
SYSTEM = "moderation.staff"
WORDS_MAX = 1000
_TABLES: dict[Kind, str] = {"report": "reports", "hit": "filter_hits"}
_LOCK = {
    "report": text(
        "SELECT status, person_id AS person, reporter_id AS reporter, message_id FROM reports"
        " WHERE id = :id FOR UPDATE"
    ),
    "hit": text(
        "SELECT status, sender_id AS person, NULL AS reporter, message_id FROM filter_hits"
        " WHERE id = :id FOR UPDATE"
    ),
}
_ASSIGN = {
    kind: text(f"UPDATE {table} SET assigned_to = :to WHERE id = :id")
    for kind, table in _TABLES.items()
}
_CLOSE = {
    kind: text(
        f"UPDATE {table} SET status = 'closed', outcome = :kind, decided_by = :me,"
        " decided_at = :now WHERE id = :id"
    )
    for kind, table in _TABLES.items()
}
_HIDDEN = text(
    "SELECT coalesce((SELECT message_id FROM reports WHERE id = :report),"
    " (SELECT message_id FROM filter_hits WHERE id = :hit))"
)
DAYS = (1, 7, 30, 0)  # how long a suspension may be; 0 is for good


@dataclass(frozen=True, slots=True)
class Case:
    """Which case: a report's or a hit's number."""

    kind: Kind
    id: int


@dataclass(frozen=True, slots=True)
class _Held:
    status: str
    person_id: int
    reporter_id: int
    message_id: int


async def assign(tx: Tx, me: Actor, case: Case, *, mine: bool) -> None:
    """Take a case, or lay it back; others see who has it, and may decide it all the same.

    Raises Forbidden, NotFound, Conflict where it is decided.
    """
    staff_id = me.require("people.moderate")
    async with tx.acting_as_system(SYSTEM):
        _not_about(me, await _open_case(tx, case))
        values = {"id": case.id, "to": staff_id if mine else None}
        await tx.db.execute(_ASSIGN[case.kind], values)
    tx.signal("staff:moderation")


async def note(tx: Tx, me: Actor, case: Case, words: str) -> None:
    """For other moderators; nobody else reads it. Raises Forbidden, NotFound, Invalid."""
    me.require("people.moderate")
    said = _words(words, "note")
    async with tx.acting_as_system(SYSTEM):
        _not_about(me, await _case(tx, case))
        tx.db.add(_decision(tx, me, case, "note", said, None))
        await tx.db.flush()
    await audit(tx, "case.note", case.kind, case.id)
    tx.signal("staff:moderation")


async def dismiss(tx: Tx, me: Actor, case: Case, words: str) -> None:
    """Nothing is wrong; the words are for other moderators.

    Raises Forbidden, StepUpNeeded, NotFound, Invalid on "words", Conflict where it is decided.
    """
    await _decide(tx, me, case, "dismiss", words)


async def warn(tx: Tx, me: Actor, case: Case, words: str) -> None:
    """The person reads the words by mail, and may appeal. Raises as `dismiss` does."""
    await _decide(tx, me, case, "warn", words)


async def hide(tx: Tx, me: Actor, case: Case, words: str) -> None:
    """The message is taken back for everybody, as if who wrote it had done so; they read the words.
    What it said is kept for as long as somebody may appeal, and comes back where they were right.

    Raises as `dismiss` does, and Invalid where there is no message.
    """
    await _decide(tx, me, case, "hide", words)


async def suspend(tx: Tx, me: Actor, case: Case, words: str, days: int) -> None:
    """The person cannot sign in for so many days, or for good (0); they read the words wherever
    they try. Raises as `dismiss` does, and Conflict where they are suspended already."""
    if days not in DAYS:
        raise Invalid(t("Choose from the list."), field="days")
    await _decide(tx, me, case, "suspend", words, days=days)


async def take_back(tx: Tx, me: Actor, case: Case, words: str) -> None:
    """End a suspension before its time, or let a message be read again that was hidden; an appeal
    that waits is settled by it. The words are for other moderators.

    Raises Forbidden, StepUpNeeded, NotFound, Invalid on "words", Conflict where neither stands.
    """
    me.require("people.moderate")
    accounts.require_step_up(tx, me)
    said = _words(words, "words")
    about = col(Decision.report_id) if case.kind == "report" else col(Decision.hit_id)
    async with tx.acting_as_system(SYSTEM):
        _not_about(me, await _case(tx, case))
        row = await tx.db.scalar(
            select(Decision)
            .where(
                about == case.id,
                col(Decision.kind).in_(("suspend", "hide")),
                col(Decision.withdrawn_at).is_(None),
            )
            .with_for_update()
        )
        if row is None or row.person_id is None:
            raise Conflict(t("This decision was taken back already."))
        row.withdrawn_at = tx.now
        await _settle(tx, me, row)
        tx.db.add(_decision(tx, me, case, "note", said, None))
        await tx.db.flush()
    if row.kind == "suspend":
        await accounts.lift_suspension(tx, me, row.id or 0, "lifted")
    await audit(tx, "case.take_back", case.kind, case.id, reason=said[:300])
    await _withdrawn(tx, row, appealed=False)
    tx.signal("staff:moderation")


async def _withdrawn(tx: Tx, row: Decision, *, appealed: bool) -> None:
    message_id = 0
    if row.kind == "hide":
        async with tx.acting_as_system(SYSTEM):
            values = {"report": row.report_id, "hit": row.hit_id}
            message_id = await tx.db.scalar(_HIDDEN, values) or 0
    number, person_id = row.id or 0, row.person_id or 0
    await tx.emit(
        events.DecisionWithdrawn(number, row.kind, person_id, message_id, appealed=appealed)
    )


async def _settle(tx: Tx, me: Actor, decision: Decision) -> None:
    waiting = col(Appeal.decision_id) == decision.id, col(Appeal.status) == "open"
    row = await tx.db.scalar(select(Appeal).where(*waiting).with_for_update())
    if row is not None:
        row.status, row.answer = "lifted", t("We had taken the decision back already.")
        row.decided_by, row.decided_at = me.person_id, tx.now


async def _decide(tx: Tx, me: Actor, case: Case, kind: str, words: str, *, days: int = 0) -> None:
    staff_id = me.require("people.moderate")
    accounts.require_step_up(tx, me)
    said = _words(words, "words")
    async with tx.acting_as_system(SYSTEM):
        held = await _open_case(tx, case)
        if staff_id in (held.person_id, held.reporter_id):
            raise Forbidden(t("This is about you: somebody else has to decide it."))
        if kind == "hide" and not held.message_id:
            raise Invalid(t("There is no message to hide any more."), field="words")
        if kind in ("warn", "suspend") and not held.person_id:
            raise Invalid(t("The account is gone. Dismiss it."), field="words")
        until = tx.now + timedelta(days=days) if kind == "suspend" and days else None
        about = held.person_id if kind != "dismiss" else None
        made = _decision(tx, me, case, kind, said, about or None)
        made.until_at = until
        tx.db.add(made)
        await tx.db.flush()
        values = {"id": case.id, "kind": kind, "me": staff_id, "now": tx.now}
        await tx.db.execute(_CLOSE[case.kind], values)
    number = made.id or 0
    if kind == "suspend":
        await accounts.suspend(tx, me, held.person_id, number, reason=said, until=until)
    after = {"outcome": kind, "decision": number, "days": days}
    await audit(tx, "case.decide", case.kind, case.id, after=after, reason=said[:300])
    await tx.emit(
        events.CaseDecided(
            number, kind, held.person_id, held.reporter_id, held.message_id if kind == "hide" else 0
        )
    )
    tx.signal("staff:moderation")


async def appeal(tx: Tx, case_id: int, words: str) -> None:
    """Whoever has the link of a decision says why it is wrong: one at a time, three in all.

    Raises NotFound, Invalid on "words", Conflict where one is open, it was taken back, or three
    were answered.
    """
    said = _words(words, "words")
    async with tx.acting_as_system(SYSTEM):
        row = await tx.db.get(Decision, case_id, with_for_update=True, populate_existing=True)
        if row is None or row.person_id is None or row.kind in ("note", "dismiss"):
            raise NotFound
        if row.withdrawn_at is not None:
            raise Conflict(t("This decision was taken back already."))
        former = list(
            await tx.db.scalars(select(col(Appeal.status)).where(col(Appeal.decision_id) == row.id))
        )
        if "open" in former:
            raise Conflict(t("Your appeal is there already. We answer by mail."))
        if len(former) >= 3:
            raise Conflict(t("We have answered three times. The decision stays as it is."))
        made = Appeal(decision_id=case_id, person_id=row.person_id, words=said, at=tx.now)
        tx.db.add(made)
        await tx.db.flush()
        person_id = row.person_id
    await audit(tx, "appeal.make", "person", person_id, after={"decision": case_id})
    await tx.emit(events.AppealMade(made.id or 0))
    tx.signal("staff:moderation")


async def decide_appeal(tx: Tx, me: Actor, appeal_id: int, *, lifted: bool, words: str) -> None:
    """The answer, in words for the person; lifted, the decision counts no more and a suspension
    ends. Not by who had decided, where somebody else may.

    Raises Forbidden, StepUpNeeded, NotFound, Invalid on "answer", Conflict where it is answered or
    the decision was taken back.
    """
    staff_id = me.require("people.moderate")
    accounts.require_step_up(tx, me)
    said = _words(words, "answer")
    async with tx.acting_as_system(SYSTEM):
        decision, row = await _appealed(tx, appeal_id)
        if row.person_id == staff_id:
            raise Forbidden(t("This is about you: somebody else has to decide it."))
    if decision.by_id == staff_id:
        async with tx.acting_as_system("accounts.moderate"):
            able = await staff_who_may(tx, "people.moderate")
        if set(able) - {staff_id, row.person_id}:
            raise Forbidden(t("You made this decision: somebody else answers the appeal."))
    async with tx.acting_as_system(SYSTEM):
        row.status, row.answer = "lifted" if lifted else "upheld", said
        row.decided_by, row.decided_at = staff_id, tx.now
        if lifted:
            decision.withdrawn_at = tx.now
        await tx.db.flush()
    if lifted and decision.kind == "suspend":
        await accounts.lift_suspension(tx, me, decision.id or 0, "appeal")
    after = {"appeal": appeal_id, "lifted": lifted}
    await audit(tx, "appeal.decide", "person", row.person_id or 0, after=after, reason=said[:300])
    await tx.emit(events.AppealDecided(appeal_id, row.person_id or 0, lifted=lifted))
    if lifted:
        await _withdrawn(tx, decision, appealed=True)
    tx.signal("staff:moderation")


async def _appealed(tx: Tx, appeal_id: int) -> tuple[Decision, Appeal]:
    """Locked, the decision first, as by whoever takes it back. Raises NotFound, Conflict."""
    about = await tx.db.scalar(select(col(Appeal.decision_id)).where(col(Appeal.id) == appeal_id))
    if about is None:
        raise NotFound
    decision = await tx.db.get_one(Decision, about, with_for_update=True, populate_existing=True)
    row = await tx.db.get_one(Appeal, appeal_id, with_for_update=True, populate_existing=True)
    if row.status != "open":
        raise Conflict(t("Somebody else has answered it a moment ago."))
    if decision.withdrawn_at is not None:
        raise Conflict(t("This decision was taken back already."))
    return decision, row


def _words(words: str, field: str) -> str:
    said = limited(words, WORDS_MAX, field)
    if not said:
        raise Invalid(t("Say why, in words that can be read by others."), field=field)
    return said


def _decision(
    tx: Tx, me: Actor, case: Case, kind: str, words: str, person_id: int | None
) -> Decision:
    return Decision(
        report_id=case.id if case.kind == "report" else None,
        hit_id=case.id if case.kind == "hit" else None,
        person_id=person_id,
        by_id=me.person_id,
        kind=kind,
        words=words,
        at=tx.now,
    )


def _not_about(me: Actor, held: _Held) -> None:
    """Nobody works on a case about themselves, or learns of one. Raises NotFound."""
    if held.person_id == me.person_id:
        raise NotFound(t("This case is gone."))


async def _case(tx: Tx, case: Case) -> _Held:
    """Locked. Raises NotFound."""
    row = (await tx.db.execute(_LOCK[case.kind], {"id": case.id})).first()
    if row is None:
        raise NotFound(t("This case is gone."))
    return _Held(row.status, row.person or 0, row.reporter or 0, row.message_id or 0)


async def _open_case(tx: Tx, case: Case) -> _Held:
    """Raises NotFound, Conflict."""
    held = await _case(tx, case)
    if held.status != "open":
        raise Conflict(t("Somebody else has decided this a moment ago. Look at the history."))
    return held
