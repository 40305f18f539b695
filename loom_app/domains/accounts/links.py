"""Mailed links: each opens one thing, once, for a while."""

from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlmodel import col

from loom_app.domains.accounts.errors import LinkExpired, LinkUsed
from loom_app.domains.accounts.models import EmailLink
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.security import tokens
from loom_app.kit.text import t

VERIFY, RESET, ADDRESS, UNDO, FACTOR = "verify", "reset", "address", "undo-address", "factor"


async def open_link(tx: Tx, token: str, purpose: str) -> EmailLink:
    """The link of a signed token, locked and still good, acting as `accounts.*`; the caller marks
    it used.

    Raises NotFound (not our link, or for something else), LinkUsed, LinkExpired.
    """
    link_id = tokens.unsigned(token, "email-link")
    unknown = t("This link is not complete. Open it from the mail once more.")
    if link_id is None or not link_id.isdecimal():
        raise NotFound(unknown)
    link = await tx.db.get(EmailLink, int(link_id), with_for_update=True, populate_existing=True)
    if link is None or link.purpose != purpose:
        raise NotFound(unknown)
    if link.used_at is not None:
        raise LinkUsed
    if link.expires_at <= tx.now:
        raise LinkExpired
    return link


async def new_link(  # noqa: PLR0913 - one row
    tx: Tx,
    user_id: int,
    purpose: str,
    life: timedelta,
    *,
    visitor: str | None = None,
    return_to: str = "",
    address: str = "",
) -> int:
    """Write a link down, acting as `accounts.*`; returns its id, of which the mail makes it."""
    link = EmailLink(
        user_id=user_id,
        purpose=purpose,
        visitor=visitor,
        return_to=return_to,
        address=address,
        created_at=tx.now,
        expires_at=tx.now + life,
    )
    tx.db.add(link)
    await tx.db.flush()
    assert link.id is not None  # noqa: S101 - a flushed row has its id
    return link.id


async def made_since(tx: Tx, user_id: int, purpose: str, since: datetime) -> int:
    """How many links for one thing a person was sent, used and unused."""
    found = await tx.db.scalar(
        select(func.count()).where(
            col(EmailLink.user_id) == user_id,
            col(EmailLink.purpose) == purpose,
            col(EmailLink.created_at) > since,
        )
    )
    return found or 0


async def void(tx: Tx, user_id: int, *purposes: str) -> bool:
    """Nobody opens a person's unused links for these things any more; whether there were any."""
    found = await tx.db.scalars(
        update(EmailLink)
        .where(
            col(EmailLink.user_id) == user_id,
            col(EmailLink.purpose).in_(purposes),
            col(EmailLink.used_at).is_(None),
        )
        .values(used_at=tx.now)
        .returning(col(EmailLink.id))
    )
    return bool(found.all())
