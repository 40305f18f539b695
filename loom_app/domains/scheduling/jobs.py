"""Queued work of scheduling; each asks the rows what is true and may run twice."""

from typing import Any

from loom_app.domains.payments import actions as payments
from loom_app.domains.scheduling import actions
from loom_app.kit import retention
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.jobs.outbox import every, job


@job("scheduling.expire_hold")
async def expire_hold(payload: dict[str, Any]) -> None:
    async with transaction(Actor.system_job("scheduling.expire_hold")) as tx:
        await actions.expire_hold(tx, int(payload["seat_id"]))


@job("scheduling.close_checkout")
async def close_checkout(payload: dict[str, Any]) -> None:
    await payments.cancel_checkout(int(payload["charge_id"]))


@job("scheduling.advance")
async def advance(payload: dict[str, Any]) -> None:
    async with transaction(Actor.system_job("scheduling.advance")) as tx:
        await actions.advance(tx, int(payload["session_id"]))


@job("scheduling.decide")
async def decide(payload: dict[str, Any]) -> None:
    async with transaction(Actor.system_job("scheduling.decide")) as tx:
        await actions.decide(tx, int(payload["session_id"]))


@job("scheduling.call_off")
async def call_off(payload: dict[str, Any]) -> None:
    await actions.call_off_parts(int(payload["id"]))


@job("scheduling.pass_on")
async def pass_on(payload: dict[str, Any]) -> None:
    async with transaction(Actor.system_job("scheduling.pass_on")) as tx:
        await actions.ask_line(tx, int(payload["coach_id"]))


@every("scheduling.sweep", minutes=5)
async def sweep(_payload: dict[str, Any]) -> None:
    """What a lost or late job left behind."""
    worker = Actor.system_job("scheduling.sweep")
    async with transaction(worker) as tx:
        await actions.expire_overdue_holds(tx)
        waiting = await actions.overdue(tx)
        undecided = await actions.undecided(tx)
        waited_for = await actions.waited_for(tx)
    for session_id in undecided:
        async with transaction(worker) as tx:
            await actions.decide(tx, session_id)
    for session_id in waiting:
        async with transaction(worker) as tx:
            await actions.advance(tx, session_id)
    for coach_id in waited_for:
        async with transaction(worker) as tx:
            await actions.ask_line(tx, coach_id)


retention.rule(
    "booking_drafts",
    days=30,
    since="updated_at",
    system="scheduling.retention",
    why="bookings that were begun and left",
)
