"""`/messages`: the list, and room for a thread beside it.

A module of its own, since Reflex makes one file of all that the pages of a module draw: the list
would bring the thread's code along before its first row.
"""

import reflex as rx

from loom_app.ui.chat.page import both


def message_list() -> rx.Component:
    return both(chosen=False)
