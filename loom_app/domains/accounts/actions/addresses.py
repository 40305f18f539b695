"""Another address: the new one confirms it, the former one can undo it."""

from datetime import timedelta

from sqlalchemy import select, text
from sqlmodel import col

from loom_app.domains.accounts import events, rules
from loom_app.domains.accounts.actions.sessions import end_all
from loom_app.domains.accounts.actions.step_up import require_step_up
from loom_app.domains.accounts.links import (
    ADDRESS,
    FACTOR,
    RESET,
    UNDO,
    VERIFY,
    made_since,
    new_link,
    open_link,
)
from loom_app.domains.accounts.links import void as void_links
from loom_app.domains.accounts.models import Credential
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Conflict, Invalid, TooMany
from loom_app.kit.text import t

SYSTEM = "accounts.address"
A_DAY = 5


async def ask_address_change(tx: Tx, me: Actor, email: str) -> str:
    """Send a link to a new address of the caller; returns the address as it was understood. One
    that has an account gets a mail about that instead, and the caller learns nothing.

    Raises StepUpNeeded, Invalid on "email", TooMany, Forbidden for visitors.
    """
    require_step_up(tx, me)
    user_id = me.require_person()
    address = rules.clean_email(email)
    async with tx.acting_as_system(SYSTEM):
        mine = await tx.db.get_one(Credential, user_id, with_for_update=True)
        if rules.email_key(mine.email) == rules.email_key(address):
            raise Invalid(t("This is your address already."), field="email")
        if await made_since(tx, user_id, ADDRESS, tx.now - timedelta(days=1)) >= A_DAY:
            raise TooMany(t("These were many changes for a day. Try again tomorrow."))
        await void_links(tx, user_id, ADDRESS)
        # written down for a taken address, too: it counts, and nothing tells it from a free one
        link_id = await new_link(tx, user_id, ADDRESS, rules.RESET_LIFE, address=address)
        await audit(tx, "account.ask_address", "user", user_id)
        owner = await _owner(tx, address)
        if owner is None:
            await tx.emit(events.AddressChangeAsked(user_id, link_id))
        else:
            await tx.emit(events.KnownAddressUsed(owner))
    return address


async def change_address(tx: Tx, token: str) -> None:
    """The link to the new address was opened: it is the account's from now on.

    Raises NotFound, LinkUsed, LinkExpired, Conflict where somebody else has the address by now.
    """
    async with tx.acting_as_system(SYSTEM):
        link = await open_link(tx, token, ADDRESS)
        former = await _take(tx, link.user_id, link.address)
        link.used_at = tx.now
        await tx.db.flush()
        undo_id = await new_link(tx, link.user_id, UNDO, rules.UNDO_LIFE, address=former)
        await audit(tx, "account.change_address", "user", link.user_id)
        await tx.emit(events.AddressChanged(link.user_id, undo_id))


async def undo_address_change(tx: Tx, token: str) -> None:
    """ "This was not me": the former address is back, all sign-ins end, and a link for a new
    password goes to the former address.

    Raises NotFound, LinkUsed, LinkExpired, Conflict where somebody else has the address by now.
    """
    async with tx.acting_as_system(SYSTEM):
        link = await open_link(tx, token, UNDO)
        await _take(tx, link.user_id, link.address)
        await void_links(tx, link.user_id, UNDO)
        reset_id = await new_link(tx, link.user_id, RESET, rules.RESET_LIFE)
        await end_all(tx, link.user_id)
        await audit(tx, "account.undo_address", "user", link.user_id)
        await tx.emit(events.ResetAsked(link.user_id, reset_id))


async def _take(tx: Tx, user_id: int, address: str) -> str:
    """Make an address the account's; returns the former. Links to that lead nowhere any more."""
    key = rules.email_key(address)
    # serialised with a sign-up by the same address, which would race to the unique index
    await tx.db.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:k, 1))"), {"k": key})
    owner = await _owner(tx, address)
    if owner not in {None, user_id}:
        raise Conflict(t("This address belongs to another account by now."))
    mine = await tx.db.get_one(Credential, user_id, with_for_update=True, populate_existing=True)
    former, mine.email, mine.email_key = mine.email, address, key
    await tx.db.flush()
    await void_links(tx, user_id, RESET, VERIFY, ADDRESS, FACTOR)
    tx.signal(f"person:{user_id}:profile")
    return former


async def _owner(tx: Tx, address: str) -> int | None:
    return await tx.db.scalar(
        select(col(Credential.user_id)).where(col(Credential.email_key) == rules.email_key(address))
    )
