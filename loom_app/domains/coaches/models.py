"""Tables of coaches; their row-level security stands in migration 0003."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from loom_app.kit.db.base import Base, id_column, instant, words_column


def _list() -> Any:
    return Column(ARRAY(Text), nullable=False, server_default=text("'{}'"))


def _yes_or_no() -> Any:
    return Column(Boolean, nullable=False, server_default=text("false"))


def _number(default: int | None = 0) -> Any:
    server_default = None if default is None else text(str(default))
    return Column(Integer, nullable=False, server_default=server_default)


class CoachProfile(Base, table=True):
    """What a coach says about themselves; public once published."""

    __tablename__ = "coach_profiles"

    user_id: int = Field(
        sa_column=Column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    )
    slug: str = Field(sa_column=Column(Text, nullable=False, unique=True))
    status: str = Field(default="draft", sa_column=words_column("draft"))
    headline: str = Field(default="", sa_column=words_column())
    bio: str = Field(default="", sa_column=words_column())
    specialties: list[str] = Field(default_factory=list, sa_column=_list())
    languages: list[str] = Field(default_factory=list, sa_column=_list())
    certifications: list[str] = Field(default_factory=list, sa_column=_list())
    years: int = Field(default=0, sa_column=_number())
    video_url: str = Field(default="", sa_column=words_column())
    cancellation_policy: str = Field(default="", sa_column=words_column())
    cancel_free_hours: int = Field(default=24, sa_column=_number(24))
    cancel_late_percent: int = Field(default=0, sa_column=_number(0))
    currency: str = Field(default="USD", sa_column=words_column("USD"))
    default_price_minor: int | None = Field(default=None, sa_column=Column(BigInteger))
    # scheduling's directory shows them; they change by the event of a review, never by the coach
    rating_avg: float = Field(
        default=0, sa_column=Column(Float(53), nullable=False, server_default=text("0"))
    )
    rating_count: int = Field(default=0, sa_column=_number())
    published_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    created_at: datetime = Field(sa_column=instant(default=text("now()")))
    # changes with all that free times and the directory are made from, by triggers (0059)
    version: UUID = Field(
        default_factory=uuid4,
        sa_column=Column(Uuid, nullable=False, server_default=text("gen_random_uuid()")),
    )


class Offering(Base, table=True):
    """What a coach sells. Without a price of its own it costs the coach's default."""

    __tablename__ = "offerings"
    __table_args__ = (
        Index("ix_offerings_place_id", "place_id", postgresql_where=text("place_id IS NOT NULL")),
    )

    id: int | None = Field(default=None, sa_column=id_column())
    coach_id: int = Field(
        sa_column=Column(
            BigInteger,
            ForeignKey("coach_profiles.user_id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        )
    )
    name: str = Field(sa_column=words_column(None))
    description: str = Field(default="", sa_column=words_column())
    duration_minutes: int = Field(sa_column=_number(None))
    price_minor: int | None = Field(default=None, sa_column=Column(BigInteger))
    currency: str = Field(sa_column=words_column(None))
    place: str = Field(sa_column=words_column(None))
    # in person: an address of its own, or a place; there it may need a room, of these or of all
    address: str = Field(default="", sa_column=words_column())
    place_id: int | None = Field(
        default=None, sa_column=Column(BigInteger, ForeignKey("places.id"), nullable=True)
    )
    needs_room: bool = Field(default=False, sa_column=_yes_or_no())
    room_ids: list[int] = Field(
        default_factory=list,
        sa_column=Column(ARRAY(BigInteger), nullable=False, server_default=text("'{}'")),
    )
    capacity: int = Field(default=1, sa_column=_number(1))
    # a group takes place where so many have booked so many hours ahead
    min_seats: int = Field(default=1, sa_column=_number(1))
    decide_hours: int = Field(default=24, sa_column=_number(24))
    buffer_before: int = Field(default=0, sa_column=_number())
    buffer_after: int = Field(default=0, sa_column=_number())
    notice_minutes: int = Field(default=0, sa_column=_number())
    window_days: int = Field(default=60, sa_column=_number(60))
    slot_interval: int | None = Field(default=None, sa_column=Column(Integer))
    per_day: int | None = Field(default=None, sa_column=Column(Integer))
    per_week: int | None = Field(default=None, sa_column=Column(Integer))
    # a part to pay when booking, the rest "before" the session by card or "in_person"
    deposit_bps: int | None = Field(default=None, sa_column=Column(Integer))
    deposit_minor: int | None = Field(default=None, sa_column=Column(BigInteger))
    rest: str = Field(default="", sa_column=words_column())
    no_show_fee_minor: int = Field(
        default=0, sa_column=Column(BigInteger, nullable=False, server_default=text("0"))
    )
    # free, and for who has not met the coach yet
    intro: bool = Field(default=False, sa_column=_yes_or_no())
    questions: list[dict[str, Any]] = Field(
        default_factory=list, sa_column=Column(JSONB, nullable=False, server_default=text("'[]'"))
    )
    archived_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    created_at: datetime = Field(sa_column=instant(default=text("now()")))


class SessionTemplate(Base, table=True):
    """What a coach books for clients again and again: an offering, with its own length, price and
    agenda where they differ."""

    __tablename__ = "session_templates"

    id: int | None = Field(default=None, sa_column=id_column())
    coach_id: int = Field(
        sa_column=Column(
            BigInteger,
            ForeignKey("coach_profiles.user_id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        )
    )
    offering_id: int = Field(
        sa_column=Column(
            BigInteger, ForeignKey("offerings.id", ondelete="CASCADE"), nullable=False, index=True
        )
    )
    name: str = Field(sa_column=words_column(None))
    duration_minutes: int | None = Field(default=None, sa_column=Column(Integer))
    price_minor: int | None = Field(default=None, sa_column=Column(BigInteger))
    agenda: str = Field(default="", sa_column=words_column())
    created_at: datetime = Field(sa_column=instant(default=text("now()")))


class Place(Base, table=True):
    """Where coaches meet clients, with hours and days of its own clock. Whoever made it keeps it;
    where it is `shared`, other coaches meet there too."""

    __tablename__ = "places"

    id: int | None = Field(default=None, sa_column=id_column())
    owner_id: int = Field(
        sa_column=Column(BigInteger, ForeignKey("users.id"), nullable=False, index=True)
    )
    name: str = Field(sa_column=words_column(None))
    street: str = Field(sa_column=words_column(None))
    city: str = Field(sa_column=words_column(None))
    postal_code: str = Field(default="", sa_column=words_column())
    country: str = Field(sa_column=words_column(None))
    zone: str = Field(sa_column=words_column(None))
    directions: str = Field(default="", sa_column=words_column())
    # weekday (Monday is 0), first and last minute
    hours: list[list[int]] = Field(
        default_factory=list, sa_column=Column(JSONB, nullable=False, server_default=text("'[]'"))
    )
    # dates on which these do not count, with their own intervals; none is closed
    days: dict[str, list[list[int]]] = Field(
        default_factory=dict, sa_column=Column(JSONB, nullable=False, server_default=text("'{}'"))
    )
    # closed on the public holidays of its country
    holidays: bool = Field(default=False, sa_column=_yes_or_no())
    shared: bool = Field(default=False, sa_column=_yes_or_no())
    archived_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    created_at: datetime = Field(sa_column=instant())


class Room(Base, table=True):
    """A room of a place; `capacity` are the persons in it, the coach among them."""

    __tablename__ = "rooms"
    __table_args__ = (CheckConstraint("capacity BETWEEN 2 AND 1000", name="capacity"),)

    id: int | None = Field(default=None, sa_column=id_column())
    place_id: int = Field(
        sa_column=Column(
            BigInteger, ForeignKey("places.id", ondelete="CASCADE"), nullable=False, index=True
        )
    )
    name: str = Field(sa_column=words_column(None))
    capacity: int = Field(sa_column=_number(None))
    archived_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
