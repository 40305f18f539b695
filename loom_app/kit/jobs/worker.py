"""The worker of a process: woken by commits of its own process, and by a tick for all else."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# APScheduler 3 ships no types
import asyncio
import contextlib

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from loom_app.kit import clock
from loom_app.kit.db.transaction import transaction
from loom_app.kit.jobs import outbox
from loom_app.kit.realtime import signals

log = structlog.get_logger("jobs")

TICK_SECONDS = 1
AT_ONCE = 4
FINISH_SECONDS = 8


class Worker:
    """Claims and runs. Told to stop, it lets running work end and gives back what takes long."""

    def __init__(self) -> None:
        self._wake = asyncio.Event()
        self._stopping = False
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._running: set[asyncio.Task[None]] = set()
        self._claimed: set[tuple[int, int]] = set()  # job and attempt

    def stop(self) -> None:
        """Claim nothing more."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        """Until cancelled, or told to stop."""
        stop_listening = signals.on_work(self._wake.set)
        clock_ticks = _ticker(self._wake)
        clock_ticks.start()
        try:
            while not self._stopping:
                await self._wake.wait()
                self._wake.clear()
                await self._round()
        finally:
            stop_listening()
            clock_ticks.shutdown(wait=False)
            # of its own, since whoever was told to stop is cancelled too, before the time is over
            finishing = asyncio.create_task(self._finish())
            try:
                await asyncio.shield(finishing)
            except asyncio.CancelledError:
                await finishing
                raise

    async def _finish(self) -> None:
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=FINISH_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        if self._claimed:
            log.info("jobs.given_back", count=len(self._claimed))
            with contextlib.suppress(Exception):  # else the lease gives them back, later
                await outbox.give_back(list(self._claimed))

    async def _round(self) -> None:
        try:
            while not self._stopping and (batch := await outbox.claim(AT_ONCE)):
                self._claimed.update(claimed.lease for claimed in batch)
                for claimed in batch:
                    await self._gate.acquire()
                    task = asyncio.create_task(self._one(claimed))
                    self._running.add(task)
                    task.add_done_callback(self._running.discard)
        except Exception:  # the database may be away: the next tick tries again
            log.exception("jobs.claim_failed")

    async def _one(self, claimed: outbox.Claimed) -> None:
        try:
            error = await outbox.run(claimed)
            self._claimed.discard(claimed.lease)
            if error:
                log.warning(
                    "jobs.failed", job=claimed.name, attempt=claimed.attempts, error=str(error)
                )
        except Exception:  # recording the outcome failed; the lease gives the work back
            self._claimed.discard(claimed.lease)
            log.exception("jobs.outcome_lost", job=claimed.name)
        finally:
            self._gate.release()


def _ticker(wake: asyncio.Event) -> AsyncIOScheduler:
    scheduler = AsyncIOScheduler(timezone="UTC")
    scheduler.add_job(wake.set, "interval", seconds=TICK_SECONDS)
    for name, interval in outbox.periodic().items():
        scheduler.add_job(
            _enqueue_periodic,
            "interval",
            seconds=interval.total_seconds(),
            args=[name, interval.total_seconds()],
            next_run_time=clock.now(),
            misfire_grace_time=None,
        )
    return scheduler


async def _enqueue_periodic(name: str, seconds: float) -> None:
    """The key holds the interval's number, so that many processes enqueue it once."""
    bucket = int(clock.now().timestamp() // seconds)
    try:
        async with transaction(outbox.WORKER) as tx:
            await tx.enqueue(name, {}, key=f"every:{name}:{bucket}")
    except Exception:
        log.exception("jobs.tick_failed", job=name)
