"""`/book/<slug>/embed`: the one page that other sites may show inside theirs."""

from typing import Any

import reflex as rx
from reflex_components_core.el.elements.inline import A

from loom_app.ui.booking.slots import picker
from loom_app.ui.design.avatar import avatar
from loom_app.ui.design.button import button_class
from loom_app.ui.design.empty import message_page
from loom_app.ui.design.icon import icon
from loom_app.ui.design.skeleton import bone, loading
from loom_app.ui.directory.offering_card import offering_list, place_icon
from loom_app.ui.embed.state import EmbedState
from loom_app.ui.shell.frame import notices
from loom_app.ui.text import t

_LOOK = "embed min-h-dvh bg-canvas text-ink"


def _head() -> rx.Component:
    coach, offering = EmbedState.coach, EmbedState.offering
    chosen = rx.fragment(
        rx.el.h1(offering.name, class_name="text-xl font-semibold"),
        rx.el.p(
            rx.el.span(coach.name),
            rx.el.span(
                icon("clock", 16), offering.duration, class_name="inline-flex items-center gap-1.5"
            ),
            rx.el.span(
                place_icon(offering.place_icon),
                offering.place,
                class_name="inline-flex items-center gap-1.5",
            ),
            rx.el.span(offering.price, class_name="font-medium text-ink tabular"),
            class_name="flex flex-wrap gap-x-4 gap-y-1 text-sm text-muted",
        ),
        rx.cond(
            offering.terms, rx.el.p(offering.terms, class_name="text-sm text-muted"), rx.fragment()
        ),
    )
    everything = rx.fragment(
        rx.el.h1(t("Book with {name}", name=coach.name), class_name="text-xl font-semibold"),
        rx.el.p(coach.headline, class_name="text-sm text-muted"),
    )
    return rx.el.header(
        avatar(coach.initials, coach.hue, coach.avatar_url, size="md"),
        rx.el.div(
            rx.cond(EmbedState.phase == "times", chosen, everything),
            class_name="flex min-w-0 flex-col gap-1",
        ),
        class_name="flex items-start gap-3",
    )


def _offerings() -> rx.Component:
    return rx.el.div(
        _head(),
        rx.cond(
            EmbedState.closed_note,
            rx.el.p(EmbedState.closed_note, class_name="text-base text-muted"),
            rx.fragment(),
        ),
        rx.el.h2(t("Offerings"), class_name="sr-only"),
        offering_list(EmbedState.offerings),
        class_name="flex flex-col gap-5",
    )


def out(label: Any, href: Any, class_name: str) -> rx.Component:
    """A link that leaves the frame for the whole window: by the browser and not the router."""
    return A.create(label, href=href, target="_top", class_name=class_name)


def _times() -> rx.Component:
    return rx.el.div(
        rx.cond(
            EmbedState.all_href,
            rx.el.a(
                icon("arrow-left", 18),
                t("All offerings"),
                href=EmbedState.all_href,
                class_name=(
                    "-my-2 inline-flex h-11 items-center gap-2 self-start rounded-control text-sm "
                    "font-medium text-muted hover:text-ink"
                ),
            ),
            rx.fragment(),
        ),
        _head(),
        picker(EmbedState),
        rx.cond(
            EmbedState.loaded & ~EmbedState.times & ~EmbedState.none_note.bool(),
            out(
                t("Wait for a time"),
                EmbedState.book_href,
                button_class("secondary", extra="self-center"),
            ),
            rx.fragment(),
        ),
        rx.el.p(
            t("Choosing a time opens the booking on its own page."), class_name="text-sm text-muted"
        ),
        class_name="flex flex-col gap-5",
    )


def _ghost() -> rx.Component:
    return loading(
        bone("h-11 w-64 max-w-full"),
        bone("h-80 w-full"),
        class_name="flex flex-col gap-5",
    )


def embed_page() -> rx.Component:
    missing = message_page(
        "user-x",
        t("This coach is not here"),
        t("The page may have moved, or the coach is not taking bookings now."),
    )
    return rx.el.div(
        rx.el.style(EmbedState.styles),
        rx.el.main(
            rx.match(
                EmbedState.phase,
                ("offerings", _offerings()),
                ("times", _times()),
                ("missing", missing),
                _ghost(),
            ),
            class_name="mx-auto w-full max-w-[46rem] p-4 md:p-6",
        ),
        notices(),
        class_name=rx.match(
            EmbedState.theme, ("light", f"light {_LOOK}"), ("dark", f"dark {_LOOK}"), _LOOK
        ),
    )
