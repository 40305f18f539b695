"""The verbs of scheduling: hold, book, confirm, move, cancel, complete, and writing one's hours."""

from loom_app.domains.scheduling.actions._common import lock_person
from loom_app.domains.scheduling.actions.absence import coach_missed, coach_missed_for
from loom_app.domains.scheduling.actions.behalf import (
    KEEP_HOURS,
    BookedFor,
    Order,
    Pair,
    book_for,
    drop_kept,
    find_pair,
)
from loom_app.domains.scheduling.actions.book import (
    Booking,
    book,
    checkout_over,
    confirm,
    paid,
    under_way,
    unpaid,
)
from loom_app.domains.scheduling.actions.course import (
    advance,
    cancel,
    complete,
    decide,
    miss,
    overdue,
    rest_paid,
    tell_of_seat,
    undecided,
)
from loom_app.domains.scheduling.actions.desk import (
    call_off_all,
    call_off_parts,
    call_off_topic,
    cancel_for,
    note_session,
)
from loom_app.domains.scheduling.actions.feeds import end_feed, renew_feed
from loom_app.domains.scheduling.actions.hold import (
    adopt,
    expire_hold,
    expire_overdue_holds,
    hold,
    release,
    save_details,
)
from loom_app.domains.scheduling.actions.hours import (
    HourEdit,
    check_has_hours,
    drop_exception,
    save_exception,
    save_week,
)
from loom_app.domains.scheduling.actions.meetings import save_meeting_link
from loom_app.domains.scheduling.actions.move import Shift, move
from loom_app.domains.scheduling.actions.places import place_changed
from loom_app.domains.scheduling.actions.rating import rate
from loom_app.domains.scheduling.actions.series import cancel_following, move_following
from loom_app.domains.scheduling.actions.time_off import (
    TimeOffEdit,
    drop_time_off,
    save_holidays,
    save_time_off,
)
from loom_app.domains.scheduling.actions.waitlist import (
    ask_line,
    came_true,
    decline,
    freed_of,
    join,
    leave,
    opened,
    waited_for,
)
from loom_app.domains.scheduling.rules.series import Repeat

__all__ = [
    "KEEP_HOURS",
    "BookedFor",
    "Booking",
    "HourEdit",
    "Order",
    "Pair",
    "Repeat",
    "Shift",
    "TimeOffEdit",
    "adopt",
    "advance",
    "ask_line",
    "book",
    "book_for",
    "call_off_all",
    "call_off_parts",
    "call_off_topic",
    "came_true",
    "cancel",
    "cancel_following",
    "cancel_for",
    "check_has_hours",
    "checkout_over",
    "coach_missed",
    "coach_missed_for",
    "complete",
    "confirm",
    "decide",
    "decline",
    "drop_exception",
    "drop_kept",
    "drop_time_off",
    "end_feed",
    "expire_hold",
    "expire_overdue_holds",
    "find_pair",
    "freed_of",
    "hold",
    "join",
    "leave",
    "lock_person",
    "miss",
    "move",
    "move_following",
    "note_session",
    "opened",
    "overdue",
    "paid",
    "place_changed",
    "rate",
    "release",
    "renew_feed",
    "rest_paid",
    "save_details",
    "save_exception",
    "save_holidays",
    "save_meeting_link",
    "save_time_off",
    "save_week",
    "tell_of_seat",
    "undecided",
    "under_way",
    "unpaid",
    "waited_for",
]
