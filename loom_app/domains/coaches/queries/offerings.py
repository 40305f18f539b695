"""Reads of offerings and templates. Row-level security hides drafts from everybody else."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace

from sqlalchemy import ColumnElement, bindparam, select
from sqlmodel import col

from loom_app.domains.coaches import rules
from loom_app.domains.coaches.models import CoachProfile, Offering, Place, SessionTemplate
from loom_app.domains.coaches.queries.places import PlaceView, place_view
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.money import Money, exponent
from loom_app.kit.text import t, tn

# made once: every look at free times begins with it
_BY_ID = (
    select(Offering, CoachProfile, Place)
    .join(CoachProfile, col(CoachProfile.user_id) == col(Offering.coach_id))
    .outerjoin(Place, col(Place.id) == col(Offering.place_id))
    .where(col(Offering.id).in_(bindparam("ids", expanding=True)))
    # who waited for a lock asks again what it says now
    .execution_options(populate_existing=True)
)


@dataclass(frozen=True)
class QuestionView:
    key: str
    label: str
    kind: str
    required: bool
    choices: list[str]


@dataclass(frozen=True)
class OfferingView:
    """An offering as shown; `price_minor` is what it costs now, and
    `price_from` who says so: itself ("own"), the "coach", the "platform", or "" where nobody does
    and it cannot be booked."""

    id: int
    coach_id: int
    name: str
    description: str
    duration_minutes: int
    duration_text: str
    price_minor: int
    currency: str
    price_text: str
    own_price: bool
    price_from: str
    place: str
    place_text: str
    # an address of its own, or the line of its `site`
    address: str
    capacity: int
    min_seats: int
    decide_hours: int
    buffer_before: int
    buffer_after: int
    notice_minutes: int
    window_days: int
    slot_interval: int
    own_interval: bool
    per_day: int | None
    per_week: int | None
    archived: bool
    # what holds for a booking; a deposit of 0: everything is paid when booking
    deposit_minor: int = 0
    rest: str = ""
    no_show_fee_minor: int = 0
    # as the coach wrote it
    deposit_bps: int | None = None
    own_deposit: int | None = None
    own_rest: str = ""
    own_fee: int = 0
    intro: bool = False
    # the place where it is in person, and whether it needs a room there, of these or of all
    site: PlaceView | None = None
    needs_room: bool = False
    room_ids: tuple[int, ...] = ()
    questions: list[QuestionView] = field(default_factory=list)

    @property
    def price(self) -> Money:
        return Money(self.price_minor, self.currency)

    @property
    def deposit_kind(self) -> str:
        """percent, amount, or "" for none: as the coach wrote it."""
        if self.deposit_bps is not None:
            return "percent"
        return "amount" if self.own_deposit is not None else ""

    @property
    def terms_text(self) -> str:
        """Who it is for, the deposit and the fee in a line; "" where there is nothing to say."""
        words: list[str] = []
        if self.intro:
            words.append(t("For a first session with this coach"))
        if self.deposit_minor:
            deposit = Money(self.deposit_minor, self.currency).format()
            later = {
                "before": t("{deposit} when booking, the rest before the session", deposit=deposit),
                "in_person": t("{deposit} when booking, the rest in person", deposit=deposit),
            }
            words.append(later[self.rest])
        if self.no_show_fee_minor:
            fee = Money(self.no_show_fee_minor, self.currency).format()
            words.append(t("{fee} if you do not come", fee=fee))
        return " · ".join(words)


@dataclass(frozen=True)
class TemplateView:
    """A template with its offering as it is booked from it."""

    id: int
    name: str
    agenda: str
    own_duration: int | None
    own_price: int | None
    offering: OfferingView


def duration_text(minutes: int) -> str:
    """ "50 min", "1 h", "1 h 30 min" """
    hours, rest = divmod(minutes, 60)
    if not hours:
        return t("{n} min", n=rest)
    return t("{h} h {n} min", h=hours, n=rest) if rest else t("{h} h", h=hours)


def place_text(place: str) -> str:
    return {"video": t("Video call"), "phone": t("Phone call")}.get(place, t("In person"))


def price_text(minor: int, currency: str) -> str:
    return Money(minor, currency).format() if minor else t("Free")


def price_minor(units: int, currency: str) -> int:
    """Whole units as minor ones."""
    return int(units * 10 ** exponent(currency))


def questions_text(n: int) -> str:
    return tn("{n} question", "{n} questions", n)


def offering_view(row: Offering, profile: CoachProfile, place: Place | None = None) -> OfferingView:
    assert row.id is not None  # noqa: S101 - a loaded row has its id
    own = row.price_minor is not None
    usual = rules.usual_price(
        profile.default_price_minor, profile.currency, row.duration_minutes
    ) or rules.Usual(0, profile.currency, "")
    # what is not its own has its own currency, whatever the offering once said
    minor = usual.minor if row.price_minor is None else row.price_minor
    currency = row.currency if own else usual.currency
    deposit = rules.deposit_of(minor, currency, row.deposit_bps, row.deposit_minor)
    holds = rules.may_hold(minor, row.rest if deposit else "")
    most = minor - deposit if minor else row.no_show_fee_minor
    fee = min(row.no_show_fee_minor, most) if holds else 0
    site = place_view(place) if place is not None else None
    return OfferingView(
        id=row.id,
        coach_id=row.coach_id,
        name=row.name,
        description=row.description,
        duration_minutes=row.duration_minutes,
        duration_text=duration_text(row.duration_minutes),
        price_minor=minor,
        currency=currency,
        price_text=price_text(minor, currency),
        own_price=own,
        price_from="own" if own else usual.source,
        place=row.place,
        place_text=place_text(row.place),
        address=site.line if site else row.address,
        capacity=row.capacity,
        min_seats=row.min_seats,
        decide_hours=row.decide_hours,
        buffer_before=row.buffer_before,
        buffer_after=row.buffer_after,
        notice_minutes=row.notice_minutes,
        window_days=row.window_days,
        slot_interval=row.slot_interval or row.duration_minutes,
        own_interval=row.slot_interval is not None,
        per_day=row.per_day,
        per_week=row.per_week,
        archived=row.archived_at is not None or not (own or usual.source),
        deposit_bps=row.deposit_bps,
        own_deposit=row.deposit_minor,
        own_rest=row.rest,
        own_fee=row.no_show_fee_minor,
        deposit_minor=deposit,
        rest=row.rest if deposit else "",
        no_show_fee_minor=fee,
        intro=row.intro,
        site=site,
        needs_room=row.needs_room,
        room_ids=tuple(row.room_ids),
        questions=[QuestionView(**question) for question in row.questions],
    )


def check_answers(view: OfferingView, answers: dict[str, str]) -> dict[str, str]:
    """The answers to the offering's questions. Raises Invalid with the question's key as field."""
    return rules.check_answers([asdict(question) for question in view.questions], answers)


async def offering(tx: Tx, me: Actor, offering_id: int) -> OfferingView:
    """One offering, archived or not. Raises NotFound."""
    found = await offerings_by_id(tx, [offering_id])
    if offering_id not in found:
        raise NotFound
    return found[offering_id]


async def offerings_by_id(tx: Tx, ids: Iterable[int]) -> dict[int, OfferingView]:
    """Those of the ids that the caller may see."""
    rows = await tx.db.execute(_BY_ID, {"ids": list(set(ids))})
    return {view.id: view for view in (offering_view(*row) for row in rows)}


async def offerings(
    tx: Tx, me: Actor, coach_id: int, *, archived: bool = False
) -> list[OfferingView]:
    """A coach's offerings, shortest first; with `archived` those alone that are out of sale."""
    shelf = col(Offering.archived_at)
    rows = await tx.db.execute(
        select(Offering, CoachProfile, Place)
        .join(CoachProfile, col(CoachProfile.user_id) == col(Offering.coach_id))
        .outerjoin(Place, col(Place.id) == col(Offering.place_id))
        .where(
            col(Offering.coach_id) == coach_id, shelf.is_not(None) if archived else shelf.is_(None)
        )
        .order_by(col(Offering.duration_minutes), col(Offering.id))
    )
    return [offering_view(*row) for row in rows]


