"""Mails about where sessions take place: who gets them, and what they say."""

from collections.abc import Awaitable, Callable

from loom_app.domains.accounts.queries import PersonView
from loom_app.domains.notifications.actions import notify
from loom_app.domains.notifications.layout import Facts, Letter
from loom_app.domains.notifications.parts import calendar, of_reader, session_lines
from loom_app.domains.scheduling import events
from loom_app.domains.scheduling import queries as scheduling
from loom_app.integrations.mail.message import CalendarFile
from loom_app.kit.db.transaction import Tx
from loom_app.kit.events import on
from loom_app.kit.i18n import times
from loom_app.kit.text import t


@on(events.SessionRelocated)
async def tell_relocated(tx: Tx, event: events.SessionRelocated) -> None:
    """To everybody who comes, and once to the coach, each time."""
    async with tx.acting_as_system("notifications.tell"):
        seats = await scheduling.seats_facts(tx, event.session_id)
    for facts in seats:
        key = f"{facts.session_id}:{facts.sequence}"
        about = {"session_id": facts.session_id, "seat_id": facts.seat_id}
        for person_id in (facts.coach_id, facts.client_id):  # the same key is told once
            await notify(tx, person_id, "session.relocated", key=key, facts=about)


async def _relocated(tx: Tx, facts: Facts, person: PersonView) -> tuple[Letter, CalendarFile]:
    session = await of_reader(tx, facts, person)
    when = times.when(session.starts_at, person.zone)
    return Letter(
        subject=t("New address: {title}, {when}", title=session.offering_name, when=when),
        lines=[
            t("the place of your session has another address now. The time stays."),
            t("The calendar file in this mail changes it in your calendar, too."),
        ],
        facts=session_lines(session, person, scheduling.other_words(session, person.id)),
        action=t("Open the session"),
        path=f"/sessions/{session.session_id}",
    ), await calendar(tx, facts, person)


WRITERS: dict[str, Callable[[Tx, Facts, PersonView], Awaitable[tuple[Letter, CalendarFile]]]] = {
    "session.relocated": _relocated,
}
