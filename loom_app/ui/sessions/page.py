"""`/sessions`: what is coming, what was, what fell through; all filters in the address."""

from typing import Any

import reflex as rx

from loom_app.ui.design.avatar import avatar
from loom_app.ui.design.badge import badge
from loom_app.ui.design.button import button, link_button
from loom_app.ui.design.empty import empty_state
from loom_app.ui.design.field import search_field
from loom_app.ui.design.skeleton import skeleton_rows
from loom_app.ui.design.tabs import tabs
from loom_app.ui.filters.panel import days, desk_panel, phone_panel, pills, results
from loom_app.ui.session import Viewer
from loom_app.ui.sessions.detail import join_button
from loom_app.ui.sessions.rows import SessionRow
from loom_app.ui.sessions.state import SessionsState
from loom_app.ui.shell.frame import app_frame, page_heading
from loom_app.ui.text import t, tn


def views(place: str = "list") -> rx.Component:
    """The lists, the calendar and the waitlist."""
    here = SessionsState.view
    listed = place == "list"
    return tabs(
        t("Which sessions"),
        [
            (t("Upcoming"), "/sessions", (here == "upcoming") if listed else False),
            (t("Past"), "/sessions?view=past", (here == "past") if listed else False),
            (
                t("Cancelled"),
                "/sessions?view=cancelled",
                (here == "cancelled") if listed else False,
            ),
            (t("Calendar"), "/sessions/calendar", place == "calendar"),
            (t("Waitlist"), "/waitlist", place == "waitlist"),
        ],
    )


def _groups() -> list[rx.Component]:
    state = SessionsState
    return [
        rx.cond(
            (state.types.length() > 1) | (state.filters_on > 0),
            pills(state, "type", t("Type of session"), state.types),
            rx.fragment(),
        ),
        days(state, state.first_day, state.last_day),
    ]


def booking_for() -> rx.Component:
    """The coach's way to book for somebody."""
    return rx.cond(
        Viewer.is_coach,
        link_button(
            t("Book for a client"), "/sessions/new", kind="secondary", icon_name="calendar-plus"
        ),
        rx.fragment(),
    )


def _bar() -> rx.Component:
    return rx.el.div(
        search_field(
            t("Search by name"),
            placeholder=t("Name"),
            name="person",
            default_value=SessionsState.person,
            key=SessionsState.search_key,
            on_change=SessionsState.search.debounce(300),
            class_name="min-w-0 flex-1",
        ),
        phone_panel(SessionsState, results(SessionsState.total), *_groups()),
        role="search",
        class_name="flex items-center gap-3",
    )


def _row(item: rx.Var[SessionRow]) -> rx.Component:
    row: Any = item
    return rx.el.li(
        rx.cond(
            row.day,
            rx.el.h2(row.day, class_name="w-full px-1 pt-5 text-sm font-semibold text-muted"),
            rx.fragment(),
        ),
        rx.el.a(
            rx.el.span(
                row.time,
                class_name="w-14 shrink-0 text-base font-medium tabular sm:w-28 sm:text-nowrap",
            ),
            avatar(row.initials, row.hue, row.avatar_url, size="md"),
            rx.el.span(
                rx.el.span(row.other, class_name="block truncate text-base font-medium"),
                rx.el.span(
                    row.title,
                    " · ",
                    row.place,
                    rx.cond(row.series, f" · {row.series}", ""),
                    class_name="line-clamp-2 text-sm text-muted sm:line-clamp-1",
                ),
                # who did not come is read on a phone as well, which has no room for the badge
                rx.cond(
                    row.missed,
                    rx.el.p(row.status, class_name="text-sm font-medium sm:hidden"),
                    rx.fragment(),
                ),
                class_name="min-w-0 flex-1",
            ),
            rx.el.span(badge(row.status, row.tone), class_name="max-sm:hidden"),
            href=row.href,
            class_name=(
                "flex min-w-0 flex-1 items-center gap-3 rounded-card border border-line bg-surface "
                "p-4 transition-colors hover:border-edge max-sm:flex-wrap"
            ),
        ),
        rx.cond(
            row.join_href, join_button(row.join_href, class_name="max-sm:w-full"), rx.fragment()
        ),
        key=row.id,
        class_name="flex flex-wrap items-center gap-x-3 gap-y-2 pb-2",
    )


def _pager() -> rx.Component:
    def step(words: str, href: Any, shown: Any) -> rx.Component:
        return rx.cond(shown, link_button(words, href, kind="secondary", size="sm"), rx.el.span(""))

    return rx.cond(
        SessionsState.pages > 1,
        rx.el.nav(
            step(t("Back"), SessionsState.previous_href, SessionsState.page > 1),
            rx.el.span(
                t("Page {page} of {pages}", page=SessionsState.page, pages=SessionsState.pages),
                class_name="text-sm text-muted tabular",
            ),
            step(t("Next"), SessionsState.next_href, SessionsState.page < SessionsState.pages),
            aria_label=t("Pages"),
            class_name="flex items-center justify-between pt-4",
        ),
        rx.fragment(),
    )


def _nothing() -> rx.Component:
    first = rx.cond(
        Viewer.is_coach,
        link_button(t("Your public profile"), "/profile", kind="secondary"),
        link_button(t("Find a coach"), "/coaches"),
    )
    return rx.cond(
        SessionsState.filters_on > 0,
        empty_state(
            "search",
            t("No session fits these filters"),
            button(t("Show all"), kind="secondary", on_click=SessionsState.clear_filters),
        ),
        rx.match(
            SessionsState.view,
            ("past", empty_state("calendar-check", t("Sessions that took place stand here"))),
            ("cancelled", empty_state("calendar-x", t("Nothing was cancelled"))),
            empty_state(
                "calendar-days",
                t("Nothing is booked yet"),
                first,
                detail=t("As soon as something is booked, it appears here by itself."),
            ),
        ),
    )


def sessions_page() -> rx.Component:
    return app_frame(
        page_heading(
            t("Sessions"),
            rx.el.span(
                rx.cond(
                    SessionsState.loaded & (SessionsState.total > 0),
                    tn("{n} session", "{n} sessions", SessionsState.total),
                    "\u00a0",
                )
            ),
            booking_for(),
        ),
        rx.el.div(
            views(),
            _bar(),
            rx.el.div(
                desk_panel(SessionsState, *_groups()),
                rx.cond(
                    SessionsState.loaded,
                    rx.cond(
                        SessionsState.total > 0,
                        rx.el.div(
                            rx.el.ol(rx.foreach(SessionsState.rows, _row), class_name="-mt-5"),
                            _pager(),
                            class_name="min-w-0",
                        ),
                        _nothing(),
                    ),
                    skeleton_rows(5),
                ),
                class_name=(
                    "grid grid-cols-[minmax(0,1fr)] items-start gap-8 "
                    "lg:grid-cols-[14rem_minmax(0,1fr)]"
                ),
            ),
            class_name="flex flex-col gap-5",
        ),
        place="sessions",
    )
