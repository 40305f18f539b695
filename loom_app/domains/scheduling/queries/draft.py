"""Where somebody is in the wizard: it lives here, so that reload, back and sign-up lose nothing."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from loom_app.domains.coaches.queries import Policy
from loom_app.domains.scheduling.models import BookingDraft, CoachingSession, Seat
from loom_app.domains.scheduling.queries.series import repeat_of
from loom_app.domains.scheduling.rules.series import Repeat
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.money import Money


@dataclass(frozen=True)
class HoldView:
    """A time that is kept, until `expires_at`."""

    seat_id: int
    session_id: int
    offering_id: int
    coach_id: int
    starts_at: datetime
    ends_at: datetime
    expires_at: datetime
    price: Money
    now: Money  # what is paid when booking
    rest: str
    no_show_fee: Money
    keeps_card: bool
    charge_id: int | None = None
    series_id: int | None = None
    kept: bool = False  # by their coach for them


@dataclass(frozen=True)
class DraftView:
    """The last choice; `hold` is None where the time is not kept any more."""

    offering_id: int
    starts_at: datetime
    agenda: str
    answers: dict[str, str]
    hold: HoldView | None
    share_name: bool = False
    repeat: Repeat | None = None

    @property
    def hold_expires_at(self) -> datetime | None:
        return self.hold.expires_at if self.hold else None


async def draft(tx: Tx, me: Actor) -> DraftView | None:
    """The caller's booking in progress."""
    if me.person_id is not None:
        mine = col(BookingDraft.client_id) == me.person_id
        seats = col(Seat.client_id) == me.person_id
    elif me.visitor:
        mine, seats = col(BookingDraft.visitor) == me.visitor, col(Seat.visitor) == me.visitor
    else:
        return None
    row = await tx.db.scalar(select(BookingDraft).where(mine))
    if row is None:
        return None
    held = (
        await tx.db.execute(
            select(Seat, col(CoachingSession.offering_id))
            .join(CoachingSession, col(CoachingSession.id) == col(Seat.session_id))
            .where(
                seats,
                col(Seat.status) == "held",
                col(Seat.under_way).is_(False),
                col(Seat.offered).is_(False),
                col(Seat.follows).is_(False),
                col(Seat.hold_expires_at) > tx.now,
            )
        )
    ).first()
    hold = hold_view(*held) if held else None
    return DraftView(
        row.offering_id,
        row.starts_at,
        row.agenda,
        dict(row.answers),
        hold,
        row.share_name,
        repeat_of(row.repeat),
    )


async def policy_of_hold(tx: Tx, hold: HoldView) -> Policy:
    """What held for cancelling when the time was kept. Raises NotFound."""
    session = await tx.db.get(CoachingSession, hold.session_id)
    if session is None:
        raise NotFound
    return session.policy


def hold_view(seat: Seat, offering_id: int) -> HoldView:
    """A held seat as the booking pages see it."""
    assert seat.id is not None  # noqa: S101 - a loaded row has its id
    assert seat.hold_expires_at is not None  # noqa: S101 - held
    return HoldView(
        seat_id=seat.id,
        session_id=seat.session_id,
        offering_id=offering_id,
        coach_id=seat.coach_id,
        starts_at=seat.starts_at,
        ends_at=seat.ends_at,
        expires_at=seat.hold_expires_at,
        price=seat.price,
        now=seat.to_book,
        rest=seat.rest,
        no_show_fee=Money(seat.no_show_fee_minor, seat.currency),
        keeps_card=seat.keeps_card,
        charge_id=seat.charge_id,
        series_id=seat.series_id,
        kept=seat.booked_by is not None,
    )
