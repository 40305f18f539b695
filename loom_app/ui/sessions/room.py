"""`/sessions/<id>/room`: the call in the page, or when it opens."""

from typing import Any

import reflex as rx

from loom_app.ui.design.button import link_button
from loom_app.ui.design.countdown import countdown
from loom_app.ui.design.empty import message_page
from loom_app.ui.design.skeleton import bone
from loom_app.ui.sessions.room_state import RoomState
from loom_app.ui.shell.frame import app_frame
from loom_app.ui.text import t

_USED = "camera; microphone; display-capture; autoplay; fullscreen; clipboard-write"
_WHOLE = {"reloadDocument": True}  # the room's address is the only one that may frame the host

DAY_SECONDS = 24 * 3600


def _back(words: str, *, kind: Any = "secondary") -> rx.Component:
    return link_button(words, RoomState.back, kind=kind, custom_attrs=dict(_WHOLE))


def _chat() -> rx.Component:
    return rx.cond(
        RoomState.conversation,
        link_button(
            t("Conversation"),
            RoomState.conversation,
            kind="secondary",
            icon_name="message-circle",
            target="_blank",
        ),
        rx.fragment(),
    )


def _call() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.div(
                rx.el.h1(RoomState.title, class_name="truncate text-lg font-semibold"),
                rx.el.p(RoomState.when, class_name="text-sm text-muted"),
                class_name="min-w-0",
            ),
            rx.el.div(_chat(), _back(t("Leave")), class_name="flex gap-3"),
            class_name="flex flex-wrap items-center justify-between gap-3",
        ),
        rx.el.iframe(
            src=RoomState.address,
            title=t("Video call"),
            custom_attrs={"allow": _USED},
            class_name=(
                "h-[calc(100dvh-13rem)] min-h-[24rem] w-full rounded-card border border-line "
                "bg-sunken"
            ),
        ),
        rx.el.p(
            t("Nothing is recorded. What you write is in your conversation."),
            class_name="text-sm text-muted",
        ),
        class_name="flex flex-col gap-4",
    )


def _early() -> rx.Component:
    return message_page(
        "video",
        RoomState.title,
        t("Your room opens ten minutes before the session: {when}.", when=RoomState.when),
        action=rx.el.div(
            rx.el.div(  # of days, the words above say enough
                countdown(t("Opens in"), RoomState.opens_in, name="door", on_end=RoomState.look),
                class_name=rx.cond(RoomState.opens_in < DAY_SECONDS, "", "hidden"),
            ),
            _back(t("Back to the session")),
            class_name="flex flex-col items-center gap-4",
        ),
    )


def _own() -> rx.Component:
    return message_page(
        "video",
        RoomState.title,
        t("This session takes place in the coach's own video room."),
        action=rx.el.div(
            link_button(
                t("Open the video room"),
                RoomState.own,
                icon_name="external-link",
                target="_blank",
                rel="noreferrer",
            ),
            _chat(),
            _back(t("Back to the session")),
            class_name="flex flex-col items-stretch gap-3",
        ),
    )


def room_page() -> rx.Component:
    over = message_page(
        "video-off",
        t("This room is closed"),
        t("The session is over, or will not take place."),
        action=_back(t("Back to the session"), kind="primary"),
    )
    missing = message_page(
        "video-off",
        t("There is no room here"),
        t("It may belong to somebody else, or the session is not a video call."),
        action=link_button(t("All your sessions"), "/sessions", custom_attrs=dict(_WHOLE)),
    )
    return app_frame(
        rx.match(
            RoomState.phase,
            ("open", _call()),
            ("early", _early()),
            ("own", _own()),
            ("over", over),
            ("missing", missing),
            bone("h-96 rounded-card"),
        ),
        place="sessions",
    )
