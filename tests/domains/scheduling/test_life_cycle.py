"""The life of a session as a machine (SCH-19): whatever people do in whatever order, it only takes
steps that are written here, and doing the same again changes nothing."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import ClassVar

import pytest
import time_machine
from hypothesis import HealthCheck, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Connection, text

from loom_app.domains.scheduling import actions
from loom_app.domains.scheduling.errors import NotPossible
from loom_app.domains.scheduling.rules import transitions
from loom_app.kit import clock
from loom_app.kit.actor import Actor
from loom_app.kit.db import engine as db_engine
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import DomainError
from loom_app.kit.jobs import outbox
from tests.conftest import EMPTY
from tests.domains.scheduling.test_desk import make_staff
from tests.factories.accounts import make_user
from tests.factories.scheduling import begin_booking, make_open_coach, pay, slot
from tests.sizes import FULL

SYSTEM = Actor.system_job("scheduling.test")
# said anew, and not read from the rules: what may become of what
MAY_BECOME = {
    "held": {"confirmed", "expired"},
    "expired": {"confirmed"},
    "confirmed": {"in_progress", "completed", "cancelled"},
    "in_progress": {"completed", "no_show"},
    "completed": {"no_show"},
    "cancelled": set(),
    "no_show": set(),
}
SEEN = """
SELECT c.status, c.missed_by, c.starts_at, c.ends_at, c.cancelled_by, s.status AS seat,
  (SELECT count(*) FROM audit_entries a WHERE a.subject IN ('session', 'seat')
    AND a.verb <> 'session.rate') AS trail
