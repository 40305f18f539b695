"""Bringing files: the paper clip, what waits to be sent, what falls on the page, the voice."""

from typing import Any

import reflex as rx

from loom_app.domains.messaging.queries import FILES_MAX
from loom_app.kit.settings import settings
from loom_app.ui.chat.files import lightbox
from loom_app.ui.chat.state import ChatState
from loom_app.ui.design.browser.recorder import Recorder, heard, heard_for, recorder_call
from loom_app.ui.design.browser.uploads import (
    Uploads,
    dragging,
    tray_of,
    uploads_call,
)
from loom_app.ui.design.button import button, icon_button
from loom_app.ui.design.icon import icon
from loom_app.ui.design.progress import progress_bar
from loom_app.ui.text import t

_SMALL = "flex size-11 shrink-0 items-center justify-center rounded-control hover:bg-hover"


def file_helpers() -> rx.Component:
    """What stands once on the page of a thread: uploads, recorder, drop zone, lightbox."""
    most = settings().upload_megabytes
    return rx.fragment(
        Uploads.create(
            id="uploads",
            type="file",
            multiple=True,
            hidden=True,
            tab_index=-1,
            aria_label=t("Attach files"),
            url="/files/messages",
            beside="compose",
            conversation=ChatState.conversation_id,
            most=most * 1_048_576,
            count=FILES_MAX,
            words={
                "large": t("A file may have up to {n} MB; this one has more.", n=most),
                "many": t("A message holds {n} files.", n=FILES_MAX),
                "failed": t("This file could not be sent. Try again."),
                "lost": t("The connection was lost. We try again when it is back."),
            },
        ),
        Recorder.create(
            conversation=ChatState.conversation_id,
            hidden=True,
            words={
                "name": t("Voice note"),
                "denied": t(
                    "Your browser does not let us hear you. Allow the microphone for this page"
                    " in its address bar, then try again."
                ),
                "missing": t("We found no microphone. Connect one, then try again."),
            },
        ),
        _drop_zone(),
        lightbox(),
    )


def attach_button() -> rx.Component:
    return icon_button(
        "paperclip",
        t("Attach files"),
        class_name="shrink-0 text-muted",
        custom_attrs={"onClick": uploads_call("choose")},
    )


def _drop_zone() -> rx.Component:
    """Says that files may fall anywhere on the page; takes no clicks, only shows."""
    return rx.cond(
        dragging.value.to(bool),
        rx.el.div(
            rx.el.div(
                icon("paperclip", 28),
                rx.el.p(t("Drop files to attach them"), class_name="text-lg font-semibold"),
                class_name=(
                    "flex flex-col items-center gap-3 rounded-card border-2 border-dashed "
                    "border-brand bg-surface px-10 py-8 text-brand-ink shadow-float"
                ),
            ),
            class_name=(
                "pointer-events-none fixed inset-0 z-40 flex items-center justify-center bg-overlay"
            ),
        ),
        rx.fragment(),
    )


def attach_tray() -> rx.Component:
    """Above the line to write on: each file with its progress, and a way out of it."""
    items = tray_of(ChatState.conversation_id)
    return rx.cond(
        items.length() > 0,
        rx.el.ul(
            rx.foreach(items, _item),
            aria_label=t("Files to send"),
            class_name=(
                "mx-auto flex w-full max-w-[46rem] flex-wrap gap-2 overflow-y-auto px-3 pt-2 "
                "max-h-52 md:px-6"
            ),
        ),
        rx.fragment(),
    )


