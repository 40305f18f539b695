"""From what is typed to what is stored, and back: numbers, money and lists of words."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from loom_app.domains.coaches.actions import OfferingEdit, ProfileEdit
from loom_app.domains.coaches.queries import (
    OfferingView,
    ProfileForm,
    my_profile_form,
    usual_price,
)
from loom_app.kit import addresses
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Invalid
from loom_app.kit.money import Money, exponent
from loom_app.kit.settings import settings
from loom_app.kit.text import t


@dataclass(frozen=True)
class QuestionRow:
    """A question in the editor; `key` stays while others come and go."""

    key: str
    label: str = ""
    kind: str = "short"
    required: bool = False
    choices: str = ""


@dataclass(frozen=True)
class OfferingTyped:
    """An offering as its form shows it."""

    id: int = 0
    name: str = ""
    description: str = ""
    duration: str = "50"
    price: str = ""
    currency: str = "USD"
    place: str = "video"
    site: str = ""  # the number of the place, empty for an address of its own
    address: str = ""
    needs_room: bool = True
    capacity: str = "1"
    min_seats: str = "1"
    decide_hours: str = "24"
    buffer_before: str = "0"
    buffer_after: str = "10"
    notice_hours: str = "24"
    window_days: str = "60"
    slot_interval: str = ""
    per_day: str = ""
    per_week: str = ""
    deposit_kind: str = ""
    deposit: str = ""
    rest: str = "before"
    no_show_fee: str = ""
    intro: bool = False
    archived: bool = False


def typed(view: OfferingView) -> OfferingTyped:
    return OfferingTyped(
        id=view.id,
        name=view.name,
        description=view.description,
        duration=str(view.duration_minutes),
        price=units(view.price_minor, view.currency) if view.own_price else "",
        currency=view.currency,
        place=view.place,
        site=str(view.site.id) if view.site else "",
        address="" if view.site else view.address,
        needs_room=view.needs_room or view.site is None,
        capacity=str(view.capacity),
        min_seats=str(view.min_seats),
        decide_hours=str(view.decide_hours),
        buffer_before=str(view.buffer_before),
        buffer_after=str(view.buffer_after),
        notice_hours=f"{Decimal(view.notice_minutes) / 60:f}".rstrip("0").rstrip(".")
        if view.notice_minutes % 60
        else str(view.notice_minutes // 60),
        window_days=str(view.window_days),
        slot_interval=str(view.slot_interval) if view.own_interval else "",
        per_day=str(view.per_day or ""),
        per_week=str(view.per_week or ""),
        deposit_kind=view.deposit_kind,
        deposit=_deposit(view),
        rest=view.own_rest or "before",
        no_show_fee=units(view.own_fee, view.currency) if view.own_fee else "",
        intro=view.intro,
        archived=view.archived,
    )


def _deposit(view: OfferingView) -> str:
    if view.deposit_bps is not None:
        return f"{(Decimal(view.deposit_bps) / 100).normalize():f}"
    return units(view.own_deposit, view.currency) if view.own_deposit else ""


def question_rows(view: OfferingView) -> list[QuestionRow]:
    return [
        QuestionRow(one.key, one.label, one.kind, one.required, "\n".join(one.choices))
        for one in view.questions
    ]


def offering_edit(form: dict[str, Any], keys: list[str]) -> OfferingEdit:
    """Raises Invalid by the field's name."""
    currency = words(form, "currency")
    kind = words(form, "deposit_kind")
    return OfferingEdit(
        name=words(form, "name"),
        description=words(form, "description"),
        duration_minutes=whole(form, "duration_minutes") or 0,
        price_minor=money(form, "price_minor", currency),
        currency=currency,
        place=words(form, "place"),
        address=words(form, "address"),
        place_id=addresses.number(words(form, "place_id")) or None,
        needs_room=bool(form.get("needs_room")),
        room_ids=tuple(_ticked(form)),
        capacity=_or_else(whole(form, "capacity"), 1),
        min_seats=_or_else(whole(form, "min_seats"), 1),
        decide_hours=_or_else(whole(form, "decide_hours"), 24),
        buffer_before=whole(form, "buffer_before") or 0,
        buffer_after=whole(form, "buffer_after") or 0,
        notice_minutes=hours(form, "notice_minutes"),
        window_days=whole(form, "window_days") or 0,
        slot_interval=whole(form, "slot_interval"),
        per_day=whole(form, "per_day"),
        per_week=whole(form, "per_week"),
        deposit_bps=percent(form, "deposit") if kind == "percent" else None,
        deposit_minor=money(form, "deposit", currency) if kind == "amount" else None,
        rest=words(form, "rest") if kind else "",
        no_show_fee_minor=money(form, "no_show_fee_minor", currency) or 0,
        intro=bool(form.get("intro")),
        questions=tuple(_question(form, key) for key in keys),
    )


def _ticked(form: dict[str, Any]) -> list[int]:
    """The rooms that alone will do."""
    ticked = [name for name, value in form.items() if name.startswith("room-") and value]
    return [addresses.number(name.removeprefix("room-")) for name in ticked]


def _question(form: dict[str, Any], key: str) -> dict[str, Any]:
    return {
        "label": words(form, f"{key}-label"),
        "kind": words(form, f"{key}-kind"),
        "required": bool(form.get(f"{key}-required")),
        "choices": words(form, f"{key}-choices").splitlines(),
    }


def _chosen(form: dict[str, Any], name: str, default: int) -> int:
    found = whole(form, name)
    return default if found is None else found


