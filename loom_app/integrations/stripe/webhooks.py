"""Reading what Stripe sends: the signature on the raw bytes first; thin and snapshot events."""

import json
import re
from dataclasses import dataclass
from typing import Any

import stripe

from loom_app.integrations.stripe.secrets import connect_secrets, webhook_secrets
from loom_app.kit import clock

TOLERANCE_SECONDS = 300
FUTURE_SECONDS = 60  # the SDK takes any time to come; a signature from tomorrow is not one of ours
_STAMP = re.compile(r"(?:^|,)t=(\d{1,12})(?:,|$)")


class BadSignature(Exception):
    """Not signed by a secret of ours, too old, from the future, or not an event at all."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """What an event says: something of this type happened to this object. No amounts."""

    id: str
    type: str
    object_type: str
    object_id: str
    account: str | None
    payload: dict[str, Any]


def is_on(*, connected: bool = False) -> bool:
    """Whether an endpoint has a secret: `connected` is the one for coaches' accounts."""
    return bool(_secrets(connected))


def _secrets(connected: bool) -> list[str]:
    return connect_secrets() if connected else webhook_secrets()


def read(raw: bytes, header: str, *, connected: bool = False) -> Incoming:
    """The event of a webhook. Raises BadSignature."""
    stamp = _STAMP.search(header)
    if stamp is None or int(stamp[1]) > clock.now().timestamp() + FUTURE_SECONDS:
        raise BadSignature("no time, or one to come")
    if not any(_signed(raw, header, secret) for secret in _secrets(connected)):
        raise BadSignature("not signed by us")
    try:
        return _incoming(json.loads(raw))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BadSignature("signed, but not an event") from None


def _signed(raw: bytes, header: str, secret: str) -> bool:
    try:
        stripe.WebhookSignature.verify_header(raw.decode(), header, secret, TOLERANCE_SECONDS)
    except (stripe.SignatureVerificationError, UnicodeDecodeError):
        return False
    return True


def _incoming(event: dict[str, Any]) -> Incoming:
    thin = event.get("object") == "v2.core.event"
    about = (event.get("related_object") or {}) if thin else event["data"]["object"]
    return Incoming(
        id=event["id"],
        type=event["type"] if thin else f"v1.{event['type']}",
        object_type=about.get("type" if thin else "object") or "",
        object_id=about.get("id") or "",
        account=event.get("context") if thin else event.get("account"),
        payload=event,
    )
