"""Where somebody may be sent: paths of this site, whatever the address said."""

import re

_SAFE = re.compile(r"^/(?![/\\])[^\x00-\x1f\\]*$")


def safe_path(path: str, default: str = "/") -> str:
    """A path of this site, or the default: never another host."""
    return path if len(path) <= 500 and _SAFE.match(path) else default
