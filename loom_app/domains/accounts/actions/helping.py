"""Staff helps somebody: ends their sign-ins, or lets them in who lost app and recovery codes.

Nobody helps themselves, nor anybody who may more than they do. A second factor is not taken away by
staff: they begin it, and the person ends it by a mailed link a day later, with their password still
to be typed then. Until that day everything that proves that it is not lost stops it.
"""

from sqlalchemy import func, select
from sqlmodel import col

from loom_app.domains.accounts import events, rules
from loom_app.domains.accounts.actions.second_factor import (
    has_second_factor,
    stop_reset,
    take_factor_away,
)
from loom_app.domains.accounts.actions.sessions import end_all
from loom_app.domains.accounts.actions.signing_in import find_credential
from loom_app.domains.accounts.actions.step_up import require_step_up
from loom_app.domains.accounts.help_queries import SYSTEM, HelpView, due_at, factor_reset_of
from loom_app.domains.accounts.links import FACTOR, new_link, open_link
from loom_app.domains.accounts.models import (
    AuthSession,
    Credential,
    EmailLink,
    RecoveryCode,
    SecondFactor,
    User,
)
from loom_app.domains.accounts.staff_queries import HELD
from loom_app.kit import permissions
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Conflict, Forbidden, Invalid, NotFound
from loom_app.kit.text import t
from loom_app.kit.words import limited

LONGEST = 300


async def look_up(tx: Tx, me: Actor, email: str) -> HelpView:
    """Who asks for help, by the address of their account; that staff looked stands in the trail.

    Raises Forbidden, Invalid on "email".
    """
    me.require("people.help")
    found = await find_credential(tx, email)
    if found is None:
        raise Invalid(t("Nobody has an account with this address."), field="email")
    await audit(tx, "people.look", "user", found[0])
    return await helped(tx, me, found[0])


async def helped(tx: Tx, me: Actor, user_id: int) -> HelpView:
    """The same person again. Raises Forbidden, NotFound."""
    me.require("people.help")
    async with tx.acting_as_system(SYSTEM):
        within = await within_of(tx, me, user_id)
        user = await tx.db.get_one(User, user_id, populate_existing=True)
        mine = await tx.db.get_one(Credential, user_id, populate_existing=True)
        alive = (
            col(AuthSession.user_id) == user_id,
            col(AuthSession.revoked_at).is_(None),
            col(AuthSession.idle_until) > tx.now,
            col(AuthSession.expires_at) > tx.now,
        )
        seen = select(func.count(), func.max(col(AuthSession.seen_at))).where(*alive)
        many, last = (await tx.db.execute(seen)).one()
        factor = await tx.db.get(SecondFactor, user_id, populate_existing=True)
        left = await tx.db.scalar(
            select(func.count()).where(
                col(RecoveryCode.user_id) == user_id, col(RecoveryCode.used_at).is_(None)
            )
        )
    return HelpView(
        id=user_id,
        name=user.name,
        email=mine.email,
        since=user.created_at,
        sign_ins=many,
        last_seen=last,
        factor_since=factor.confirmed_at if factor else None,
        codes_left=left or 0,
        password_changed=tx.now - mine.changed_at,
        reset_due=await factor_reset_of(tx, user_id),
        within=within,
    )


async def end_sessions_of(tx: Tx, me: Actor, user_id: int, reason: str) -> int:
    """End all sign-ins of somebody, open tabs included; they get a mail. Returns how many ended.

    Raises Forbidden, StepUpNeeded, NotFound, Invalid on "reason".
    """
    words = await _allowed(tx, me, user_id, reason)
    ended = await end_all(tx, user_id)
    await audit(tx, "account.end_by_staff", "user", user_id, after={"ended": ended}, reason=words)
    await tx.emit(events.SignedOutByStaff(user_id))
    return ended


async def correct_name(tx: Tx, me: Actor, user_id: int, name: str, reason: str) -> None:
    """A name that misleads or offends gets another.

    Raises Forbidden, StepUpNeeded, NotFound, Invalid on "name" or "reason".
    """
    words = await _allowed(tx, me, user_id, reason)
    clean = rules.clean_name(name)
    async with tx.acting_as_system(SYSTEM):
        user = await tx.db.get_one(User, user_id, with_for_update=True, populate_existing=True)
        if user.name == clean:
            return
        user.name = clean
        await tx.db.flush()
    # a name is personal and the trail is kept: that it changed is in it, and why
    await audit(tx, "account.correct_name", "user", user_id, reason=words)
    await tx.emit(events.ProfileChanged(user_id))
    tx.signal(f"person:{user_id}:profile")


