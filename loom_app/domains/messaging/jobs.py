"""Queued work of messaging."""

import asyncio
from typing import Any

from loom_app.domains.messaging import actions
from loom_app.domains.messaging.actions import files
from loom_app.kit import retention
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.files import store
from loom_app.kit.jobs.outbox import every, job

FILES = Actor.system_job("messaging.files")


@job("messaging.remove_files")
async def remove_files(payload: dict[str, Any]) -> None:
    """The files of a message that was deleted for everybody."""
    async with transaction(FILES) as tx:
        await files.remove_of(tx, int(payload["message_id"]))


@every("messaging.sweep_files", minutes=60)
async def sweep_files(_payload: dict[str, Any]) -> None:
    """What was attached and never sent, or never became whole; as a net, of deleted messages."""
    async with transaction(FILES) as tx:
        while await files.remove_left_over(tx):
            pass
        before = (tx.now - files.UNSENT_FOR).timestamp()
    await asyncio.to_thread(store.clear_incoming, before)


@job("messaging.unlink_files")
async def unlink_files(payload: dict[str, Any]) -> None:
    """Take the bytes off the disk; their rows are gone already."""
    for key in payload["keys"]:
        await asyncio.to_thread(store.remove, key)


@every("messaging.learn_words", minutes=1)
async def learn_words(_payload: dict[str, Any]) -> None:
    """Words said since the last round, so that a search forgives typing."""
    more = True
    while more:
        async with transaction(Actor.system_job("messaging.words")) as tx:
            more = await actions.learn_words(tx)


@job("messaging.hide_message")
async def hide_message(payload: dict[str, Any]) -> None:
    """A message that moderators took back; what is gone already is fine."""
    async with transaction(Actor.system_job("messaging.moderation")) as tx:
        await actions.take_down(tx, int(payload["id"]), int(payload.get("decision", 0)))


@job("messaging.show_message")
async def show_message(payload: dict[str, Any]) -> None:
    """A message that moderators should not have hidden."""
    async with transaction(Actor.system_job("messaging.moderation")) as tx:
        await actions.put_back(tx, int(payload["id"]), int(payload["decision"]))


@job("messaging.send_scheduled")
async def send_scheduled(payload: dict[str, Any]) -> None:
    """A message whose time has come, in the name of who wrote it."""
    scheduled_id = int(payload["id"])
    async with transaction(Actor.system_job("messaging.schedule")) as tx:
        sender_id = await actions.sender_of_due(tx, scheduled_id)
    if sender_id is not None:
        me = Actor(person_id=sender_id)
        async with transaction(me) as tx:
            await actions.send_due(tx, me, scheduled_id)


retention.rule(
    "hidden_messages",
    days=actions.APPEAL_DAYS + actions.ANSWER_DAYS,
    since="hidden_at",
    system="messaging.retention",
    why="what moderators hid: half a year to appeal after the last decision that hid it, and 60"
    " days to answer; its files go with the hourly sweep",
)
