"""Queues of what failed: once more, or dropped with a reason. Each step stands in the trail."""

from sqlalchemy import text

from loom_app.domains.accounts.actions import require_step_up
from loom_app.domains.notifications.actions import keys_of
from loom_app.domains.operations.queries import listing_for
from loom_app.domains.payments import actions as payments
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx, transaction
from loom_app.kit.errors import NotFound
from loom_app.kit.words import reason_given

_AGAIN = text(
    "UPDATE outbox_jobs SET failed_at = NULL, attempts = 0, run_at = :now, locked_until = NULL"
    " WHERE id = :id AND failed_at IS NOT NULL AND done_at IS NULL RETURNING name"
)
# it stays failed, and is nobody's any more
_DROP = text(
    "UPDATE outbox_jobs SET done_at = :now WHERE id = :id AND failed_at IS NOT NULL"
    " AND done_at IS NULL RETURNING name, payload"
)
# what it would have sent is not sent
_UNSENT = text(
    "UPDATE deliveries SET status = 'dropped' WHERE status = 'queued' AND key = ANY(:keys)"
)
_SETTLE = text(
    "UPDATE outbox_jobs SET done_at = :now WHERE key = :key AND done_at IS NULL RETURNING id"
)
_SEND = text(
    "UPDATE deliveries SET status = 'queued', attempts = 0, due_at = :now"
    " WHERE id = :id AND status = 'failed' RETURNING key, channel"
)
# the row that keeps a text from leaving twice; its price stays in the sum
_LET_GO = text(
    "UPDATE texts SET delivery_id = NULL WHERE delivery_id = :id"
    " AND status IN ('failed', 'undelivered')"
)
_LEAVE = text(
    "UPDATE deliveries SET status = 'dropped' WHERE id = :id AND status = 'failed' RETURNING key"
)


async def try_job(tx: Tx, me: Actor, job_id: int) -> None:
    """Failed work, from its first try on. Raises Forbidden, StepUpNeeded, NotFound."""
    _may(tx, me)
    async with tx.acting_as_system("worker"):
        name = await tx.db.scalar(_AGAIN, {"id": job_id, "now": tx.now})
    if name is None:
        raise NotFound
    await audit(tx, "job.retry", "job", job_id, before={"state": "failed"}, after={"work": name})
    tx.work()


async def drop_job(tx: Tx, me: Actor, job_id: int, reason: str) -> None:
    """Raises Forbidden, StepUpNeeded, NotFound, Invalid on "reason"."""
    _may(tx, me)
    words = reason_given(reason)
    async with tx.acting_as_system("worker"):
        job = (await tx.db.execute(_DROP, {"id": job_id, "now": tx.now})).first()
    if job is None:
        raise NotFound
    if job.name in {"notifications.send", "notifications.mail"}:
        async with tx.acting_as_system("notifications.admin"):
            await tx.db.execute(_UNSENT, {"keys": keys_of(job.payload["key"])})
    states = {"before": {"state": "failed"}, "after": {"state": "dropped", "work": job.name}}
    await audit(tx, "job.drop", "job", job_id, reason=words, **states)


async def send_again(tx: Tx, me: Actor, delivery_id: int) -> None:
    """A notification that failed; a text only if it surely did not arrive. Raises Forbidden,
    StepUpNeeded, NotFound."""
    _may(tx, me)
    async with tx.acting_as_system("notifications.admin"):
        row = (await tx.db.execute(_SEND, {"id": delivery_id, "now": tx.now})).first()
        if row is None:
            raise NotFound
        await tx.db.execute(_LET_GO, {"id": delivery_id})
    key = row.key if row.channel == "mail" else row.key.removesuffix(f":{row.channel}")
    await tx.enqueue("notifications.send", {"key": key})
    before, after = {"status": "failed"}, {"status": "queued"}
    await audit(tx, "delivery.retry", "delivery", delivery_id, before=before, after=after)


async def drop_delivery(tx: Tx, me: Actor, delivery_id: int, reason: str) -> None:
    """Raises Forbidden, StepUpNeeded, NotFound, Invalid on "reason"."""
    _may(tx, me)
    words = reason_given(reason)
    async with tx.acting_as_system("notifications.admin"):
        key = await tx.db.scalar(_LEAVE, {"id": delivery_id})
    if key is None:
        raise NotFound
    states = {"before": {"status": "failed"}, "after": {"status": "dropped"}}
    await audit(tx, "delivery.drop", "delivery", delivery_id, reason=words, **states)


async def handle_event(me: Actor, event_id: int) -> None:
    """What Stripe told us, now; nothing happens twice. Its work in the queue is done with it.
    Raises Forbidden, StepUpNeeded, NotFound, and what handling raises."""
    me.require("events.replay")
    async with transaction(me) as tx:
        require_step_up(tx, me)
    await payments.replay(event_id, by=me.label)
    async with transaction(me) as tx:
        await _settle(tx, event_id)


async def drop_event(tx: Tx, me: Actor, event_id: int, reason: str) -> None:
    """Raises Forbidden, StepUpNeeded, NotFound, Invalid on "reason"."""
    await payments.drop_event(tx, me, event_id, reason)
    await _settle(tx, event_id)


async def note_export(tx: Tx, me: Actor, key: str, many: int) -> None:
    """That a list was taken out of Loom. Raises Forbidden, StepUpNeeded, NotFound."""
    listing = listing_for(me, key)
    if key == "audit":
        me.require("audit.export")
    require_step_up(tx, me)
    after = {"list": listing.key, "rows": many}
    await audit(tx, "admin.export", "person", me.require_person(), after=after)


async def _settle(tx: Tx, event_id: int) -> None:
    async with tx.acting_as_system("worker"):
        key = f"payments.process_event:{event_id}"
        await tx.db.execute(_SETTLE, {"key": key, "now": tx.now})


def _may(tx: Tx, me: Actor) -> None:
    me.require("queues.keep")
    require_step_up(tx, me)
