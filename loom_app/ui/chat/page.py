"""`/messages/7`: list and thread, one of them at a time on a phone."""

import reflex as rx

from loom_app.ui.chat.inbox import inbox
from loom_app.ui.chat.inbox_state import InboxState
from loom_app.ui.chat.panel import panel
from loom_app.ui.chat.propose import propose_dialog
from loom_app.ui.chat.schedule import schedule_dialog
from loom_app.ui.chat.thread import carrier, helpers, open_thread
from loom_app.ui.design.browser.ahead import Ahead, ahead_in_a_moment
from loom_app.ui.design.empty import empty_state
from loom_app.ui.safety.parts import safety_dialogs
from loom_app.ui.shell.frame import app_frame
from loom_app.ui.text import t

_LIST = "h-full w-full shrink-0 border-r border-line lg:w-80"
_THREAD = "h-full min-w-0 flex-1 flex-col"


def both(*, chosen: bool) -> rx.Component:
    """List and thread side by side; on a phone the chosen one of them."""
    beside = empty_state(
        "messages-square",
        t("Choose a conversation"),
        detail=t("Or start a new one with the pen above the list."),
    )
    return app_frame(
        rx.el.div(
            rx.el.div(inbox(), class_name=f"{_LIST} {'hidden lg:block' if chosen else ''}"),
            rx.el.div(
                rx.fragment(open_thread(), helpers()) if chosen else beside,
                class_name=f"{_THREAD} {'flex' if chosen else 'hidden justify-center lg:flex'}",
            ),
            rx.fragment(panel(), safety_dialogs(), schedule_dialog(), propose_dialog())
            if chosen
            else carrier(),
            # from one to the other and back without a network, too
            Ahead.create(page="/messages") if chosen else _thread_ahead(),
            class_name="flex h-full overflow-hidden",
        ),
        place="messages",
        wide=True,
        alone=chosen,
    )


def _thread_ahead() -> rx.Component:
    """After the list: it is what somebody waits for."""
    return rx.cond(InboxState.loaded, ahead_in_a_moment("/messages/1"), rx.fragment())


def message_thread() -> rx.Component:
    return both(chosen=True)
