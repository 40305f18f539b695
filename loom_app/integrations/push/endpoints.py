"""Which addresses are push services.

A browser tells us where its pushes go, so whoever speaks to us in its place could name any address
and let us knock there. Only known services are written to, by https; `LOOM_PUSH_HOSTS` says which.
"""

from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec

from loom_app.integrations.push.base64url import decoded
from loom_app.kit.settings import settings

LONGEST = 1000


def is_service(endpoint: str) -> bool:
    """Whether a push may go there. This machine itself only in development, by name and port."""
    try:
        parts = urlsplit(endpoint)
        port = parts.port
    except ValueError:
        return False
    host = (parts.hostname or "").rstrip(".")
    plain = endpoint.isascii() and endpoint.isprintable() and " " not in endpoint
    if not plain or len(endpoint) > LONGEST or parts.username or parts.password or "@" in host:
        return False
    known = [one.strip().lower() for one in settings().push_hosts.split(",") if one.strip()]
    here = f"{host}:{port}"
    if parts.scheme == "http":
        return not settings().production and host == "127.0.0.1" and here in known
    if parts.scheme != "https" or port not in (None, 443):
        return False
    return any(host == one or (one[:1] == "*" and host.endswith(one[1:])) for one in known)


def are_keys(p256dh: str, auth: str) -> bool:
    """Whether they are a point on P-256 and 16 bytes, as RFC 8291 wants them."""
    try:
        point, secret = decoded(p256dh[:200]), decoded(auth[:100])
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError:
        return False
    return len(point) == 65 and len(secret) == 16
