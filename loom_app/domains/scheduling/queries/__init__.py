"""Reads of scheduling."""

from loom_app.domains.scheduling.queries.availability import month_slots, next_free
from loom_app.domains.scheduling.queries.calendar import (
    FEED_READER,
    add_links,
    calendar_feed,
    calendar_file,
    calendar_of,
    feed_address,
    feed_owner,
)
from loom_app.domains.scheduling.queries.coming import Coming, coming
from loom_app.domains.scheduling.queries.directory import (
    PARTS_OF_DAY,
    CoachCard,
    Count,
    DirectoryPage,
    Filters,
    directory,
)
from loom_app.domains.scheduling.queries.draft import DraftView, HoldView, draft, policy_of_hold
from loom_app.domains.scheduling.queries.earned import ByOffering, earned_by_offering
from loom_app.domains.scheduling.queries.facts import (
    SessionFacts,
    missed_in_a_row,
    other_words,
    room_path,
    seats_facts,
    session_facts,
    session_of_seat,
)
from loom_app.domains.scheduling.queries.groups import Attendee, seats_left
from loom_app.domains.scheduling.queries.hours import ExceptionView, IntervalView, WeekView, week
from loom_app.domains.scheduling.queries.moving import Moving, move_slots, moving
from loom_app.domains.scheduling.queries.places import time_there
from loom_app.domains.scheduling.queries.ratings import RatingView
from loom_app.domains.scheduling.queries.room import Room, meeting_link, opens_at, room
from loom_app.domains.scheduling.queries.series import (
    Following,
    Occurrence,
    following,
    held_series,
    move_plan,
    series_plan,
)
from loom_app.domains.scheduling.queries.session_page import SessionPage, session
from loom_app.domains.scheduling.queries.sessions import (
    SessionCard,
    SessionFilters,
    SessionList,
    sessions,
    sessions_between,
)
from loom_app.domains.scheduling.queries.time_off import (
    HolidaysView,
    TimeOffView,
    holiday_calendar,
    holiday_countries,
    time_off,
)
from loom_app.domains.scheduling.queries.waitlist import (
    Crowded,
    OfferView,
    WaitingView,
    WaitView,
    crowded,
    full_days,
    offer,
    offers,
    waiting,
    waiting_for,
    waits,
)
from loom_app.domains.scheduling.queries.why import DayWhy, StretchView, WeekWhy, why_closed

__all__ = [
    "FEED_READER",
    "PARTS_OF_DAY",
    "Attendee",
    "ByOffering",
    "CoachCard",
    "Coming",
    "Count",
    "Crowded",
    "DayWhy",
    "DirectoryPage",
    "DraftView",
    "ExceptionView",
    "Filters",
    "Following",
    "HoldView",
    "HolidaysView",
    "IntervalView",
    "Moving",
    "Occurrence",
    "OfferView",
    "RatingView",
    "Room",
    "SessionCard",
    "SessionFacts",
    "SessionFilters",
    "SessionList",
    "SessionPage",
    "StretchView",
    "TimeOffView",
    "WaitView",
    "WaitingView",
    "WeekView",
    "WeekWhy",
    "add_links",
    "calendar_feed",
    "calendar_file",
    "calendar_of",
    "coming",
    "crowded",
    "directory",
    "draft",
    "earned_by_offering",
    "feed_address",
    "feed_owner",
    "following",
    "full_days",
    "held_series",
    "holiday_calendar",
    "holiday_countries",
    "meeting_link",
    "missed_in_a_row",
    "month_slots",
    "move_plan",
    "move_slots",
    "moving",
    "next_free",
    "offer",
    "offers",
    "opens_at",
    "other_words",
    "policy_of_hold",
    "room",
    "room_path",
    "seats_facts",
    "seats_left",
    "series_plan",
    "session",
    "session_facts",
    "session_of_seat",
    "sessions",
    "sessions_between",
    "time_off",
    "time_there",
    "waiting",
    "waiting_for",
    "waits",
    "week",
    "why_closed",
]
