"""Tables of scheduling; constraints and row-level security stand in migration 0005."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.schema import UniqueConstraint
from sqlmodel import Field

from loom_app.domains.coaches.queries import Policy
from loom_app.domains.payments.actions import Payable
from loom_app.kit.db.base import Base, id_column, instant, words_column
from loom_app.kit.money import Money

SEAT = "seat"
BOOKED = ("confirmed", "in_progress")
LIVE = ("held", "confirmed", "in_progress", "completed", "no_show")


def _key(table: str, *, index: bool = False, ondelete: str | None = None) -> Any:
    return Column(
        BigInteger, ForeignKey(f"{table}.id", ondelete=ondelete), nullable=False, index=index
    )


def _number(default: int | None = None) -> Any:
    server_default = None if default is None else text(str(default))
    return Column(Integer, nullable=False, server_default=server_default)


def _yes_or_no() -> Any:
    return Column(Boolean, nullable=False, server_default=text("false"))


def _maybe(table: str, *, index: bool = True) -> Any:
    return Column(BigInteger, ForeignKey(f"{table}.id"), nullable=True, index=index)


class WeeklyHour(Base, table=True):
    """One open interval of a weekday in the coach's zone; it may end at 24:00."""

    __tablename__ = "weekly_hours"

    id: int | None = Field(default=None, sa_column=id_column())
    coach_id: int = Field(sa_column=_key("users", index=True, ondelete="CASCADE"))
    weekday: int = Field(sa_column=_number())
    start_minute: int = Field(sa_column=_number())
    end_minute: int = Field(sa_column=_number())
    every_weeks: int = Field(default=1, sa_column=_number(1))
    anchor: date | None = Field(default=None, sa_column=Column(Date))
    valid_from: date | None = Field(default=None, sa_column=Column(Date))
    valid_to: date | None = Field(default=None, sa_column=Column(Date))


class DateException(Base, table=True):
    """A date on which the weekly hours do not count; no intervals is a day off."""

    __tablename__ = "date_exceptions"
    __table_args__ = (UniqueConstraint("coach_id", "day", name="uq_date_exceptions_coach_id"),)

    id: int | None = Field(default=None, sa_column=id_column())
    coach_id: int = Field(sa_column=_key("users", ondelete="CASCADE"))
    day: date = Field(sa_column=Column(Date, nullable=False))
    intervals: list[list[int]] = Field(
        default_factory=list, sa_column=Column(JSONB, nullable=False, server_default=text("'[]'"))
    )


class TimeOff(Base, table=True):
    """A coach is away, by days and minutes of their own zone; it may end at 24:00.

    The reason is theirs alone.
    """

    __tablename__ = "time_off"
    __table_args__ = (
        CheckConstraint(
            "start_minute BETWEEN 0 AND 1439 AND end_minute BETWEEN 1 AND 1440"
            " AND (first_day, start_minute) < (last_day, end_minute)",
            name="range",
        ),
        Index("ix_time_off_coach_id", "coach_id", "last_day"),
    )

    id: int | None = Field(default=None, sa_column=id_column())
    coach_id: int = Field(sa_column=_key("users", ondelete="CASCADE"))
    first_day: date = Field(sa_column=Column(Date, nullable=False))
    start_minute: int = Field(default=0, sa_column=_number(0))
    last_day: date = Field(sa_column=Column(Date, nullable=False))
    end_minute: int = Field(default=1440, sa_column=_number(1440))
    reason: str = Field(default="", sa_column=words_column())


class HolidayCalendar(Base, table=True):
    """Whose public holidays a coach keeps, and the names of those on which they work."""

    __tablename__ = "holiday_calendars"

    coach_id: int = Field(
        sa_column=Column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    )
    country: str = Field(sa_column=words_column(None))
    region: str = Field(default="", sa_column=words_column())
    working: list[str] = Field(
        default_factory=list, sa_column=Column(ARRAY(Text), nullable=False, server_default="{}")
    )


