"""Each mail from its facts: words in the reader's language, times in the reader's zone."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.accounts.queries import PersonView
from loom_app.domains.notifications import (
    coach_mails,
    coach_money,
    credential_mails,
    due_mails,
    invite_mails,
    missed_mails,
    moderation_mails,
    money_mails,
    monthly,
    package_mails,
    place_mails,
    privacy_mails,
    security_mails,
    staff_mails,
    summary_mails,
    unsubscribing,
    waitlist_mails,
    way_mails,
)
from loom_app.domains.notifications.catalogue import topic_of
from loom_app.domains.notifications.layout import Facts, Letter, draw_html, draw_text
from loom_app.domains.notifications.parts import calendar, of_reader, session_lines
from loom_app.domains.payments import queries as payments
from loom_app.domains.payments.actions import Payable
from loom_app.domains.scheduling import queries as scheduling
from loom_app.integrations.mail.message import DELIVERY, Attachment, CalendarFile, Mail
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.i18n import times
from loom_app.kit.text import t, tn

Writer = Callable[
    [Tx, Facts, PersonView], Awaitable[tuple[Letter, CalendarFile | Attachment | None]]
]


async def make(
    tx: Tx, delivery_id: int, event: str, facts: Facts, person: PersonView, address: str
) -> Mail:
    """The mail of a delivery. Raises KeyError for an event without a template."""
    letter, file = await WRITERS[event](tx, facts, person)
    foot = unsubscribing.foot(topic_of(event), person.id)
    return Mail(
        to_name=person.name,
        to_address=address,
        subject=letter.subject,
        text=draw_text(letter, person.name, foot),
        html=draw_html(letter, person.name, foot),
        reference=f"{DELIVERY}{delivery_id}",
        unsubscribe=foot.unsubscribe,
        calendar=file if isinstance(file, CalendarFile) else None,
        attachment=file if isinstance(file, Attachment) else None,
    )


async def _verify(_tx: Tx, facts: Facts, person: PersonView) -> tuple[Letter, None]:
    token = accounts.link_token(facts["link_id"])
    return Letter(
        subject=t("Confirm your address"),
        lines=[
            t("welcome to Loom. Confirm this address, and you go on where you were."),
            t("The link works once, for 24 hours. If you did not sign up, forget this mail."),
        ],
        action=t("Confirm your address"),
        path=f"/verify?token={token}",
    ), None


async def _known(_tx: Tx, _facts: Facts, person: PersonView) -> tuple[Letter, None]:
    return Letter(
        subject=t("You already have an account"),
        lines=[
            t("somebody, probably you, tried to use this address for an account."),
            t("You have an account already: sign in with your password. Nothing was changed."),
        ],
        action=t("Sign in"),
        path="/sign-in",
    ), None


async def _booked(tx: Tx, facts: Facts, person: PersonView) -> tuple[Letter, CalendarFile]:
    session = await of_reader(tx, facts, person)
    coach = person.id == session.coach_id
    other = session.client.name if coach else session.coach.name
    when = times.when(session.starts_at, person.zone)
    return Letter(
        subject=t("Booked: {title}, {when}", title=session.offering_name, when=when),
        lines=[
            _who_booked(session, other, coach=coach),
            t("The calendar file in this mail puts it into your calendar."),
        ],
        facts=[
            *session_lines(session, person, other),
            *await _later(tx, session, person),
            *await _others(tx, facts, person, later=True),
        ],
        action=t("Open the session"),
        path=f"/sessions/{session.session_id}",
    ), await calendar(tx, facts, person)


def _who_booked(session: scheduling.SessionFacts, other: str, *, coach: bool) -> str:
    if session.booked_by == session.coach_id:
        if coach:
            return t("you have booked a session for {name}.", name=other)
        return t("{name} has booked a session for you.", name=other)
    if session.booked_by:
        return t("our team has booked your session with {name}.", name=other)
    if coach:
        return t("{name} has booked a session with you.", name=other)
    return t("your session with {name} is booked.", name=other)


async def _kept(tx: Tx, facts: Facts, person: PersonView) -> tuple[Letter, None]:
    """To the client; NotFound where it is over or paid by now."""
    session = await of_reader(tx, facts, person)
    if session.status != "held" or session.kept_until is None:
        raise NotFound
    coach, when = session.coach.name, times.when(session.starts_at, person.zone)
    by = coach if session.booked_by == session.coach_id else t("our team")
    until = times.when(session.kept_until, person.zone)
    return Letter(
        subject=t("Kept for you: {title}, {when}", title=session.offering_name, when=when),
        lines=[
            t("a time with {name} is kept for you, chosen by {by}.", name=coach, by=by),
            t("Pay until {when}, and it is booked. If it does not suit you, say no.", when=until),
        ],
        facts=[*session_lines(session, person, coach), (t("Price"), session.price.format())],
        action=t("Book it or say no"),
        path=f"/sessions/{session.session_id}",
    ), None


async def _kept_over(tx: Tx, facts: Facts, person: PersonView) -> tuple[Letter, None]:
    session = await of_reader(tx, facts, person)
    coach = person.id == session.coach_id
    when = times.when(session.starts_at, person.zone)
    words = (
        t("{name} did not take the time that was kept for them.", name=session.client.name)
        if coach
        else t("the time with {name} is kept for you no longer.", name=session.coach.name)
    )
    return Letter(
        subject=t("Free again: {title}, {when}", title=session.offering_name, when=when),
        lines=[words, t("Nothing was charged.")],
        action=t("Your calendar") if coach else t("Choose another time"),
        path="/sessions/calendar" if coach else "/coaches",
    ), None


async def _moved(tx: Tx, facts: Facts, person: PersonView) -> tuple[Letter, CalendarFile]:
    session = await of_reader(tx, facts, person)
    coach = person.id == session.coach_id
    other = scheduling.other_words(session, person.id)
    when = times.when(session.starts_at, person.zone)
    mine = (facts["by"] == "coach") == coach
    old = datetime.fromisoformat(facts["old_starts_at"])
    opening = (
        t("you moved your session with {name}.", name=other)
        if mine
        else t("{name} moved your session.", name=other)
    )
    lines = [t("The calendar file in this mail moves it in your calendar, too.")]
    if not mine and not coach:
        lines.insert(0, t("If that does not suit you: for a day you can cancel at no cost."))
    return Letter(
        subject=t("Moved: {title}, now {when}", title=session.offering_name, when=when),
        lines=[opening, *lines],
        facts=[
            *session_lines(session, person, other),
            (t("Before"), times.when(old, person.zone)),
            *await _others(tx, facts, person),
        ],
        action=t("Open the session"),
        path=f"/sessions/{session.session_id}",
    ), await calendar(tx, facts, person)


async def _reminder(tx: Tx, facts: Facts, person: PersonView) -> tuple[Letter, None]:
    """Of the start that it was meant for; NotFound where that is not so any more."""
    session = await of_reader(tx, facts, person)
    starts_at = datetime.fromisoformat(facts["starts_at"])
    if session.status != "confirmed" or session.starts_at != starts_at or starts_at <= tx.now:
        raise NotFound
    other = scheduling.other_words(session, person.id)
    left = times.span(starts_at - tx.now)
    return Letter(
        subject=t(
            "In {span}: {title} with {name}", span=left, title=session.offering_name, name=other
        ),
        lines=[
            t("your session with {name} begins in {span}.", name=other, span=left),
            t("You choose in the settings when we remind you."),
        ],
        facts=session_lines(session, person, other),
        action=t("Open the session"),
        path=f"/sessions/{session.session_id}",
    ), None


async def _completed(tx: Tx, facts: Facts, person: PersonView) -> tuple[Letter, None]:
    """NotFound where it is known by now that somebody did not come."""
    session = await of_reader(tx, facts, person)
    if session.status != "completed":
        raise NotFound
    return Letter(
        subject=t("How was {title}?", title=session.offering_name),
        lines=[
            t("your session with {name} is over.", name=session.coach.name),
            t("One to five stars and a few words help {name} and others.", name=session.coach.name),
        ],
        facts=session_lines(session, person, session.coach.name),
        action=t("Rate the session"),
        path=f"/sessions/{session.session_id}",
    ), None


async def _rated(tx: Tx, facts: Facts, person: PersonView) -> tuple[Letter, None]:
    session = await of_reader(tx, facts, person)
    client = session.client.name
    return Letter(
        subject=tn("{n} star from {name}", "{n} stars from {name}", facts["stars"], name=client),
        lines=[t("{name} has rated a session with you.", name=client)],
        facts=session_lines(session, person, client),
        action=t("Read what was said"),
        path=f"/sessions/{session.session_id}",
    ), None


async def _later(
    tx: Tx, session: scheduling.SessionFacts, person: PersonView
) -> list[tuple[str, str]]:
    """What is still to be paid, or is held, for a session."""
    async with tx.acting_as_system("payments.mail"):
        dues = await payments.dues_of(tx, Payable("seat", session.seat_id))
    return [(_due_name(one), payments.due_words(one, person.zone)) for one in dues]


def _due_name(due: payments.DueView) -> str:
    if not due.of_the_price:
        return t("No-show fee")
    return t("Price") if due.amount == due.whole else t("The rest")


async def _others(
    tx: Tx, facts: Facts, person: PersonView, *, later: bool = False
) -> list[tuple[str, str]]:
    """The other sessions of a series that the mail is about, and what is `later` paid for them."""
    found: list[tuple[str, str]] = []
    for number in facts.get("sessions", [])[1:]:
        one = await scheduling.session_facts(tx, number, reader=person.id)
        words = times.time_range(one.starts_at, one.ends_at, person.zone)
        dues = await _later(tx, one, person) if later else []
        found.append((t("Also"), " ".join([f"{words}.", *(due for _, due in dues)])))
    return found


async def _cancelled(tx: Tx, facts: Facts, person: PersonView) -> tuple[Letter, CalendarFile]:
    session = await of_reader(tx, facts, person)
    coach = person.id == session.coach_id
    other = session.client.name if coach else session.coach.name
    if session.group and session.all_off:
        other = scheduling.other_words(session, person.id)
    when = times.when(session.starts_at, person.zone)
    return Letter(
        subject=_off_subject(session, when, coach=coach),
        lines=[_off_words(session, coach=coach)],
        facts=[*session_lines(session, person, other), *await _others(tx, facts, person)],
        action=t("Open the session"),
        path=f"/sessions/{session.session_id}",
    ), await calendar(tx, facts, person)


def _off_subject(session: scheduling.SessionFacts, when: str, *, coach: bool) -> str:
    if coach and session.group and not session.all_off:
        return t("A seat is free again: {title}, {when}", title=session.offering_name, when=when)
    return t("Cancelled: {title}, {when}", title=session.offering_name, when=when)


def _off_words(session: scheduling.SessionFacts, *, coach: bool) -> str:
    if session.group and not session.all_off:
        return _seat_words(session, coach=coach)
    if session.cancelled_by == "minimum":
        if coach:
            return t("too few have booked, so it does not take place. Everybody is refunded.")
        return t("too few have booked, so it does not take place. You get back what you paid.")
    if session.cancelled_by == "staff":
        return t("our team cancelled this session. If money goes back, it is on its way.")
    return t("this session will not take place. If money goes back, it is on its way.")


def _seat_words(session: scheduling.SessionFacts, *, coach: bool) -> str:
    if coach:
        return t("{name} does not come. The others do.", name=session.client.name)
    if session.cancelled_by == "staff":
        return t("our team took your seat back. If money goes back, it is on its way.")
    return t("your seat is given back. If money goes back, it is on its way.")


async def _lost(tx: Tx, facts: Facts, person: PersonView) -> tuple[Letter, None]:
    session = await of_reader(tx, facts, person)
    return Letter(
        subject=t("We are sorry: your time was gone"),
        lines=[
            t(
                "your payment reached us after {when} had been given to somebody else.",
                when=times.when(session.starts_at, person.zone),
            ),
            t("We are sending all of it back to your card; banks take 5 to 10 days to show it."),
        ],
        action=t("Choose another time"),
        path="/coaches",
    ), None


async def _awaited(tx: Tx, facts: Facts, person: PersonView) -> tuple[Letter, None]:
    session = await of_reader(tx, facts, person)
    when = times.when(session.starts_at, person.zone)
    return Letter(
        subject=t("We keep {when} for you", when=when),
        lines=[
            t("your bank is sending the payment for {what}.", what=session.offering_name),
            t("That can take some days. The session is booked when it is there; we write to you."),
        ],
        action=t("Open the session"),
        path=f"/sessions/{session.session_id}",
    ), None


async def _unpaid(tx: Tx, facts: Facts, person: PersonView) -> tuple[Letter, None]:
    session = await of_reader(tx, facts, person)
    return Letter(
        subject=t("Your bank did not pay"),
        lines=[
            t(
                "{what}, {when}, is not booked: your bank sent the payment back.",
                what=session.offering_name,
                when=times.when(session.starts_at, person.zone),
            ),
            t("Nothing was charged. You can choose a time again and pay in another way."),
        ],
        action=t("Choose another time"),
        path="/coaches",
    ), None


WRITERS: dict[str, Writer] = {
    **coach_mails.WRITERS,
    **coach_money.WRITERS,
    **due_mails.WRITERS,
    **invite_mails.WRITERS,
    **missed_mails.WRITERS,
    **moderation_mails.WRITERS,
    **place_mails.WRITERS,
    **package_mails.WRITERS,
    **credential_mails.WRITERS,
    **security_mails.WRITERS,
    **privacy_mails.WRITERS,
    **staff_mails.WRITERS,
    **waitlist_mails.WRITERS,
    **way_mails.WRITERS,
    "account.verify": _verify,
    "account.known": _known,
    "session.booked": _booked,
    "session.moved": _moved,
    "session.reminder": _reminder,
    "session.completed": _completed,
    "session.rated": _rated,
    "session.cancelled": _cancelled,
    "session.lost": _lost,
    "session.awaited": _awaited,
    "session.unpaid": _unpaid,
    "session.kept": _kept,
    "session.kept_over": _kept_over,
    **money_mails.WRITERS,
    **monthly.WRITERS,
    "test": summary_mails.test,
    "message.unread": summary_mails.unread,
}
WRITERS["summary"] = summary_mails.summary(WRITERS)
