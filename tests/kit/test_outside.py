"""How calls to services outside went is told between processes, and holds nothing of anybody."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from loom_app.kit import clock, outside
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from tests.factories.accounts import make_user


async def row(service):
    async with transaction(Actor.system_job("operations.health")) as tx:
        found = await tx.db.execute(
            text("SELECT worked_at, failed_at, error FROM outside_calls WHERE service = :s"),
            {"s": service},
        )
        return found.one_or_none()


class Refused(Exception):
    """The service understood, and said no."""


async def test_a_call_that_fails_is_kept_beside_the_last_that_worked(db, at):
    began = at("2026-11-21T12:00:00+00:00")
    with outside.calling("mail"):
        pass
    await outside.write()
    at("2026-11-21T12:01:00+00:00")
    with pytest.raises(ConnectionError), outside.calling("mail"):
        raise ConnectionError("nobody at smtp.example.org for ben@loom.test, password=hunter2")
    await outside.write()
    found = await row("mail")
    assert (found.worked_at, found.failed_at) == (began, began + timedelta(minutes=1))
    assert found.error.startswith("ConnectionError: nobody at smtp.example.org")
    assert "ben" not in found.error
    assert "hunter2" not in found.error


async def test_a_refusal_of_what_was_asked_is_no_failure_of_the_service(db):
    with pytest.raises(Refused), outside.calling("mail", fine=(Refused,)):
        raise Refused
    await outside.write()
    found = await row("mail")
    assert found.worked_at is not None
    assert found.failed_at is None


async def test_a_busy_service_is_written_once_in_five_minutes_and_a_change_at_once(db, at):
    first = at("2026-11-21T12:00:00+00:00")
    for minute in range(4):
        at(f"2026-11-21T12:0{minute}:00+00:00")
        outside.worked("stripe")
        await outside.write()
    assert (await row("stripe")).worked_at == first
    outside.failed("stripe", "away")
    await outside.write()
    assert (await row("stripe")).failed_at == clock.now()
    at("2026-11-21T12:05:00+00:00")
    outside.worked("stripe")
    await outside.write()
    assert (await row("stripe")).worked_at == clock.now()


async def test_nobody_but_the_page_of_health_reads_it(db):
    outside.worked("stripe")
    await outside.write()
    staff = await make_user(roles=["staff"])
    for who in (Actor(), staff, Actor.system_job("payments.sweep")):
        async with transaction(who) as tx:
            assert await tx.db.scalar(text("SELECT count(*) FROM outside_calls")) == 0
