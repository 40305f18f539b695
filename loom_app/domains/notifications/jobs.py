"""Sending what is owed. Idempotent: a mail that went out is never sent again by its delivery."""

from typing import Any

from sqlalchemy import text

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.engagements import actions as engagements
from loom_app.domains.notifications import credential_mails, invite_mails, mails, reminders
from loom_app.integrations.mail import client
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx, transaction
from loom_app.kit.errors import NotFound
from loom_app.kit.jobs.outbox import every, job

MAILER = Actor.system_job("notifications.mail")
_FIND = text(
    "SELECT id, user_id, event, facts FROM deliveries WHERE key = :key AND status = 'queued'"
)
_END = text(
    "UPDATE deliveries SET status = :status, attempts = attempts + 1, last_error = :error,"
    " sent_at = CASE WHEN :status = 'sent' THEN CAST(:now AS timestamptz) END WHERE id = :id"
)
_FAILED_ONCE = text(
    "UPDATE deliveries SET attempts = attempts + 1, last_error = :error WHERE id = :id"
)


@job("notifications.mail")
async def send_mail(payload: dict[str, Any]) -> None:
    """Begin (read), call (the mail server), record. Raises what the server raises: tried again."""
    async with transaction(MAILER) as tx:
        row = (await tx.db.execute(_FIND, {"key": payload["key"]})).first()
        if row is None:
            return
        try:
            person = await accounts.person(tx, row.user_id)
            address = await _address(tx, row.user_id, row.event, row.facts)
            message = await mails.make(tx, row.id, row.event, row.facts, person, address)
        except NotFound:  # what it was about is not so any more, and no failure
            values = {"id": row.id, "status": "dropped", "error": "gone", "now": tx.now}
            await tx.db.execute(_END, values)
            return
    try:
        await client.send(message)
    except client.MailRefused as refused:
        await _end(row.id, "failed", str(refused))
    except Exception as error:
        async with transaction(MAILER) as tx:
            await tx.db.execute(_FAILED_ONCE, {"id": row.id, "error": str(error)[:500]})
        raise
    else:
        await _end(row.id, "sent", None)


@job("notifications.invite")
async def send_invitation(payload: dict[str, Any]) -> None:
    """To an address that may have no account: begin (read), call, record, as above. What was
    answered or withdrawn meanwhile is not sent."""
    number, nth = payload["invitation_id"], payload["nth"]
    try:
        async with transaction(MAILER) as tx:
            message = await invite_mails.invitation(tx, number, nth)
    except NotFound:
        return
    refused = ""
    try:
        await client.send(message)
    except client.MailRefused as error:
        refused = str(error) or "refused"
    async with transaction(MAILER) as tx:
        await engagements.note_mailed(tx, number, nth, refused=refused)


async def _address(tx: Tx, user_id: int, event: str, facts: dict[str, Any]) -> str:
    if event in credential_mails.TO_LINK:
        return await accounts.address_of_link(tx, facts["link_id"])
    return await accounts.email_of(tx, user_id)


async def _end(delivery_id: int, status: str, error: str | None) -> None:
    async with transaction(MAILER) as tx:
        values = {"id": delivery_id, "status": status, "error": error, "now": tx.now}
        await tx.db.execute(_END, values)


@every("notifications.remind", minutes=1)
async def remind(_: dict[str, Any]) -> None:
    """Sessions that are near; what the worker slept through is made up for while it is of use."""
    async with transaction(reminders.REMINDER) as tx:
        await reminders.remind(tx)
