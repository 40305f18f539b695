"""Who we are to push services (RFC 8292): one P-256 key pair for the whole installation.

It is LOOM_VAPID_PRIVATE_KEY, or made of the secret key and so the same in every process and after
every restart, with nothing to store. Browsers subscribe to the public key: with another pair, what
was subscribed before is refused by the push service until it subscribes anew, as it does when its
person next opens Loom there.
"""

from functools import cache
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02

from loom_app.integrations.push.base64url import decoded, encoded
from loom_app.kit import clock
from loom_app.kit.settings import on_choice, settings

LASTS_SECONDS = 12 * 3600  # RFC 8292 allows 24 hours
# the order of P-256 (FIPS 186-5); a private key lies between 1 and this, less one
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@cache
def _private() -> ec.EllipticCurvePrivateKey:
    if given := settings().vapid_private_key:
        number = int.from_bytes(decoded(given), "big")
    else:  # 16 bytes more than needed, so that no number is likelier than another
        made = HKDF(SHA256(), 48, salt=None, info=b"loom vapid").derive(settings().key())
        number = int.from_bytes(made, "big") % (_ORDER - 1) + 1
    return ec.derive_private_key(number, ec.SECP256R1())


on_choice(_private.cache_clear)


def public_key() -> str:
    """The uncompressed point in base64url: a browser's `applicationServerKey`."""
    point = _private().public_key()
    return encoded(point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def authorization(endpoint: str, contact: str) -> str:
    """The header that proves us to the push service of an endpoint; `contact` is a mail address
    that its keepers may write to."""
    parts = urlsplit(endpoint)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int(clock.now().timestamp()) + LASTS_SECONDS,
        "sub": f"mailto:{contact}",
    }
    return str(Vapid02(_private()).sign(claims)["Authorization"])
