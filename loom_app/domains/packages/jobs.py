"""Work of packages that time brings."""

from typing import Any

from loom_app.domains.packages import actions
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.jobs.outbox import every

ENDING = Actor.system_job("packages.ending")


@every("packages.ending", minutes=60)
async def ending(_payload: dict[str, Any]) -> None:
    """Packages that end soon are told of; what is left of those that ended is forfeited."""
    async with transaction(ENDING) as tx:
        await actions.warn(tx)
        over = await actions.to_expire(tx)
    for package_id in over:
        async with transaction(ENDING) as tx:
            await actions.expire(tx, package_id)