class Series(Base, table=True):
    """Sessions that were booked together, `times` of them, on one weekday of the coach's clock.

    Each is a session of its own: what happens to one changes no other.
    """

    __tablename__ = "series"
    __table_args__ = (
        CheckConstraint("every_weeks IN (1, 2) AND times BETWEEN 2 AND 26", name="numbers"),
    )

    id: int | None = Field(default=None, sa_column=id_column())
    coach_id: int = Field(sa_column=_key("users", index=True))
    client_id: int | None = Field(default=None, sa_column=_maybe("users"))
    every_weeks: int = Field(sa_column=_number())
    times: int = Field(sa_column=_number())
    created_at: datetime = Field(sa_column=instant())


class CoachingSession(Base, table=True):
    """An appointment of one coach; what was agreed is copied here, so later edits change nothing.

    The blocked range holds the buffers; exclusion constraints let no two live ones of a coach, nor
    of a room, overlap.
    """

    __tablename__ = "coaching_sessions"
    __table_args__ = (
        Index("ix_coaching_sessions_coach_id", "coach_id", "starts_at"),
        Index(
            "ix_coaching_sessions_running",
            "ends_at",
            postgresql_where=text("status IN ('confirmed', 'in_progress')"),
        ),
        Index(
            "ix_coaching_sessions_coming",
            "starts_at",
            postgresql_where=text("status = 'confirmed'"),
        ),
        Index(
            "ix_coaching_sessions_undecided",
            "decide_at",
            postgresql_where=text("status = 'confirmed' AND decide_at IS NOT NULL"),
        ),
        *(
            Index(
                f"ix_coaching_sessions_{one}",
                one,
                "starts_at",
                postgresql_where=text(f"{one} IS NOT NULL"),
            )
            for one in ("place_id", "room_id")
        ),
    )

    id: int | None = Field(default=None, sa_column=id_column())
    coach_id: int = Field(sa_column=_key("users"))
    offering_id: int = Field(sa_column=_key("offerings", index=True))
    status: str = Field(sa_column=words_column(None))
    starts_at: datetime = Field(sa_column=instant())
    ends_at: datetime = Field(sa_column=instant())
    blocked_from: datetime = Field(sa_column=instant())
    blocked_until: datetime = Field(sa_column=instant())
    # its place in a series, 0 outside of one
    series_id: int | None = Field(default=None, sa_column=_maybe("series"))
    series_no: int = Field(default=0, sa_column=_number(0))
    title: str = Field(sa_column=words_column(None))
    place: str = Field(sa_column=words_column(None))
    address: str = Field(default="", sa_column=words_column())
    # where it is in person at a place, and the room there that is theirs, buffers included
    place_id: int | None = Field(default=None, sa_column=_maybe("places", index=False))
    room_id: int | None = Field(default=None, sa_column=_maybe("rooms", index=False))
    capacity: int = Field(default=1, sa_column=_number(1))
    min_seats: int = Field(default=1, sa_column=_number(1))
    # when it is seen whether enough have booked; empty once that is decided
    decide_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    sequence: int = Field(default=0, sa_column=_number(0))
    cancel_free_hours: int = Field(default=24, sa_column=_number(24))
    cancel_late_percent: int = Field(default=0, sa_column=_number(0))
    moved_by: str | None = Field(default=None, sa_column=Column(Text))
    moved_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    cancelled_by: str | None = Field(default=None, sa_column=Column(Text))
    cancel_reason: str = Field(default="", sa_column=words_column())
    created_at: datetime = Field(sa_column=instant())
    changed_at: datetime = Field(sa_column=instant())
    booked_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    cancelled_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    missed_by: str = Field(default="", sa_column=words_column())  # "client" or "coach"

    @property
    def moved_by_coach(self) -> datetime | None:
        """When, where its last move was its coach's."""
        return self.moved_at if self.moved_by == "coach" else None

    @property
    def policy(self) -> Policy:
        """What held when it was booked."""
        return Policy(self.cancel_free_hours, self.cancel_late_percent)


