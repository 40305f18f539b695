"""What the platform's choices mean for coaches."""

from loom_app.domains.coaches import actions
from loom_app.domains.platform.events import DefaultRateGone
from loom_app.kit.db.transaction import Tx
from loom_app.kit.events import on


@on(DefaultRateGone)
async def keep_it_while_it_is_needed(tx: Tx, event: DefaultRateGone) -> None:
    await actions.check_nobody_needs_the_rate(tx)
