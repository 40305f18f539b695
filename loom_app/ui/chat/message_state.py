"""What people do to messages that are there: react, edit, take back, put away."""

import reflex as rx

from loom_app.domains.messaging import actions as messaging
from loom_app.ui.session import acting


class MessageState(rx.State):
    """Handlers only: what becomes of a message comes back through its conversation."""

    @rx.event
    async def react(self, message_id: int, emoji: str) -> None:
        """Put an emoji on a message, or take one's own off again."""
        async with acting(self, limit="react") as (tx, me):
            await messaging.react(tx, me, message_id, emoji)

    @rx.event
    async def edit(self, message_id: int, body: str) -> None:
        async with acting(self, limit="save") as (tx, me):
            await messaging.edit(tx, me, message_id, body)

    @rx.event
    async def delete(self, message_id: int) -> None:
        """For everybody; a tombstone stays."""
        async with acting(self, limit="save") as (tx, me):
            await messaging.delete(tx, me, message_id)

    @rx.event
    async def hide(self, message_id: int) -> None:
        """For oneself alone."""
        async with acting(self, limit="save") as (tx, me):
            await messaging.hide(tx, me, message_id)
