"""What happened in conversations."""

from dataclasses import dataclass

from loom_app.kit.events import Event


@dataclass(frozen=True, slots=True)
class MessageSent(Event):
    """A person wrote."""

    conversation_id: int
    message_id: int
    sender_id: int
