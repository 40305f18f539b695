"""Another password: by a mailed link where the old one is forgotten, or by the old one."""

from sqlalchemy import delete, select, update
from sqlmodel import col

from loom_app.domains.accounts import events, rules
from loom_app.domains.accounts.actions.proving import PROOF
from loom_app.domains.accounts.actions.second_factor import has_second_factor
from loom_app.domains.accounts.actions.sessions import Renewed, end_all, renew_now
from loom_app.domains.accounts.actions.signing_in import (
    begin_try,
    find_credential,
    forget_failures,
)
from loom_app.domains.accounts.actions.step_up import require_step_up
from loom_app.domains.accounts.links import (
    ADDRESS,
    RESET,
    VERIFY,
    made_since,
    new_link,
    open_link,
)
from loom_app.domains.accounts.links import void as void_links
from loom_app.domains.accounts.models import Credential, SecondStep, User
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx, transaction
from loom_app.kit.errors import Invalid, NotFound
from loom_app.kit.security import passwords, tokens
from loom_app.kit.text import t

SYSTEM = "accounts.password"
PURPOSE = "forgotten"
A_HOUR = 2


async def ask_reset(tx: Tx, me: Actor, email: str) -> None:
    """Somebody forgot the password of an address. What happens is the same for every address, down
    to the time that it takes: work is queued, which finds out whether there is an account."""
    sealed = tokens.encrypted(email.strip()[:400], PURPOSE)
    await tx.enqueue("accounts.reset", {"email": sealed})


async def send_reset(tx: Tx, sealed: str) -> None:
    """The queued work: a link to an address that has an account, two an hour. Whoever gets none
    has one that is still good: a stranger who asks all day keeps nobody from it."""
    email = tokens.decrypted(sealed, PURPOSE)
    found = await find_credential(tx, email or "")
    if found is None:
        return
    user_id = found[0]
    async with tx.acting_as_system(SYSTEM):
        # one after the other, so that many at once do not all find that there were few before
        await tx.db.get(Credential, user_id, with_for_update=True)
        if await made_since(tx, user_id, RESET, tx.now - rules.RESET_LIFE) >= A_HOUR:
            return
        link_id = await new_link(tx, user_id, RESET, rules.RESET_LIFE)
        await audit(tx, "account.ask_reset", "user", user_id)
        await tx.emit(events.ResetAsked(user_id, link_id))


async def reset_password(me: Actor, token: str, password: str) -> None:
    """A new password by a mailed link; all sign-ins of the account end, the link is used up.

    Whoever reads the mails of an address has it, so it is confirmed as well. Nobody is signed in by
    it: that asks for the new password, and for the second factor where there is one. Opens its own
    transactions. Raises NotFound, LinkUsed, LinkExpired, Invalid on "password".
    """
    async with transaction(me) as tx, tx.acting_as_system(SYSTEM):
        link = await open_link(tx, token, RESET)
        name, email = await _own_words(tx, link.user_id)
    rules.check_password(password, name, email)
    made = await passwords.hash_password(password)
    async with transaction(me) as tx:
        async with tx.acting_as_system(SYSTEM):
            link = await open_link(tx, token, RESET)
            user_id = link.user_id
            await tx.db.execute(
                update(User)
                .where(col(User.id) == user_id, col(User.verified_at).is_(None))
                .values(verified_at=tx.now)
            )
            await _store(tx, user_id, made)
        await forget_failures(tx, email)
        await end_all(tx, user_id)
        await audit(tx, "account.reset_password", "user", user_id)
        await tx.emit(events.PasswordChanged(user_id))


async def change_password(me: Actor, current: str, password: str) -> Renewed | None:
    """A new password by the current one; all other sign-ins end, and this one gets another token
    for its cookie, which is returned.

    Opens its own transactions. Raises Invalid on "current" or "password", TooMany after several
    wrong ones, StepUpNeeded for who has a second factor, Forbidden for visitors.
    """
    user_id = me.require_person()
    async with transaction(me) as tx:
        if await has_second_factor(tx, user_id):
            require_step_up(tx, me)
        await begin_try(tx, str(user_id), PROOF)
        known = await tx.db.scalar(
            select(col(Credential.password_hash)).where(col(Credential.user_id) == user_id)
        )
        name, email = await _own_words(tx, user_id)
    if not await passwords.verify_password(known, current):
        raise Invalid(t("This is not your password."), field="current")
    async with transaction(me) as tx:
        await forget_failures(tx, str(user_id), PROOF)
    rules.check_password(password, name, email)
    made = await passwords.hash_password(password)
    async with transaction(me) as tx:
        async with tx.acting_as_system(SYSTEM):
            await _store(tx, user_id, made)
        await end_all(tx, user_id, but=me.session_id)
        renewed = await renew_now(tx, me)
        await audit(tx, "account.change_password", "user", user_id)
        await tx.emit(events.PasswordChanged(user_id))
    return renewed


async def _own_words(tx: Tx, user_id: int) -> tuple[str, str]:
    row = (
        await tx.db.execute(
            select(col(User.name), col(Credential.email))
            .join(Credential, col(Credential.user_id) == col(User.id))
            .where(col(User.id) == user_id)
        )
    ).first()
    if row is None:
        raise NotFound
    return row[0], row[1]


async def _store(tx: Tx, user_id: int, password_hash: str) -> None:
    """With what was begun by the former password: it leads nowhere any more."""
    await tx.db.execute(
        update(Credential)
        .where(col(Credential.user_id) == user_id)
        .values(password_hash=password_hash, changed_at=tx.now)
    )
    await void_links(tx, user_id, RESET, ADDRESS, VERIFY)
    await tx.db.execute(delete(SecondStep).where(col(SecondStep.user_id) == user_id))
