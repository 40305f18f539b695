"""What others' events mean for money."""

from loom_app.domains.payments import actions
from loom_app.domains.payments.actions import Payable
from loom_app.domains.scheduling.events import SessionCompleted, SessionMissed
from loom_app.kit.db.transaction import Tx
from loom_app.kit.events import on


@on(SessionCompleted)
async def recognise_what_took_place(tx: Tx, event: SessionCompleted) -> None:
    for seat_id in event.seat_ids:
        await actions.recognise(tx, Payable("seat", seat_id))


@on(SessionMissed)
async def take_the_fee(tx: Tx, event: SessionMissed) -> None:
    """What was paid is the coach's, as if it had taken place; a fee that is held is taken."""
    for seat_id in event.seat_ids:
        await actions.recognise(tx, Payable("seat", seat_id))
        await actions.missed(tx, Payable("seat", seat_id))