class SessionMove(Base, table=True):
    """One change of a session's time."""

    __tablename__ = "session_moves"

    id: int | None = Field(default=None, sa_column=id_column())
    session_id: int = Field(sa_column=_key("coaching_sessions", index=True, ondelete="CASCADE"))
    moved_by: str = Field(sa_column=words_column(None))
    old_starts_at: datetime = Field(sa_column=instant())
    new_starts_at: datetime = Field(sa_column=instant())
    reason: str = Field(default="", sa_column=words_column())
    moved_at: datetime = Field(sa_column=instant())


class Seat(Base, table=True):
    """One client's place in a session, with its own hold, price and answers.

    The coach and the times are copied, so that policies need no join and a constraint can keep a
    client from being in two places.
    """

    __tablename__ = "seats"
    __table_args__ = (
        Index("ix_seats_coach_id", "coach_id", "starts_at"),
        Index("ix_seats_client_id", "client_id", "starts_at"),
        Index("ix_seats_holds", "hold_expires_at", postgresql_where=text("status = 'held'")),
        Index(
            "ix_seats_address",
            "address",
            postgresql_where=text("status = 'held' AND address IS NOT NULL"),
        ),
        Index(
            "uq_seats_hold_client_id",
            "client_id",
            unique=True,
            postgresql_where=text(
                "status = 'held' AND NOT under_way AND NOT follows AND NOT offered"
            ),
        ),
        Index(
            "uq_seats_offer",
            "client_id",
            unique=True,
            postgresql_where=text("status = 'held' AND offered AND booked_by IS NULL"),
        ),
        Index("ix_seats_booked_by", "booked_by", postgresql_where=text("booked_by IS NOT NULL")),
        Index(
            "uq_seats_hold_visitor",
            "visitor",
            unique=True,
            postgresql_where=text("status = 'held' AND NOT under_way AND NOT follows"),
        ),
    )

    id: int | None = Field(default=None, sa_column=id_column())
    session_id: int = Field(sa_column=_key("coaching_sessions", index=True, ondelete="CASCADE"))
    coach_id: int = Field(sa_column=_key("users"))
    client_id: int | None = Field(default=None, sa_column=_maybe("users", index=False))
    visitor: str | None = Field(default=None, sa_column=Column(Text))
    # held, booked and let go together with the first seat of its series
    series_id: int | None = Field(default=None, sa_column=_maybe("series"))
    follows: bool = Field(default=False, sa_column=_yes_or_no())
    status: str = Field(sa_column=words_column(None))
    starts_at: datetime = Field(sa_column=instant())
    ends_at: datetime = Field(sa_column=instant())
    hold_expires_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    price_minor: int = Field(sa_column=Column(BigInteger, nullable=False))
    currency: str = Field(sa_column=words_column(None))
    # 0: the whole price is paid when booking, or, with a `rest`, all of it later
    deposit_minor: int = Field(
        default=0, sa_column=Column(BigInteger, nullable=False, server_default=text("0"))
    )
    rest: str = Field(default="", sa_column=words_column())
    no_show_fee_minor: int = Field(
        default=0, sa_column=Column(BigInteger, nullable=False, server_default=text("0"))
    )
    charge_id: int | None = Field(default=None, sa_column=Column(BigInteger))
    # what it was taken from, in place of a price
    package_id: int | None = Field(default=None, sa_column=_maybe("packages"))
    # the client's bank is asked, which takes days: the time is kept until the session begins
    under_way: bool = Field(default=False, sa_column=_yes_or_no())
    # kept for who was first in line, or by their coach, until they take it; beside the hold that
    # they have themselves
    offered: bool = Field(default=False, sa_column=_yes_or_no())
    # the coach, or somebody of the staff, who booked it for the client
    booked_by: int | None = Field(default=None, sa_column=_maybe("users", index=False))
    agenda: str = Field(default="", sa_column=words_column())
    answers: list[dict[str, str]] = Field(
        default_factory=list, sa_column=Column(JSONB, nullable=False, server_default=text("'[]'"))
    )
    # the others of a group may read the name
    share_name: bool = Field(default=False, sa_column=_yes_or_no())
    created_at: datetime = Field(sa_column=instant())
    booked_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    # this seat alone; where the whole session is off, the session says so
    cancelled_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    cancelled_by: str | None = Field(default=None, sa_column=Column(Text))
    cancel_reason: str = Field(default="", sa_column=words_column())
    address: str | None = Field(default=None, sa_column=Column(Text))

    @property
    def payable(self) -> Payable:
        """What payments know it as."""
        return Payable(SEAT, self.id or 0)

    @property
    def price(self) -> Money:
        return Money(self.price_minor, self.currency)

    def moved_in(self, session: CoachingSession) -> datetime | None:
        """When the coach moved it from the time that this client had chosen."""
        moved_at, booked_at = session.moved_by_coach, self.booked_at
        return moved_at if moved_at and booked_at and booked_at <= moved_at else None

    @property
    def to_book(self) -> Money:
        """What is paid when booking."""
        return Money(self.deposit_minor if self.rest else self.price_minor, self.currency)

    @property
    def keeps_card(self) -> bool:
        """A card must be kept, as a part is taken from it later."""
        later = self.rest == "before" or (
            self.series_id is not None and self.price_minor > 0 and self.rest != "in_person"
        )
        return later or self.no_show_fee_minor > 0


