"""Is Loom's configuration of Stripe right? Each line says what was found and what to do about it.

Reads only. What cannot be known from outside is said to be unsure, never guessed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import stripe

from loom_app.integrations.stripe.platform import (
    ACCOUNT_EVENTS,
    CONNECTED_EVENTS,
    OWN_EVENTS,
    Destination,
    Platform,
    any_account,
    balance_currencies,
    event_destinations,
    platform,
)
from loom_app.integrations.stripe.sandbox.app import SandboxRefused, sandbox_app
from loom_app.integrations.stripe.secrets import SANDBOX_KEY, connect_secrets, webhook_secrets
from loom_app.integrations.stripe.webhooks import FUTURE_SECONDS
from loom_app.kit import clock
from loom_app.kit.settings import settings

State = Literal["ok", "wrong", "unsure"]
OWN_PATH, CONNECT_PATH = "/webhooks/stripe", "/webhooks/stripe-connect"
TEST_KEYS, LIVE_KEYS = ("sk_test_", "rk_test_"), ("sk_live_", "rk_live_")
SKEW_SECONDS = FUTURE_SECONDS // 2  # half of what webhooks forgive


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that was looked at; for what is wrong or unsure, `words` say what to do."""

    state: State
    about: str
    words: str


async def look() -> list[Note]:
    """Everything, in the order in which it is mended."""
    found = [*_key(), *_address(), *_sandbox(), *_secrets()]
    try:
        own = await platform()
    except stripe.StripeError as error:
        return [*found, _no_answer(error)]
    found += [*_platform(own), _clock(own), await _settled(own), await _connect()]
    try:
        destinations = await event_destinations()
    except stripe.StripeError as error:
        return [*found, _closed("Webhook destinations", error)]
    return [*found, *_destinations(destinations)]


def is_live() -> bool:
    return settings().stripe_secret_key.startswith(LIVE_KEYS)


def _key() -> list[Note]:
    key, about = settings().stripe_secret_key, "STRIPE_SECRET_KEY"
    if not key:
        return [Note("ok", about, "not set: Loom plays Stripe itself. No money moves.")]
    if key == SANDBOX_KEY:
        return [Note("wrong", about, "is the sandbox's own. Leave it empty, or take Stripe's.")]
    if key.startswith(("pk_", "whsec_", "mk_")):
        kind = "publishable key" if key.startswith("pk_") else "webhook secret"
        return [Note("wrong", about, f"is a {kind}. Take the secret key (sk_…) of the same mode.")]
    if not key.startswith(TEST_KEYS + LIVE_KEYS):
        return [Note("wrong", about, "is no key of Stripe's: it begins with sk_test_ or sk_live_.")]
    mode = "live: cards are charged for real" if is_live() else "test: no money moves"
    found = [Note("ok", about, f"is a secret key of mode {mode}.")]
    if key.startswith("rk_"):
        words = "is restricted: what it may not do fails when it is needed. Give it write access to"
        found.append(Note("unsure", about, f"{words} payments, Connect and webhooks."))
    if settings().production and not is_live():
        words = "Nobody is charged here. Right for a trial; for business take the live key."
        found.append(Note("unsure", "Mode", words))
    if is_live() and not settings().production:
        words = "A live key on a development start: set LOOM_PUBLIC_URL, or take the test key."
        found.append(Note("wrong", "Mode", words))
    return found


def _address() -> list[Note]:
    base = settings().base_url
    if not settings().production:
        return [Note("ok", "Address", f"{base}, for development.")]
    if settings().https:
        return [Note("ok", "LOOM_PUBLIC_URL", f"{base} is what people and Stripe open.")]
    words = "must begin with https://: Stripe sends live events nowhere else, and cookies leak."
    return [Note("wrong", "LOOM_PUBLIC_URL", f"{base} {words}")]


