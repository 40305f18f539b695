"""`/sessions/calendar`: day, week and month; coaches drag a session to another time."""

import reflex as rx

from loom_app.ui.design.browser.calendar_view import CalendarView
from loom_app.ui.design.card import card
from loom_app.ui.session import Viewer
from loom_app.ui.sessions.calendar_state import CalendarState
from loom_app.ui.sessions.move import change_dialog
from loom_app.ui.sessions.page import booking_for, views
from loom_app.ui.shell.frame import app_frame, page_heading
from loom_app.ui.text import t


def calendar_page() -> rx.Component:
    return app_frame(
        page_heading(t("Sessions"), CalendarState.zone_note, booking_for()),
        views("calendar"),
        rx.cond(
            Viewer.is_coach,
            rx.el.p(
                t("Drag a session to move it, or open it and choose “Move session”."),
                " ",
                t("Click on a free time to book it for a client."),
                class_name="mt-4 text-sm text-muted",
            ),
            rx.fragment(),
        ),
        card(
            rx.cond(
                CalendarState.now,
                CalendarView.create(
                    events=CalendarState.appointments,
                    now=CalendarState.now,
                    locale="en-gb",
                    slot_min_time=CalendarState.opens,
                    slot_max_time=CalendarState.closes,
                    button_text={
                        "prev": "‹",
                        "next": "›",
                        "today": t("Today"),
                        "month": t("Month"),
                        "week": t("Week"),
                        "day": t("Day"),
                    },
                    on_dates_set=CalendarState.show,
                    on_event_click=CalendarState.open,
                    on_event_drop=CalendarState.drop,
                    on_date_click=CalendarState.book_for,
                ),
                rx.el.div(class_name="h-[44rem]"),
            ),
            class_name="calendar mt-4 p-3 md:p-5",
        ),
        change_dialog(CalendarState, t("Leave it"), ask_scope=True),
        place="sessions",
    )
