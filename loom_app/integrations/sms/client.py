"""Hand a text message over, and ask what it cost (Twilio's Messages resource, 2010-04-01).

The request is ours, by httpx as for all services: the library's own client is of threads, and its
other one brings a third HTTP client into the process. What proves that Twilio speaks is the
library's (`proven`).
"""

import itertools
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import httpx
from twilio.request_validator import RequestValidator

from loom_app.kit import clock, outside
from loom_app.kit.settings import settings

TIMEOUT_SECONDS = 15
STOPPED = 21610  # https://www.twilio.com/docs/api/errors/21610: this number answered STOP
SHOWN = 100  # of development


class TextRefused(Exception):
    """It will never be taken. `code` is Twilio's, 0 where it said none."""

    def __init__(self, words: str, code: int = 0) -> None:
        super().__init__(words)
        self.code = code


class TextLater(Exception):
    """It was not taken, for what is between Twilio and us, and may be tried again."""


class TextUnknown(Exception):
    """It may have been taken: nobody answered in time, or not in a way that says it."""


@dataclass(frozen=True, slots=True)
class Taken:
    """`sid` is the carrier's name of it."""

    sid: str
    status: str
    segments: int


@dataclass(frozen=True, slots=True)
class Price:
    """What one cost, in millionths of the currency; None as long as nobody knows."""

    micros: int | None
    currency: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A text message that would have been sent."""

    to: str
    body: str
    at: datetime


_numbers = itertools.count(1)
shown: deque[Shown] = deque(maxlen=SHOWN)  # of this process, the newest first


def configured() -> bool:
    chosen = settings()
    return bool(chosen.twilio_account_sid and chosen.twilio_auth_token and chosen.twilio_sender)


def available() -> bool:
    """Whether there are text messages at all: by Twilio, or in development on a page."""
    return configured() or not settings().production


async def send(to: str, body: str, report_to: str = "") -> Taken:
    """To a number in E.164. `report_to`: a path of ours that Twilio tells of what became of it.
    Raises TextRefused, TextLater, TextUnknown."""
    if not configured():
        shown.appendleft(Shown(to, body, clock.now()))
        return Taken(f"dev-{next(_numbers)}-{clock.now().timestamp():.0f}", "delivered", 1)
    sender = settings().twilio_sender
    values = {"To": to, "Body": body}
    values["MessagingServiceSid" if sender.startswith("MG") else "From"] = sender
    if report_to:
        values["StatusCallback"] = f"{settings().base_url}{report_to}"
    told = await _ask("POST", "Messages.json", values)
    segments = str(told.get("num_segments") or "1")
    status = str(told.get("status") or "queued")
    return Taken(str(told["sid"]), status, int(segments) if segments.isdecimal() else 1)


async def price(sid: str) -> Price:
    """Twilio knows it some time after the message went. Raises as `send`."""
    told = await _ask("GET", f"Messages/{sid}.json", None)
    try:
        micros = int(abs(Decimal(str(told["price"]))) * 1_000_000)
    except (KeyError, InvalidOperation):
        micros = None
    return Price(micros, str(told.get("price_unit") or "USD").upper())


async def _ask(method: str, path: str, values: dict[str, str] | None) -> dict[str, Any]:
    chosen = settings()
    url = f"{chosen.twilio_url}/2010-04-01/Accounts/{chosen.twilio_account_sid}/{path}"
    proof = (chosen.twilio_account_sid, chosen.twilio_auth_token)
    with outside.calling("sms", fine=(TextRefused,)):
        try:
            async with httpx.AsyncClient(
                verify=outside.trust(), timeout=TIMEOUT_SECONDS, auth=proof
            ) as client:
                answer = await client.request(method, url, data=values)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise TextLater(f"{type(error).__name__}: {error}"[:200]) from error
        except httpx.TransportError as error:
            raise TextUnknown(f"{type(error).__name__}: {error}"[:200]) from error
        return _judged(answer)


def _judged(answer: httpx.Response) -> dict[str, Any]:
    words = f"Twilio answered {answer.status_code}"
    if answer.is_success:
        try:
            told = dict(answer.json())
        except (ValueError, TypeError):
            told = {}
        if "sid" not in told:
            raise TextUnknown(f"{words} without saying what")
        return told
    if answer.status_code in (401, 403, 429):  # of ourselves, whatever the text
        raise TextLater(words)
    if answer.status_code >= 500:
        raise TextUnknown(words)
    try:
        code = int(answer.json().get("code") or 0)
    except (ValueError, AttributeError):
        code = 0
    raise TextRefused(f"{words}, error {code}" if code else words, code)


def proven(path: str, values: dict[str, str], signature: str) -> bool:
    """Whether Twilio sent this to that path of ours (its X-Twilio-Signature)."""
    token = settings().twilio_auth_token
    if not token:
        return False
    return bool(RequestValidator(token).validate(f"{settings().base_url}{path}", values, signature))