def _sandbox() -> list[Note]:
    try:
        sandbox_app()
    except SandboxRefused as refused:
        return [Note("ok", "Sandbox", f"is off: {refused}.")]
    if settings().stripe_sandbox:
        return [Note("ok", "Sandbox", "is on, and every payment page says so.")]
    return [Note("ok", "Sandbox", "is on beside a test key, and nothing is sent to it.")]


def _secrets() -> list[Note]:
    if settings().stripe_sandbox:
        return [Note("ok", "Webhook secrets", "the sandbox signs with secrets of its own.")]
    own = _secret("STRIPE_WEBHOOK_SECRET", webhook_secrets(), OWN_PATH, needed=True)
    name = "STRIPE_CONNECT_WEBHOOK_SECRET"
    needed = len(webhook_secrets()) < 2  # one address may serve both, with the secrets of both
    return [own, _secret(name, connect_secrets(), CONNECT_PATH, needed=needed)]


def _secret(name: str, secrets: list[str], path: str, *, needed: bool) -> Note:
    if not secrets:
        if needed:
            words = f"is empty, so {path} is off. Copy the signing secret of its destination."
            return Note("wrong", name, words)
        return Note("ok", name, f"is empty: right where {OWN_PATH} serves both destinations.")
    odd = [one for one in secrets if not one.startswith("whsec_")]
    if odd:
        return Note("wrong", name, "has a part that is no signing secret: they begin with whsec_.")
    many = f", {len(secrets)} of them" if len(secrets) > 1 else ""
    words = f"is set{many}. Stripe never shows a secret again: send a test event to be sure."
    return Note("ok", name, words)


def _no_answer(error: stripe.StripeError) -> Note:
    if isinstance(error, stripe.AuthenticationError):
        words = "Stripe does not know this key. Copy it again from the dashboard: Developers, API."
        return Note("wrong", "Stripe", words)
    if isinstance(error, stripe.APIConnectionError):
        if settings().stripe_sandbox:
            words = f"is played by Loom at {settings().base_url}, which does not run. `make run`."
            return Note("wrong", "Stripe", words)
        return Note("wrong", "Stripe", "does not answer from this machine: see its network.")
    return _closed("Stripe", error)


def _closed(about: str, error: stripe.StripeError) -> Note:
    """Refused: a restricted key may be why, which is no fault of the rest."""
    said = error.user_message or type(error).__name__
    state: State = "unsure" if isinstance(error, stripe.PermissionError) else "wrong"
    return Note(state, about, f"Stripe says: {said}")


def _platform(own: Platform) -> list[Note]:
    found = [_version(own)]
    where = f"{own.id} in {own.country}, settling in {own.currency}"
    wanted = settings().platform_country.upper()
    if own.country == wanted:
        found.append(Note("ok", "Account", f"{where}."))
    else:
        words = f"{where}, but LOOM_PLATFORM_COUNTRY is {wanted}. Set it to {own.country}."
        found.append(Note("wrong", "Account", words))
    for able, what in ((own.charges, "charges"), (own.payouts, "payouts")):
        if not able:
            words = f"cannot make {what} yet: complete the account in Stripe's dashboard."
            found.append(Note("wrong", "Account", words))
    return found


async def _settled(own: Platform) -> Note:
    """Stripe turns what it takes in any other currency into the account's own."""
    about, ours = "LOOM_SETTLED_CURRENCIES", settings().settled
    if settings().stripe_sandbox:
        return Note("ok", about, f"{', '.join(ours)}: the sandbox settles in all of them.")
    try:
        theirs = await balance_currencies() | {own.currency}
    except stripe.StripeError as error:
        return _closed(about, error)
    doubtful = [code for code in ours if code not in theirs]
    if not doubtful:
        return Note("ok", about, f"{', '.join(ours)}: Stripe has a balance in each.")
    words = (
        f"Stripe shows no balance in {', '.join(doubtful)}. Without a bank account in each, it"
        f" turns them into {own.currency}, and payouts in them wait: take them out."
    )
    return Note("unsure", about, words)


