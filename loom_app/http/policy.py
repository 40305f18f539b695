"""Response headers: one table, strict by default, exceptions by route with their reason.

Rules: MDN HTTP Observatory. Inline scripts of the built pages are
allowed by hash, nothing is evaluated, styles may be inline (Reflex's emotion needs it).
"""

import json
import os
import re
from functools import cache
from pathlib import Path

from loom_app.integrations.video import jitsi
from loom_app.kit.settings import ROOT, settings

HASHES = ROOT / os.environ.get("REFLEX_WEB_WORKDIR", ".web") / "csp-hashes.json"
# pages that the server draws itself, without a script
SERVER_DRAWN = ("/dev/", "/sandbox/")

COMMON = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
}
PERMISSIONS = ("camera", "microphone", "geolocation", "payment", "usb")
NOBODY = "'none'"
# path → what its pages may use, and why
ALLOWED = {
    re.compile(r"/messages(/.*)?"): ("microphone",),  # voice notes are recorded in the chat
}
# the page that frames the video host, which may use what a call needs
ROOM = re.compile(r"/sessions/[^/]+/room/?")
CALL = ("camera", "microphone", "display-capture")
# the one page that other sites may show inside theirs; it knows nobody and changes nothing
EMBEDDED = re.compile(r"/book/[^/]+/embed/?")
# where a coach sees it before they put it on their site
PREVIEW = re.compile(r"/profile/site/?")


@cache
def _hashes(_stamp: float) -> dict[str, list[str]]:
    return json.loads(HASHES.read_text())


def is_built_page(path: str) -> bool:
    """Whether a path without its slash is a page of its own in the build."""
    return HASHES.exists() and f"{path.strip('/')}/index.html" in _hashes(HASHES.stat().st_mtime)


def inline_scripts(path: str) -> list[str]:
    """The hashes for the file that a path is served from; the fallback's for a dynamic route."""
    if not HASHES.exists():
        return []
    known = _hashes(HASHES.stat().st_mtime)
    bare = path.strip("/")
    wanted: list[str] = []
    for name in (
        f"{bare}/index.html" if bare else "index.html",
        f"{bare}.html",
        "__spa-fallback.html",
        "404.html",
    ):
        wanted += known.get(name, [])
    return list(dict.fromkeys(wanted))


def page_csp(path: str, origin: str) -> str:
    """The policy of a built page, for the origin it is asked at."""
    scheme, _, host = origin.partition("://")
    socket = ("wss://" if scheme == "https" else "ws://") + host
    scripts = " ".join(f"'{one}'" for one in inline_scripts(path))
    framed = NOBODY
    if ROOM.fullmatch(path):
        framed = jitsi.origin()
    elif PREVIEW.fullmatch(path):
        framed = "'self'"
    parts = [
        "default-src 'none'",
        f"script-src {origin}/assets/ {scripts}".strip(),
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "media-src 'self' blob:",
        f"connect-src 'self' {socket}",
        "manifest-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        f"frame-src {framed}",
        f"frame-ancestors {'*' if EMBEDDED.fullmatch(path) else NOBODY}",
        "base-uri 'none'",
        "object-src 'none'",
        "report-uri /csp-report",
    ]
    return "; ".join(parts + (["upgrade-insecure-requests"] if scheme == "https" else []))


SERVER_DRAWN_CSP = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " font-src 'self'; form-action 'self'; frame-src 'self'; frame-ancestors 'self';"
    " base-uri 'none'"
)
BARE_CSP = "default-src 'none'; frame-ancestors 'none'; sandbox"
# browsers refuse their PDF reader in a sandbox, and the reader lays itself out by inline styles;
# without scripts, frames and forms the rest of the strict rule stands
PDF_CSP = (
    "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; form-action 'none';"
    " frame-ancestors 'none'; base-uri 'none'"
)
PDF_PATHS = ("/files/messages/", "/files/credentials/")
# the service worker lives under the policy that it was served with, and tells us of itself
WORKER = "/sw.js"
WORKER_CSP = "default-src 'none'; connect-src 'self'"


def response_headers(path: str, content_type: str, origin: str) -> dict[str, str]:
    """What the gate adds to a response, by what it is."""
    headers = {**COMMON, "permissions-policy": permissions(path)}
    if content_type.startswith("text/html"):
        drawn = path.startswith(SERVER_DRAWN)
        headers["content-security-policy"] = SERVER_DRAWN_CSP if drawn else page_csp(path, origin)
        if drawn:
            headers["x-frame-options"] = "SAMEORIGIN"
        elif EMBEDDED.fullmatch(path):
            del headers["x-frame-options"]  # it has no way to say "anyone"
    elif path == WORKER:
        headers["content-security-policy"] = WORKER_CSP
    elif not path.startswith("/assets/"):
        read = content_type.startswith("application/pdf") and path.startswith(PDF_PATHS)
        headers["content-security-policy"] = PDF_CSP if read else BARE_CSP
    headers["cache-control"] = cache_control(path)
    if settings().https:
        headers["strict-transport-security"] = "max-age=63072000; includeSubDomains; preload"
    return headers


def is_routes_own(path: str, name: str) -> bool:
    """Whether a header that a route has set stays: how long its answer keeps, and the policy of
    the admin page, whose scripts have a nonce that only its door knows."""
    return name == "cache-control" or (
        name == "content-security-policy" and path.startswith("/admin/")
    )


def permissions(path: str) -> str:
    """Nothing of the device, but for what a route is in the table with."""
    found = dict.fromkeys(PERMISSIONS, "")
    for pattern, names in ALLOWED.items():
        if pattern.fullmatch(path):
            found |= dict.fromkeys(names, "self")
    if ROOM.fullmatch(path):
        found |= dict.fromkeys(CALL, f'self "{jitsi.origin()}"')
    return ", ".join(f"{name}=({who})" for name, who in found.items())


def cache_control(path: str) -> str:
    """Built assets never change under their name; avatars neither; all else is asked again."""
    if path.startswith(("/assets/", "/files/avatars/", "/fonts/")):
        return "public, max-age=31536000, immutable"
    if path.startswith(("/people/", "/admin/static/")) or Path(path).suffix in {
        ".svg",
        ".png",
        ".webp",
        ".ico",
    }:
        return "public, max-age=86400"
    return "no-store" if path.startswith(("/auth/", "/files/", "/calendar/")) else "no-cache"
