"""What a valid profile and a valid offering are. Pure; raises Invalid by field."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from loom_app.domains.platform.areas import FREE_HOURS, LATE_PERCENTS
from loom_app.kit.errors import Invalid
from loom_app.kit.i18n import times
from loom_app.kit.money import card_step, exponent, half_up, share_by_bps
from loom_app.kit.settings import settings
from loom_app.kit.text import t
from loom_app.kit.words import limited

MOST_NOTICE_HOURS = 60 * 24
PLACES = ("video", "phone", "in_person")
QUESTION_KINDS = ("short", "long", "choice")
MAX_PRICE = 100_000_000
_SLUG = re.compile(r"[a-z0-9](?:-?[a-z0-9]){2,59}")


@dataclass(frozen=True, slots=True)
class ProfileEdit:
    """What the profile form sends."""

    slug: str = ""
    headline: str = ""
    bio: str = ""
    specialties: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    years: int = 0
    video_url: str = ""
    cancellation_policy: str = ""
    cancel_free_hours: int = 24
    cancel_late_percent: int = 0
    currency: str = "USD"
    default_price_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """What a client gets back who cancels: all until `free_hours` before the start, then
    `late_percent` of the price. A session keeps the one that held when it was booked."""

    free_hours: int = 24
    late_percent: int = 0

    def free_until(self, starts_at: datetime) -> datetime:
        return starts_at - timedelta(hours=self.free_hours)

    def percent(self, starts_at: datetime, now: datetime) -> int:
        return 100 if now <= self.free_until(starts_at) else self.late_percent

    def words(self) -> str:
        """One sentence for a page where no time is chosen yet."""
        if not self.free_hours:
            return t("Cancel at any time before the start and get everything back.")
        when = times.span(timedelta(hours=self.free_hours))
        if not self.late_percent:
            return t(
                "Cancel until {span} before and get everything back; after that, nothing.",
                span=when,
            )
        return t(
            "Cancel until {span} before and get everything back; after that, {percent} %.",
            span=when,
            percent=self.late_percent,
        )


def standard() -> Policy:
    """What new coaches begin with."""
    return Policy(settings().cancel_free_hours, settings().cancel_late_percent)


@dataclass(frozen=True, slots=True)
class Usual:
    """What an offering costs that has no price of its own, by its "coach" or by the "platform"."""

    minor: int
    currency: str
    source: str


def usual_price(default: int | None, currency: str, minutes: int) -> Usual | None:
    """The coach's usual price, else the platform's for so many minutes, in steps that cards take;
    None where neither says one."""
    if default is not None:
        return Usual(default, currency, "coach")
    rate, code = settings().default_rate_minor, settings().default_rate_currency
    if not rate:
        return None
    step = card_step(code)
    minor = half_up(rate * minutes, 60 * step) * step
    return Usual(max(minor, least(code)), code, "platform")


@dataclass(frozen=True, slots=True)
class OfferingEdit:
    """What the offering form sends; minutes, but for the window in days."""

    name: str
    duration_minutes: int
    description: str = ""
    price_minor: int | None = None
    currency: str = "USD"
    place: str = "video"
    address: str = ""
    # in person, instead of an address: a place, and whether it needs a room there, of these or any
    place_id: int | None = None
    needs_room: bool = False
    room_ids: tuple[int, ...] = ()
    capacity: int = 1
    min_seats: int = 1
    decide_hours: int = 24
    buffer_before: int = 0
    buffer_after: int = 0
    notice_minutes: int = 0
    window_days: int = 60
    slot_interval: int | None = None
    per_day: int | None = None
    per_week: int | None = None
    deposit_bps: int | None = None
    deposit_minor: int | None = None
    rest: str = ""
    no_show_fee_minor: int = 0
    intro: bool = False  # a free first session, once for each client
    questions: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class TemplateEdit:
    """What the form of a template sends; None is as the offering has it."""

    name: str
    offering_id: int
    duration_minutes: int | None = None
    price_minor: int | None = None
    agenda: str = ""


def slug_of(name: str) -> str:
    """A public address made from a name."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:50]
    return slug if len(slug) >= 3 else f"coach-{slug}".strip("-")


def check_profile(edit: ProfileEdit) -> ProfileEdit:
    slug = edit.slug.strip().lower()
    if not _SLUG.fullmatch(slug):
        raise Invalid(
            t("Use 3 to 60 small letters, digits and single hyphens, like ada-lovelace."),
            field="slug",
        )
    if not 0 <= edit.years <= 70:
        raise Invalid(t("Years are between 0 and 70."), field="years")
    url = edit.video_url.strip()
    if url and (urlsplit(url).scheme != "https" or not urlsplit(url).hostname or len(url) > 300):
        raise Invalid(t("Give a link that starts with https://."), field="video_url")
    if edit.cancel_free_hours not in FREE_HOURS:
        raise Invalid(t("Choose from the list."), field="cancel_free_hours")
    if edit.cancel_late_percent not in LATE_PERCENTS:
        raise Invalid(t("Choose from the list."), field="cancel_late_percent")
    check_currency(edit.currency)
    check_price(edit.default_price_minor, edit.currency, "default_price_minor")
    return ProfileEdit(
        slug=slug,
        headline=limited(edit.headline, 120, "headline"),
        bio=limited(edit.bio, 4000, "bio"),
        specialties=_words(edit.specialties, "specialties"),
        languages=_words(edit.languages, "languages"),
        years=edit.years,
        video_url=url,
        cancellation_policy=limited(edit.cancellation_policy, 1000, "cancellation_policy"),
        cancel_free_hours=edit.cancel_free_hours,
        cancel_late_percent=edit.cancel_late_percent,
        currency=edit.currency,
        default_price_minor=edit.default_price_minor,
    )


