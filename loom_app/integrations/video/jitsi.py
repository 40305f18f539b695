"""Rooms at a Jitsi Meet server, entered by address and, where it asks for one, by a signed token.

Source of the token's claims: Jitsi's "Token authentication" (lib-jitsi-meet/doc/tokens.md), of the
options behind the `#`: config.js and interface of the IFrame API. Both ways the room's name cannot
be guessed; with LOOM_JITSI_APP_ID and _SECRET nobody enters without our word, which expires.
"""

import hashlib
import json
from datetime import datetime
from urllib.parse import quote, urlsplit

import jwt

from loom_app.kit.security import tokens
from loom_app.kit.settings import settings

# the chat of a session is its conversation, and nothing records without the consent of both
TOOLBAR = (
    "microphone",
    "camera",
    "desktop",
    "tileview",
    "fullscreen",
    "select-background",
    "raisehand",
    "settings",
    "hangup",
)


def origin() -> str:
    """Scheme and host of the server: what a page may frame."""
    parts = urlsplit(settings().video_url)
    return f"{parts.scheme}://{parts.netloc}"


def room_name(session_id: int) -> str:
    """Small letters and digits, as Jitsi folds the case; the same for all who come."""
    sealed = tokens.seal(str(session_id), "video-room")
    return f"loom-{session_id}-{hashlib.sha256(sealed.encode()).hexdigest()[:24]}"


def address(session_id: int, *, name: str, host: bool, opens: datetime, closes: datetime) -> str:
    """Where one person enters. The token is theirs, for this room, and over when the room is."""
    room = room_name(session_id)
    token = _token(room, name, host=host, opens=opens, closes=closes)
    options = {
        "config.prejoinConfig.enabled": True,
        "config.disableDeepLinking": True,
        "config.disableInviteFunctions": True,
        "config.fileRecordingsEnabled": False,
        "config.liveStreaming.enabled": False,
        "config.localRecording.disable": True,
        "config.toolbarButtons": list(TOOLBAR),
        "userInfo.displayName": name,
    }
    wished = "&".join(f"{key}={quote(json.dumps(value))}" for key, value in options.items())
    query = f"?jwt={token}" if token else ""
    return f"{settings().video_url}/{room}{query}#{wished}"


def _token(room: str, name: str, *, host: bool, opens: datetime, closes: datetime) -> str:
    app, secret = settings().jitsi_app_id, settings().jitsi_secret
    if not app or not secret:
        return ""
    claims = {
        "aud": "jitsi",
        "iss": app,
        "sub": urlsplit(settings().video_url).hostname,
        "room": room,
        "nbf": int(opens.timestamp()),
        "exp": int(closes.timestamp()),
        "moderator": host,
        "context": {"user": {"name": name, "moderator": host}},
    }
    return jwt.encode(claims, secret, algorithm="HS256")
