"""What payments and sessions mean for packages."""

from loom_app.domains.packages import actions
from loom_app.domains.packages.models import PACKAGE
from loom_app.domains.payments.actions import Payable
from loom_app.domains.payments.events import DisputeClosed, DisputeOpened, PaymentSucceeded
from loom_app.domains.scheduling.events import SessionCompleted, SessionMissed
from loom_app.kit.db.transaction import Tx
from loom_app.kit.events import on


@on(PaymentSucceeded)
async def fill_what_was_paid(tx: Tx, event: PaymentSucceeded) -> None:
    if event.payable_kind == PACKAGE:
        await actions.bought(tx, event.payable_id, event.charge_id)


@on(SessionCompleted)
async def earn_what_took_place(tx: Tx, event: SessionCompleted) -> None:
    await actions.earn(tx, [Payable("seat", seat_id) for seat_id in event.seat_ids])


@on(SessionMissed)
async def earn_what_was_missed(tx: Tx, event: SessionMissed) -> None:
    """Who does not come has used their session."""
    await actions.earn(tx, [Payable("seat", seat_id) for seat_id in event.seat_ids])


@on(DisputeOpened)
async def freeze_what_is_disputed(tx: Tx, event: DisputeOpened) -> None:
    await actions.disputed(tx, event.charge_id)


@on(DisputeClosed)
async def go_on_or_end(tx: Tx, event: DisputeClosed) -> None:
    await actions.dispute_over(tx, event.charge_id)