def profile_edit(form: dict[str, Any]) -> ProfileEdit:
    """Raises Invalid by the field's name."""
    currency = words(form, "currency")
    return ProfileEdit(
        slug=words(form, "slug"),
        headline=words(form, "headline"),
        bio=words(form, "bio"),
        specialties=listed(form, "specialties"),
        languages=listed(form, "languages"),
        years=whole(form, "years") or 0,
        video_url=words(form, "video_url"),
        cancellation_policy=words(form, "cancellation_policy"),
        cancel_free_hours=_chosen(form, "cancel_free_hours", settings().cancel_free_hours),
        cancel_late_percent=_chosen(form, "cancel_late_percent", settings().cancel_late_percent),
        currency=currency,
        default_price_minor=money(form, "default_price_minor", currency),
    )


@dataclass(frozen=True)
class ProfileTyped:
    """A profile as its form shows it; lists are words with commas."""

    slug: str = ""
    published: bool = False
    headline: str = ""
    bio: str = ""
    specialties: str = ""
    languages: str = ""
    years: str = ""
    video_url: str = ""
    cancellation_policy: str = ""
    cancel_free_hours: str = "24"
    cancel_late_percent: str = "0"
    currency: str = "USD"
    default_price: str = ""


def typed_profile(form: ProfileForm) -> ProfileTyped:
    minor = form.default_price_minor
    return ProfileTyped(
        slug=form.slug,
        published=form.status == "published",
        headline=form.headline,
        bio=form.bio,
        specialties=", ".join(form.specialties),
        languages=", ".join(form.languages),
        years=str(form.years or ""),
        video_url=form.video_url,
        cancellation_policy=form.cancellation_policy,
        cancel_free_hours=str(form.policy.free_hours),
        cancel_late_percent=str(form.policy.late_percent),
        currency=form.currency,
        default_price="" if minor is None else units(minor, form.currency),
    )


async def price_of(
    tx: Tx, me: Actor, typed_price: str, currency: str, minutes: int
) -> tuple[Money | None, str]:
    """What is typed, or where nothing is, the usual price and whose it is in words; None where
    there is none, or what is typed is no price."""
    try:
        minor = money({"price": typed_price}, "price", currency)
    except Invalid:
        return None, ""
    if minor is not None:
        return Money(minor, currency), ""
    profile = await my_profile_form(tx, me)
    usual = usual_price(profile.default_price_minor, profile.currency, minutes)
    if usual is None:
        return None, t("0 is free. Neither your profile nor we have a usual price: give one.")
    price = Money(usual.minor, usual.currency)
    if usual.source == "coach":
        return price, t("Empty: the usual price of your profile, {price}.", price=price.format())
    words = t(
        "Empty: {name}’s rate, {price} for {n} minutes.",
        name=settings().brand_name,
        price=price.format(),
        n=minutes,
    )
    return price, words


def currencies(current: str) -> list[list[str]]:
    """What a price may be in, as (value, words); what it is in stays there to be seen."""
    known = [[code, code] for code in settings().settled]
    if not current or [current, current] in known:
        return known
    return [[current, t("{currency}, not paid here", currency=current)], *known]


def unsettled_words(price: Money) -> str:
    """Why nobody can book it at this price; "" where they can."""
    if not price.minor or price.currency in settings().settled:
        return ""
    return t(
        "Nobody can pay here in {currency}, so it cannot be booked. Choose another currency.",
        currency=price.currency,
    )


def received_words(price: Money, fee: Money) -> str:
    """What is left of a price, said before anything is sold."""
    if price.minor == 0:
        return t("Free: clients pay nothing, and there is no fee.")
    return t(
        "You receive {net} of {price}. Loom's fee is {fee}.",
        net=(price - fee).format(),
        price=price.format(),
        fee=fee.format(),
    )


def units(minor: int, currency: str) -> str:
    """ "120" or "99.50" """
    amount = Money(minor, currency).decimal
    return f"{amount:f}" if minor % 10 ** exponent(currency) else str(int(amount))


def words(form: dict[str, Any], name: str) -> str:
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def listed(form: dict[str, Any], name: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in words(form, name).split(",") if part.strip())


def whole(form: dict[str, Any], name: str) -> int | None:
    """A whole number, None where nothing is typed. Raises Invalid."""
    text = words(form, name)
    if not text:
        return None
    if not text.isdecimal() or len(text) > 6:
        raise Invalid(t("Give a whole number."), field=name)
    return int(text)


def _or_else(found: int | None, usual: int) -> int:
    return usual if found is None else found


def hours(form: dict[str, Any], name: str) -> int:
    """Hours as minutes. Raises Invalid."""
    minutes = _decimal(words(form, name) or "0", name) * 60
    if minutes != int(minutes):
        raise Invalid(t("Give hours, like 24 or 1.5."), field=name)
    return int(minutes)


def percent(form: dict[str, Any], name: str) -> int | None:
    """A percentage as basis points, None where nothing is typed. Raises Invalid."""
    text = words(form, name).removesuffix("%").strip()
    if not text:
        return None
    found = _decimal(text, name) * 100
    if found != int(found):
        raise Invalid(t("Give a percentage, like 30."), field=name)
    return int(found)


def money(form: dict[str, Any], name: str, currency: str) -> int | None:
    """An amount in minor units, None where nothing is typed. Raises Invalid."""
    text = words(form, name)
    if not text:
        return None
    minor = _decimal(text, name) * 10 ** exponent(currency)
    if minor != int(minor):
        raise Invalid(t("This currency has fewer decimals."), field=name)
    return int(minor)


def _decimal(text: str, name: str) -> Decimal:
    try:
        found = Decimal(text.replace(",", "."))
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or not 0 <= found < 10_000_000:
        raise Invalid(t("Give a number, like 120 or 99.50."), field=name)
    return found
