"""Days, weeks and months of appointments: FullCalendar, told in wall times of the reader's zone.

FullCalendar knows no zones of its own without another library; it is run in UTC and given wall
times, so that what it shows and what comes back from a drag is what the server said and reads.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import reflex as rx
from reflex_base.vars import VarData

VERSION = "6.1.21"
_PARTS = {
    "daygrid": "dayGridPlugin",
    "timegrid": "timeGridPlugin",
    "interaction": "interactionPlugin",
}
_CLOCK = {"hour": "2-digit", "minute": "2-digit", "hour12": False}


@dataclass(frozen=True)
class Appointment:
    """`start` and `end` are wall times as 2026-11-21T14:00:00; `editable` ones can be dragged."""

    id: str
    title: str
    start: str
    end: str
    editable: bool = False
    display: str = "block"


def _range(info: rx.Var[dict[str, Any]]) -> tuple[rx.Var[str], rx.Var[str]]:
    return rx.Var(f"{info!s}.startStr").to(str), rx.Var(f"{info!s}.endStr").to(str)


def _clicked(info: rx.Var[dict[str, Any]]) -> tuple[rx.Var[str]]:
    return (rx.Var(f"{info!s}.event.id").to(str),)


def _dropped(info: rx.Var[dict[str, Any]]) -> tuple[rx.Var[str], rx.Var[str]]:
    # back at once: the server decides whether it moves
    start = f"((at) => ({info!s}.revert(), at))({info!s}.event.startStr)"
    return rx.Var(f"{info!s}.event.id").to(str), rx.Var(start).to(str)


def _free(info: rx.Var[dict[str, Any]]) -> tuple[rx.Var[str]]:
    return (rx.Var(f"{info!s}.dateStr").to(str),)


class CalendarView(rx.NoSSRComponent):
    """`on_dates_set(start, end)` asks for days, `on_event_click(id)` is a click or Enter on an
    appointment, `on_event_drop(id, start)` where one was dragged to, as a wall time, and
    `on_date_click(at)` a click where nothing is: a wall time, or a date in the month's view."""

    library = f"@fullcalendar/react@{VERSION}"
    tag = "FullCalendar"
    is_default = True
    lib_dependencies: list[str] = [f"@fullcalendar/core@{VERSION}"]
    _rename_props: ClassVar[dict[str, str]] = {
        "onDatesSet": "datesSet",
        "onEventClick": "eventClick",
        "onEventDrop": "eventDrop",
        "onDateClick": "dateClick",
    }

    events: rx.Var[list[Appointment]]
    now: rx.Var[str]
    locale: rx.Var[str]
    button_text: rx.Var[dict[str, str]]
    plugins: rx.Var[list[Any]]
    initial_view: rx.Var[str]
    header_toolbar: rx.Var[dict[str, str]]
    time_zone: rx.Var[str]
    first_day: rx.Var[int]
    all_day_slot: rx.Var[bool]
    now_indicator: rx.Var[bool]
    event_interactive: rx.Var[bool]
    event_duration_editable: rx.Var[bool]
    display_event_end: rx.Var[bool]
    snap_duration: rx.Var[str]
    slot_min_time: rx.Var[str]
    slot_max_time: rx.Var[str]
    button_icons: rx.Var[bool]
    height: rx.Var[str]
    slot_label_format: rx.Var[dict[str, Any]]
    event_time_format: rx.Var[dict[str, Any]]
    on_dates_set: rx.EventHandler[_range]
    on_event_click: rx.EventHandler[_clicked]
    on_event_drop: rx.EventHandler[_dropped]
    on_date_click: rx.EventHandler[_free]

    @classmethod
    def create(cls, *children: Any, **props: Any) -> rx.Component:
        parts = VarData(
            imports={
                f"@fullcalendar/{part}@{VERSION}": [rx.ImportVar(tag=name, is_default=True)]
                for part, name in _PARTS.items()
            }
        )
        phone = "(typeof window !== 'undefined' && window.innerWidth < 640)"
        fixed = {
            "plugins": rx.Var(f"[{', '.join(_PARTS.values())}]", _var_data=parts),
            "initial_view": rx.Var(f"({phone} ? 'timeGridDay' : 'timeGridWeek')"),
            "header_toolbar": {
                "left": "prev,next today",
                "center": "title",
                "right": "dayGridMonth,timeGridWeek,timeGridDay",
            },
            "time_zone": "UTC",
            "first_day": 1,
            "all_day_slot": False,
            "now_indicator": True,
            "event_interactive": True,
            "event_duration_editable": False,
            "display_event_end": False,  # its length is seen; both do not fit on a tablet
            "snap_duration": "00:05:00",
            # all of the day is on the page: nothing scrolls within it; signs in place of pictures
            "height": "auto",
            "button_icons": False,
            "slot_label_format": _CLOCK,
            "event_time_format": _CLOCK,
        }
        return super().create(*children, **{**fixed, **props})
