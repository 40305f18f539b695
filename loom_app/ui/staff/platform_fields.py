"""How the fields of an area are said: their words, what is typed in them, and back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from loom_app.domains.platform import queries
from loom_app.kit.i18n import times
from loom_app.kit.money import Money, exponent
from loom_app.kit.settings import environment
from loom_app.kit.text import t

Options = tuple[tuple[str, str], ...]
MOST = 10**12


@dataclass(frozen=True)
class Spec:
    """`kind`: whole, percent, money, text, long, choice, yes, when, people, lines or many."""

    name: str
    kind: str
    title: str
    hint: str = ""
    options: Options = ()


@dataclass(frozen=True)
class AreaSpec:
    title: str
    words: str
    fields: tuple[Spec, ...]


def _hours(name: str, title: str, hint: str = "") -> Spec:
    return Spec(name, "whole", title, hint or t("Hours."))


def _money() -> AreaSpec:
    currencies = tuple((code, code) for code in environment().settled)
    smallest = t("In the smallest unit of the sale’s currency, such as cents.")
    return AreaSpec(
        t("Money"),
        t("For later sales; what is sold keeps its terms."),
        (
            Spec("platform_fee_bps", "percent", t("Platform fee"), t("Percent of the price.")),
            Spec("platform_fee_fixed_minor", "whole", t("Fixed part of the fee"), smallest),
            Spec(
                "default_rate_minor",
                "money",
                t("Price of an hour"),
                t("Where neither the offering nor the coach says one. 0: they must say one."),
            ),
            Spec("default_rate_currency", "choice", t("Its currency"), "", currencies),
            Spec("payout_minimum_minor", "whole", t("Smallest payout"), smallest),
            _hours("release_hours", t("A session’s money waits"), t("Hours after its end.")),
            Spec("credit_months", "whole", t("Credit lasts"), t("Months.")),
        ),
    )


def _booking() -> AreaSpec:
    free = tuple((str(n), t("{n} hours before", n=n)) for n in queries.FREE_HOURS)
    late = tuple((str(n), f"{n} %") for n in queries.LATE_PERCENTS)
    return AreaSpec(
        t("Booking"),
        t("The policy is what new coaches begin with; theirs is their own."),
        (
            Spec("cancel_free_hours", "choice", t("Cancelling is free until"), "", free),
            Spec("cancel_late_percent", "choice", t("Given back after that"), "", late),
            _hours("rest_hours_before", t("The rest of a price is charged"), t("Hours before.")),
            _hours("hold_hours_before", t("A no-show fee is held"), t("Hours before.")),
        ),
    )


def _limits() -> AreaSpec:
    return AreaSpec(
        t("Limits"),
        t("What one person, or one network address, may do."),
        (
            Spec("messages_per_minute", "whole", t("Messages a minute")),
            Spec("messages_burst", "whole", t("Messages at once")),
            Spec("uploads_per_hour", "whole", t("Files an hour")),
            Spec("upload_files_per_person", "whole", t("Files a person keeps")),
            Spec("upload_total_megabytes", "whole", t("Room for them"), t("Megabytes.")),
            Spec("invitations_per_day", "whole", t("Invitations a day")),
            Spec("signups_per_hour", "whole", t("Sign-ups an hour"), t("From one address.")),
            Spec("signins_per_10_minutes", "whole", t("Sign-ins in ten minutes")),
        ),
    )


def _branding() -> AreaSpec:
    return AreaSpec(
        t("Name and colour"),
        t("On every page and in every mail."),
        (
            Spec("brand_name", "text", t("Name")),
            Spec(
                "brand_accent",
                "text",
                t("Colour"),
                t("Six hex digits; empty for ours. It becomes as dark as reading needs."),
            ),
            Spec("support_address", "text", t("Where people get help"), t("A mail address.")),
        ),
    )


def _mail() -> AreaSpec:
    return AreaSpec(
        t("Mail"),
        t("The address itself stands in the environment, since DNS vouches for it."),
        (
            Spec("mail_name", "text", t("Sender’s name")),
            Spec("mail_reply_to", "text", t("Answers go to"), t("Empty: to the sender.")),
        ),
    )


def _announcement() -> AreaSpec:
    audiences = (
        ("everyone", t("Everybody")),
        ("visitors", t("Who is not signed in")),
        ("people", t("Who is signed in")),
        ("clients", t("Clients")),
        ("coaches", t("Coaches")),
        ("staff", t("Staff")),
    )
    kinds = (("info", t("News")), ("good", t("Good news")), ("warn", t("A warning")))
    return AreaSpec(
        t("Announcement"),
        t("One line above every page, also on pages that are open."),
        (
            Spec("text", "text", t("Words"), t("Empty: none.")),
            Spec("kind", "choice", t("Kind"), "", kinds),
            Spec("audience", "choice", t("For"), "", audiences),
            Spec("starts", "when", t("From"), t("Empty: at once.")),
            Spec("ends", "when", t("Until"), t("Empty: until it is taken away.")),
            Spec("dismissible", "yes", t("Can be put away")),
        ),
    )


def _maintenance() -> AreaSpec:
    return AreaSpec(
        t("Maintenance"),
        t("Closes Loom for all but staff, at once. Events of Stripe are still taken in."),
        (
            Spec("on", "yes", t("Closed")),
            Spec("message", "long", t("What people read")),
            Spec("back_at", "when", t("Back at"), t("As far as one knows; it opens by hand.")),
            Spec("people", "people", t("Who is let in"), t("Mail addresses, one a line.")),
            Spec("networks", "lines", t("From where"), t("Such as 203.0.113.0/24, one a line.")),
        ),
    )


def _flag(name: str) -> AreaSpec:
    flag = queries.declared()[name]
    roles = (
        ("visitor", t("Visitors")),
        ("client", t("Clients")),
        ("coach", t("Coaches")),
        ("staff", t("Staff")),
    )
    return AreaSpec(
        flag.title,
        flag.words,
        (
            Spec("on", "yes", t("On")),
            Spec("percent", "whole", t("Percent of them"), t("The same people every time.")),
            Spec("roles", "many", t("For"), t("None ticked: for everybody."), roles),
            Spec("people", "people", t("Always for"), t("Mail addresses, one a line.")),
            Spec("starts", "when", t("From"), t("Empty: at once.")),
            Spec("ends", "when", t("Until"), t("Empty: for ever.")),
        ),
    )


@cache
def spec(area: str) -> AreaSpec:
    made = {
        "money": _money,
        "booking": _booking,
        "limits": _limits,
        "branding": _branding,
        "mail": _mail,
        "announcement": _announcement,
        "maintenance": _maintenance,
    }
    return made[area]() if area in made else _flag(area.partition(":")[2])


# from values to what a field holds


def typed(one: Spec, values: Mapping[str, Any], zone: str, known: Mapping[int, str]) -> str:
    """What the field begins with; `known` are mail addresses of people."""
    value = values[one.name]
    if one.kind == "percent":
        return f"{(Decimal(value) / 100).normalize():f}"
    if one.kind == "money":
        currency = values["default_rate_currency"]
        return f"{Money(value, currency).decimal:f}"
    if one.kind == "when":
        local = times.local(datetime.fromisoformat(value), zone) if value else None
        return local.strftime("%Y-%m-%dT%H:%M") if local else ""
    if one.kind == "people":
        return "\n".join(known[number] for number in value if number in known)
    if one.kind in ("lines", "many"):
        return "\n".join(value)
    return "" if value is None else str(value)


def said(one: Spec, value: Any, zone: str, known: Mapping[int, str], currency: str) -> str:
    """A value in words, for what is compared; `currency` is that of money."""
    if one.kind == "money":
        return Money(value, currency).format()
    if one.kind == "percent":
        return f"{(Decimal(value) / 100).normalize():f} %"
    if one.kind == "when" and value:
        return times.when(datetime.fromisoformat(value), zone)
    if one.kind == "people":
        value = [known.get(number, f"#{number}") for number in value]
    words = {"True": t("Yes"), "False": t("No")} if one.kind == "yes" else dict(one.options)
    several = value if isinstance(value, list) else [value]
    told = (str(each) for each in several if each is not None)
    return ", ".join(words.get(each, each) for each in told) or "—"


# from a form to values


def read(one: Spec, form: Mapping[str, Any], zone: str) -> Any:
    """What was typed; people are mail addresses still. Raises ValueError in words."""
    if one.kind == "many":
        return [value for value, _ in one.options if form.get(f"{one.name}-{value}")]
    found = form.get(one.name, "")
    text = str(found).strip()
    if one.kind in ("percent", "money"):
        currency = str(form.get("default_rate_currency", ""))
        return _scaled(text, 2 if one.kind == "percent" else exponent(currency))
    if one.kind == "when":
        return _moment(text, zone)
    if one.kind in ("people", "lines"):
        return [line.strip() for line in text.splitlines() if line.strip()]
    return bool(found) if one.kind == "yes" else text


def _scaled(text: str, places: int) -> int:
    try:
        number = Decimal(text.replace(",", ".") or "0").scaleb(places)
    except InvalidOperation:
        number = Decimal("nan")
    if not number.is_finite() or number != number.to_integral_value() or abs(number) > MOST:
        raise ValueError(t("Give a number with at most {n} decimals.", n=places))
    return int(number)


def _moment(text: str, zone: str) -> str | None:
    if not text:
        return None
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(t("Give a day and a time.")) from None
    return local.replace(tzinfo=local.tzinfo or ZoneInfo(zone)).astimezone(UTC).isoformat()
