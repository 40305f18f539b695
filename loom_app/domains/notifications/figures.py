"""What of notifications a machine watches."""

from sqlalchemy import text

from loom_app.kit import metrics
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction

_FAILED = text("SELECT count(*) FROM deliveries WHERE status = 'failed'")


@metrics.reading
async def failed() -> None:
    """Deliveries that were given up."""
    async with transaction(Actor.system_job("notifications.figures")) as tx:
        metrics.FAILED.labels("deliveries").set(await tx.db.scalar(_FAILED) or 0)