def check_publishable(*, headline: str, bio: str, specialties: list[str], offerings: int) -> None:
    """What a visitor must at least find. Raises Invalid by field."""
    if not headline:
        raise Invalid(t("Write a headline before you publish."), field="headline")
    if not bio:
        raise Invalid(t("Say a few words about yourself before you publish."), field="bio")
    if not specialties:
        raise Invalid(t("Add at least one specialty before you publish."), field="specialties")
    if not offerings:
        raise Invalid(t("Add an offering before you publish, so that people can book you."))


def check_offering(edit: OfferingEdit, *, default: int | None = 0) -> OfferingEdit:
    """`default`: the coach's price for offerings without their own, None where there is none."""
    name = limited(edit.name, 80, "name")
    if not name:
        raise Invalid(t("Give the offering a name."), field="name")
    if edit.place not in PLACES:
        raise Invalid(t("Choose where you meet."), field="place")
    met = edit.place == "in_person"
    place_id = edit.place_id if met else None
    address = limited(edit.address, 300, "address") if met and place_id is None else ""
    if met and place_id is None and not address:
        raise Invalid(t("Give the address where you meet."), field="address")
    _check_numbers(edit)
    check_currency(edit.currency)
    check_price(edit.price_minor, edit.currency, "price_minor")
    if edit.price_minor is None and default is None:
        raise Invalid(t("Give a price, or 0 if it is free."), field="price_minor")
    if edit.intro and edit.price_minor != 0:
        raise Invalid(
            t("A free first session costs nothing: set its price to 0."), field="price_minor"
        )
    _check_terms(edit, edit.price_minor if edit.price_minor is not None else default or 0)
    return OfferingEdit(
        name=name,
        duration_minutes=edit.duration_minutes,
        description=limited(edit.description, 2000, "description"),
        price_minor=edit.price_minor,
        currency=edit.currency,
        place=edit.place,
        address=address,
        place_id=place_id,
        needs_room=edit.needs_room and place_id is not None,
        room_ids=tuple(sorted(set(edit.room_ids))) if edit.needs_room and place_id else (),
        capacity=edit.capacity,
        min_seats=edit.min_seats,
        decide_hours=edit.decide_hours,
        buffer_before=edit.buffer_before,
        buffer_after=edit.buffer_after,
        notice_minutes=edit.notice_minutes,
        window_days=edit.window_days,
        slot_interval=edit.slot_interval,
        per_day=edit.per_day,
        per_week=edit.per_week,
        deposit_bps=edit.deposit_bps,
        deposit_minor=edit.deposit_minor,
        rest=edit.rest,
        no_show_fee_minor=edit.no_show_fee_minor,
        intro=edit.intro,
        questions=check_questions(edit.questions),
    )


def check_template(edit: TemplateEdit, currency: str) -> TemplateEdit:
    """`currency` is that of its offering. Raises Invalid by field."""
    name = limited(edit.name, 80, "name")
    if not name:
        raise Invalid(t("Give the template a name."), field="name")
    if edit.duration_minutes is not None and not 5 <= edit.duration_minutes <= 480:
        raise Invalid(
            t("Give a number between {low} and {high}.", low=5, high=480), field="duration_minutes"
        )
    check_price(edit.price_minor, currency, "price_minor")
    return replace(edit, name=name, agenda=limited(edit.agenda, 2000, "agenda"))


