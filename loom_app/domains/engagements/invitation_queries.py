"""Reads of invitations: one's own, the one behind a link, and a sheet as it would be sent.
Re-exported by `queries`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlmodel import col

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.accounts.queries import PersonView
from loom_app.domains.engagements import rules
from loom_app.domains.engagements.known import SYSTEM, what_is_known
from loom_app.domains.engagements.models import Invitation, InvitationSheet
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import DomainError, NotFound
from loom_app.kit.security import tokens
from loom_app.kit.text import t

State = Literal["waiting", "accepted", "declined", "withdrawn", "expired"]
Which = Literal["waiting", "accepted", "over"]


@dataclass(frozen=True)
class InvitationView:
    """One of one's own. `again_at`: from when another mail may go; None: no more mails."""

    id: int
    email: str
    name: str
    state: State
    bounced: bool
    asked_at: datetime
    expires_at: datetime
    answered_at: datetime | None
    again_at: datetime | None


@dataclass(frozen=True)
class InvitedView:
    """What the one who was invited sees. `role`: of staff, or "". `known`: the address has an
    account; `mine`: it is the caller's; `by_me`: the caller accepted it."""

    inviter: PersonView
    email: str
    name: str
    note: str
    role: str
    state: State
    expires_at: datetime
    known: bool
    mine: bool
    by_me: bool


@dataclass(frozen=True)
class InvitationLetter:
    """What its mail says; `token` is in its link."""

    inviter_id: int
    inviter: str
    email: str
    name: str
    note: str
    role: str
    token: str
    expires_at: datetime


@dataclass(frozen=True)
class JudgedLine:
    """A row of a sheet; `problem` says why it is left out, "" that it is sent."""

    line: int
    email: str
    name: str
    note: str
    problem: str


def invitation_token(invitation_id: int) -> str:
    return tokens.signed(str(invitation_id), "invitation")


def _state(tx: Tx) -> ColumnElement[str]:
    late = and_(col(Invitation.status) == "waiting", col(Invitation.expires_at) <= tx.now)
    return case((late, "expired"), else_=col(Invitation.status))


async def my_invitations(
    tx: Tx, me: Actor, which: Which, *, before: int = 0, limit: int = 50
) -> list[InvitationView]:
    """A coach's own, newest first, older than the id `before`. Raises Forbidden."""
    alive = col(Invitation.expires_at) > tx.now
    waits = col(Invitation.status) == "waiting"
    chosen = {
        "waiting": and_(waits, alive),
        "accepted": col(Invitation.status) == "accepted",
        "over": or_(
            col(Invitation.status).in_(["declined", "withdrawn", "expired"]), and_(waits, ~alive)
        ),
    }[which]
    rows = await tx.db.execute(
        select(Invitation, _state(tx))
        .where(
            col(Invitation.inviter_id) == me.require_coach(),
            col(Invitation.role_id).is_(None),
            chosen,
            col(Invitation.id) < (before or 2**62),
        )
        .order_by(col(Invitation.id).desc())
        .limit(limit)
    )
    return [_view(row, state) for row, state in rows]


async def invitation_counts(tx: Tx, me: Actor) -> dict[Which, int]:
    """How many of each there are."""
    state = _state(tx)
    rows = await tx.db.execute(
        select(state, func.count())
        .where(col(Invitation.inviter_id) == me.require_coach(), col(Invitation.role_id).is_(None))
        .group_by(state)
    )
    found: dict[str, int] = {one: many for one, many in rows}  # noqa: C416 - rows are no pairs to pyright
    over = sum(found.get(one, 0) for one in ("declined", "withdrawn", "expired"))
    return {
        "waiting": found.get("waiting", 0),
        "accepted": found.get("accepted", 0),
        "over": over,
    }


async def staff_invitations(tx: Tx, me: Actor) -> dict[int, list[InvitationView]]:
    """Those that wait, by role. Raises Forbidden."""
    me.require("people.roles")
    async with tx.acting_as_system(SYSTEM):
        rows = list(
            await tx.db.scalars(
                select(Invitation)
                .where(
                    col(Invitation.role_id).is_not(None),
                    col(Invitation.status) == "waiting",
                    col(Invitation.expires_at) > tx.now,
                )
                .order_by(col(Invitation.id))
            )
        )
    found: dict[int, list[InvitationView]] = {}
    for row in rows:
        found.setdefault(row.role_id or 0, []).append(_view(row, "waiting"))
    return found


