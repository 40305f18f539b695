"""What can be chosen, area by area: types, ranges, and what holds while nothing is chosen."""

import ipaddress
from datetime import datetime
from email.utils import formataddr, parseaddr
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from loom_app.domains.platform.declared import declared
from loom_app.kit.addresses import is_header_address
from loom_app.kit.errors import Invalid, NotFound
from loom_app.kit.settings import environment
from loom_app.kit.text import t

# hours before the start until which cancelling is free, and what is given back after that
FREE_HOURS = (0, 2, 6, 12, 24, 48, 72, 168)
LATE_PERCENTS = (0, 25, 50, 75)


class InvalidChoices(Invalid):
    """Several fields are wrong: `fields` says of each what."""

    def __init__(self, fields: dict[str, str]) -> None:
        field, message = next(iter(fields.items()))
        super().__init__(message, field=field)
        self.fields = fields


def _mail_address(value: str) -> str:
    if value and not is_header_address(value):
        raise ValueError(t("Give an address such as help@example.org, or nothing."))
    return value


def _network(value: str) -> str:
    try:
        return str(ipaddress.ip_network(value, strict=False))
    except ValueError:
        raise ValueError(
            t(
                "“{value}” is no network address, such as 203.0.113.7 or 203.0.113.0/24.",
                value=value,
            )
        ) from None


MailAddress = Annotated[str, Field(max_length=200), AfterValidator(_mail_address)]
Networks = Annotated[list[Annotated[str, AfterValidator(_network)]], Field(max_length=50)]
People = Annotated[list[int], Field(max_length=200)]
OneLine = Annotated[str, Field(pattern=r"^[^\r\n\x00-\x1f]*$")]


class Area(BaseModel):
    """Chosen together and shown together."""

    model_config = ConfigDict(extra="ignore", frozen=True, str_strip_whitespace=True)


class Money(Area):
    """Fees and prices; amounts in minor units."""

    platform_fee_bps: int = Field(ge=0, le=10_000)
    platform_fee_fixed_minor: int = Field(ge=0, le=1_000_000)
    default_rate_currency: str
    default_rate_minor: int = Field(ge=0, le=9_999_999)
    payout_minimum_minor: int = Field(ge=1, le=10_000_000)
    release_hours: int = Field(ge=0, le=24 * 60)
    credit_months: int = Field(ge=1, le=120)

    @field_validator("default_rate_currency")
    @classmethod
    def _settled(cls, value: str) -> str:
        if value not in environment().settled:
            raise ValueError(
                t("Nobody can pay here in {currency}. Choose another.", currency=value)
            )
        return value


class Booking(Area):
    """When money moves around a session, and what new coaches begin with."""

    cancel_free_hours: int
    cancel_late_percent: int
    rest_hours_before: int = Field(ge=1, le=24 * 14)
    hold_hours_before: int = Field(ge=1, le=72)

    @field_validator("cancel_free_hours", "cancel_late_percent")
    @classmethod
    def _listed(cls, value: int, info: ValidationInfo) -> int:
        if value not in (FREE_HOURS if info.field_name == "cancel_free_hours" else LATE_PERCENTS):
            raise ValueError(t("Choose from the list."))
        return value


class Limits(Area):
    """How much one person, or one address, may do."""

    messages_per_minute: int = Field(ge=1, le=10_000)
    messages_burst: int = Field(ge=1, le=10_000)
    uploads_per_hour: int = Field(ge=1, le=10_000)
    upload_files_per_person: int = Field(ge=1, le=1_000_000)
    upload_total_megabytes: int = Field(ge=1, le=1_000_000)
    invitations_per_day: int = Field(ge=1, le=100_000)
    signups_per_hour: int = Field(ge=1, le=10_000)
    signins_per_10_minutes: int = Field(ge=1, le=10_000)


class Branding(Area):
    """What the platform is called, its colour, and where people get help."""

    brand_name: OneLine = Field(min_length=1, max_length=30)
    brand_accent: str
    support_address: MailAddress

    @field_validator("brand_accent")
    @classmethod
    def _colour(cls, value: str) -> str:
        digits = value.removeprefix("#").lower()
        if digits and (len(digits) != 6 or set(digits) - set("0123456789abcdef")):
            raise ValueError(t("Write the colour as six hex digits, such as #2f6f6b."))
        return f"#{digits}" if digits else ""


class Mail(Area):
    """Who mail comes from. The address itself is the environment's: DNS vouches for it."""

    mail_name: OneLine = Field(min_length=1, max_length=60)
    mail_reply_to: MailAddress


class Announcement(Area):
    """One line above every page, while there is one."""

    text: OneLine = Field(default="", max_length=300)
    kind: Literal["info", "good", "warn"] = "info"
    audience: Literal["everyone", "visitors", "people", "clients", "coaches", "staff"] = "everyone"
    starts: datetime | None = None
    ends: datetime | None = None
    dismissible: bool = True

    @model_validator(mode="after")
    def _in_order(self) -> "Announcement":
        return _ordered(self, self.starts, self.ends)


