"""Mails about sessions to which the client did not come."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.accounts.queries import PersonView
from loom_app.domains.coaches import queries as coaches
from loom_app.domains.notifications.layout import Facts, Letter
from loom_app.domains.scheduling import queries as scheduling
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.i18n import times
from loom_app.kit.money import Money
from loom_app.kit.text import t, tn


async def _missed(tx: Tx, facts: Facts, person: PersonView) -> tuple[Letter, None]:
    """To the client: the coach says that they did not come, what it costs, and another time.
    NotFound where it was the coach, as is known by now."""
    session = await scheduling.session_facts(
        tx, facts["session_id"], seat_id=facts.get("seat_id", 0), reader=person.id
    )
    if session.missed_by == "coach":
        raise NotFound
    coach, title = session.coach.name, session.offering_name
    lines = [t("{name} says that you did not come to {title}.", name=coach, title=title)]
    if facts["minor"]:
        fee = Money(facts["minor"], facts["currency"]).format()
        lines.append(t("The fee of {amount} that was held on your card is taken.", amount=fee))
    lines.append(t("If that is not right, write to your coach."))
    again = await coaches.book_path(tx, session.offering_id)
    if again:
        lines.append(t("If something came up, choose another time."))
    return Letter(
        subject=t("You were missed: {title}", title=title),
        lines=lines,
        facts=[(t("When"), times.when(session.starts_at, person.zone))],
        action=t("Book another time") if again else t("Open the session"),
        path=again or f"/sessions/{session.session_id}",
    ), None


async def _missed_running(tx: Tx, facts: Facts, person: PersonView) -> tuple[Letter, None]:
    """To staff: somebody keeps not coming, and a coach may need help. NotFound where the last was
    the coach's doing, as is known by now."""
    session = await scheduling.session_facts(
        tx, facts["session_id"], seat_id=facts["seat_id"], reader=facts["client_id"]
    )
    if session.missed_by == "coach":
        raise NotFound
    name, times_missed = session.client.name, facts["times"]
    return Letter(
        subject=t("{name} missed {n} sessions in a row", name=name, n=times_missed),
        lines=[
            tn(
                "{name} did not come to the last session they had.",
                "{name} did not come to the last {n} sessions they had.",
                times_missed,
                name=name,
            ),
            t("Their coach of the last one is {coach}.", coach=session.coach.name),
        ],
        facts=[
            (t("Client"), f"{name}, {await accounts.email_of(tx, session.client_id)}"),
            (t("Last missed"), session.offering_name),
            (t("When"), times.when(session.starts_at, person.zone)),
        ],
        action=t("See the coach's page"),
        path=f"/coaches/{await coaches.slug_of_coach(tx, session.coach_id)}",
    ), None


async def _coach_missed(tx: Tx, facts: Facts, person: PersonView) -> tuple[Letter, None]:
    """To a client what they get back, and another time; to the coach of whom staff says it."""
    session = await scheduling.session_facts(
        tx, facts["session_id"], seat_id=facts.get("seat_id", 0), reader=person.id
    )
    when = [(t("When"), times.when(session.starts_at, person.zone))]
    title, path = session.offering_name, f"/sessions/{session.session_id}"
    if person.id == session.coach_id:
        return Letter(
            subject=t("You did not come: {title}", title=title),
            lines=[
                t("Our team has noted that you did not come to {title}.", title=title),
                t("Who had a seat gets everything back, and is told."),
                *_by_hand(facts),
                t("If that is not right, answer this mail."),
            ],
            facts=when,
            action=t("Open the session"),
            path=path,
        ), None
    again = await coaches.book_path(tx, session.offering_id)
    lines = [
        t("{name} did not come to {title}. We are sorry.", name=session.coach.name, title=title),
        *_what_goes_back(facts, session.coach.name, person.zone),
    ]
    if again:
        lines.append(t("If you like, choose another time."))
    return Letter(
        subject=t("Your coach did not come: {title}", title=title),
        lines=lines,
        facts=when,
        action=t("Book another time") if again else t("Open the session"),
        path=again or path,
    ), None


def _by_hand(facts: Facts) -> list[str]:
    """To the coach: what each paid in person."""
    return [
        t("Give back in person: {amount} to {name}.", amount=_money(facts, minor), name=name)
        for name, minor in facts.get("by_hand", ())
    ]


def _money(facts: Facts, minor: int) -> str:
    return Money(minor, facts["currency"]).format()


def _what_goes_back(facts: Facts, coach: str, zone: str) -> list[str]:
    lines: list[str] = []
    if facts.get("until"):
        until = times.day_and_year(datetime.fromisoformat(facts["until"]), zone)
        lines.append(
            t("Your session is back in your package. You can use it until {day}.", day=until)
        )
    if facts.get("minor"):
        if facts.get("in_person"):
            words = t(
                "What you paid by card goes back: {amount}.", amount=_money(facts, facts["minor"])
            )
        else:
            words = t(
                "Everything you paid goes back: {amount}.", amount=_money(facts, facts["minor"])
            )
        lines.append(words)
    if facts.get("in_person"):
        cash = _money(facts, facts["in_person"])
        lines.append(
            t(
                "What you paid in person, {amount}, {name} gives back to you.",
                amount=cash,
                name=coach,
            )
        )
    if facts.get("waits"):
        lines.append(t("Your bank is deciding about a payment: we wait for its word."))
    return lines


async def _coach_missed_running(tx: Tx, facts: Facts, person: PersonView) -> tuple[Letter, None]:
    """To staff: a coach keeps not coming."""
    session = await scheduling.session_facts(tx, facts["session_id"], seat_id=facts["seat_id"])
    name, times_missed = session.coach.name, facts["times"]
    return Letter(
        subject=t("{name} did not come to {n} sessions in a row", name=name, n=times_missed),
        lines=[
            tn(
                "{name} did not come to the last session they were to give.",
                "{name} did not come to the last {n} sessions they were to give.",
                times_missed,
                name=name,
            ),
            t("Their clients have everything back."),
        ],
        facts=[
            (t("Coach"), f"{name}, {await accounts.email_of(tx, session.coach_id)}"),
            (t("Last missed"), session.offering_name),
            (t("When"), times.when(session.starts_at, person.zone)),
        ],
        action=t("Open the session"),
        path=f"/staff/sessions/{session.session_id}",
    ), None


WRITERS: dict[str, Callable[[Tx, Facts, PersonView], Awaitable[tuple[Letter, None]]]] = {
    "session.missed": _missed,
    "session.missed_running": _missed_running,
    "session.coach_missed": _coach_missed,
    "session.coach_missed_running": _coach_missed_running,
}