def _item(one: rx.Var[dict[str, Any]]) -> rx.Component:
    key, name, state = one["key"].to(str), one["name"].to(str), one["state"].to(str)
    failed = state == "failed"
    leave = rx.cond(state == "done", t("Remove {name}", name=name), t("Cancel {name}", name=name))
    return rx.el.li(
        _face(one),
        rx.el.div(
            rx.el.p(name, class_name="truncate text-sm font-medium", dir="auto"),
            rx.cond(
                failed,
                rx.el.p(one["problem"].to(str), class_name="text-xs text-bad", role="alert"),
                _progress(one),
            ),
            class_name="min-w-0 flex-1",
        ),
        rx.cond(
            failed & ~one["final"].to(bool),
            rx.el.button(
                icon("rotate-cw", 18),
                type="button",
                aria_label=t("Try {name} again", name=name),
                title=t("Try again"),
                class_name=_SMALL,
                custom_attrs={"onClick": uploads_call("retry", key)},
            ),
            rx.fragment(),
        ),
        rx.el.button(
            icon("x", 18),
            type="button",
            aria_label=leave,
            class_name=_SMALL,
            custom_attrs={"onClick": uploads_call("discard", key)},
        ),
        key=key,
        class_name=(
            "flex w-full min-w-0 items-center gap-2 rounded-control border border-line bg-surface "
            "p-1.5 sm:w-[calc(50%-0.25rem)]"
        ),
    )


def _face(one: rx.Var[dict[str, Any]]) -> rx.Component:
    preview = one["preview"].to(str)
    return rx.cond(
        (preview != "") & ~one["final"].to(bool),
        rx.el.img(src=preview, alt="", class_name="size-11 shrink-0 rounded-md object-cover"),
        rx.el.span(
            rx.cond(one["voice"].to(bool), icon("mic", 20), icon("file", 20)),
            class_name=(
                "flex size-11 shrink-0 items-center justify-center rounded-md bg-hover text-muted"
            ),
        ),
    )


def _progress(one: rx.Var[dict[str, Any]]) -> rx.Component:
    percent = one["progress"].to(int)
    return rx.match(
        one["state"].to(str),
        ("done", rx.el.p(t("Ready to send"), class_name="text-xs text-muted")),
        ("waiting", rx.el.p(t("Waiting"), class_name="text-xs text-muted")),
        progress_bar(percent, one["name"].to(str), "mt-1.5 h-1.5"),
    )


def voice_button() -> rx.Component:
    """The microphone; while it hears, a bar lies over the line, whose form must be `relative`."""
    return rx.fragment(
        icon_button(
            "mic",
            t("Record a voice note"),
            class_name="shrink-0 text-muted",
            custom_attrs={"onClick": recorder_call("begin")},
        ),
        rx.cond(heard("state", str) != "idle", _recording(), rx.fragment()),
        rx.cond(heard("problem", str) != "", _trouble(), rx.fragment()),
    )


_OVER = "absolute inset-0 z-10 flex items-center gap-2 bg-canvas px-3 md:px-6"


def _recording() -> rx.Component:
    bars = rx.foreach(
        heard("peaks", list[int]),
        lambda peak: rx.el.span(
            style={"height": f"calc(4px + {peak}% * 0.8)"},
            class_name="w-1 shrink-0 rounded-full bg-brand",
        ),
    )
    return rx.el.div(
        icon_button(
            "trash-2", t("Drop the recording"), custom_attrs={"onClick": recorder_call("cancel")}
        ),
        rx.el.div(
            rx.el.span(class_name="size-2.5 shrink-0 rounded-full bg-bad busy-bar"),
            rx.el.span(heard_for(), class_name="w-10 shrink-0 text-sm tabular", role="timer"),
            rx.el.div(
                bars,
                class_name=(
                    "flex h-9 min-w-0 flex-1 items-center justify-end gap-0.5 overflow-hidden"
                ),
                aria_hidden="true",
            ),
            class_name=(
                "flex h-11 min-w-0 flex-1 items-center gap-2 rounded-2xl border border-edge "
                "bg-surface px-4"
            ),
        ),
        icon_button(
            "send-horizontal",
            t("Send the voice note"),
            kind="primary",
            custom_attrs={"onClick": recorder_call("send")},
        ),
        rx.el.span(t("Recording"), class_name="sr-only", role="status"),
        class_name=_OVER,
    )


def _trouble() -> rx.Component:
    return rx.el.div(
        icon("mic-off", 20, class_name="text-bad"),
        rx.el.p(heard("problem", str), class_name="min-w-0 flex-1 text-sm", role="alert"),
        button(t("Close"), kind="secondary", custom_attrs={"onClick": recorder_call("forget")}),
        class_name=f"{_OVER} min-h-full",
    )
