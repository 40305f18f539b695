"""Where a page may send the browser: paths of this site, and hosts on a list."""

import re
from urllib.parse import urlsplit

from loom_app.kit.settings import settings

_SAFE = re.compile(r"^/(?![/\\])[^\x00-\x1f\\]*$")
_HOSTS = frozenset({"checkout.stripe.com"})


def safe_path(path: str, default: str = "/") -> str:
    """A path of this site, or the default."""
    return path if len(path) <= 500 and _SAFE.match(path) else default


def safe_address(address: str) -> str:
    """A path of ours, our own origin, or a host that settings make known; else the home page."""
    if _SAFE.match(address):
        return address
    parts = urlsplit(address)
    ours = urlsplit(settings().base_url)
    if (parts.scheme, parts.netloc) == (ours.scheme, ours.netloc):
        return address
    return address if parts.scheme == "https" and parts.hostname in _HOSTS else "/"
