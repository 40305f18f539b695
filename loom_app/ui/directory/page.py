"""`/coaches`: everyone who can be booked, searched, narrowed and put in order; all in the URL."""

from typing import Any

import reflex as rx

from loom_app.ui.design.button import button, link_button
from loom_app.ui.design.empty import empty_state
from loom_app.ui.design.field import search_field, select_control
from loom_app.ui.directory.coach_card import coach_grid, ghost_cards
from loom_app.ui.directory.state import SORTS, DirectoryState
from loom_app.ui.shell.frame import public_frame
from loom_app.ui.text import t, tn


def _filters() -> rx.Component:
    return rx.el.form(
        search_field(
            t("Search coaches"),
            name="q",
            placeholder=t("Name, topic or goal"),
            default_value=DirectoryState.query,
            key=DirectoryState.search_key,
            on_change=DirectoryState.search.debounce(300),
            class_name="col-span-2 md:col-span-3 lg:col-span-1",
        ),
        select_control(
            DirectoryState.specialty_options,
            name="specialty",
            value=DirectoryState.specialty,
            on_change=DirectoryState.choose_specialty,
            aria_label=t("Specialty"),
        ),
        select_control(
            DirectoryState.language_options,
            name="language",
            value=DirectoryState.language,
            on_change=DirectoryState.choose_language,
            aria_label=t("Language"),
        ),
        select_control(
            list(SORTS.items()),
            name="sort",
            value=DirectoryState.sort,
            on_change=DirectoryState.choose_sort,
            aria_label=t("Order"),
            wrap_class="max-md:col-span-2",
        ),
        role="search",
        class_name=(
            "grid grid-cols-2 gap-3 md:grid-cols-3 lg:grid-cols-[minmax(0,1fr)_13rem_11rem_13rem]"
        ),
        on_submit=rx.noop(),
    )


def _pager() -> rx.Component:
    def step(words: str, icon_name: str, href: Any, shown: Any, after: bool) -> rx.Component:
        control = link_button(
            words,
            href,
            kind="secondary",
            size="sm",
            **{"icon_after" if after else "icon_name": icon_name},
        )
        return rx.cond(shown, control, rx.el.span(class_name="w-28"))

    return rx.cond(
        DirectoryState.pages > 1,
        rx.el.nav(
            step(
                t("Previous"),
                "chevron-left",
                DirectoryState.previous_href,
                DirectoryState.page > 1,
                after=False,
            ),
            rx.el.span(
                t("Page {page} of {pages}", page=DirectoryState.page, pages=DirectoryState.pages),
                class_name="text-sm text-muted tabular",
            ),
            step(
                t("Next"),
                "chevron-right",
                DirectoryState.next_href,
                DirectoryState.page < DirectoryState.pages,
                after=True,
            ),
            aria_label=t("Pages"),
            class_name="flex items-center justify-between gap-4",
        ),
        rx.fragment(),
    )


def _nobody() -> rx.Component:
    return empty_state(
        "search",
        t("Nobody matches all of this"),
        button(t("Show all coaches"), kind="secondary", on_click=DirectoryState.clear),
        detail=t("Try fewer words, or another specialty or language."),
    )


def _results() -> rx.Component:
    return rx.el.div(
        rx.el.h2(t("Coaches"), class_name="sr-only"),
        rx.el.p(
            rx.cond(
                DirectoryState.loaded,
                rx.cond(
                    DirectoryState.total > 0,
                    tn("{n} coach", "{n} coaches", DirectoryState.total),
                    t("No coach"),
                ),
                t("Looking…"),
            ),
            aria_live="polite",
            class_name="text-sm text-muted tabular",
        ),
        rx.cond(
            DirectoryState.loaded,
            rx.cond(DirectoryState.total > 0, coach_grid(DirectoryState.rows), _nobody()),
            ghost_cards(),
        ),
        _pager(),
        class_name="flex flex-col gap-5",
    )


def coach_directory() -> rx.Component:
    return public_frame(
        rx.el.div(
            rx.el.div(
                rx.el.h1(t("Find a coach"), class_name="display text-3xl"),
                rx.el.p(
                    t("Every time you see is really free, shown in your time zone."),
                    class_name="text-base text-muted",
                ),
                class_name="flex flex-col gap-2",
            ),
            _filters(),
            _results(),
            class_name="flex flex-col gap-6",
        ),
    )
