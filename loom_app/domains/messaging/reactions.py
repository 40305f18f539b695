"""What moderators decide about a message."""

from loom_app.domains.moderation.events import CaseDecided
from loom_app.kit.db.transaction import Tx
from loom_app.kit.events import on


@on(CaseDecided)
async def take_back_what_is_hidden(tx: Tx, event: CaseDecided) -> None:
    """By a job: it may wait for the conversation, and deciding does not."""
    if event.message_id:
        key = f"messaging.hide_message:{event.decision_id}"
        await tx.enqueue("messaging.hide_message", {"id": event.message_id}, key=key)