def _version(own: Platform) -> Note:
    pinned = stripe.api_version
    if own.version == pinned:
        return Note("ok", "API version", f"{pinned}, as the SDK pins it.")
    if not own.version:
        return Note("unsure", "API version", f"the answer names none; the SDK asks for {pinned}.")
    words = f"asked for {pinned}, answered with {own.version}. Something between changes headers."
    return Note("wrong", "API version", words)


def _clock(own: Platform) -> Note:
    if own.at is None:
        return Note("unsure", "Clock", "the answer had no time to compare with.")
    off = round((clock.now() - own.at).total_seconds())
    if abs(off) <= SKEW_SECONDS:
        return Note("ok", "Clock", f"{abs(off)} s from Stripe's.")
    side = "ahead of" if off > 0 else "behind"
    words = f"{abs(off)} s {side} Stripe's, so signatures may be refused. Switch on time sync."
    return Note("wrong", "Clock", words)


async def _connect() -> Note:
    about = "Connect, Accounts v2"
    try:
        some = await any_account()
    except stripe.PermissionError as error:
        return Note("unsure", about, f"this key may not look: {error.user_message or 'refused'}")
    except stripe.StripeError as error:
        said = error.user_message or type(error).__name__
        return Note("wrong", about, f"is not enabled: {said} Enable Connect in the dashboard.")
    if some:
        return Note("ok", about, "answers, and coaches have accounts.")
    if settings().stripe_sandbox:
        return Note("ok", about, "answers; no coach has an account yet.")
    words = "answers; only the first coach's account proves it. Complete Connect's profile first."
    return Note("unsure", about, words)


def _destinations(all_of_them: Iterable[Destination]) -> list[Note]:
    """Own events and those of coaches' accounts, which may share an address."""
    base = settings().base_url
    ours = [one for one in all_of_them if one.url in (base + OWN_PATH, base + CONNECT_PATH)]
    on = [one for one in ours if one.enabled]
    found = [
        Note("wrong", "Webhook destination", f"{one.id} to {one.url} is disabled. Enable it.")
        for one in ours
        if not one.enabled
    ]
    own = [one for one in on if one.connected is not True and one.url == base + OWN_PATH]
    theirs = [one for one in on if one.connected is True or one.url == base + CONNECT_PATH]
    found.append(_brings("Your account's events", own, OWN_EVENTS, base + OWN_PATH))
    found.append(
        _brings("Coaches' accounts' events", theirs, CONNECTED_EVENTS, base + CONNECT_PATH)
    )
    found.append(_brings("Events about accounts", on, ACCOUNT_EVENTS, base + OWN_PATH))
    if any(one.url == base + CONNECT_PATH for one in on) and not connect_secrets():
        words = f"a destination points to {CONNECT_PATH}, which is off without its secret."
        found.append(Note("wrong", "STRIPE_CONNECT_WEBHOOK_SECRET", words))
    shared = any(one.connected and one.url == base + OWN_PATH for one in on)
    if shared and len(webhook_secrets()) < 2:
        words = f"two destinations share {OWN_PATH}: STRIPE_WEBHOOK_SECRET needs both secrets."
        found.append(Note("wrong", "Webhook secrets", words))
    return found


def _brings(about: str, those: list[Destination], wanted: Iterable[str], address: str) -> Note:
    missing = [name for name in wanted if not any(one.brings(name) for one in those)]
    if not missing:
        return Note("ok", about, f"come to {', '.join(sorted({one.url for one in those}))}.")
    if those:
        return Note("wrong", about, f"do not all come. Add: {', '.join(missing)}")
    if not settings().production:
        words = f"no destination points to {address}. On your own machine: `stripe listen"
        return Note("unsure", about, f"{words} --forward-to {address.partition('://')[2]}`.")
    words = f"no destination points to {address}. Make one with: {', '.join(missing)}"
    return Note("wrong", about, words)
