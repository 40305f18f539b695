"""What became of a mail, told by who carries it: proven, and in one shape.

Two ways, both under `LOOM_MAIL_WEBHOOK_SECRET`. Ours is JSON such as
`{"kind": "bounced", "address": "ben@example.org", "delivery": 12, "detail": "550 5.1.1", "at":
1790000000}` with the header `Loom-Signature`: the HMAC-SHA256 of the raw body in hex. `kind` is
`bounced` (for good) or `complained`; `delivery` (the number in the Message-ID) may be missing; `at`
is now, in seconds since 1970. Postmark's webhooks come with the secret as the password of HTTP
Basic: `https://loom:<secret>@…/webhooks/postmark`.
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from loom_app.kit import clock
from loom_app.kit.settings import settings

Kind = Literal["bounced", "complained"]
FRESH_SECONDS = 300
# https://postmarkapp.com/developer/api/bounce-api#bounce-types: what will not work tomorrow either
POSTMARK_HARD = frozenset({"HardBounce", "BadEmailAddress", "ManuallyDeactivated"})


class NotProven(Exception):
    """Whoever told this does not know the secret, or told it long ago."""


@dataclass(frozen=True, slots=True)
class Report:
    """`delivery`: the number of ours, 0 where it is not known."""

    kind: Kind
    address: str
    delivery: int = 0
    detail: str = ""


Reader = Callable[[bytes, Mapping[str, str]], Report | None]


def is_on() -> bool:
    return bool(settings().mail_webhook_secret)


def ours(raw: bytes, headers: Mapping[str, str]) -> Report | None:
    """Raises NotProven, ValueError (it is not what this door takes)."""
    key = settings().mail_webhook_secret.encode()
    mac = hmac.new(key, raw, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(mac.encode(), headers.get("loom-signature", "").encode()):
        raise NotProven("signature")
    told = _object(raw)
    at = told.get("at")
    if not isinstance(at, int | float) or abs(clock.now().timestamp() - at) > FRESH_SECONDS:
        raise NotProven("age")
    kind = told.get("kind")
    if kind not in {"bounced", "complained"}:
        raise ValueError(kind)
    return _report(kind, told.get("address"), told.get("delivery", 0), told.get("detail"))


def postmark(raw: bytes, headers: Mapping[str, str]) -> Report | None:
    """None for what stops nothing, such as a mailbox that is full. Raises as above."""
    if not _knows_secret(headers.get("authorization", "")):
        raise NotProven("password")
    told = _object(raw)
    record = told.get("RecordType")
    kind: Kind
    if record == "SpamComplaint":
        kind = "complained"
    elif record == "Bounce" and told.get("Type") in POSTMARK_HARD:
        kind = "bounced"
    else:
        return None
    about = told.get("Metadata")
    delivery = about.get("delivery", 0) if isinstance(about, dict) else 0
    detail = told.get("Description") or told.get("Name")
    return _report(kind, told.get("Email"), delivery, detail)


def _knows_secret(authorization: str) -> bool:
    scheme, _, rest = authorization.partition(" ")
    try:
        _, _, password = base64.b64decode(rest, validate=True).partition(b":")
    except (binascii.Error, ValueError):
        return False
    secret = settings().mail_webhook_secret.encode()
    return scheme.lower() == "basic" and hmac.compare_digest(password, secret)


def _object(raw: bytes) -> dict[str, Any]:
    found = json.loads(raw)
    if not isinstance(found, dict):
        raise ValueError("an object")  # noqa: TRY004 - what every bad body raises
    return found


def _report(kind: Kind, address: Any, delivery: Any, detail: Any) -> Report:
    if not isinstance(address, str) or "@" not in address or "\0" in address:
        raise ValueError("address")
    number = int(delivery) if str(delivery).isdecimal() and len(str(delivery)) < 19 else 0
    words = str(detail or "").replace("\0", "")[:200]
    return Report(kind, address[:320], number, words)
