"""The certificate that people's browsers see: asked for at the public address, once an hour."""

import asyncio
import ssl
import time
from datetime import UTC, datetime
from urllib.parse import urlsplit

from cryptography import x509

from loom_app.kit.settings import settings

SECONDS = 5.0
FRESH_SECONDS = 3600.0
_known: dict[str, tuple[float, datetime | None]] = {}


async def ends_at() -> datetime | None:
    """When it ends; None without TLS, or where nobody answers at the public address."""
    address = settings().base_url
    if not settings().https:
        return None
    known = _known.get(address)
    if known is None or time.monotonic() - known[0] > FRESH_SECONDS:
        known = _known[address] = (time.monotonic(), await _asked(address))
    return known[1]


async def _asked(address: str) -> datetime | None:
    where = urlsplit(address)
    # one that is not trusted, or over, has an end as well: it is read and not judged here
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        async with asyncio.timeout(SECONDS):
            _, writer = await asyncio.open_connection(
                where.hostname, where.port or 443, ssl=context, server_hostname=where.hostname
            )
            raw = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
            writer.close()
    except (OSError, TimeoutError):
        return None
    return x509.load_der_x509_certificate(raw).not_valid_after_utc.astimezone(UTC)
