"""`/staff/audit`: who did what, when and from where; what looks suspicious stands above."""

from typing import Any

import reflex as rx
from reflex_components_core.el.elements.inline import A

from loom_app.ui.design.button import button, button_class, link_button
from loom_app.ui.design.card import card, facts
from loom_app.ui.design.empty import empty_state
from loom_app.ui.design.field import text_field
from loom_app.ui.design.icon import icon
from loom_app.ui.design.skeleton import skeleton_rows
from loom_app.ui.shell.frame import page_heading
from loom_app.ui.shell.native import backend
from loom_app.ui.staff.audit_state import AuditState, Difference, EntryRow, FlagRow
from loom_app.ui.staff.frame import staff_frame
from loom_app.ui.text import t

state = AuditState


def _flag(item: rx.Var[FlagRow]) -> rx.Component:
    row: Any = item
    return rx.el.li(
        icon("triangle-alert", 20, class_name="mt-0.5 shrink-0 text-warn"),
        rx.el.div(
            rx.el.p(row.words, class_name="text-base font-medium"),
            rx.el.p(row.about, class_name="break-words text-sm text-muted"),
            rx.el.p(row.when, class_name="text-sm text-muted"),
            class_name="min-w-0 flex-1",
        ),
        rx.el.div(
            link_button(t("Show"), row.href, kind="secondary", size="sm"),
            button(
                t("Looked at"),
                kind="ghost",
                size="sm",
                aria_label=t("Looked at: {words}", words=row.words),
                on_click=state.see(row.id),
            ),
            class_name="flex flex-wrap justify-end gap-2",
        ),
        key=row.id,
        class_name="flex items-start gap-3 py-4 first:pt-0 last:pb-0",
    )


def _flags() -> rx.Component:
    return rx.cond(
        state.flags.length() > 0,
        card(
            rx.el.h2(t("Please look at this"), class_name="mb-3 text-lg font-semibold"),
            rx.el.ul(rx.foreach(state.flags, _flag), class_name="divide-y divide-line"),
        ),
        rx.fragment(),
    )


def _word(label: Any, name: str, hint: Any) -> rx.Component:
    return text_field(
        label, name, default_value=state.asked[name], hint=hint, auto_complete="off", max_length=200
    )


def _day(label: Any, name: str, on_change: Any) -> rx.Component:
    return text_field(
        label, name, type="date", default_value=state.asked[name], on_change=on_change
    )


def _asking() -> rx.Component:
    return card(
        rx.el.form(
            rx.el.div(
                _word(t("Who"), "actor", t("An id, an email, or system:…")),
                _word(t("What was done"), "verb", t("role.give, or all of: role")),
                _word(t("To what"), "subject", t("user 12, or all of: charge")),
                _word(t("From where"), "address", t("An address of the network")),
                _day(t("From"), "from", state.begin_at),
                _day(t("To"), "to", state.end_at),
                class_name="grid gap-4 sm:grid-cols-2",
            ),
            rx.el.div(
                button(t("Search"), type="submit"),
                button(t("Clear"), kind="ghost", on_click=state.clear),
                rx.el.div(class_name="flex-1"),
                rx.cond(
                    state.may_export,
                    rx.fragment(
                        _file(t("CSV"), state.csv_href),
                        _file(t("JSON lines"), state.json_href),
                    ),
                    rx.fragment(),
                ),
                class_name="mt-5 flex flex-wrap items-center gap-3",
            ),
            on_submit=state.ask,
            no_validate=True,
            key=state.form_key,
        ),
    )


def _file(words: Any, href: Any) -> rx.Component:
    """Taken by the browser itself; where a proof is asked for first, that is a page."""
    return A.create(
        icon("download", 18),
        words,
        href=backend(href),
        class_name=button_class("secondary"),
    )


def _difference(item: rx.Var[Difference]) -> rx.Component:
    one: Any = item
    return rx.el.tr(
        rx.el.th(one.name, scope="row", class_name="py-1 pr-4 text-left align-top font-medium"),
        rx.el.td(one.before, class_name="break-all py-1 pr-4 align-top text-muted"),
        rx.el.td(one.after, class_name="break-all py-1 align-top"),
    )


def _differences(rows: Any) -> rx.Component:
    return rx.el.table(
        rx.el.thead(
            rx.el.tr(
                *(
                    rx.el.th(words, scope="col", class_name="pb-1 pr-4 text-left font-normal")
                    for words in (t("What"), t("Before"), t("After"))
                ),
                class_name="text-muted",
            )
        ),
        rx.el.tbody(rx.foreach(rows, _difference)),
        class_name="mt-3 w-full text-sm",
    )


def _entry(item: rx.Var[EntryRow]) -> rx.Component:
    row: Any = item
    return rx.el.li(
        rx.el.details(
            rx.el.summary(
                rx.el.div(
                    rx.el.span(row.verb, class_name="min-w-0 break-all font-mono text-sm"),
                    rx.el.span(row.when, class_name="text-sm text-muted tabular"),
                    class_name="flex flex-wrap items-baseline justify-between gap-x-4",
                ),
                rx.el.p(row.who, " → ", row.about, class_name="break-words text-base"),
                class_name=(
                    "-mx-2 list-none cursor-pointer rounded-control px-2 py-3 hover:bg-hover "
                    "[&::-webkit-details-marker]:hidden"
                ),
            ),
            rx.el.div(
                facts(
                    (t("From"), rx.cond(row.where, row.where, t("Not known"))),
                    (t("With"), rx.cond(row.agent, row.agent, t("Not known"))),
                    (t("Seal"), row.place),
                ),
                rx.cond(
                    row.reason,
                    rx.el.p(t("Reason: {words}", words=row.reason), class_name="mt-2 text-base"),
                    rx.fragment(),
                ),
                rx.cond(row.differences.length() > 0, _differences(row.differences), rx.fragment()),
                class_name="break-words pb-4 pl-4 pt-2",
            ),
        ),
        key=row.id,
    )


def _seals() -> rx.Component:
    return rx.el.div(
        rx.el.p(state.chain, class_name="min-w-0 flex-1 basis-72 text-sm text-muted"),
        button(
            t("Check the seals"),
            kind="secondary",
            size="sm",
            busy=state.checking,
            on_click=state.check,
        ),
        rx.el.p(
            state.verdict,
            role="status",
            class_name=rx.cond(state.broken, "break-words text-bad", "text-good")
            + " basis-full text-base empty:hidden",
        ),
        class_name="flex flex-wrap items-center gap-3",
    )


def _list() -> rx.Component:
    return rx.cond(
        state.rows.length() > 0,
        card(
            rx.el.ul(rx.foreach(state.rows, _entry), class_name="-my-3 divide-y divide-line"),
            rx.cond(
                state.more,
                button(
                    t("Older ones"),
                    kind="secondary",
                    busy=state.busy,
                    on_click=state.load_more,
                    class_name="mt-5",
                ),
                rx.fragment(),
            ),
        ),
        empty_state("scroll-text", t("Nothing like this is in the trail")),
    )


def audit_page() -> rx.Component:
    return staff_frame(
        "audit.read",
        page_heading(
            t("Audit trail"), t("Who did what, when and from where. Nothing can be changed.")
        ),
        rx.cond(
            state.loaded,
            rx.el.div(
                _flags(),
                _asking(),
                _seals(),
                _list(),
                class_name="flex max-w-[56rem] flex-col gap-6",
            ),
            card(skeleton_rows(5)),
        ),
    )