def check_questions(questions: Iterable[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    """Cleaned, with keys q1, q2 … Raises Invalid."""
    cleaned: list[dict[str, Any]] = []
    for question in questions:
        label = limited(str(question.get("label", "")), 200, "questions")
        if not label:
            raise Invalid(t("Every question needs words, or remove it."), field="questions")
        kind = str(question.get("kind", "short"))
        choices = [str(c).strip()[:100] for c in question.get("choices", []) if str(c).strip()]
        if kind not in QUESTION_KINDS or (kind == "choice" and len(choices) < 2):
            raise Invalid(t("A choice needs at least two answers."), field="questions")
        cleaned.append(
            {
                "key": f"q{len(cleaned) + 1}",
                "label": label,
                "kind": kind,
                "required": bool(question.get("required")),
                "choices": choices if kind == "choice" else [],
            }
        )
    if len(cleaned) > 10:
        raise Invalid(t("Ten questions are enough."), field="questions")
    return tuple(cleaned)


def check_answers(questions: list[dict[str, Any]], answers: dict[str, str]) -> dict[str, str]:
    """The answers to these questions. Raises Invalid with the question's key as field."""
    given: dict[str, str] = {}
    for question in questions:
        key = question["key"]
        answer = limited(answers.get(key, ""), 2000, key)
        if question["required"] and not answer:
            raise Invalid(t("Please answer this."), field=key)
        if answer and question["kind"] == "choice" and answer not in question["choices"]:
            raise Invalid(t("Choose one of the answers."), field=key)
        if answer:
            given[key] = answer
    return given


def _check_numbers(edit: OfferingEdit) -> None:
    if edit.per_day is not None and edit.per_week is not None and edit.per_day > edit.per_week:
        raise Invalid(t("A day cannot hold more than its week."), field="per_day")
    if not 0 <= edit.notice_minutes <= MOST_NOTICE_HOURS * 60:
        raise Invalid(
            t("Give a number between {low} and {high}.", low=0, high=MOST_NOTICE_HOURS),
            field="notice_minutes",  # asked for in hours
        )
    for field, value, low, high in (
        ("capacity", edit.capacity, 1, 100),
        ("min_seats", edit.min_seats, 1, max(1, edit.capacity)),
        ("decide_hours", edit.decide_hours, 1, 336),
        ("duration_minutes", edit.duration_minutes, 5, 480),
        ("buffer_before", edit.buffer_before, 0, 240),
        ("buffer_after", edit.buffer_after, 0, 240),
        ("window_days", edit.window_days, 1, 365),
        ("slot_interval", edit.slot_interval, 5, 480),
        ("per_day", edit.per_day, 1, 50),
        ("per_week", edit.per_week, 1, 200),
    ):
        if value is not None and not low <= value <= high:
            raise Invalid(
                t("Give a number between {low} and {high}.", low=low, high=high), field=field
            )


def check_currency(currency: str) -> None:
    if currency not in settings().settled:
        words = t("Nobody can pay here in {currency}. Choose another.", currency=currency)
        raise Invalid(words if currency else t("Choose a currency."), field="currency")


def check_price(minor: int | None, currency: str, field: str) -> None:
    if minor is None or minor == 0:
        return
    if not least(currency) <= minor <= MAX_PRICE:
        raise Invalid(t("This price is too small or too large for a card."), field=field)
    if minor % card_step(currency):
        raise Invalid(t("Cards take this currency in steps of 0.01."), field=field)


def least(currency: str) -> int:
    """Cards are not charged less: half a unit of the large currencies, a hundred of those without
    decimals."""
    return 50 if exponent(currency) != 0 else 100


def deposit_of(price: int, currency: str, bps: int | None, minor: int | None) -> int:
    """What is paid when booking, half up; 0 where the price is too small to be parted."""
    found = minor or 0 if bps is None else share_by_bps(price, bps)
    found = half_up(found, card_step(currency)) * card_step(currency)
    apart = least(currency) <= found <= price - least(currency)
    return found if apart else 0


def may_hold(price: int, rest: str) -> bool:
    """A no-show fee is held where nothing, or not all, is paid before."""
    return price == 0 or rest == "in_person"


def _check_terms(edit: OfferingEdit, price: int) -> None:
    """The deposit, how the rest is paid, and the fee for not coming."""
    if edit.rest not in ("", "before", "in_person"):
        raise Invalid(t("Choose how the rest is paid."), field="rest")
    asked = [one for one in (edit.deposit_bps, edit.deposit_minor) if one is not None]
    if bool(edit.rest) != bool(asked) or len(asked) > 1:
        raise Invalid(t("Give the deposit as a percentage or as an amount."), field="deposit")
    if edit.rest == "in_person" and edit.place != "in_person":
        raise Invalid(t("Only where you meet in person can the rest be paid there."), field="rest")
    if edit.deposit_bps is not None and not 0 < edit.deposit_bps < 10_000:
        raise Invalid(t("A deposit is between 1 and 99 percent."), field="deposit")
    deposit = deposit_of(price, edit.currency, edit.deposit_bps, edit.deposit_minor)
    if edit.rest and not deposit:
        raise Invalid(
            t("Deposit and rest must both be amounts that a card takes."), field="deposit"
        )
    check_price(edit.no_show_fee_minor, edit.currency, "no_show_fee_minor")
    if edit.no_show_fee_minor and not may_hold(price, edit.rest):
        raise Invalid(
            t("A fee can be held for free sessions, or where the rest is paid in person."),
            field="no_show_fee_minor",
        )
    if edit.no_show_fee_minor and price and edit.no_show_fee_minor > price - deposit:
        raise Invalid(
            t("The fee cannot be more than what is still to be paid."), field="no_show_fee_minor"
        )


def _words(values: tuple[str, ...], field: str) -> tuple[str, ...]:
    cleaned = tuple(dict.fromkeys(limited(value, 40, field) for value in values if value.strip()))
    if len(cleaned) > 12:
        raise Invalid(t("Twelve are enough."), field=field)
    return cleaned