FROM coaching_sessions c JOIN seats s ON s.session_id = c.id WHERE c.id = :id
"""
AGAINST = st.sampled_from(["ada", "ben", "cleo", "olga"])


def reachable(status: str) -> set[str]:
    """What it may be after any number of steps: the clock may take several at once."""
    found, open_ = {status}, [status]
    while open_:
        for to in MAY_BECOME[open_.pop()] - found:
            found.add(to)
            open_.append(to)
    return found


class Life(RuleBasedStateMachine):
    """One session between Ada and Ben; Cleo is somebody else, Olga is staff."""

    cleaner: ClassVar[Connection]

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.clock: time_machine.travel | None = None
        self.go_to(datetime.fromisoformat("2026-11-21T12:00:00+00:00"))

    def teardown(self) -> None:
        self.runner.run(db_engine.dispose())
        self.runner.close()
        if self.clock is not None:
            self.clock.stop()
        self.cleaner.execute(text(EMPTY))

    def go_to(self, moment: datetime) -> None:
        if self.clock is not None:
            self.clock.stop()
        self.clock = time_machine.travel(moment, tick=False)
        self.clock.start()

    @initialize(at=st.sampled_from(["held", "paid", "paid", "begun", "begun", "over"]))
    def begin(self, at: str) -> None:
        """Most of a life is after its payment, which chance alone rarely gets to."""
        self.runner.run(self._begin())
        self.now = self.look()
        if at != "held":
            self.pay()
        if at in ("begun", "over"):
            self.wait_for_it(30 if at == "begun" else 61)

    async def _begin(self) -> None:
        ada, offering_id = await make_open_coach()
        self.people = {"ada": ada, "ben": await make_user(), "cleo": await make_user(name="Cleo")}
        self.people["olga"] = await make_staff()
        self.booking = await begin_booking(self.people["ben"], offering_id, slot(days=4))
        self.id = self.booking.session_id

    def look(self):
        return self.cleaner.execute(text(SEEN), {"id": self.id}).one()

    def twice(self, deed: Callable[[], Awaitable[object]]) -> None:
        """Once, with whatever it leads to; once more, which must change nothing."""
        before = self.now
        self.runner.run(self._once(deed))
        self.now = self.look()
        assert self.now.status in reachable(before.status), (before.status, self.now.status)
        if self.now.status != before.status:
            assert self.now.trail > before.trail, "every step is in the trail"
        self.runner.run(self._once(deed))
        assert self.look() == self.now

    async def _once(self, deed: Callable[[], Awaitable[object]]) -> None:
        words = "done"
        try:
            await deed()
        except DomainError as refused:
            words = str(refused)
        assert words, "refused in words"
        await outbox.drain()

    def by(self, who: str, act: Callable[..., Awaitable[object]], *args, **more) -> None:
        async def deed() -> None:
            async with transaction(self.people[who]) as tx:
                await act(tx, self.people[who], self.id, *args, **more)

        self.twice(deed)

    @rule()
    def pay(self) -> None:
        self.twice(lambda: pay(self.booking))

    @rule(hours=st.sampled_from([1, 24, 71, 95, 96]))
    def wait(self, hours: int) -> None:
        self.go_to(clock.now() + timedelta(hours=hours))
        self.twice(self._by_the_clock)

    @rule(minutes=st.sampled_from([-1, 0, 30, 60, 61, 24 * 60, 25 * 60, 15 * 24 * 60]))
    def wait_for_it(self, minutes: int) -> None:
        moment = self.now.starts_at + timedelta(minutes=minutes)
        if moment > clock.now():
            self.go_to(moment)
            self.twice(self._by_the_clock)

    async def _by_the_clock(self) -> None:
        async with transaction(SYSTEM) as tx:
            await actions.expire_overdue_holds(tx)
            for one in await actions.overdue(tx):
                await actions.advance(tx, one)

    @rule(who=AGAINST)
    def cancel(self, who: str) -> None:
        self.by(who, actions.cancel)

    @rule(who=AGAINST, fault=st.booleans())
    def cancel_for(self, who: str, fault: bool) -> None:
        self.by(who, actions.cancel_for, fault=fault, reason="They asked us", words="")

    @rule(who=AGAINST, hours=st.sampled_from([-24, 2, 48]))
    def move(self, who: str, hours: int) -> None:
        self.by(who, actions.move, self.now.starts_at + timedelta(hours=hours))

    @rule(who=AGAINST)
    def miss(self, who: str) -> None:
        self.by(who, actions.miss)

    @rule(who=AGAINST)
    def coach_missed(self, who: str) -> None:
        self.by(who, actions.coach_missed)

    @rule(who=AGAINST)
    def coach_missed_for(self, who: str) -> None:
        self.by(who, actions.coach_missed_for, reason="Both wrote to us")

    @rule()
    def complete(self) -> None:
        async def deed() -> None:
            async with transaction(SYSTEM) as tx:
                await actions.complete(tx, self.id)

        self.twice(deed)

    @precondition(lambda self: self.now.status != "held")
    @rule(who=AGAINST, stars=st.integers(1, 5))
    def rate(self, who: str, stars: int) -> None:
        self.by(who, actions.rate, stars)

    @invariant()
    def it_agrees_with_itself(self) -> None:
        now, here = self.now, clock.now()
        event(f"{now.status} {now.missed_by}")
        assert now.seat == now.status, "of two there is one state"
        assert (now.missed_by != "") == (now.status == "no_show")
        assert (now.cancelled_by is not None) == (now.status == "cancelled")
        if now.status in ("in_progress", "no_show"):
            assert now.starts_at <= here
        if now.status == "completed":
            assert now.ends_at <= here


@pytest.mark.timeout(3600 if FULL else 120)
def test_no_path_leads_to_what_cannot_be(database: str, cleaner: Connection) -> None:
    Life.cleaner = cleaner
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=40 if FULL else 5,
            stateful_step_count=25 if FULL else 14,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.parametrize("status", MAY_BECOME)
def test_the_rules_allow_just_these_steps(status: str) -> None:
    allowed = {to for to in MAY_BECOME if to != status and _is_allowed(status, to)}
    assert allowed == MAY_BECOME[status]


def _is_allowed(status: str, to: str) -> bool:
    try:
        return transitions.check(status, to)
    except NotPossible:
        return False
