"""Hand a push to the service of a browser: encrypted for that browser alone."""

from dataclasses import dataclass
from datetime import timedelta
from email.utils import parseaddr, parsedate_to_datetime
from typing import Literal

import http_ece
import httpx
from cryptography.hazmat.primitives.asymmetric import ec

from loom_app.integrations.push import endpoints, vapid
from loom_app.integrations.push.base64url import decoded
from loom_app.kit import clock, outside
from loom_app.kit.settings import settings

TIMEOUT_SECONDS = 15
LATEST = timedelta(hours=6)


class PushGone(Exception):
    """The browser is subscribed no more: nothing gets there again."""


class PushRefused(Exception):
    """The service will not take this push, however often it is sent."""


class PushLater(Exception):
    """Not now. `after`: what the service asked us to wait, where it said so."""

    def __init__(self, words: str, after: timedelta | None = None) -> None:
        super().__init__(words)
        self.after = after


@dataclass(frozen=True, slots=True)
class Subscription:
    """A browser as it described itself: keys in base64url."""

    endpoint: str
    p256dh: str
    auth: str


@dataclass(frozen=True, slots=True)
class Push:
    """`topic`: at most 32 letters of base64url; of several that wait for one browser under one
    topic, the service keeps the last (RFC 8030, 5.4)."""

    content: bytes
    topic: str
    ttl: timedelta
    urgency: Literal["normal", "high"] = "normal"


def sealed(
    content: bytes,
    to: Subscription,
    *,
    private_key: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
) -> bytes:
    """The body of a push (RFC 8291). The pair and the salt are new each time but in its example."""
    pair = private_key or ec.generate_private_key(ec.SECP256R1())
    return http_ece.encrypt(
        content,
        salt=salt,
        private_key=pair,
        dh=decoded(to.p256dh),
        auth_secret=decoded(to.auth),
        version="aes128gcm",
    )


async def send(push: Push, to: Subscription) -> None:
    """Raises PushGone, PushRefused, PushLater; also for what the network does."""
    if not endpoints.is_service(to.endpoint):
        raise PushGone("not a push service that we write to")
    headers = {
        "authorization": vapid.authorization(to.endpoint, _contact()),
        "content-encoding": "aes128gcm",
        "content-type": "application/octet-stream",
        "ttl": str(int(push.ttl.total_seconds())),
        "urgency": push.urgency,
        "topic": push.topic,
    }
    body = sealed(push.content, to)
    with outside.calling("push", fine=(PushGone,)):
        try:
            async with (
                httpx.AsyncClient(
                    verify=outside.trust(), timeout=TIMEOUT_SECONDS, follow_redirects=False
                ) as client,
                client.stream("POST", to.endpoint, content=body, headers=headers) as answer,
            ):
                status, wait = answer.status_code, answer.headers.get("retry-after", "")
        except httpx.TransportError as error:
            raise PushLater(f"{type(error).__name__}: {error}"[:300]) from error
        _judge(status, wait)


def _judge(status: int, wait: str) -> None:
    if 200 <= status < 300:
        return
    words = f"the push service answered {status}"
    if status in (404, 410):
        raise PushGone(words)
    # 401 and 403: our token was not believed, by its key, its contact or our clock (RFC 8292)
    if status in (401, 403, 429) or status >= 500:
        raise PushLater(words, _after(wait))
    raise PushRefused(words)


def _after(wait: str) -> timedelta | None:
    """Retry-After in seconds or as a date (RFC 9110), at most a few hours."""
    if wait.isdecimal() and len(wait) < 10:
        found = timedelta(seconds=int(wait))
    else:
        try:
            found = parsedate_to_datetime(wait) - clock.now()
        except (ValueError, TypeError):
            return None
    return min(max(found, timedelta(seconds=1)), LATEST)


def _contact() -> str:
    return settings().support_address or parseaddr(settings().mail_from)[1]
