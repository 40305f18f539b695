"""A coach invites clients, and staff invite staff, by mail; again, or no longer."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import text, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from loom_app.domains.accounts import actions as accounts
from loom_app.domains.accounts import queries as account_queries
from loom_app.domains.engagements import events, rules
from loom_app.domains.engagements.errors import (
    AlreadyInvited,
    EnoughForToday,
    InvitationOver,
    NotWanted,
)
from loom_app.domains.engagements.known import SYSTEM, what_is_known
from loom_app.domains.engagements.models import Invitation
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Conflict, Forbidden, NotFound
from loom_app.kit.text import t


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom to invite, cleaned."""

    email: str
    name: str = ""
    note: str = ""

    @property
    def key(self) -> str:
        return account_queries.email_key(self.email)


async def invite(tx: Tx, me: Actor, email: str, name: str, note: str) -> int:
    """A coach asks somebody to be their client. Returns the invitation.

    Raises Forbidden, Invalid by field, AlreadyClient, AlreadyInvited, NotWanted, EnoughForToday.
    """
    coach_id = require_inviter(me)
    asked = Asked(
        account_queries.clean_email(email), rules.clean_guest_name(name), rules.clean_note(note)
    )
    await one_at_a_time(tx, coach_id)
    known = await what_is_known(tx, coach_id, [asked.key])
    if problem := known.problem(asked.key):
        raise problem
    if known.left < 1:
        raise EnoughForToday(0)
    (made,) = await send(tx, coach_id, [asked])
    return made


def require_inviter(me: Actor) -> int:
    """A coach whose own address is confirmed. Raises Forbidden."""
    coach_id = me.require_coach()
    if not me.verified:
        raise Forbidden(t("Confirm your own address first."))
    return coach_id


async def invite_staff(tx: Tx, me: Actor, role_id: int, email: str) -> int:
    """Somebody without an account gets a role once they have one.

    Raises Forbidden, StepUpNeeded, NotFound, Invalid, AlreadyInvited, NotWanted, EnoughForToday.
    """
    await accounts.check_may_give(tx, me, role_id)
    inviter_id = me.require_person()
    asked = Asked(account_queries.clean_email(email))
    await one_at_a_time(tx, inviter_id)
    known = await what_is_known(tx, inviter_id, [asked.key], role_id)
    if asked.key in known.invited:
        raise AlreadyInvited
    if asked.key in known.unwilling:
        raise NotWanted
    if known.left < 1:
        raise EnoughForToday(0)
    (made,) = await send(tx, inviter_id, [asked], role_id)
    await audit(tx, "role.invite", "staff_role", role_id, after={"invitation": made})
    return made


async def one_at_a_time(tx: Tx, inviter_id: int) -> None:
    """Two of one person's at once would each see the same room left for today."""
    await tx.db.execute(text("SELECT pg_advisory_xact_lock(7046, :i)"), {"i": inviter_id % 2**31})


async def send(
    tx: Tx, inviter_id: int, asked: Collection[Asked], role_id: int | None = None
) -> list[int]:
    """Make the invitations and owe their mails; the caller has looked at `what_is_known`."""
    async with tx.acting_as_system(SYSTEM):
        await tx.db.execute(
            update(Invitation)
            .where(
                col(Invitation.inviter_id) == inviter_id,
                col(Invitation.email_key).in_([one.key for one in asked]),
                col(Invitation.status) == "waiting",
                col(Invitation.expires_at) <= tx.now,
            )
            .values(status="expired")
        )
        rows = [
            {
                "inviter_id": inviter_id,
                "role_id": role_id,
                "email": one.email,
                "email_key": one.key,
                "name": one.name,
                "note": one.note,
                "status": "waiting",
                "mails": 1,
                "created_at": tx.now,
                "asked_at": tx.now,
                "expires_at": tx.now + rules.LIFE,
            }
            for one in asked
        ]
        made = await tx.db.scalars(insert(Invitation).values(rows).returning(col(Invitation.id)))
        numbers = [one for one in made if one is not None]
    await tx.emit(events.InvitationsMade(tuple((one, 1) for one in numbers)))
    tx.signal(f"person:{inviter_id}:invitations")
    return numbers


async def resend(tx: Tx, me: Actor, invitation_id: int) -> None:
    """Another mail, at most one a day and three in all; the fortnight begins anew.

    Raises NotFound, InvitationOver, Conflict, NotWanted, EnoughForToday.
    """
    inviter_id = require_inviter(me)
    await one_at_a_time(tx, inviter_id)
    async with tx.acting_as_system(SYSTEM):
        row = await _own(tx, inviter_id, invitation_id)
        if row.status != "waiting":
            raise InvitationOver
        if row.mails >= rules.MOST_MAILS:
            raise Conflict(t("They have three mails of this already. Ask them in person."))
        if tx.now - row.asked_at < rules.RESEND_AFTER:
            raise Conflict(t("The last mail is not a day old. Give them some time."))
        known = await what_is_known(tx, inviter_id, [row.email_key])
        if row.email_key in known.unwilling:
            raise NotWanted
        if known.left < 1:
            raise EnoughForToday(0)
        row.mails, row.asked_at, row.expires_at = row.mails + 1, tx.now, tx.now + rules.LIFE
        await tx.db.flush()
        nth = row.mails
    await tx.emit(events.InvitationsMade(((invitation_id, nth),)))
    tx.signal(f"person:{inviter_id}:invitations")


async def withdraw(tx: Tx, me: Actor, invitation_id: int) -> None:
    """Its link opens nothing any more. Raises NotFound, InvitationOver once it was answered."""
    inviter_id = me.require_person()
    async with tx.acting_as_system(SYSTEM):
        await _withdraw(tx, await _own(tx, inviter_id, invitation_id))


async def withdraw_staff(tx: Tx, me: Actor, invitation_id: int) -> None:
    """Anybody who may give the role may. Raises Forbidden, StepUpNeeded, NotFound,
    InvitationOver."""
    me.require("people.roles")
    async with tx.acting_as_system(SYSTEM):
        row = await tx.db.get(Invitation, invitation_id, with_for_update=True)
    if row is None or row.role_id is None:
        raise NotFound
    await accounts.check_may_give(tx, me, row.role_id)
    async with tx.acting_as_system(SYSTEM):
        await _withdraw(tx, row)
    await audit(tx, "role.uninvite", "staff_role", row.role_id, after={"invitation": row.id})


async def note_mailed(tx: Tx, invitation_id: int, nth: int, *, refused: str = "") -> None:
    """The nth mail left, or its server would not have it; by whoever sends mail."""
    async with tx.acting_as_system(SYSTEM):
        row = await tx.db.get(Invitation, invitation_id, with_for_update=True)
        if row is None:
            raise NotFound
        row.mailed, row.bounced = max(row.mailed, min(nth, row.mails)), refused[:300]
        await tx.db.flush()
    tx.signal(f"person:{row.inviter_id}:invitations")


async def _withdraw(tx: Tx, row: Invitation) -> None:
    if row.status not in {"waiting", "withdrawn"}:
        raise InvitationOver
    row.status, row.answered_at = "withdrawn", tx.now
    await tx.db.flush()
    tx.signal(f"person:{row.inviter_id}:invitations")


async def _own(tx: Tx, inviter_id: int, invitation_id: int) -> Invitation:
    row = await tx.db.get(Invitation, invitation_id, with_for_update=True)
    if row is None or row.inviter_id != inviter_id or row.role_id is not None:
        raise NotFound
    return row