async def ask_factor_reset(tx: Tx, me: Actor, user_id: int, reason: str) -> None:
    """Somebody lost their app and their recovery codes, and staff believes them: they get a mail
    with a link that opens a day later, and their open tabs say so.

    Raises Forbidden, StepUpNeeded, NotFound, Invalid on "reason", Conflict where there is no second
    factor or it is begun already.
    """
    words = await _allowed(tx, me, user_id, reason)
    async with tx.acting_as_system(SYSTEM):
        await tx.db.get(Credential, user_id, with_for_update=True)  # two who begin it at once
        if not await has_second_factor(tx, user_id):
            raise Conflict(t("There is no second factor to take away."))
        if await factor_reset_of(tx, user_id) is not None:
            raise Conflict(t("This is begun already. The link is in their mailbox."))
        link_id = await new_link(tx, user_id, FACTOR, rules.FACTOR_LIFE)
        link = await tx.db.get_one(EmailLink, link_id)
        due = await due_at(tx, link)
    after = {"due": due.isoformat()}
    await audit(tx, "account.factor_ask_reset", "user", user_id, after=after, reason=words)
    await tx.enqueue("accounts.factor_due", {"link_id": link_id}, at=due)
    await tx.emit(events.FactorResetAsked(user_id, link_id, due))
    tx.signal(f"person:{user_id}:profile")


async def stop_factor_reset(tx: Tx, token: str) -> None:
    """ "This was not me", by the mailed link. Raises NotFound, LinkUsed, LinkExpired."""
    async with tx.acting_as_system(SYSTEM):
        link = await open_link(tx, token, FACTOR)
    await stop_reset(tx, link.user_id)


async def stop_my_factor_reset(tx: Tx, me: Actor) -> None:
    """The same by whoever is signed in; what is stopped already is fine. Raises Forbidden."""
    await stop_reset(tx, me.require_person())


async def reset_factor(tx: Tx, token: str) -> None:
    """The mailed link on its day: the second factor is gone, all sign-ins end, and signing in asks
    for the password alone.

    Raises NotFound, LinkUsed, LinkExpired, Conflict before the day.
    """
    async with tx.acting_as_system(SYSTEM):
        link = await open_link(tx, token, FACTOR)
        if await due_at(tx, link) > tx.now:
            raise Conflict(t("It is too early. Come back on the day that the mail says."))
        link.used_at = tx.now
        user_id = link.user_id
        await take_factor_away(tx, user_id)
    await end_all(tx, user_id)
    await audit(tx, "account.factor_reset", "user", user_id)
    await tx.emit(events.SecondFactorChanged(user_id, "reset"))


async def tell_factor_due(tx: Tx, link_id: int) -> None:
    """The queued work: a mail that the day has come; later, where a new password moved it."""
    async with tx.acting_as_system(SYSTEM):
        link = await tx.db.get(EmailLink, link_id)
        if link is None or link.used_at is not None:
            return
        due = await due_at(tx, link)
    if due > tx.now:
        await tx.enqueue("accounts.factor_due", {"link_id": link_id}, at=due)
        return
    await tx.emit(events.FactorResetDue(link.user_id, link_id))


async def _allowed(tx: Tx, me: Actor, user_id: int, reason: str) -> str:
    """The reason as it is written down."""
    me.require("people.help")
    require_step_up(tx, me)
    if user_id == me.person_id:
        raise Forbidden(t("Look after your own account in your settings."))
    words = limited(reason, LONGEST, "reason")
    if not words:
        raise Invalid(t("Say why, and how you know who it is."), field="reason")
    async with tx.acting_as_system(SYSTEM):
        if not await within_of(tx, me, user_id):
            raise Forbidden(t("They may do more than you. Ask an owner."))
    return words


async def within_of(tx: Tx, me: Actor, user_id: int) -> bool:
    """Whether somebody may do no more than the caller. Raises NotFound."""
    row = (await tx.db.execute(select(col(User.id), HELD).where(col(User.id) == user_id))).first()
    if row is None:
        raise NotFound
    return permissions.meant(row[1] or []) <= me.powers
