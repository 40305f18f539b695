"""Leaving: asked for, undone within fourteen days, and then done: what law and the ledger need
stays under a pseudonym, the rest is erased by the catalogue of migration 0050."""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.accounts.actions import end_other_sessions, lock_account, require_step_up
from loom_app.domains.coaches import actions as coaches
from loom_app.domains.payments import actions as payments
from loom_app.domains.payments import queries as payment_queries
from loom_app.domains.privacy import files, queries
from loom_app.domains.privacy.events import DeletionAsked, DeletionWaits
from loom_app.domains.privacy.models import AccountDeletion, DataExport
from loom_app.domains.scheduling import actions as scheduling
from loom_app.kit import failures
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx, transaction
from loom_app.kit.errors import Conflict, Invalid
from loom_app.kit.files import avatars
from loom_app.kit.text import t

GRACE = timedelta(days=14)
WORK = Actor.system_job("privacy.work")
ERASER = Actor.system_job("privacy.erase")
_SESSIONS = text("SELECT id FROM auth_sessions WHERE user_id = :me AND revoked_at IS NULL")
_AVATAR = text("SELECT avatar FROM users WHERE id = :me")
_ERASE = text("SELECT loom_erase(:me, :now)")


async def ask_deletion(tx: Tx, me: Actor, typed: str) -> None:
    """The account ends in fourteen days; `typed` is its address, against a slip. A coach's profile
    is not shown any more; other sign-ins end.

    Raises StepUpNeeded, Invalid on "typed", Conflict while something is to be settled, Forbidden.
    """
    person_id = me.require_person()
    require_step_up(tx, me)
    profile = await accounts.my_profile(tx, me)
    if typed.strip().casefold() != profile.email.casefold():
        raise Invalid(t("Type the address of your account."), field="typed")
    if open_ones := await queries.hindrances(tx, me):
        raise Conflict(open_ones[0].words)
    due = tx.now + GRACE
    async with tx.acting_as_system("privacy.ask"):
        row = insert(AccountDeletion).values(user_id=person_id, asked_at=tx.now, due_at=due)
        made = await tx.db.scalar(
            row.on_conflict_do_nothing().returning(col(AccountDeletion.user_id))
        )
    if made is None:
        return
    if me.is_coach:
        with contextlib.suppress(Invalid):  # there was never a profile
            await coaches.unpublish(tx, me)
    await end_other_sessions(tx, me)
    await audit(tx, "account.ask_deletion", "user", person_id, after={"due": due.isoformat()})
    await tx.emit(DeletionAsked(person_id, due))
    tx.signal(f"person:{person_id}:profile")
    tx.signal(f"person:{person_id}:data")


async def keep_account(tx: Tx, me: Actor) -> None:
    """Think better of it; doing so twice is fine. Raises Forbidden."""
    person_id = me.require_person()
    async with tx.acting_as_system("privacy.ask"):
        gone = await tx.db.scalar(
            delete(AccountDeletion)
            .where(
                col(AccountDeletion.user_id) == person_id, col(AccountDeletion.done_at).is_(None)
            )
            .returning(col(AccountDeletion.user_id))
        )
    if gone is not None:
        await audit(tx, "account.keep", "user", person_id)
        tx.signal(f"person:{person_id}:profile")
        tx.signal(f"person:{person_id}:data")


async def erase_due() -> int:
    """Everybody whose day has come; returns how many are gone. Who has something to settle is told
    once and waits for it."""
    async with transaction(WORK) as tx:
        due = list(
            await tx.db.scalars(
                select(col(AccountDeletion.user_id)).where(
                    col(AccountDeletion.done_at).is_(None), col(AccountDeletion.due_at) <= tx.now
                )
            )
        )
    return sum([await _erased(person_id) for person_id in due])


async def _erased(person_id: int) -> bool:
    """One who cannot be erased now, as while Stripe is away, holds nobody else up: an hour later it
    is tried again."""
    try:
        return await _erase(person_id)
    except Exception as error:  # noqa: BLE001 - reported; the others' turn comes all the same
        failures.report("privacy.erase", error, person=str(person_id))
        return False


async def _erase(person_id: int) -> bool:
    me = Actor(person_id=person_id)
    async with transaction(me) as tx:
        waits = bool(await queries.hindrances(tx, me))
        cards = [one.id for one in await payment_queries.methods(tx, me)]
    if waits:
        await _tell_waits(person_id)
        return False
    for card in cards:  # at Stripe, outside every transaction; what is off already is fine
        await payments.remove_method(me, card)
    async with transaction(ERASER) as tx:
        await scheduling.lock_person(tx, person_id)
        await lock_account(tx, person_id)
        # whoever thought better of it meanwhile has taken the row away: it is looked at again here
        row = await tx.db.get(AccountDeletion, person_id, with_for_update=True)
        if row is None or row.done_at is not None or row.due_at > tx.now:
            return False
        # booked or bought a moment ago: it is told at the next round
        if await queries.hindrances(tx, me):
            return False
        left = await _what_lies_about(tx, person_id)
        keys = await tx.db.scalar(_ERASE, {"me": person_id, "now": tx.now}) or []
        await audit(tx, "account.erase", "user", person_id)
        if keys:
            await tx.enqueue("messaging.unlink_files", {"keys": list(keys)})
        tx.signal(f"person:{person_id}:profile")
    for remove, key in left:
        await asyncio.to_thread(remove, key)
    return True


async def _what_lies_about(tx: Tx, person_id: int) -> list[tuple[Callable[[str], None], str]]:
    """Files beside the database; and every open tab is told that its sign-in is over."""
    async with tx.acting_as_system("accounts.session"):
        for session_id in await tx.db.scalars(_SESSIONS, {"me": person_id}):
            tx.signal(f"auth:{session_id}")
        avatar = await tx.db.scalar(_AVATAR, {"me": person_id}) or ""
    exports = await tx.db.scalars(
        select(col(DataExport.key)).where(col(DataExport.user_id) == person_id)
    )
    left: list[tuple[Callable[[str], None], str]] = [(files.remove, key) for key in exports]
    if avatar and not avatar.startswith("/"):
        left.append((avatars.remove, avatar))
    return left


async def _tell_waits(person_id: int) -> None:
    async with transaction(WORK) as tx:
        row = await tx.db.get(AccountDeletion, person_id, with_for_update=True)
        if row is not None and row.told_at is None:
            row.told_at = tx.now
            await tx.db.flush()
            await tx.emit(DeletionWaits(person_id, row.due_at))
