"""What a booking asks for when it is made and later on. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from loom_app.domains.coaches.queries import OfferingView

# so much time to find out about a rest, or to pay it another way, before it is charged
NOTICE = timedelta(hours=24)
# until then a coach may say that a client did not come
GRACE = timedelta(hours=24)
# until then staff may say that a coach did not come: a client who was marked as missing has time to
# write, and money that was paid out meanwhile is carried forward, as with any refund
DESK_GRACE = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Terms:
    """In minor units: `deposit` is paid when booking, all of the price where there is no `rest`,
    which says how the rest is paid, "before" by card or "in_person"; `fee` is held before the
    session."""

    deposit: int = 0
    rest: str = ""
    fee: int = 0
    # which one it is booked in, and at what place of it
    series: tuple[int, int] | None = None


def terms(
    offering: OfferingView, starts_at: datetime, now: datetime, *, rest_hours: int, selling: bool
) -> Terms:
    """What holds for a session at `starts_at` that is booked `now`.

    A rest that would be charged within a day is not parted: the whole price is paid at once. A
    coach who cannot be paid yet (`selling`) holds no fee.
    """
    rest_at = starts_at - timedelta(hours=rest_hours)
    parted = offering.rest == "in_person" or (offering.rest == "before" and rest_at > now + NOTICE)
    fee = offering.no_show_fee_minor if selling and (parted or not offering.price_minor) else 0
    if not parted:
        return Terms(fee=fee)
    return Terms(offering.deposit_minor, offering.rest, fee)


def later_terms(offering: OfferingView, *, selling: bool) -> Terms:
    """What holds for a later session of a series: nothing is paid when booking. The card gives all
    of it before, or where a rest is paid in person, all of it is."""
    fee = offering.no_show_fee_minor if selling else 0
    if not offering.price_minor:
        return Terms(fee=fee)
    return Terms(0, "in_person" if offering.rest == "in_person" else "before", fee)
