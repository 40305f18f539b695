"""Whoever was invited accepts, with an account that they have or make, or declines."""

from dataclasses import dataclass, replace

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from loom_app.domains.accounts import actions as accounts
from loom_app.domains.accounts import queries as account_queries
from loom_app.domains.engagements import events
from loom_app.domains.engagements.actions.relation import ensure
from loom_app.domains.engagements.errors import InvitationOver, InvitationTaken, OwnInvitation
from loom_app.domains.engagements.known import SYSTEM
from loom_app.domains.engagements.models import Invitation, UninvitedAddress
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Forbidden, NotFound
from loom_app.kit.security import tokens
from loom_app.kit.text import t


@dataclass(frozen=True, slots=True)
class Guest:
    """What the page of an invitation asks of somebody without an account; nothing is trusted."""

    token: str
    name: str
    password: str
    zone: str


async def accept(tx: Tx, me: Actor, token: str) -> None:
    """As the caller's account, whatever address it has; a role of staff goes to the address that
    was invited only. Accepting twice is once.

    Raises NotFound, InvitationOver, InvitationTaken, OwnInvitation, Forbidden.
    """
    person_id = me.require_person()
    if not me.verified:
        raise Forbidden(t("Confirm your own address first."))
    async with tx.acting_as_system(SYSTEM):
        row = await _open(tx, token)
        if row.status == "accepted":
            if row.accepted_by != person_id:
                raise InvitationTaken
            return
        _check_waits(tx, row)
        if row.inviter_id == person_id:
            raise OwnInvitation
        address = await account_queries.address_of(tx, person_id)
        if row.role_id and account_queries.email_key(address) != row.email_key:
            raise Forbidden(t("This invitation is for {email} only.", email=row.email))
        row.status, row.accepted_by, row.answered_at = "accepted", person_id, tx.now
        await tx.db.flush()
    await _belong(tx, row, person_id)


async def _belong(tx: Tx, row: Invitation, person_id: int) -> None:
    number = row.id or 0
    if row.role_id:
        await accounts.give_invited_role(tx, row.inviter_id, row.role_id, person_id)
        await tx.emit(events.StaffInvitationAccepted(number, row.inviter_id, person_id))
    else:
        pair = (row.inviter_id, person_id)
        engagement_id = await ensure(tx, *pair, "active")
        await audit(tx, "invitation.accept", "engagement", engagement_id)
        await tx.emit(events.InvitationAccepted(number, engagement_id, *pair))
    tx.signal(f"person:{row.inviter_id}:invitations")


def check_guest(form: Guest, email: str) -> Guest:
    """Clean the form before anything costs time. Raises Invalid by field."""
    clean = accounts.check_sign_up(
        accounts.SignUp(form.name, email, form.password, "client", form.zone)
    )
    return replace(form, name=clean.name, zone=clean.zone)


async def join(tx: Tx, me: Actor, form: Guest, password_hash: str) -> int:
    """Make an account of the invited address, which the mailed link has confirmed, and accept;
    returns the new person.

    Raises NotFound, InvitationOver, InvitationTaken, AddressKnown where it has an account.
    """
    async with tx.acting_as_system(SYSTEM):
        row = await _open(tx, form.token)
        if row.status == "accepted":
            raise InvitationTaken
        _check_waits(tx, row)
    user_id = await accounts.open_account(
        tx,
        name=form.name,
        email=row.email,
        role="client",
        zone=form.zone,
        password_hash=password_hash,
    )
    async with tx.acting_as_system(SYSTEM):
        row.status, row.accepted_by, row.answered_at = "accepted", user_id, tx.now
        await tx.db.flush()
    await _belong(tx, row, user_id)
    return user_id


async def decline(tx: Tx, me: Actor, token: str, *, never_again: bool) -> None:
    """No, thank you; `never_again`: nor to any other, from whomever. Raises NotFound,
    InvitationOver once it was accepted."""
    async with tx.acting_as_system(SYSTEM):
        row = await _open(tx, token)
        if row.status == "accepted":
            raise InvitationOver
        if row.status == "waiting":
            row.status, row.answered_at = "declined", tx.now
            await tx.db.flush()
        if never_again:
            digest = tokens.digest(row.email_key)
            await tx.db.execute(
                insert(UninvitedAddress)
                .values(digest=digest, since=tx.now)
                .on_conflict_do_nothing()
            )
            await tx.db.execute(
                update(Invitation)
                .where(
                    col(Invitation.email_key) == row.email_key,
                    col(Invitation.status) == "waiting",
                )
                .values(status="declined", answered_at=tx.now)
            )
    tx.signal(f"person:{row.inviter_id}:invitations")


async def _open(tx: Tx, token: str) -> Invitation:
    """The invitation of a mailed link, locked. Raises NotFound."""
    number = tokens.unsigned(token, "invitation")
    row = None
    if number is not None and number.isdecimal():
        row = await tx.db.get(Invitation, int(number), with_for_update=True)
    if row is None:
        raise NotFound(t("This link is not complete. Open it from the mail once more."))
    return row


def _check_waits(tx: Tx, row: Invitation) -> None:
    if row.status != "waiting" or row.expires_at <= tx.now:
        raise InvitationOver
