"""The line to write on: what it answers or changes, what it brings, and when it is sent."""

import reflex as rx

from loom_app.domains.messaging.queries import BODY_MAX
from loom_app.ui.chat.attach import attach_button, attach_tray, voice_button
from loom_app.ui.chat.draft_state import DraftState
from loom_app.ui.chat.propose import propose_button
from loom_app.ui.chat.schedule import schedule_button, scheduled_list
from loom_app.ui.chat.state import ChatState
from loom_app.ui.chat.typing import TypingState
from loom_app.ui.design.browser.compose import Compose, compose_call, too_long, turned
from loom_app.ui.design.button import icon_button
from loom_app.ui.design.icon import icon
from loom_app.ui.session import Viewer
from loom_app.ui.text import t

EMOJI = (
    *"😀😄😂🙂😉😊😍🤔😅😢😮🙏👍👎👏🙌💪👋🤝👀",
    *("❤️", "🧡", "💛", "💚", "💙", "💜", "✨", "🔥", "🎉", "🏆", "⭐", "🌱", "☀️", "🌊", "🍀", "☕"),
    *"✅❌❓💡📌📝📅⏰🚀🎯🧘🏃",
)


def _turned() -> rx.Component:
    """What the next Enter does, when it does not simply send."""
    editing = turned("kind") == "edit"
    return rx.cond(
        turned("kind") != "",
        rx.el.div(
            rx.cond(editing, icon("pencil", 16), icon("reply", 16)),
            rx.el.div(
                rx.el.p(
                    rx.cond(editing, t("Editing your message"), turned("name")),
                    class_name="text-xs font-semibold text-brand-ink",
                ),
                rx.cond(
                    editing,
                    rx.fragment(),
                    rx.el.p(turned("text"), class_name="truncate text-sm text-muted", dir="auto"),
                ),
                class_name="min-w-0 flex-1",
            ),
            rx.el.button(
                icon("x", 16),
                type="button",
                aria_label=t("Cancel"),
                custom_attrs={"onClick": compose_call("cancel()")},
                class_name=(
                    "flex size-11 items-center justify-center rounded-control hover:bg-hover"
                ),
            ),
            class_name=(
                "mx-auto flex w-full max-w-[46rem] items-center gap-3 border-t border-line px-4 "
                "pt-1 text-muted md:px-6"
            ),
            role="status",
        ),
        rx.fragment(),
    )


def _too_long() -> rx.Component:
    """A message that holds too much is not cut: what to do about it is said."""
    count = too_long.value.to(int)
    return rx.el.p(
        rx.cond(
            count > 0,
            t(
                "A message holds {n} characters; this one has {m}. Shorten it, or attach it.",
                n=BODY_MAX,
                m=count,
            ),
            "",
        ),
        id="compose-note",
        role="alert",
        class_name=(
            "mx-auto w-full max-w-[46rem] shrink-0 px-4 pt-1 text-sm text-bad empty:hidden md:px-7"
        ),
    )


def _one_emoji(one: str) -> rx.Component:
    return rx.el.button(
        one,
        type="button",
        custom_attrs={
            "onClick": compose_call(f"insert('{one}')"),
            "popoverTarget": "emoji",
            "popoverTargetAction": "hide",
        },
        class_name=(
            "flex size-11 items-center justify-center rounded-control text-xl hover:bg-hover"
        ),
    )


def _emoji() -> rx.Component:
    return rx.fragment(
        rx.el.button(
            icon("smile", 20),
            type="button",
            aria_label=t("Emoji"),
            custom_attrs={"popoverTarget": "emoji"},
            class_name=(
                "hidden size-11 shrink-0 items-center justify-center rounded-control text-muted "
                "hover:bg-hover sm:flex"
            ),
        ),
        rx.el.div(
            *(_one_emoji(one) for one in EMOJI),
            id="emoji",
            custom_attrs={"popover": "auto"},
            class_name=(
                "fixed inset-auto bottom-20 right-4 m-0 max-h-72 w-[24.5rem] "
                "max-w-[calc(100vw-2rem)] grid-cols-8 overflow-y-auto rounded-card border "
                "border-line bg-surface p-2 shadow-float open:grid open:enter"
            ),
        ),
    )


def composer() -> rx.Component:
    return rx.fragment(
        _turned(),
        scheduled_list(),
        attach_tray(),
        _too_long(),
        Compose.create(
            attach_button(),
            rx.el.span(
                propose_button(),
                class_name="contents max-sm:group-has-[textarea:not(:placeholder-shown)]:hidden",
            ),
            rx.el.label(t("Message"), html_for="compose", class_name="sr-only"),
            rx.el.textarea(
                id="compose",
                name="body",
                rows="1",
                aria_describedby="compose-note",
                placeholder=t("Write a message"),
                class_name=(
                    "max-h-40 min-h-11 min-w-0 flex-1 resize-none rounded-2xl border border-edge "
                    "bg-surface px-4 py-2.5 text-base leading-6 text-ink placeholder:text-muted "
                    "[field-sizing:content]"
                ),
            ),
            _emoji(),
            # with words on the line a phone has no room for the microphone
            rx.el.span(
                voice_button(),
                class_name=("contents max-sm:group-has-[textarea:not(:placeholder-shown)]:hidden"),
            ),
            schedule_button(),
            icon_button("send-horizontal", t("Send"), kind="primary", type="submit"),
            id="compose-form",
            person=Viewer.me.id,
            conversation=ChatState.conversation_id,
            draft=DraftState.draft,
            most=BODY_MAX,
            on_draft=DraftState.keep,
            on_typing=TypingState.typing,
            class_name=(
                "group relative mx-auto flex w-full max-w-[46rem] shrink-0 items-end gap-1.5 px-3 "
                "pt-2 md:px-6 pb-[max(0.75rem,env(safe-area-inset-bottom))]"
            ),
        ),
    )
