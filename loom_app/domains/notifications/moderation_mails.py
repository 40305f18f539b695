"""Mails about what moderators decided: to whom it is about, to who reported, and of appeals."""

from collections.abc import Awaitable, Callable

from loom_app.domains.accounts import events as account_events
from loom_app.domains.accounts import queries as accounts
from loom_app.domains.accounts.queries import PersonView
from loom_app.domains.moderation import events
from loom_app.domains.moderation import queries as moderation
from loom_app.domains.notifications.actions import notify
from loom_app.domains.notifications.layout import Facts, Letter
from loom_app.kit.db.transaction import Tx
from loom_app.kit.events import on
from loom_app.kit.i18n import times
from loom_app.kit.text import t


@on(events.ReportMade)
async def tell_report(tx: Tx, event: events.ReportMade) -> None:
    """Moderators, but for who is in it."""
    async with tx.acting_as_system("notifications.tell"):
        staff = await accounts.staff_who_may(tx, "people.moderate")
    facts = {"report_id": event.report_id}
    for person_id in staff:
        if person_id not in (event.person_id, event.reporter_id):
            await notify(tx, person_id, "case.waiting", key=str(event.report_id), facts=facts)


@on(events.CaseDecided)
async def tell_decided(tx: Tx, event: events.CaseDecided) -> None:
    """The person reads what was decided; who reported, that it was, and never what."""
    key = str(event.decision_id)
    if event.kind != "dismiss" and event.person_id:
        facts = {"decision_id": event.decision_id}
        await notify(tx, event.person_id, "moderation.decided", key=key, facts=facts)
    if event.reporter_id:
        acted = {"acted": event.kind != "dismiss"}
        await notify(tx, event.reporter_id, "report.decided", key=key, facts=acted)


@on(events.AppealMade)
async def tell_appeal(tx: Tx, event: events.AppealMade) -> None:
    async with tx.acting_as_system("notifications.tell"):
        staff = await accounts.staff_who_may(tx, "people.moderate")
    for person_id in staff:
        await notify(tx, person_id, "appeal.waiting", key=str(event.appeal_id), facts={})


@on(events.AppealDecided)
async def tell_answer(tx: Tx, event: events.AppealDecided) -> None:
    if event.person_id:
        facts = {"appeal_id": event.appeal_id}
        key = str(event.appeal_id)
        await notify(tx, event.person_id, "moderation.answered", key=key, facts=facts)


@on(events.DecisionWithdrawn)
async def tell_back(tx: Tx, event: events.DecisionWithdrawn) -> None:
    """That what was hidden is read again; where they appealed, the answer says so."""
    if event.kind == "hide" and event.person_id and not event.appealed:
        key = str(event.decision_id)
        await notify(tx, event.person_id, "moderation.shown", key=key, facts={})


@on(account_events.SuspensionEnded)
async def tell_over(tx: Tx, event: account_events.SuspensionEnded) -> None:
    """Of one that ended without an appeal: of that the answer tells."""
    if event.how != "appeal":
        key = str(event.suspension_id)
        await notify(tx, event.person_id, "moderation.over", key=key, facts={})


async def _decided(tx: Tx, facts: Facts, person: PersonView) -> tuple[Letter, None]:
    token = accounts.appeal_token(facts["decision_id"])
    found = await moderation.decision_page(tx, token)
    subjects = {
        "warn": t("A warning from our team"),
        "hide": t("Our team took a message of yours back"),
        "suspend": t("Your account is suspended"),
    }
    openings = {
        "warn": t("our team looked at something that you wrote or did, and asks you to stop it:"),
        "hide": t("our team took a message of yours back for everybody:"),
        "suspend": t("our team suspended your account. This is why:"),
    }
    lines = [openings[found.kind], found.words]
    if found.kind == "suspend":
        lines.append(
            t("You can sign in again from {when} on.", when=times.when(found.until, person.zone))
            if found.until
            else t("It is for good.")
        )
    lines.append(t("If you think that we are wrong, say so: somebody else looks at it."))
    return Letter(
        subject=subjects[found.kind],
        lines=lines,
        action=t("Read it, or appeal"),
        path=f"/appeal?token={token}",
    ), None


async def _reported(_tx: Tx, facts: Facts, _person: PersonView) -> tuple[Letter, None]:
    what = (
        t("we looked at it, and did something about it.")
        if facts["acted"]
        else t("we looked at it, and found nothing that is against our rules.")
    )
    return Letter(
        subject=t("We looked at what you reported"),
        lines=[
            t("thank you for telling us: {what}", what=what),
            t("What exactly we do about somebody stays between them and us."),
            t("You can block anybody: then neither of you writes to or sees the other."),
        ],
        action=t("Whom you have blocked"),
        path="/settings",
    ), None


async def _waiting(_tx: Tx, facts: Facts, _person: PersonView) -> tuple[Letter, None]:
    return Letter(
        subject=t("A report waits for a decision"),
        lines=[t("somebody reported a person, or what they wrote. One of you decides about it.")],
        action=t("Open the report"),
        path=f"/staff/moderation/report-{facts['report_id']}",
    ), None


async def _appeal(_tx: Tx, _facts: Facts, _person: PersonView) -> tuple[Letter, None]:
    return Letter(
        subject=t("An appeal waits for an answer"),
        lines=[t("somebody says that a decision of ours is wrong. Another one of you answers it.")],
        action=t("Open the queue"),
        path="/staff/moderation?view=appeals",
    ), None


async def _answered(tx: Tx, facts: Facts, _person: PersonView) -> tuple[Letter, None]:
    kind, answer, lifted = await moderation.appeal_of(tx, facts["appeal_id"])
    if not lifted:
        return Letter(
            subject=t("Your appeal: the decision stays"),
            lines=[t("somebody else of our team looked at it again, and answers:"), answer],
            action=t("Our rules and help"),
            path="/",
        ), None
    then = {
        "suspend": t("You can sign in again. What you had is as it was."),
        "hide": t(
            "Your message can be read again, unless another decision hides it too, or it was hidden"
            " too long ago."
        ),
    }.get(kind, t("It does not count any more."))
    return Letter(
        subject=t("Your appeal: we were wrong"),
        lines=[
            t("somebody else of our team looked at it again and took the decision back:"),
            answer,
            then,
        ],
        action=t("Open Loom"),
        path="/sign-in" if kind == "suspend" else "/sessions",
    ), None


async def _shown(_tx: Tx, _facts: Facts, _person: PersonView) -> tuple[Letter, None]:
    return Letter(
        subject=t("We should not have hidden your message"),
        lines=[
            t("our team had taken a message of yours back, and should not have. We are sorry."),
            t(
                "Everybody in the conversation can read it again, unless another decision hides it"
                " too, or it was hidden too long ago. It does not count against you."
            ),
        ],
        action=t("Open your messages"),
        path="/messages",
    ), None


async def _over(_tx: Tx, _facts: Facts, _person: PersonView) -> tuple[Letter, None]:
    return Letter(
        subject=t("Your suspension is over"),
        lines=[t("you can sign in again from now on. What you had is as it was.")],
        action=t("Sign in"),
        path="/sign-in",
    ), None


WRITERS: dict[str, Callable[[Tx, Facts, PersonView], Awaitable[tuple[Letter, None]]]] = {
    "moderation.decided": _decided,
    "moderation.answered": _answered,
    "moderation.over": _over,
    "moderation.shown": _shown,
    "report.decided": _reported,
    "case.waiting": _waiting,
    "appeal.waiting": _appeal,
}
