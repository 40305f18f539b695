"""What moderators decide about a message."""

from loom_app.domains.moderation.events import CaseDecided, DecisionWithdrawn
from loom_app.kit.db.transaction import Tx
from loom_app.kit.events import on


@on(CaseDecided)
async def take_back_what_is_hidden(tx: Tx, event: CaseDecided) -> None:
    """By a job: it may wait for the conversation, and deciding does not."""
    if event.message_id:
        key = f"messaging.hide_message:{event.decision_id}"
        payload = {"id": event.message_id, "decision": event.decision_id}
        await tx.enqueue("messaging.hide_message", payload, key=key)


@on(DecisionWithdrawn)
async def put_back_what_was_hidden(tx: Tx, event: DecisionWithdrawn) -> None:
    if event.message_id:
        key = f"messaging.show_message:{event.decision_id}"
        payload = {"id": event.message_id, "decision": event.decision_id}
        await tx.enqueue("messaging.show_message", payload, key=key)
