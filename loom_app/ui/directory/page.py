"""`/coaches`: everyone who can be booked, searched, narrowed and put in order; all in the URL."""

from typing import Any

import reflex as rx

from loom_app.ui.design.button import button, link_button
from loom_app.ui.design.empty import empty_state
from loom_app.ui.design.field import search_field, select_control
from loom_app.ui.design.tabs import segmented
from loom_app.ui.directory.asked import SORTS
from loom_app.ui.directory.coach_card import coach_grid, coach_list, ghost_cards
from loom_app.ui.directory.state import DirectoryState
from loom_app.ui.filters.panel import days, desk_panel, phone_panel, pills, results, several, span
from loom_app.ui.shell.frame import public_frame
from loom_app.ui.text import t, tn

_GRID = "grid gap-4 sm:grid-cols-2"  # the filters stand beside it


def _price() -> rx.Component:
    state = DirectoryState
    return span(
        state,
        t("Price of a session"),
        ("min", t("From"), state.price_from),
        ("max", t("To"), state.price_to),
        rx.cond(
            state.currencies.length() > 1,
            select_control(
                state.currencies,
                value=state.currency,
                on_change=lambda code: state.narrow("currency", code),
                aria_label=t("Currency"),
                wrap_class="mb-2",
            ),
            rx.fragment(),
        ),
        type="text",  # a number field would send a number, and an address has words
        input_mode="numeric",
        max_length=7,
    )


def _groups() -> list[rx.Component]:
    state = DirectoryState
    return [
        several(state, "specialty", t("Specialty"), state.specialties),
        pills(
            state,
            "time",
            t("Time of day"),
            state.parts,
            rx.el.p(state.zone_words, class_name="mt-1.5 text-sm text-muted"),
            many=True,
        ),
        days(state, state.first_day, state.last_day, min=state.today),
        _price(),
        pills(state, "rating", t("Rating"), state.ratings),
        several(state, "language", t("Language"), state.languages),
        several(state, "certification", t("Certification"), state.certifications),
    ]


def _bar() -> rx.Component:
    state = DirectoryState
    return rx.el.div(
        search_field(
            t("Search coaches"),
            name="q",
            placeholder=t("Name, topic or goal"),
            default_value=state.query,
            key=state.search_key,
            on_change=state.search.debounce(300),
            class_name="basis-full sm:basis-0 sm:flex-1",
        ),
        phone_panel(state, results(state.total), *_groups()),
        select_control(
            list(SORTS.items()),
            name="sort",
            value=state.sort,
            on_change=state.choose_sort,
            aria_label=t("Order"),
            wrap_class="min-w-0 flex-1 sm:w-44 sm:flex-none",
        ),
        rx.el.div(
            segmented(
                t("Shown as"),
                [
                    (t("Cards"), ~state.as_list, state.choose_view("cards")),
                    (t("List"), state.as_list, state.choose_view("list")),
                ],
            ),
            class_name="max-sm:hidden",
        ),
        role="search",
        class_name="flex flex-wrap items-center gap-3",
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
        button(t("Show all coaches"), kind="secondary", on_click=DirectoryState.clear_filters),
        detail=t("Try fewer words, or take a filter off."),
    )


def _rows() -> rx.Component:
    rows = DirectoryState.rows
    return rx.cond(DirectoryState.as_list, coach_list(rows), coach_grid(rows, _GRID))


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
            rx.cond(DirectoryState.sort_note, f" · {DirectoryState.sort_note}", ""),
            aria_live="polite",
            class_name="text-sm text-muted tabular",
        ),
        rx.cond(
            DirectoryState.loaded,
            rx.cond(DirectoryState.total > 0, _rows(), _nobody()),
            ghost_cards(grid=_GRID),
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
            _bar(),
            rx.el.div(
                desk_panel(DirectoryState, *_groups()),
                _results(),
                class_name="grid items-start gap-8 lg:grid-cols-[16rem_minmax(0,1fr)]",
            ),
            class_name="flex flex-col gap-6",
        ),
    )
