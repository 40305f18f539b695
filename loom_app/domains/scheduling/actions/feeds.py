"""The secret address under which a person's calendar program reads their sessions."""

import secrets

from sqlalchemy import text

from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx

_RENEW = text(
    "INSERT INTO calendar_feeds (user_id, secret, made_at) VALUES (:me, :secret, :now)"
    " ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret, made_at = excluded.made_at"
)
_END = text("DELETE FROM calendar_feeds WHERE user_id = :me")


async def renew_feed(tx: Tx, me: Actor) -> None:
    """Make an address; one that was there before leads nowhere from now on."""
    values = {"me": me.require_person(), "secret": secrets.token_hex(8), "now": tx.now}
    await tx.db.execute(_RENEW, values)
    await audit(tx, "calendar.renew_feed", "person", me.require_person())


async def end_feed(tx: Tx, me: Actor) -> None:
    """No address at all; idempotent."""
    await tx.db.execute(_END, {"me": me.require_person()})
    await audit(tx, "calendar.end_feed", "person", me.require_person())
