"""What one can do with a message: one menu for the whole thread."""

from typing import Any

import reflex as rx

from loom_app.ui.chat.composer import EMOJI
from loom_app.ui.chat.message_state import MessageState
from loom_app.ui.chat.state import ChatState
from loom_app.ui.design.browser.message_menu import (
    MessageMenu,
    chosen,
    has_words,
    is_editable,
    picked,
    then_close,
    words_of,
)
from loom_app.ui.design.icon import icon
from loom_app.ui.safety.state import ReportState
from loom_app.ui.text import t

QUICK = ("👍", "❤️", "😂", "🎉", "🙏", "👀")
_ITEM = (
    "flex h-11 w-full cursor-pointer list-none items-center gap-3 rounded-control px-3 text-sm "
    "font-medium text-ink hover:bg-hover focus-visible:bg-hover"
)
_HIDE = (("popoverTarget", "message-menu"), ("popoverTargetAction", "hide"))
_FILES = "m.files.map((f) => f.name).join(', ')"


def _in_browser(name: str, words: Any, script: str, *depends: rx.Var) -> rx.Component:
    script = f"const m = {chosen.value!s}; {script}"
    return rx.el.button(
        icon(name, 18),
        words,
        type="button",
        custom_attrs={"onClick": then_close(script, *depends)},
        class_name=_ITEM,
    )


def _on_server(name: str, words: Any, event: Any, tint: str = "text-ink") -> rx.Component:
    return rx.el.button(
        icon(name, 18),
        words,
        type="button",
        on_click=event,
        custom_attrs=dict(_HIDE),
        class_name=_ITEM.replace("text-ink", tint),
    )


@rx.memo
def quick_reaction(*, one: rx.Var[str]) -> rx.Component:
    return rx.el.button(
        one,
        type="button",
        aria_label=t("React with {emoji}", emoji=one),
        on_click=MessageState.react(picked("id", int), one),
        custom_attrs=dict(_HIDE),
        class_name=(
            "flex size-11 items-center justify-center rounded-control text-xl hover:bg-hover"
        ),
    )


def _reactions() -> rx.Component:
    return rx.fragment(
        rx.el.div(*(quick_reaction(one=one) for one in QUICK), class_name="flex justify-between"),
        rx.el.details(
            rx.el.summary(icon("smile-plus", 18), t("More reactions"), class_name=_ITEM),
            rx.el.div(
                *(quick_reaction(one=one) for one in EMOJI if one not in QUICK),
                class_name="grid max-h-44 grid-cols-6 overflow-y-auto",
            ),
        ),
        rx.el.hr(class_name="my-1 border-t border-line"),
    )


def _delete() -> rx.Component:
    return rx.el.details(
        rx.el.summary(icon("trash-2", 18), t("Delete for everybody"), class_name=_ITEM),
        _on_server(
            "trash-2",
            t("Yes, delete this message"),
            MessageState.delete(picked("id", int)),
            "text-bad",
        ),
    )


def message_menu() -> rx.Component:
    there = picked("kind", str) != "deleted"
    name = f"m.mine ? {t('You')!r} : m.name || {ChatState.thread.name!s}"
    reply = f"refs['loom_compose'].reply(m, {name}, ({words_of('m')} || {_FILES}).slice(0, 120))"
    return MessageMenu.create(
        rx.cond(
            there,
            rx.fragment(
                _reactions(),
                _in_browser("reply", t("Reply"), reply, ChatState.thread.name),
                rx.cond(
                    has_words(),
                    _in_browser(
                        "copy", t("Copy text"), f"navigator.clipboard?.writeText({words_of('m')})"
                    ),
                    rx.fragment(),
                ),
                rx.cond(
                    is_editable(),
                    _in_browser("pencil", t("Edit"), "refs['loom_compose'].edit(m)"),
                    rx.fragment(),
                ),
            ),
            rx.fragment(),
        ),
        _on_server("eye-off", t("Hide for me"), MessageState.hide(picked("id", int))),
        rx.cond(
            picked("mine", bool),
            rx.cond(there, _delete(), rx.fragment()),
            _on_server("flag", t("Report"), ReportState.about_message(picked("id", int))),
        ),
        id="message-menu",
        custom_attrs={"popover": "auto"},
        aria_label=t("Message options"),
        class_name=(
            "fixed inset-auto m-0 max-h-[80dvh] w-72 overflow-y-auto rounded-card border "
            "border-line bg-surface p-2 text-ink shadow-float open:enter"
        ),
    )
