"""What people are told when something happens. Database only, in the transaction of the cause."""

from loom_app.domains.accounts import events as accounts
from loom_app.domains.engagements import actions as engagements
from loom_app.domains.messaging import actions as messaging
from loom_app.domains.notifications.actions import mail
from loom_app.domains.scheduling import events as scheduling
from loom_app.domains.scheduling import queries as sessions
from loom_app.kit.db.transaction import Tx
from loom_app.kit.events import on
from loom_app.kit.text import t


@on(accounts.UserSignedUp)
async def mail_link(tx: Tx, event: accounts.UserSignedUp) -> None:
    await _mail_link(tx, event.user_id, event.link_id)


@on(accounts.VerificationAsked)
async def mail_new_link(tx: Tx, event: accounts.VerificationAsked) -> None:
    await _mail_link(tx, event.user_id, event.link_id)


async def _mail_link(tx: Tx, user_id: int, link_id: int) -> None:
    await mail(tx, user_id, "account.verify", key=str(link_id), facts={"link_id": link_id})


@on(accounts.KnownAddressUsed)
async def mail_known(tx: Tx, event: accounts.KnownAddressUsed) -> None:
    """At most one an hour, however often somebody tries."""
    hour = int(tx.now.timestamp() // 3600)
    await mail(tx, event.user_id, "account.known", key=str(hour), facts={})


@on(scheduling.SessionBooked)
async def tell_booked(tx: Tx, event: scheduling.SessionBooked) -> None:
    await _tell(tx, event.session_id, "session.booked", t("Session booked"))


@on(scheduling.SessionCancelled)
async def tell_cancelled(tx: Tx, event: scheduling.SessionCancelled) -> None:
    await _tell(tx, event.session_id, "session.cancelled", t("Session cancelled"))


@on(scheduling.SlotLost)
async def tell_lost(tx: Tx, event: scheduling.SlotLost) -> None:
    """Paid too late: an apology, and the money goes back."""
    await mail(
        tx,
        event.client_id,
        "session.lost",
        key=str(event.seat_id),
        facts={"session_id": event.session_id},
    )


async def _tell(tx: Tx, session_id: int, event: str, words: str) -> None:
    """Mail to both sides, and a line in their conversation that leads to the session."""
    async with tx.acting_as_system("notifications.tell"):
        facts = await sessions.session_facts(tx, session_id)
    pair = (facts.coach_id, facts.client_id)
    for person_id in pair:
        await mail(tx, person_id, event, key=str(session_id), facts={"session_id": session_id})
    engagement_id = await engagements.ensure(tx, *pair, "active")
    conversation_id = await messaging.for_engagement(tx, engagement_id, pair)
    await messaging.post_system(
        tx,
        conversation_id,
        key=f"{event}:{session_id}",
        body=words,
        facts={
            "event": event,
            "title": facts.offering_name,
            "starts_at": facts.starts_at.isoformat(),
            "link": f"/sessions/{session_id}",
        },
    )
