"""What people do to messages that are there: react, edit, take back, put away."""

import reflex as rx

from loom_app.domains.messaging import actions as messaging
from loom_app.kit.errors import DomainError
from loom_app.ui.chat.state import ChatState
from loom_app.ui.plain import plain
from loom_app.ui.problems import show_problem
from loom_app.ui.session import acting


class MessageState(rx.State):
    """Handlers only: what becomes of a message comes back through its conversation."""

    @rx.event
    async def react(self, message_id: int, emoji: str) -> None:
        """Put an emoji on a message, or take one's own off again."""
        async with acting(self, limit="react") as (tx, me):
            await messaging.react(tx, me, message_id, emoji)

    @rx.event
    async def edit(self, message_id: int, body: str, cid: str) -> None:
        """Comes again under the same id until the browser hears that it is settled: as the writer
        wished, or refused in words. A failure settles nothing."""
        ended: list[DomainError | None] = []
        async with acting(self, limit="save", on_problem=ended.append) as (tx, me):
            await messaging.edit(tx, me, message_id, body)
            ended.append(None)
        if not ended:
            return
        chat = await self.get_state(ChatState)
        chat.settled = [*plain(chat.settled), cid][-10:]
        if ended[0] is not None:
            await show_problem(self, ended[0])

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
