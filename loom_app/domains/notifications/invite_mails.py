"""Mails of invitations: to the address that was invited, and to who invited when it is accepted."""

from collections.abc import Awaitable, Callable

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.accounts.queries import PersonView
from loom_app.domains.engagements import events
from loom_app.domains.engagements import queries as engagements
from loom_app.domains.messaging import actions as messaging
from loom_app.domains.moderation import queries as moderation
from loom_app.domains.notifications.actions import notify
from loom_app.domains.notifications.layout import Facts, Letter, draw_html, draw_text
from loom_app.integrations.mail.message import Mail
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.events import on
from loom_app.kit.i18n import times
from loom_app.kit.text import t


@on(events.InvitationsMade)
async def owe_invitations(tx: Tx, event: events.InvitationsMade) -> None:
    """One mail each; its address may have no account, so it is no delivery to a person."""
    for number, nth in event.asked:
        payload = {"invitation_id": number, "nth": nth}
        await tx.enqueue("notifications.invite", payload, key=f"invite:{number}:{nth}")


@on(events.InvitationAccepted)
async def tell_accepted(tx: Tx, event: events.InvitationAccepted) -> None:
    """Their conversation is there at once, with a line in it; the coach gets a mail."""
    pair = (event.coach_id, event.client_id)
    conversation_id = await messaging.for_engagement(tx, event.engagement_id, pair)
    key, line = f"invitation.accepted:{event.invitation_id}", {"event": "invitation.accepted"}
    words = t("Invitation accepted")
    await messaging.post_system(tx, conversation_id, key=key, body=words, facts=line)
    facts = {"client_id": event.client_id}
    await notify(
        tx, event.coach_id, "invitation.accepted", key=str(event.invitation_id), facts=facts
    )


@on(events.StaffInvitationAccepted)
async def tell_joined(tx: Tx, event: events.StaffInvitationAccepted) -> None:
    facts = {"user_id": event.user_id}
    await notify(
        tx, event.inviter_id, "invitation.joined", key=str(event.invitation_id), facts=facts
    )


async def invitation(tx: Tx, invitation_id: int, nth: int) -> Mail:
    """The nth mail of an invitation. Raises NotFound where it is not to be sent any more, also past
    a block between the two."""
    found = await engagements.invitation_letter(tx, invitation_id, nth)
    key = accounts.email_key(found.email)
    owner = (await accounts.ids_of_addresses(tx, [key])).get(key)
    if owner is not None and await moderation.is_blocked_between(tx, found.inviter_id, owner):
        raise NotFound
    letter = _letter(found)
    return Mail(
        to_name=found.name,
        to_address=found.email,
        subject=letter.subject,
        text=draw_text(letter, found.name),
        html=draw_html(letter, found.name),
        reference=f"invitation-{invitation_id}-{nth}",
    )


def _letter(found: engagements.InvitationLetter) -> Letter:
    name, until = found.inviter, times.day_and_year(found.expires_at, "UTC")
    opening = (
        t("{name} invites you to the staff of Loom as {role}.", name=name, role=found.role)
        if found.role
        else t("{name} invites you to be coached on Loom: sessions, talk and plans.", name=name)
    )
    return Letter(
        subject=t("{name} invites you to Loom", name=name),
        lines=[
            opening,
            *(f"“{line}”" for line in found.note.splitlines() if line),
            t("The invitation is for you alone and holds until {day}.", day=until),
            t("If you do not want it, open it and say no; you can say so for all others, too."),
        ],
        action=t("Open the invitation"),
        path=f"/invitation?token={found.token}",
    )


async def _accepted(tx: Tx, facts: Facts, _person: PersonView) -> tuple[Letter, None]:
    client = await accounts.person(tx, facts["client_id"])
    return Letter(
        subject=t("{name} accepted your invitation", name=client.name),
        lines=[
            t("{name} is a client of yours now. You can write to each other.", name=client.name)
        ],
        action=t("Open your messages"),
        path="/messages",
    ), None


async def _joined(tx: Tx, facts: Facts, _person: PersonView) -> tuple[Letter, None]:
    member = await accounts.person(tx, facts["user_id"])
    return Letter(
        subject=t("{name} joined the staff", name=member.name),
        lines=[t("{name} has accepted your invitation.", name=member.name)],
        action=t("See who is of staff"),
        path="/staff/roles",
    ), None


WRITERS: dict[str, Callable[[Tx, Facts, PersonView], Awaitable[tuple[Letter, None]]]] = {
    "invitation.accepted": _accepted,
    "invitation.joined": _joined,
}
