"""A coach's own video room instead of Loom's."""

from urllib.parse import urlsplit

from sqlalchemy import text

from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Invalid
from loom_app.kit.text import t

LINK_MAX = 500
_SAVE = text(
    "INSERT INTO meeting_links (coach_id, url) VALUES (:me, :url)"
    " ON CONFLICT (coach_id) DO UPDATE SET url = excluded.url"
)
_END = text("DELETE FROM meeting_links WHERE coach_id = :me")


async def save_meeting_link(tx: Tx, me: Actor, url: str) -> None:
    """Where one's video sessions take place from now on; empty for Loom's rooms. Raises Invalid."""
    coach_id, url = me.require_coach(), url.strip()
    if not url:
        await tx.db.execute(_END, {"me": coach_id})
    else:
        _check(url)
        await tx.db.execute(_SAVE, {"me": coach_id, "url": url})
    await audit(tx, "meeting.save_link", "coach", coach_id)


def _check(url: str) -> None:
    try:
        parts = urlsplit(url)
        fine = parts.scheme == "https" and bool(parts.hostname) and not parts.username
    except ValueError:
        fine = False
    if not fine or len(url) > LINK_MAX or any(c.isspace() or not c.isprintable() for c in url):
        raise Invalid(t("Give a link that starts with https://."), field="meeting_link")
