"""`/settings/data`: all that Loom has of one, what was done of late, and leaving."""

from typing import Any

import reflex as rx

from loom_app.domains.privacy.queries import Hindrance
from loom_app.ui.design.badge import badge
from loom_app.ui.design.button import button, link_button
from loom_app.ui.design.card import card
from loom_app.ui.design.dialog import dialog, dialog_close
from loom_app.ui.design.field import text_field
from loom_app.ui.design.icon import icon
from loom_app.ui.design.progress import progress_bar
from loom_app.ui.design.skeleton import skeleton_lines
from loom_app.ui.settings.data_state import ActivityRow, DataState
from loom_app.ui.settings.frame import frame
from loom_app.ui.shell.native import backend
from loom_app.ui.text import t

state = DataState


def _title(words: Any, note: Any) -> rx.Component:
    return rx.fragment(
        rx.el.h2(words, class_name="text-lg font-semibold"),
        rx.el.p(note, class_name="mt-1 max-w-[60ch] text-base text-muted"),
    )


def _under_way() -> rx.Component:
    return rx.el.div(
        rx.el.p(t("Your file is being made: {n} %", n=state.percent), class_name="text-base"),
        progress_bar(state.percent, t("How much is done"), "h-2 max-w-sm"),
        role="status",
        class_name="mt-4 flex flex-col gap-2",
    )


def _ready() -> rx.Component:
    return rx.el.div(
        link_button(
            t("Download ({size})", size=state.size),
            backend(state.href),
            icon_name="download",
            custom_attrs={"reloadDocument": True},
        ),
        rx.el.p(
            t("Until {when}, by you alone.", when=state.until), class_name="text-sm text-muted"
        ),
        class_name="mt-4 flex flex-wrap items-center gap-3",
    )


def _export() -> rx.Component:
    busy = (state.status == "queued") | (state.status == "working")
    return card(
        _title(
            t("Your data"),
            t(
                "One file with everything Loom has of you: your profile, sessions, messages,"
                " payments, as JSON and as tables, and the files that you brought. A mail tells you"
                " when it is ready."
            ),
        ),
        rx.cond(busy, _under_way(), rx.fragment()),
        rx.cond(state.status == "ready", _ready(), rx.fragment()),
        rx.cond(
            busy,
            rx.fragment(),
            rx.el.div(
                button(
                    rx.cond(state.status == "", t("Make my file"), t("Make a new file")),
                    kind="secondary",
                    on_click=state.export,
                ),
                class_name="mt-4",
            ),
        ),
    )


def _done(item: rx.Var[ActivityRow]) -> rx.Component:
    row: Any = item
    return rx.el.li(
        rx.el.p(row.words, class_name="min-w-0 flex-1 basis-56 break-words text-base"),
        rx.el.p(
            row.when,
            rx.cond(row.where, rx.fragment(" · ", row.where), rx.fragment()),
            class_name="break-all text-sm text-muted tabular",
        ),
        key=row.id,
        class_name="flex flex-wrap items-baseline gap-x-4 py-2",
    )


def _activity() -> rx.Component:
    return card(
        _title(
            t("Activity of your account"),
            t("What you did, and what was done to your account by others. It cannot be changed."),
        ),
        rx.el.ul(rx.foreach(state.activity, _done), class_name="mt-3 divide-y divide-line"),
        rx.cond(
            state.more,
            button(t("Older"), kind="secondary", on_click=state.older, class_name="mt-4"),
            rx.fragment(),
        ),
    )


def _hindrance(item: rx.Var[Hindrance]) -> rx.Component:
    one: Any = item
    return rx.el.li(
        icon("circle-alert", 18, class_name="mt-1 shrink-0 text-warn"),
        rx.el.a(one.words, href=one.href, class_name="underline underline-offset-4"),
        class_name="flex min-h-11 items-start gap-2 text-base",
    )


def _what_happens() -> rx.Component:
    def line(words: Any) -> rx.Component:
        return rx.el.li(words)

    return rx.el.ul(
        line(t("For 14 days nothing is lost: sign in and keep your account with one click.")),
        line(t("Until then it works as before; a public profile is not shown any more.")),
        line(
            t(
                "After that your name, address, profile, messages, files, cards, notes and settings"
                " are deleted."
            )
        ),
        line(
            t(
                "What stays, under “Deleted person”: that sessions took place, ratings without"
                " their words, and what money moved, since the books must add up."
            )
        ),
        line(
            t(
                "Receipts keep the name they were made out to, as tax law asks; the security log"
                " keeps network addresses until its time is over. Stripe keeps its own records."
            )
        ),
        class_name="mt-3 flex list-disc flex-col gap-1 pl-5 text-base",
    )


def _lost() -> rx.Component:
    return rx.cond(
        state.losses.length() > 0,
        rx.el.div(
            rx.el.p(t("You would lose:"), class_name="text-base font-medium"),
            rx.el.ul(
                rx.foreach(state.losses, rx.el.li),
                class_name="list-disc pl-5 text-base",
            ),
            class_name="mt-4",
        ),
        rx.fragment(),
    )


def _question() -> rx.Component:
    return dialog(
        t("Delete your account?"),
        rx.el.form(
            text_field(
                t("The email of your account"),
                "typed",
                error=state.errors["typed"],
                auto_complete="off",
                hint=t("Typed by you, so that it is no slip."),
            ),
            rx.el.div(
                dialog_close(button(t("Keep it"), kind="secondary")),
                button(t("Delete in 14 days"), kind="danger", type="submit", busy=state.working),
                class_name="mt-6 flex flex-col-reverse gap-3 sm:flex-row sm:justify-end",
            ),
            on_submit=state.leave,
            no_validate=True,
            class_name="mt-4",
        ),
        trigger=button(t("Delete my account"), kind="danger"),
        opened=state.asking,
        on_open_change=state.ask,
        alert=True,
    )


def _leave() -> rx.Component:
    settle = rx.el.div(
        rx.el.p(t("First, please settle this:"), class_name="text-base font-medium"),
        rx.el.ul(rx.foreach(state.hindrances, _hindrance)),
        class_name="mt-4",
    )
    return card(
        _title(t("Delete your account"), t("What happens, before you decide:")),
        _what_happens(),
        _lost(),
        rx.cond(state.hindrances.length() > 0, settle, rx.el.div(_question(), class_name="mt-5")),
    )


def _leaving() -> rx.Component:
    return card(
        rx.el.div(
            rx.el.h2(t("Your account ends"), class_name="text-lg font-semibold"),
            badge(state.leaving, "warn"),
            class_name="flex flex-wrap items-center gap-3",
        ),
        rx.el.p(
            t("Everything is still here. If you think better of it, one click is enough."),
            class_name="mt-1 text-base text-muted",
        ),
        rx.cond(
            state.hindrances.length() > 0,
            rx.el.ul(rx.foreach(state.hindrances, _hindrance), class_name="mt-3"),
            rx.fragment(),
        ),
        button(t("Keep my account"), on_click=state.keep, class_name="mt-4"),
    )


def data_page() -> rx.Component:
    return frame(
        "data",
        rx.cond(
            state.loaded,
            rx.fragment(
                rx.cond(state.leaving != "", _leaving(), rx.fragment()),
                _export(),
                _activity(),
                rx.cond(state.leaving != "", rx.fragment(), _leave()),
            ),
            card(skeleton_lines(6)),
        ),
    )
