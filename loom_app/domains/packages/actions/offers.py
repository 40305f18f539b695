"""What packages a coach offers. What was bought keeps what was offered then."""

from dataclasses import asdict
from typing import Any

from loom_app.domains.coaches import queries as coaches
from loom_app.domains.packages import rules
from loom_app.domains.packages.models import PackageOffer
from loom_app.domains.packages.rules import OfferEdit
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound


async def make(tx: Tx, me: Actor, edit: OfferEdit) -> int:
    """A new one; returns its id. Raises Invalid by field."""
    row = PackageOffer(
        coach_id=me.require_coach(), created_at=tx.now, **await _values(tx, me, edit)
    )
    tx.db.add(row)
    await tx.db.flush()
    await audit(tx, "package_offer.make", "package_offer", row.id or 0)
    return row.id or 0


async def save(tx: Tx, me: Actor, offer_id: int, edit: OfferEdit) -> None:
    """Change it for who buys from now on. Raises Invalid by field, NotFound."""
    row = await _mine(tx, me, offer_id)
    for field, value in (await _values(tx, me, edit)).items():
        setattr(row, field, value)
    await tx.db.flush()
    await audit(tx, "package_offer.save", "package_offer", offer_id)


async def archive(tx: Tx, me: Actor, offer_id: int) -> None:
    """Take it out of sale; idempotent. Raises NotFound."""
    row = await _mine(tx, me, offer_id)
    if row.archived_at is None:
        row.archived_at = tx.now
        await tx.db.flush()
        await audit(tx, "package_offer.archive", "package_offer", offer_id)


async def restore(tx: Tx, me: Actor, offer_id: int) -> None:
    """Sell it again; idempotent. Raises NotFound."""
    row = await _mine(tx, me, offer_id)
    if row.archived_at is not None:
        row.archived_at = None
        await tx.db.flush()
        await audit(tx, "package_offer.restore", "package_offer", offer_id)


async def _values(tx: Tx, me: Actor, edit: OfferEdit) -> dict[str, Any]:
    known = await coaches.offerings(tx, me, me.require_coach())
    values = asdict(rules.check_offer(edit, known))
    return values | {"offering_ids": list(values["offering_ids"])}


async def _mine(tx: Tx, me: Actor, offer_id: int) -> PackageOffer:
    row = await tx.db.get(PackageOffer, offer_id)
    if row is None or row.coach_id != me.require_coach():
        raise NotFound
    return row