async def currencies_on_sale(tx: Tx) -> dict[str, int]:
    """How many offerings cost something, by currency. Acting as a system."""
    rows = await tx.db.execute(
        select(Offering, CoachProfile)
        .join(CoachProfile, col(CoachProfile.user_id) == col(Offering.coach_id))
        .where(col(Offering.archived_at).is_(None))
    )
    views = [offering_view(row, profile) for row, profile in rows]
    return Counter(view.currency for view in views if view.price_minor)


async def templates(tx: Tx, me: Actor) -> list[TemplateView]:
    """The caller's own, by name; those of archived offerings wait."""
    return await _templates(tx, me, col(Offering.archived_at).is_(None))


async def template(tx: Tx, me: Actor, template_id: int) -> TemplateView:
    """One of the caller's own. Raises NotFound."""
    found = await _templates(tx, me, col(SessionTemplate.id) == template_id)
    if not found:
        raise NotFound(t("This template is not here."))
    return found[0]


async def _templates(tx: Tx, me: Actor, which: ColumnElement[bool]) -> list[TemplateView]:
    rows = await tx.db.execute(
        select(SessionTemplate, Offering, CoachProfile, Place)
        .join(Offering, col(Offering.id) == col(SessionTemplate.offering_id))
        .join(CoachProfile, col(CoachProfile.user_id) == col(Offering.coach_id))
        .outerjoin(Place, col(Place.id) == col(Offering.place_id))
        .where(col(SessionTemplate.coach_id) == me.require_person(), which)
        .order_by(col(SessionTemplate.name), col(SessionTemplate.id)),
        execution_options={"populate_existing": True},
    )
    return [
        TemplateView(
            id=row.id or 0,
            name=row.name,
            agenda=row.agenda,
            own_duration=row.duration_minutes,
            own_price=row.price_minor,
            offering=_as_booked(row, offering_view(sold, profile, place)),
        )
        for row, sold, profile, place in rows
    ]


def _as_booked(row: SessionTemplate, view: OfferingView) -> OfferingView:
    """Its own length and price; a price of its own is paid at once, and asks for no fee."""
    minutes = row.duration_minutes or view.duration_minutes
    view = replace(
        view, name=row.name, duration_minutes=minutes, duration_text=duration_text(minutes)
    )
    if row.price_minor is None:
        return view
    return replace(
        view,
        price_minor=row.price_minor,
        price_text=price_text(row.price_minor, view.currency),
        deposit_minor=0,
        rest="",
        no_show_fee_minor=0,
    )


async def book_path(tx: Tx, offering_id: int) -> str:
    """Where a time for an offering is chosen; "" while it is not on sale."""
    slug = await tx.db.scalar(
        select(col(CoachProfile.slug))
        .join(Offering, col(Offering.coach_id) == col(CoachProfile.user_id))
        .where(
            col(Offering.id) == offering_id,
            col(Offering.archived_at).is_(None),
            col(CoachProfile.status) == "published",
        )
    )
    return f"/book/{slug}/time?offering={offering_id}" if slug else ""
