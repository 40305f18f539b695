"""What is kept for a client, and who waits for a seat, in words."""

from loom_app.domains.scheduling.queries import SessionPage
from loom_app.kit.i18n import times
from loom_app.kit.text import t, tn


def kept_words(page: SessionPage, zone: str) -> str:
    """Until when what was booked for the client waits for them."""
    if page.kept_until is None:
        return ""
    until = times.when(page.kept_until, zone)
    if page.coaching:
        return t("Kept for {name} until {when}, not paid yet.", name=page.client.name, when=until)
    return t("{name} keeps this time for you until {when}.", name=page.coach.name, when=until)


def waiting_words(page: SessionPage) -> str:
    """Who waits for a seat, for the coach."""
    if not page.waiting:
        return ""
    names = ", ".join(page.waiting[:5])
    more = t(" and {n} more", n=len(page.waiting) - 5) if len(page.waiting) > 5 else ""
    count = tn("{n} person waits", "{n} people wait", len(page.waiting))
    return f"{count}: {names}{more}"
