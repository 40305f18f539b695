"""Mails about whether a coach can be booked: to the coach what was decided, to staff who waits."""

from collections.abc import Awaitable, Callable

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.accounts.queries import PersonView
from loom_app.domains.coaches import events
from loom_app.domains.coaches import queries as coaches
from loom_app.domains.notifications.actions import notify
from loom_app.domains.notifications.layout import Facts, Letter
from loom_app.kit.db.transaction import Tx
from loom_app.kit.events import on
from loom_app.kit.text import t


@on(events.CoachSubmitted)
async def tell_submitted(tx: Tx, event: events.CoachSubmitted) -> None:
    async with tx.acting_as_system("notifications.tell"):
        staff = await accounts.staff_who_may(tx, "coaches.verify")
    key = f"{event.coach_id}:{tx.now.isoformat()}"
    for person_id in staff:
        if person_id != event.coach_id:
            facts = {"coach_id": event.coach_id}
            await notify(tx, person_id, "coach.waiting", key=key, facts=facts)


@on(events.CoachVerified)
async def tell_verified(tx: Tx, event: events.CoachVerified) -> None:
    facts = {"first": event.first, "published": event.published}
    await notify(tx, event.coach_id, "coach.verified", key=str(event.decision_id), facts=facts)


@on(events.CoachSentBack)
async def tell_sent_back(tx: Tx, event: events.CoachSentBack) -> None:
    """The words are those of the decision: they are read when the mail is written."""
    facts = {"decision_id": event.decision_id}
    await notify(tx, event.coach_id, "coach.returned", key=str(event.decision_id), facts=facts)


@on(events.CoachTakenOut)
async def tell_taken_out(tx: Tx, event: events.CoachTakenOut) -> None:
    facts = {"decision_id": event.decision_id}
    await notify(tx, event.coach_id, "coach.hidden", key=str(event.decision_id), facts=facts)


async def _waiting(tx: Tx, facts: Facts, _person: PersonView) -> tuple[Letter, None]:
    async with tx.acting_as_system("notifications.tell"):
        coach = await accounts.person(tx, facts["coach_id"])
    return Letter(
        subject=t("{name} waits to be verified", name=coach.name),
        lines=[
            t("{name} has submitted what they want to be verified by.", name=coach.name),
            t("Nobody can book a new coach before one of you has looked."),
        ],
        action=t("Look at it"),
        path=f"/staff/coaches/{facts['coach_id']}",
    ), None


async def _verified(_tx: Tx, facts: Facts, _person: PersonView) -> tuple[Letter, None]:
    if not facts["first"]:
        return Letter(
            subject=t("Your new proofs are verified"),
            lines=[t("our team has checked what you added. Your page shows it now.")],
            action=t("See where you stand"),
            path="/become-a-coach",
        ), None
    then = (
        t("Your page is in the directory, and people can book you from now on.")
        if facts["published"]
        else t("Publish your page when it says what it should, and people can book you.")
    )
    return Letter(
        subject=t("You are verified as a coach"),
        lines=[
            t("our team has checked who you are and what you offer: all is well."),
            then,
            t("The document that shows who you are is deleted; nobody needs it any more."),
        ],
        action=t("See your page"),
        path="/profile",
    ), None


async def _returned(tx: Tx, facts: Facts, _person: PersonView) -> tuple[Letter, None]:
    words = await coaches.words_of_decision(tx, facts["decision_id"])
    return Letter(
        subject=t("Something has to change before you are verified"),
        lines=[
            t("our team has looked at what you submitted, and asks you to change something:"),
            words,
            t("Change it, and submit it once more. What you wrote before is all still there."),
        ],
        action=t("Mend it"),
        path="/become-a-coach",
    ), None


async def _hidden(tx: Tx, facts: Facts, _person: PersonView) -> tuple[Letter, None]:
    words = await coaches.words_of_decision(tx, facts["decision_id"])
    return Letter(
        subject=t("Your page is not in the directory any more"),
        lines=[
            t("our team took your page out of the directory. This is why:"),
            words,
            t("What is booked stays. You can publish again once our team lets you."),
        ],
        action=t("See your page"),
        path="/profile",
    ), None


WRITERS: dict[str, Callable[[Tx, Facts, PersonView], Awaitable[tuple[Letter, None]]]] = {
    "coach.waiting": _waiting,
    "coach.verified": _verified,
    "coach.returned": _returned,
    "coach.hidden": _hidden,
}
