"""`/sessions/new`: who, what, when, and how it is paid."""

from typing import Any

import reflex as rx

from loom_app.ui.design.alert import alert
from loom_app.ui.design.button import button, link_button
from loom_app.ui.design.card import card
from loom_app.ui.design.empty import empty_state
from loom_app.ui.design.field import select_field, text_area, text_field
from loom_app.ui.design.skeleton import skeleton_rows
from loom_app.ui.sessions.behalf_state import BehalfState
from loom_app.ui.shell.frame import app_frame, page_heading
from loom_app.ui.text import t


def _way(value: str, words: Any, note: Any) -> rx.Component:
    """One way to pay; the whole line is the target."""
    return rx.el.label(
        rx.el.input(
            type="radio",
            name="pay",
            value=value,
            checked=BehalfState.pay == value,
            on_change=BehalfState.choose_pay(value),
            class_name="mt-0.5 size-5 shrink-0 accent-[var(--brand)]",
        ),
        rx.el.span(
            rx.el.span(words, class_name="block text-base"),
            rx.el.span(note, class_name="block text-sm text-muted"),
            class_name="min-w-0 flex-1",
        ),
        class_name=(
            "flex min-h-12 cursor-pointer gap-3 border-b border-line px-4 py-3 last:border-b-0 "
            "hover:bg-hover/60"
        ),
    )


def _paying() -> rx.Component:
    link = _way(
        "link",
        rx.cond(BehalfState.desk, t("The client pays by card"), t("Your client pays by card")),
        t("The time is kept until they have."),
    )
    in_person = rx.cond(
        BehalfState.desk,
        t("Booked now. The coach notes it when they have it."),
        t("Booked now. You note it when you have it."),
    )
    return rx.el.fieldset(
        rx.el.legend(t("How it is paid"), class_name="mb-1.5 text-sm font-medium"),
        rx.el.div(
            rx.cond(BehalfState.selling, link, rx.fragment()),
            _way("in_person", t("Paid in person"), in_person),
            _way("free", t("Free of charge"), t("Booked now.")),
            class_name="overflow-hidden rounded-card border border-line bg-surface",
        ),
        rx.cond(
            BehalfState.pay == "link",
            rx.el.div(
                select_field(
                    t("Keep it for"),
                    "keep",
                    BehalfState.keeps,
                    default_value="24",
                    hint=t("If the offering is free, it is booked now."),
                    error=BehalfState.errors["keep"],
                ),
                class_name="mt-4",
            ),
            rx.fragment(),
        ),
    )


def _template(item: rx.Var[list[str]]) -> rx.Component:
    row: Any = item
    go = BehalfState.go_aside(row[2])
    return link_button(row[1], row[2], kind="secondary", size="sm", on_click=go)


def _what() -> rx.Component:
    """One of the offerings, or what a template says."""
    chosen = rx.el.div(
        rx.el.p(t("From a template"), class_name="text-sm font-medium"),
        rx.el.div(
            rx.el.p(BehalfState.template_words, class_name="text-base"),
            link_button(
                t("Choose an offering instead"),
                BehalfState.bare_href,
                kind="ghost",
                size="sm",
                on_click=BehalfState.go_aside(BehalfState.bare_href),
            ),
            class_name="flex flex-wrap items-center justify-between gap-2",
        ),
        class_name="flex flex-col gap-1",
    )
    offering = select_field(
        t("Offering"),
        "offering",
        BehalfState.offerings,
        default_value=BehalfState.offering,
        error=BehalfState.errors["offering"],
    )
    others = rx.cond(
        BehalfState.templates.length() > 0,
        rx.el.div(
            rx.el.span(t("Or from a template"), class_name="text-sm text-muted"),
            rx.foreach(BehalfState.templates, _template),
            class_name="flex flex-wrap items-center gap-2",
        ),
        rx.fragment(),
    )
    return rx.cond(
        BehalfState.template, chosen, rx.el.div(offering, others, class_name="flex flex-col gap-3")
    )


def _whom() -> rx.Component:
    """One of the coach's clients; staff has said before, for whom and with whom."""
    errors = BehalfState.errors
    return rx.cond(
        BehalfState.desk,
        alert(errors["client"]),
        select_field(
            t("Client"),
            "client",
            BehalfState.clients,
            default_value=BehalfState.client,
            on_change=BehalfState.choose_client,
            error=errors["client"],
        ),
    )


def order_form() -> rx.Component:
    """What, when, and how it is paid."""
    errors = BehalfState.errors
    return rx.el.form(
        alert(errors["form"]),
        _whom(),
        _what(),
        text_field(
            t("Day and time"),
            "at",
            type="datetime-local",
            default_value=BehalfState.at,
            on_change=BehalfState.choose_time.debounce(300),
            hint=BehalfState.zone_note,
            error=errors["at"],
        ),
        _paying(),
        text_area(
            t("What it is about"),
            "agenda",
            default_value=BehalfState.agenda,
            optional=True,
            max_length=2000,
            rows="3",
            error=errors["agenda"],
        ),
        rx.cond(
            BehalfState.outside,
            text_area(
                t("Why all the same"),
                "reason",
                max_length=500,
                rows="2",
                hint=t("It is kept with the booking for whoever has to check it."),
                error=errors["reason"],
            ),
            rx.fragment(),
        ),
        rx.el.div(
            rx.cond(
                BehalfState.desk,
                button(t("Somebody else"), kind="secondary", on_click=BehalfState.look_again),
                link_button(t("Back"), "/sessions/calendar", kind="secondary"),
            ),
            button(t("Book for the client"), type="submit", busy=BehalfState.working),
            class_name="flex flex-col-reverse gap-3 sm:flex-row sm:justify-end",
        ),
        on_submit=BehalfState.book,
        no_validate=True,
        key=BehalfState.form_key,
        class_name="flex flex-col gap-5",
    )


def behalf_page() -> rx.Component:
    nobody = empty_state(
        "users",
        t("Nobody to book for yet"),
        link_button(t("Your public profile"), "/profile", kind="secondary"),
        detail=t("Who has written to you or booked with you can be booked for."),
    )
    nothing = empty_state(
        "layers", t("Add an offering first"), link_button(t("Offerings"), "/offerings")
    )
    ready = rx.cond(
        BehalfState.offerings.length() > 0,
        rx.cond(BehalfState.clients.length() > 1, card(order_form(), class_name="p-5"), nobody),
        nothing,
    )
    return app_frame(
        page_heading(
            t("Book for a client"),
            t("Any time that is free for both of you. They get mail and may cancel as usual."),
        ),
        rx.el.div(rx.cond(BehalfState.loaded, ready, skeleton_rows(4)), class_name="max-w-[40rem]"),
        place="sessions",
    )
