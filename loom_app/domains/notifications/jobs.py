"""Sending what is owed. Idempotent: a mail that went out is never sent again by its delivery."""

from typing import Any

from sqlalchemy import text

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.engagements import actions as engagements
from loom_app.domains.notifications import (
    bounces,
    centre,
    credential_mails,
    digests,
    figures,  # noqa: F401 - registers itself
    invite_mails,
    mails,
    monthly,
    phones,
    pushed,
    pushes,
    reminders,
    texts,
    unread,
    wishes,
)
from loom_app.domains.notifications.actions import keys_of
from loom_app.domains.notifications.catalogue import topic_of
from loom_app.domains.notifications.outcomes import ended
from loom_app.integrations.mail import client
from loom_app.integrations.mail.reports import Report
from loom_app.kit import retention
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx, transaction
from loom_app.kit.errors import NotFound
from loom_app.kit.jobs.outbox import MAX_ATTEMPTS, every, job
from loom_app.kit.security import tokens

MAILER = Actor.system_job("notifications.mail")
_FIND = text(
    "SELECT id, user_id, event, channel, facts, attempts FROM deliveries"
    " WHERE key = ANY(:keys) AND status = 'queued' AND due_at <= :now ORDER BY channel"
)


SENDERS = {"push": pushes.send, "sms": texts.send}  # mail and the centre are sent here


async def send(payload: dict[str, Any]) -> None:
    """What is owed of one event to one person, channel by channel. Raises what a server raises:
    tried again, until the last try has failed and staff sees it."""
    async with transaction(MAILER) as tx:
        found = {"keys": keys_of(payload["key"]), "now": tx.now}
        rows = (await tx.db.execute(_FIND, found)).all()
    failure: Exception | None = None
    for row in rows:  # what one channel suffers holds up no other
        try:
            await SENDERS.get(row.channel, _send_one)(row)
        except Exception as error:  # noqa: BLE001 - recorded with its delivery
            last = row.attempts + 1 >= MAX_ATTEMPTS
            await _end(row.id, "failed" if last else "queued", _words(error))
            failure = failure or (None if last else error)
    if failure is not None:
        raise failure


job("notifications.send")(send)
job("notifications.mail")(send)  # queued by a version before this one


async def _send_one(row: Any) -> None:
    """Begin (read), call (the mail server), record. What is in the database needs no call."""
    try:
        async with transaction(MAILER) as tx:
            wanted = await wishes.of(tx, row.user_id)
            if row.channel not in wanted.channels(topic_of(row.event), tx.now):
                raise NotFound  # switched off while it waited  # noqa: TRY301
            person = await accounts.person(tx, row.user_id)
            if row.channel == "in_app":
                if await ended(tx, row.id, "sent", None):  # by this run and no other
                    await centre.put(tx, row.event, row.facts, person)
                return
            address = await _address(tx, row.user_id, row.event, row.facts)
            about = topic_of(row.event).name
            if about != "links" and await bounces.stopped(tx, address):
                await ended(tx, row.id, "dropped", "the address takes no mail")
                return
            message = await mails.make(tx, row.id, row.event, row.facts, person, address)
    except NotFound:  # what it was about is not so any more, and no failure
        await _end(row.id, "dropped", "gone")
        return
    try:
        await client.send(message)
    except client.MailRefused as refused:
        await _refused(row.id, address, refused)
    else:
        await _end(row.id, "sent", None)


async def _refused(delivery_id: int, address: str, refused: client.MailRefused) -> None:
    """Where nobody has that address, it is as if the mail had come back."""
    async with transaction(MAILER) as tx:
        status = "bounced" if refused.nobody_there else "failed"
        await ended(tx, delivery_id, status, str(refused))
        if refused.nobody_there:
            await bounces.record(tx, Report("bounced", address, delivery_id, str(refused)))


@job("notifications.invite")
async def send_invitation(payload: dict[str, Any]) -> None:
    """To an address that may have no account: begin (read), call, record, as above. What was
    answered or withdrawn meanwhile is not sent."""
    number, nth = payload["invitation_id"], payload["nth"]
    try:
        async with transaction(MAILER) as tx:
            message = await invite_mails.invitation(tx, number, nth)
            stopped = await bounces.stopped(tx, message.to_address)
    except NotFound:
        return
    refused, nobody_there = stopped.reason if stopped else "", False
    try:
        if not stopped:
            await client.send(message)
    except client.MailRefused as error:
        refused, nobody_there = str(error) or "refused", error.nobody_there
    async with transaction(MAILER) as tx:
        if nobody_there:
            await bounces.record(tx, Report("bounced", message.to_address, detail=refused))
        await engagements.note_mailed(tx, number, nth, refused=refused)


@job("notifications.phone_code")
async def send_code(payload: dict[str, Any]) -> None:
    """To a number that somebody says is theirs. What cannot be sent there is not tried again: they
    ask for another."""
    code = tokens.decrypted(payload["code"], phones.PURPOSE)
    if code is not None:
        await texts.send_code(payload["text_id"], payload["number"], code)


@job("notifications.text_price")
async def note_price(payload: dict[str, Any]) -> None:
    """What a text cost, once its carrier knows."""
    await texts.note_price(payload["sid"], payload.get("nth", 1))


async def _address(tx: Tx, user_id: int, event: str, facts: dict[str, Any]) -> str:
    if event in credential_mails.TO_LINK:
        return await accounts.address_of_link(tx, facts["link_id"])
    return await accounts.email_of(tx, user_id)


async def _end(delivery_id: int, status: str, error: str | None) -> None:
    async with transaction(MAILER) as tx:
        await ended(tx, delivery_id, status, error)


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:500]


@every("notifications.remind", minutes=1)
async def remind(_: dict[str, Any]) -> None:
    """Sessions that are near; what the worker slept through is made up for while it is of use."""
    async with transaction(reminders.REMINDER) as tx:
        await reminders.remind(tx)


@every("notifications.unread", minutes=1)
async def tell_unread(_: dict[str, Any]) -> None:
    """Messages that nobody has read for half an hour."""
    async with transaction(unread.WATCHER) as tx:
        await unread.tell(tx)


@every("notifications.push_unread", minutes=0.1)
async def push_unread(_: dict[str, Any]) -> None:
    """Messages to people who are not here."""
    async with transaction(unread.WATCHER) as tx:
        await pushed.tell(tx)


@every("notifications.summaries", minutes=5)
async def sum_up(_: dict[str, Any]) -> None:
    """What was gathered for people whose summary is due."""
    async with transaction(digests.SUMMER) as tx:
        await digests.sum_up(tx)


@every("notifications.monthly", minutes=15)
async def report_month(_: dict[str, Any]) -> None:
    """The report of the last month, where it is the morning of the first."""
    async with transaction(monthly.REPORTER) as tx:
        await monthly.report(tx)


_SYSTEM = "notifications.retention"
retention.rule(
    "notices", days=90, since="created_at", system=_SYSTEM, why="lines of the notification centre"
)
retention.rule(
    "deliveries",
    days=90,
    since="CASE WHEN status IN ('sent', 'dropped', 'bounced', 'complained') THEN created_at END",
    system=_SYSTEM,
    why="what was sent; what failed stays for staff",
)
retention.rule(
    "texts", days=400, since="sent_at", system=_SYSTEM, why="what a year of text messages cost"
)
retention.rule(
    "text_answers", days=30, since="at", system=_SYSTEM, why="an answer that is told twice"
)