class Maintenance(Area):
    """Closed for all but staff, these people, and who comes from these networks."""

    on: bool = False
    message: str = Field(default="", max_length=500)
    back_at: datetime | None = None
    people: People = []
    networks: Networks = []


class FlagRule(Area):
    """Whom a feature is on for. These `people` always, while it is on and within its dates; of
    the rest, those of one of the `roles` (none: all), and of these so many `percent`."""

    on: bool
    percent: int = Field(default=100, ge=0, le=100)
    roles: list[Literal["visitor", "client", "coach", "staff"]] = []
    people: People = []
    starts: datetime | None = None
    ends: datetime | None = None

    @model_validator(mode="after")
    def _in_order(self) -> "FlagRule":
        return _ordered(self, self.starts, self.ends)


def _ordered(area: Any, starts: datetime | None, ends: datetime | None) -> Any:
    if starts and ends and ends <= starts:
        raise ValueError("ends")
    return area


SETTINGS: dict[str, type[Area]] = {
    "money": Money,
    "booking": Booking,
    "limits": Limits,
    "branding": Branding,
    "mail": Mail,
}
NOTICES: dict[str, type[Area]] = {"announcement": Announcement, "maintenance": Maintenance}
FLAG = "flag:"


def kind_of(area: str) -> type[Area]:
    """The type of an area. Raises NotFound for what is none."""
    found = {**SETTINGS, **NOTICES}.get(area)
    if found is None and area.removeprefix(FLAG) in declared() and area.startswith(FLAG):
        found = FlagRule
    if found is None:
        raise NotFound
    return found


def usual(area: str) -> dict[str, Any]:
    """What holds while nothing is chosen: the environment, or what the code declares."""
    kind = kind_of(area)
    if area in SETTINGS:
        told = environment()
        names = [name for name in kind.model_fields if name != "mail_name"]
        found = {name: getattr(told, name) for name in names}
        if area == "mail":
            found["mail_name"] = parseaddr(told.mail_from)[0] or told.brand_name
        return found
    if area.startswith(FLAG):
        return {"on": declared()[area.removeprefix(FLAG)].usual}
    return {}


def whole(area: str, chosen: dict[str, Any]) -> Area:
    """An area with all its values. What no longer fits (an older version of Loom chose it) is left
    out, and the usual holds."""
    kind, base = kind_of(area), usual(area)
    known = {name: value for name, value in chosen.items() if name in kind.model_fields}
    try:
        return kind.model_validate({**base, **known})
    except ValidationError as error:
        wrong = {str(one["loc"][0]) for one in error.errors() if one["loc"]} or set(known)
        fit = {name: value for name, value in known.items() if name not in wrong}
        try:
            return kind.model_validate({**base, **fit})
        except ValidationError:  # what the environment says is not asked twice
            return kind.model_construct(**{**base, **fit})


def checked(area: str, values: dict[str, Any]) -> Area:
    """What somebody wants to choose. Raises InvalidChoices, NotFound."""
    try:
        return kind_of(area).model_validate({**usual(area), **values})
    except ValidationError as error:
        fields = {str(one["loc"][0]) if one["loc"] else "ends": one for one in error.errors()}
        raise InvalidChoices({name: _words(one) for name, one in fields.items()}) from None


def chosen_of(area: str, found: Area) -> dict[str, Any]:
    """What of it differs from the usual, as JSON keeps it."""
    base = whole(area, {}).model_dump(mode="json")
    return {name: v for name, v in found.model_dump(mode="json").items() if base[name] != v}


def overlay(found: dict[str, Area]) -> dict[str, Any]:
    """What stands in place of the environment, for `kit.settings.choose`."""
    values: dict[str, Any] = {}
    for area in SETTINGS:
        base = usual(area)
        said = found[area].model_dump() if area in found else base
        values |= {name: value for name, value in said.items() if value != base[name]}
    if "mail_name" in values:
        values["mail_from"] = formataddr(
            (values.pop("mail_name"), parseaddr(environment().mail_from)[1])
        )
    return values


def _words(error: Any) -> str:
    """What pydantic found, in our words."""
    kind, more = str(error["type"]), error.get("ctx", {})
    if kind == "value_error":
        said = str(more["error"])
        return t("The end must be after the beginning.") if said == "ends" else said
    if kind.startswith("int"):
        return t("Give a whole number.")
    bounds = {
        "greater_than_equal": t("Give {bound} or more.", bound=more.get("ge")),
        "less_than_equal": t("Give {bound} or less.", bound=more.get("le")),
        "string_too_long": t("Keep this under {n} characters.", n=more.get("max_length")),
        "string_too_short": t("Please fill this in."),
        "too_long": t("{n} are enough.", n=more.get("max_length")),
    }
    return bounds.get(kind, t("This does not fit here."))


@cache
def all_areas() -> tuple[str, ...]:
    """In the order of the page."""
    return (*SETTINGS, *NOTICES, *(f"{FLAG}{name}" for name in declared()))
