"""Services outside: what each is for, whether it is set up, how the last call went, and a test.

One line a service: whoever adds one to Loom adds it to `services`, and wraps its calls in
`outside.calling(key)`.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import text

from loom_app.domains.operations import probes
from loom_app.domains.operations.vitals import SYSTEM
from loom_app.integrations.oauth import providers
from loom_app.integrations.sms import client as sms
from loom_app.integrations.stripe import webhooks as stripe_webhooks
from loom_app.kit import outside
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx, transaction
from loom_app.kit.errors import NotFound
from loom_app.kit.settings import settings
from loom_app.kit.text import t

PROBE_SECONDS = 15.0
Probe = Callable[[], Awaitable[str]]
State = Literal["good", "bad", "quiet", "off"]

_CALLS = text("SELECT service, worked_at, failed_at, error FROM outside_calls")


@dataclass(frozen=True, slots=True)
class Service:
    """`settings`: the names of what sets it up. `instead`: what happens without it. `probe` makes a
    harmless call and returns who answered, or raises; without one it is the service that calls."""

    key: str
    title: str
    what: str
    settings: tuple[str, ...]
    on: bool
    instead: str
    probe: Probe | None


@dataclass(frozen=True, slots=True)
class ServiceView:
    """A service and how it stands: good, bad (the last call failed), quiet (no call yet), off."""

    service: Service
    state: State
    worked_at: datetime | None
    failed_at: datetime | None
    error: str


@dataclass(frozen=True, slots=True)
class Tested:
    """What came of a test: who answered, or why not."""

    ok: bool
    words: str


def services() -> list[Service]:
    """In the order of the page."""
    chosen = settings()
    return [
        Service(
            "stripe",
            t("Stripe") if chosen.stripe_secret_key else t("Stripe, played by the sandbox"),
            t("Takes and pays out money."),
            ("STRIPE_SECRET_KEY",),
            True,
            "",
            probes.stripe,
        ),
        Service(
            "stripe.webhooks",
            t("What Stripe tells"),
            t("Payments, refunds, disputes as they happen. Stripe calls; it can send a test."),
            ("STRIPE_WEBHOOK_SECRET", "STRIPE_CONNECT_WEBHOOK_SECRET"),
            stripe_webhooks.is_on(connected=False),
            t("Payments are looked up every few minutes."),
            None,
        ),
        Service(
            "mail",
            t("Mail"),
            t("Confirmations, reminders, everything that is mailed."),
            ("SMTP_URL",),
            bool(chosen.smtp_url),
            t("Mail goes to the page /dev/mail."),
            probes.mail,
        ),
        Service(
            "mail.webhooks",
            t("Mail that came back"),
            t("Addresses that bounce or complain get nothing more. The mail service calls."),
            ("LOOM_MAIL_WEBHOOK_SECRET",),
            bool(chosen.mail_webhook_secret),
            t("Only what the mail server refuses at once is known."),
            None,
        ),
        Service(
            "push",
            t("Push to devices"),
            t("Notices on phones and computers, by the browsers' own services. Sent, not tested."),
            ("LOOM_VAPID_PRIVATE_KEY", "LOOM_PUSH_HOSTS"),
            True,
            "",
            None,
        ),
        Service(
            "sms",
            t("Text messages"),
            t("Reminders and changes to phones, by Twilio. Each costs, so none is sent to test."),
            ("LOOM_TWILIO_ACCOUNT_SID", "LOOM_TWILIO_AUTH_TOKEN", "LOOM_TWILIO_SENDER"),
            sms.configured(),
            t("In development they stand at /dev/phone; in production there are none."),
            None,
        ),
        *_ways_in(),
        Service(
            "video",
            t("Video"),
            t("The Jitsi server on which sessions meet."),
            ("LOOM_VIDEO_URL", "LOOM_JITSI_APP_ID", "LOOM_JITSI_SECRET"),
            True,
            "",
            probes.video,
        ),
        Service(
            "scanner",
            t("Virus scanner"),
            t("Looks at every file before anybody gets it."),
            ("LOOM_SCANNER",),
            bool(chosen.scanner),
            t("Files are told by their bytes, and not scanned."),
            probes.scanner,
        ),
        Service(
            "breached",
            t("List of stolen passwords"),
            t("Passwords on it are no new ones."),
            ("LOOM_BREACHED_PASSWORDS",),
            chosen.breached_passwords is not None,
            t("Passwords are judged by how easily they are guessed."),
            probes.breached,
        ),
        Service(
            "redis",
            t("Redis"),
            t("States of open pages, and words between processes."),
            ("REDIS_URL",),
            bool(chosen.redis_url),
            t("States are in memory, words go by PostgreSQL."),
            probes.redis,
        ),
        Service(
            "sentry",
            t("Sentry"),
            t("Hears of failures that nobody expected. A test sends it one message."),
            ("SENTRY_DSN",),
            bool(chosen.sentry_dsn),
            t("Failures are in the log only."),
            probes.sentry,
        ),
        Service(
            "otlp",
            t("Traces"),
            t("Where time goes, for an OpenTelemetry collector."),
            ("LOOM_OTLP_URL",),
            bool(chosen.otlp_url),
            t("No traces are made."),
            probes.otlp,
        ),
    ]


def _ways_in() -> list[Service]:
    on = {one.key: one for one in providers.configured()}
    named = {
        "google": ("Google", ("LOOM_GOOGLE_CLIENT_ID", "LOOM_GOOGLE_CLIENT_SECRET")),
        "microsoft": ("Microsoft", ("LOOM_MICROSOFT_CLIENT_ID", "LOOM_MICROSOFT_CLIENT_SECRET")),
        "github": ("GitHub", ("LOOM_GITHUB_CLIENT_ID", "LOOM_GITHUB_CLIENT_SECRET")),
        "oidc": (
            settings().oidc_name,
            ("LOOM_OIDC_ISSUER", "LOOM_OIDC_CLIENT_ID", "LOOM_OIDC_CLIENT_SECRET"),
        ),
    }
    return [
        Service(
            f"oauth.{key}",
            t("Signing in with {name}", name=name),
            t("A way in beside the password."),
            needs,
            key in on,
            t("The button is not there."),
            probes.way_in(key),
        )
        for key, (name, needs) in named.items()
    ]


def _find(key: str) -> Service:
    for one in services():
        if one.key == key:
            return one
    raise NotFound


async def views(tx: Tx, me: Actor) -> list[ServiceView]:
    """Raises Forbidden."""
    me.require("health.see")
    async with tx.acting_as_system(SYSTEM):
        calls = {row.service: row for row in await tx.db.execute(_CALLS)}
    found: list[ServiceView] = []
    for one in services():
        row = calls.get(one.key)
        worked, failed = (row.worked_at, row.failed_at) if row else (None, None)
        error = row.error if row else ""
        found.append(ServiceView(one, _state(one, worked, failed), worked, failed, error))
    return found


def _state(one: Service, worked: datetime | None, failed: datetime | None) -> State:
    if not one.on:
        return "off"
    if failed and (worked is None or failed > worked):
        return "bad"
    return "good" if worked else "quiet"


async def test(me: Actor, key: str) -> Tested:
    """Make one harmless call and write down how it went. Raises Forbidden, NotFound.

    Opens transactions of its own: none is open while the service is waited for.
    """
    me.require("health.see")
    one = _find(key)
    if one.probe is None or not one.on:
        raise NotFound
    try:
        with outside.calling(key):
            async with asyncio.timeout(PROBE_SECONDS):
                said = await one.probe()
    except TimeoutError:
        tested = Tested(False, t("It did not answer within {n} seconds.", n=round(PROBE_SECONDS)))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what staff asked to see
        tested = Tested(False, outside.in_words(error))
    else:
        tested = Tested(True, said)
    await outside.write()
    async with transaction(me) as tx:
        outcome = {"service": key, "outcome": "answered" if tested.ok else "failed"}
        await audit(tx, "service.test", "service", 0, after=outcome)
    return tested
