"""What mails about a session share: its facts in lines, and its calendar file."""

from loom_app.domains.accounts.queries import PersonView
from loom_app.domains.notifications.layout import Facts
from loom_app.domains.scheduling import queries as scheduling
from loom_app.integrations.mail.message import CalendarFile
from loom_app.kit.db.transaction import Tx
from loom_app.kit.i18n import times
from loom_app.kit.text import t


async def of_reader(tx: Tx, facts: Facts, person: PersonView) -> scheduling.SessionFacts:
    """The session that a mail is about; in a group the seat that it is about, or the reader's."""
    return await scheduling.session_facts(
        tx, facts["session_id"], seat_id=facts.get("seat_id", 0), reader=person.id
    )


def session_lines(
    session: scheduling.SessionFacts, person: PersonView, other: str
) -> list[tuple[str, str]]:
    return [
        (t("What"), session.offering_name),
        (
            t("When"),
            t(
                "{range}, {zone}",
                range=times.time_range(session.starts_at, session.ends_at, person.zone),
                zone=times.zone_label(person.zone, session.starts_at),
            ),
        ),
        *_on_the_clock_there(session, person),
        (t("With"), other),
        (t("Where"), session.where),
        *([(t("Getting there"), session.directions)] if session.directions else []),
    ]


def _on_the_clock_there(
    session: scheduling.SessionFacts, person: PersonView
) -> list[tuple[str, str]]:
    words = session.there(person.zone)
    return [(t("On the clock there"), words)] if words else []


async def calendar(tx: Tx, facts: Facts, person: PersonView) -> CalendarFile:
    also = facts.get("sessions", [])
    content = await scheduling.calendar_file(tx, facts["session_id"], person.id, also)
    return CalendarFile(content, "CANCEL" if b"METHOD:CANCEL" in content else "PUBLISH")
