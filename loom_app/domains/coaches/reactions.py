"""What the platform's choices mean for coaches."""

from loom_app.domains.accounts.events import PersonSuspended, SuspensionEnded
from loom_app.domains.coaches import actions, staff_actions
from loom_app.domains.platform.events import DefaultRateGone
from loom_app.kit.db.transaction import Tx
from loom_app.kit.events import on


@on(DefaultRateGone)
async def keep_it_while_it_is_needed(tx: Tx, event: DefaultRateGone) -> None:
    await actions.check_nobody_needs_the_rate(tx)


@on(PersonSuspended)
async def take_the_page_away(tx: Tx, event: PersonSuspended) -> None:
    await staff_actions.set_aside(tx, event.person_id)


@on(SuspensionEnded)
async def show_the_page_again(tx: Tx, event: SuspensionEnded) -> None:
    await staff_actions.take_up(tx, event.person_id)
