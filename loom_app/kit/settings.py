"""Typed settings, read from the environment and `.env`; documented in `.env.example`."""

import functools
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from loom_app.kit.addresses import is_header_address

ROOT = Path(__file__).resolve().parents[2]


PAYMENT_METHODS = frozenset({"card", "link", "us_bank_account", "sepa_debit"})


class SettingsError(Exception):
    """The environment is wrong; the message says which variable and how to mend it."""


class Settings(BaseSettings):
    """Every variable has the prefix `LOOM_`, but for names that the field already knows."""

    model_config = SettingsConfigDict(env_prefix="LOOM_", env_file=ROOT / ".env", extra="ignore")

    public_url: str = Field(default="", description="Address people open; set = production start")
    host: str = Field(default="127.0.0.1", description="Interface the server binds")
    port: int = Field(default=8000, ge=1, le=65535, description="Port the server binds")
    data_dir: Path = Field(default=ROOT / ".loom", description="Embedded database, files, keys")
    secret_key: str = Field(default="", description="Key for signatures; made once in development")
    database_url: str = Field(
        default="", validation_alias="DATABASE_URL", description="postgresql://…; empty = embedded"
    )
    database_pool: int = Field(default=10, ge=1, le=200, description="Connections per process")
    migrate: bool = Field(
        default=True, description="Migrate at start; false = `cli migrate` is a step of its own"
    )
    drain_seconds: float = Field(
        default=0,
        ge=0,
        le=300,
        description="Seconds a process told to stop goes on serving, for proxies to notice",
    )
    redis_url: str = Field(
        default="",
        validation_alias="REDIS_URL",
        description="redis://…; empty = page states in memory, signals by PostgreSQL",
    )
    stripe_secret_key: str = Field(
        default="", validation_alias="STRIPE_SECRET_KEY", description="sk_…; empty = sandbox"
    )
    stripe_webhook_secret: str = Field(
        default="", validation_alias="STRIPE_WEBHOOK_SECRET", description="whsec_…; old,new allowed"
    )
    stripe_connect_webhook_secret: str = Field(
        default="",
        validation_alias="STRIPE_CONNECT_WEBHOOK_SECRET",
        description="whsec_… of /webhooks/stripe-connect (coaches' accounts); empty = off",
    )
    sentry_dsn: str = Field(
        default="", validation_alias="SENTRY_DSN", description="https://…; empty = log only"
    )
    smtp_url: str = Field(
        default="", validation_alias="SMTP_URL", description="smtp[s]://…; empty = mailbox page"
    )
    mail_from: str = Field(default="Loom <hello@loom.test>", description="Sender of all mail")
    mail_reply_to: str = Field(default="", description="Where answers go; empty = to the sender")
    mail_webhook_secret: str = Field(
        default="",
        repr=False,
        pattern=r"^$|^.{24,}$",
        description="Proves who tells of mail that came back, 24 characters or more; empty = off",
    )
    vapid_private_key: str = Field(
        default="",
        repr=False,
        pattern=r"^([A-Za-z0-9_-]{43}=?)?$",
        description="Key of web push, 32 bytes in base64url; empty = made of the secret key",
    )
    push_hosts: str = Field(
        default="fcm.googleapis.com,*.push.services.mozilla.com,*.notify.windows.com,"
        "*.push.apple.com",
        description="Push services that are written to, with commas; * in front is any below",
    )
    twilio_account_sid: str = Field(
        default="", description="AC…; empty = no text messages (in development: /dev/phone)"
    )
    twilio_auth_token: str = Field(default="", description="Its secret", repr=False)
    twilio_sender: str = Field(
        default="", description="Number in E.164 or MG… of a messaging service that texts come from"
    )
    twilio_url: str = Field(
        default="https://api.twilio.com", description="Another address for another region"
    )
    sms_month_cap_cents: int = Field(
        default=5000, ge=0, description="Texts stop for the month at this cost, cents; 0 = no limit"
    )
    sms_codes_per_day: int = Field(
        default=100, ge=1, description="Codes by text that everybody together gets within 24 hours"
    )
    brand_name: str = Field(
        default="Loom", min_length=1, max_length=30, description="What the platform is called"
    )
    brand_accent: str = Field(
        default="", pattern=r"^(#[0-9a-f]{6})?$", description="Its colour, #rrggbb; empty = teal"
    )
    support_address: str = Field(default="", description="Mail address where people get help")
    default_rate_minor: int = Field(
        default=0,
        ge=0,
        le=9_999_999,
        description="An hour with coaches who set no price, minor units; 0 = they must set one",
    )
    default_rate_currency: str = Field(default="USD", description="The currency of that rate")
    cancel_free_hours: int = Field(
        default=24, description="Until so many hours before a new coach's clients cancel for free"
    )
    cancel_late_percent: int = Field(
        default=0, description="What they get back after that, in percent"
    )
    platform_fee_bps: int = Field(default=1500, ge=0, le=10000, description="Fee, basis points")
    platform_fee_fixed_minor: int = Field(default=0, ge=0, description="Fixed fee, minor units")
    platform_country: str = Field(default="US", description="Where the platform is, ISO 3166")
    release_hours: int = Field(
        default=24, ge=0, description="Hours from a completed session until its money is available"
    )
    rest_hours_before: int = Field(
        default=48, ge=1, description="Hours before a session when the rest of its price is charged"
    )
    hold_hours_before: int = Field(
        default=24,
        ge=1,
        le=72,
        description="Hours before a session when a no-show fee is held on the card",
    )
    payout_minimum_minor: int = Field(
        default=2500, ge=1, description="Smallest payout a coach begins with, minor units"
    )
    payment_methods: str = Field(
        default="card",
        description="Ways to pay, with commas: card, link, us_bank_account, sepa_debit",
    )
    settled_currencies: str = Field(
        default="USD,EUR,GBP,CHF,AUD,INR,JPY,KWD",
        description="Currencies that Stripe pays Loom in, with commas; nothing is sold in others",
    )
    payout_wait_hours: int = Field(
        default=72, ge=1, description="Hours a payout waits for money before staff is told"
    )
    credit_months: int = Field(default=12, ge=1, description="Months until credit runs out")
    video_url: str = Field(
        default="https://meet.jit.si", description="Jitsi Meet server for video sessions"
    )
    jitsi_app_id: str = Field(default="", description="Issuer of tokens; empty = no tokens")
    jitsi_secret: str = Field(default="", description="Secret that signs them", repr=False)
    google_client_id: str = Field(default="", description="Signing in with Google; empty = off")
    google_client_secret: str = Field(default="", description="Its secret", repr=False)
    microsoft_client_id: str = Field(default="", description="Signing in with Microsoft")
    microsoft_client_secret: str = Field(default="", description="Its secret", repr=False)
    microsoft_tenant: str = Field(
        default="common",
        pattern=r"^[A-Za-z0-9.-]+$",
        description="Whose accounts: common, consumers, organizations, or one directory you trust",
    )
    github_client_id: str = Field(default="", description="Signing in with GitHub; empty = off")
    github_client_secret: str = Field(default="", description="Its secret", repr=False)
    github_url: str = Field(
        default="https://github.com", description="Another address for GitHub Enterprise Server"
    )
    oidc_issuer: str = Field(
        default="", description="Any OpenID Connect provider by its issuer, https://…; empty = off"
    )
    oidc_client_id: str = Field(default="", description="Loom's client there")
    oidc_client_secret: str = Field(default="", description="Its secret", repr=False)
    oidc_name: str = Field(default="Single sign-on", description="Its name on the button")
    demo: bool = Field(default=True, description="Seed demo people at the first start")
    trusted_proxy_hops: int = Field(default=0, ge=0, le=5, description="Proxies in front")
    sockets_total: int = Field(default=12000, ge=1, description="Open websockets per process")
    sockets_per_session: int = Field(default=10, ge=1, description="Open websockets per sign-in")
    sockets_per_address: int = Field(
        default=20, ge=1, description="Open unauthenticated websockets per address"
    )
    handshakes_per_10s: int = Field(
        default=30, ge=1, description="Unauthenticated handshakes per address in 10 s"
    )
    knocks_per_10s: int = Field(
        default=600, ge=1, description="Handshakes per address in 10 s, of whomever"
    )
    events_per_10s: int = Field(
        default=300, ge=1, description="Events per person, or address of visitors, in 10 s"
    )
    connect_seconds: float = Field(
        default=5.0, gt=0, description="How long an open websocket may say nothing at first"
    )
    frames_per_second: int = Field(default=20, ge=1, description="Websocket frames per socket")
    frames_burst: int = Field(default=120, ge=1, description="Websocket frames in a burst")
    frame_bytes: int = Field(default=65536, ge=1024, description="Largest websocket frame")
    signups_per_hour: int = Field(default=5, ge=1, description="Sign-ups per address and hour")
    signins_per_10_minutes: int = Field(default=20, ge=1, description="Sign-ins per address")
    invitations_per_day: int = Field(default=500, ge=1, description="Invitations of a person a day")
    messages_per_minute: int = Field(default=60, ge=1, description="Chat messages per person")
    messages_burst: int = Field(default=100, ge=1, description="Chat messages in a burst")
    upload_megabytes: int = Field(default=10, ge=1, le=100, description="Largest file of a message")
    uploads_per_hour: int = Field(default=20, ge=1, description="Files a person brings in an hour")
    upload_files_per_person: int = Field(default=200, ge=1, description="Files a person may have")
    upload_total_megabytes: int = Field(
        default=1000, ge=1, description="Room for all files of a person"
    )
    breached_passwords: Path | None = Field(
        default=None,
        description="Have I Been Pwned's file, ordered by SHA-1: what it lists is no new password",
    )
    scanner: str = Field(default="", description="clamd that looks at files, host:port")
    audit_days: int = Field(
        default=730, ge=0, description="Days the audit trail is kept, at least 90; 0 = for ever"
    )
    metrics_token: str = Field(
        default="", description="Bearer token for /metrics; empty = from this machine only"
    )
    otlp_url: str = Field(
        default="", description="OpenTelemetry collector, http(s)://host:4318; empty = no traces"
    )
    slow_statement_ms: int = Field(
        default=200, ge=1, description="Statements that take as long are logged with their text"
    )
    log_json: bool = Field(default=False, description="Logs as JSON lines")

    @field_validator("github_url", "oidc_issuer", "twilio_url")
    @classmethod
    def _told_in_private(cls, value: str) -> str:
        """Who signs in there is told to us: in private, or on this very machine."""
        parts = urlsplit(value)
        here = parts.hostname in {"localhost", "127.0.0.1", "::1"}
        if value and not ((parts.netloc and parts.scheme == "https") or (here and parts.scheme)):
            raise ValueError("must be an address like https://login.example.org")
        return value.rstrip("/") if not parts.path.strip("/") else value

    @field_validator("mail_reply_to")
    @classmethod
    def _answerable(cls, value: str) -> str:
        if value and not is_header_address(value):
            raise ValueError("an address such as help@example.org")
        return value

    @field_validator("video_url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.netloc or parts.query:
            raise ValueError("must be an address like https://meet.example.org")
        return value.rstrip("/")

    @field_validator("audit_days")
    @classmethod
    def _long_enough(cls, value: int) -> int:
        if 0 < value < 90:
            raise ValueError("must be 90 or more, or 0 for ever")
        return value

    @field_validator("public_url")
    @classmethod
    def _no_trailing_slash(cls, value: str) -> str:
        if value and urlsplit(value).scheme not in {"http", "https"}:
            raise ValueError("must start with https:// (or http:// behind a private network)")
        return value.rstrip("/")

    @field_validator("payment_methods")
    @classmethod
    def _known_ways_to_pay(cls, value: str) -> str:
        names = [name.strip() for name in value.split(",")]
        if "card" not in names or set(names) - PAYMENT_METHODS:
            known = ", ".join(sorted(PAYMENT_METHODS))
            raise ValueError(f"must name card, and may name others of: {known}")
        return ",".join(dict.fromkeys(names))

    @field_validator("settled_currencies")
    @classmethod
    def _codes_of_currencies(cls, value: str) -> str:
        codes = [code.strip().upper() for code in value.split(",")]
        if not all(len(code) == 3 and code.isascii() and code.isalpha() for code in codes):
            raise ValueError("must be currencies by their three letters, with commas: USD,EUR")
        return ",".join(dict.fromkeys(codes))

    @field_validator("database_url")
    @classmethod
    def _postgres_only(cls, value: str) -> str:
        if value and not value.startswith(("postgresql://", "postgres://")):
            raise ValueError("must start with postgresql:// (Loom runs on PostgreSQL only)")
        return value

    @field_validator("redis_url")
    @classmethod
    def _redis_only(cls, value: str) -> str:
        if value and not value.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("must start with redis://, rediss:// or unix://")
        return value

    @model_validator(mode="after")
    def _production_refuses_defaults(self) -> "Settings":
        if not self.production:
            return self
        missing = [
            name
            for name, fine in (
                ("LOOM_SECRET_KEY (at least 32 characters)", len(self.secret_key) >= 32),
                ("DATABASE_URL", bool(self.database_url)),
                ("STRIPE_SECRET_KEY", bool(self.stripe_secret_key)),
                ("STRIPE_WEBHOOK_SECRET", bool(self.stripe_webhook_secret)),
                ("SMTP_URL", bool(self.smtp_url)),
                ("LOOM_DEMO=false", not self.demo),
            )
            if not fine
        ]
        if missing:
            raise ValueError(
                "LOOM_PUBLIC_URL is set, so this is a production start; set as well: "
                + ", ".join(missing)
            )
        return self

    @property
    def production(self) -> bool:
        """A public address makes a production start."""
        return bool(self.public_url)

    @property
    def base_url(self) -> str:
        """Where links in mail point: never taken from a request."""
        return self.public_url or f"http://localhost:{self.port}"

    @property
    def https(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def stripe_sandbox(self) -> bool:
        return not self.stripe_secret_key

    @property
    def settled(self) -> tuple[str, ...]:
        """The currencies that are sold in. Stripe would turn any other into one of them, and a
        payout in it would wait for ever."""
        return tuple(self.settled_currencies.split(","))

    def key(self) -> bytes:
        """The signing key: from the environment, or made once and kept beside the data."""
        if self.secret_key:
            return self.secret_key.encode()
        path = self.data_dir / "secret.key"
        if not path.exists():
            self.data_dir.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(48))
        return path.read_text().encode()


_chosen: dict[str, Any] = {}
_hearers: list[Callable[[], None]] = []


@functools.cache
def settings() -> Settings:
    """What holds in this process: the environment, and in place of it what staff chose while it
    runs (`choose`). Raises SettingsError in words."""
    found = environment()
    return found.model_copy(update=_chosen) if _chosen else found


def choose(values: dict[str, Any]) -> None:
    """These hold from now on in place of the environment; they were validated by who chose."""
    if values != _chosen:
        _chosen.clear()
        _chosen.update(values)
        settings.cache_clear()
        for hearer in _hearers:
            hearer()


def on_choice(hearer: Callable[[], None]) -> None:
    """Call it whenever what holds has changed: for what is made of settings and kept."""
    _hearers.append(hearer)


def environment() -> Settings:
    """The settings as this process was started with. Raises SettingsError in words."""
    try:
        return Settings()
    except ValidationError as error:
        lines = [
            f"  {'.'.join(str(part) for part in item['loc']) or 'settings'}: {item['msg']}"
            for item in error.errors()
        ]
        raise SettingsError("These settings are wrong:\n" + "\n".join(lines)) from None