class SessionRating(Base, table=True):
    """What a client thought of a session. The average of a coach's is kept by a trigger."""

    __tablename__ = "session_ratings"
    __table_args__ = (
        CheckConstraint("stars BETWEEN 1 AND 5", name="stars"),
        Index("ix_session_ratings_coach_id", "coach_id", "rated_at"),
        Index("ix_session_ratings_client_id", "client_id", "rated_at"),
    )

    seat_id: int = Field(
        sa_column=Column(BigInteger, ForeignKey("seats.id", ondelete="CASCADE"), primary_key=True)
    )
    coach_id: int = Field(sa_column=_key("users"))
    client_id: int = Field(sa_column=_key("users"))
    stars: int = Field(sa_column=_number())
    feedback: str = Field(default="", sa_column=words_column())
    private_note: str = Field(default="", sa_column=words_column())
    rated_at: datetime = Field(sa_column=instant())
    changed_at: datetime = Field(sa_column=instant())


class MeetingLink(Base, table=True):
    """A coach's own video room. Only who has a session there learns it, when its door opens."""

    __tablename__ = "meeting_links"

    coach_id: int = Field(
        sa_column=Column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    )
    url: str = Field(sa_column=words_column(None))


class CalendarFeed(Base, table=True):
    """The secret part of the address at which a person's calendar program reads their sessions."""

    __tablename__ = "calendar_feeds"

    user_id: int = Field(
        sa_column=Column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    )
    secret: str = Field(sa_column=words_column(None))
    made_at: datetime = Field(sa_column=instant())


class BookingDraft(Base, table=True):
    """What somebody is about to book: it outlives the hold, the tab and the sign-up."""

    __tablename__ = "booking_drafts"

    id: int | None = Field(default=None, sa_column=id_column())
    client_id: int | None = Field(
        default=None,
        sa_column=Column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"), unique=True),
    )
    visitor: str | None = Field(default=None, sa_column=Column(Text, unique=True))
    offering_id: int = Field(sa_column=_key("offerings", index=True, ondelete="CASCADE"))
    starts_at: datetime = Field(sa_column=instant())
    agenda: str = Field(default="", sa_column=words_column())
    answers: dict[str, str] = Field(
        default_factory=dict, sa_column=Column(JSONB, nullable=False, server_default=text("'{}'"))
    )
    share_name: bool = Field(default=False, sa_column=_yes_or_no())
    # every how many weeks, and the starts after the first
    repeat: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    updated_at: datetime = Field(sa_column=instant())