def _view(row: Invitation, state: str) -> InvitationView:
    more = state in {"waiting", "expired"} and row.mails < rules.MOST_MAILS
    more = more and row.status == "waiting"
    return InvitationView(
        id=row.id or 0,
        email=row.email,
        name=row.name,
        state=state,  # type: ignore[arg-type] - the database knows no others
        bounced=bool(row.bounced),
        asked_at=row.asked_at,
        expires_at=row.expires_at,
        answered_at=row.answered_at,
        again_at=row.asked_at + rules.RESEND_AFTER if more else None,
    )


async def invited(tx: Tx, me: Actor, token: str) -> InvitedView:
    """What a mailed link is about. Raises NotFound."""
    number = tokens.unsigned(token, "invitation")
    if number is None or not number.isdecimal():
        raise NotFound
    async with tx.acting_as_system(SYSTEM):
        row = await tx.db.get(Invitation, int(number))
        if row is None:
            raise NotFound
        inviter = await accounts.person(tx, row.inviter_id)
        role = await accounts.role_name(tx, row.role_id) if row.role_id else ""
    owner = (await accounts.ids_of_addresses(tx, [row.email_key])).get(row.email_key)
    late = row.status == "waiting" and row.expires_at <= tx.now
    return InvitedView(
        inviter=inviter,
        email=row.email,
        name=row.name,
        note=row.note,
        role=role,
        state="expired" if late else row.status,  # type: ignore[arg-type]
        expires_at=row.expires_at,
        known=owner is not None,
        mine=owner is not None and owner == me.person_id,
        by_me=row.accepted_by is not None and row.accepted_by == me.person_id,
    )


async def invitation_letter(tx: Tx, invitation_id: int, nth: int) -> InvitationLetter:
    """What is still to be mailed, acting as `notifications.*`. Raises NotFound where it is not."""
    row = await tx.db.get(Invitation, invitation_id)
    if row is None or row.status != "waiting" or row.expires_at <= tx.now or row.mailed >= nth:
        raise NotFound
    inviter = await accounts.person(tx, row.inviter_id)
    return InvitationLetter(
        row.inviter_id,
        inviter.name,
        row.email,
        row.name,
        row.note,
        await accounts.role_name(tx, row.role_id) if row.role_id else "",
        invitation_token(invitation_id),
        row.expires_at,
    )


async def judged(tx: Tx, coach_id: int) -> tuple[list[JudgedLine], int]:
    """The rows of the coach's sheet as of now, and how many may still be invited today."""
    sheet = await tx.db.get(InvitationSheet, coach_id)
    lines = [rules.SheetLine(**line) for line in sheet.lines] if sheet else []
    cleaned = [_clean(line) for line in lines]
    keys = [accounts.email_key(one.email) for one in cleaned if not one.problem]
    known = await what_is_known(tx, coach_id, keys)
    found: list[JudgedLine] = []
    seen: dict[str, int] = {}
    for one in cleaned:
        key = accounts.email_key(one.email)
        problem = one.problem
        if not problem and key in seen:
            problem = t("The same address as in row {n}.", n=seen[key])
        if not problem:
            seen[key] = one.line
            against = known.problem(key)
            problem = against.message if against else ""
        found.append(JudgedLine(one.line, one.email, one.name, one.note, problem))
    return found, known.left


def _clean(line: rules.SheetLine) -> JudgedLine:
    try:
        return JudgedLine(
            line.line,
            accounts.clean_email(line.email),
            rules.clean_guest_name(line.name),
            rules.clean_note(line.note),
            "",
        )
    except DomainError as wrong:
        return JudgedLine(line.line, line.email, line.name, line.note, wrong.message)


async def my_sheet(tx: Tx, me: Actor) -> tuple[list[JudgedLine], int]:
    """The caller's sheet as it would be sent now, and how many may be. Raises Forbidden."""
    return await judged(tx, me.require_coach())
