"""What staff change in content and queues: by permission, with a reason, and with what it does."""

import pytest
from sqlalchemy import text

from loom_app.domains.accounts import actions as accounts
from loom_app.domains.coaches import staff_actions
from loom_app.domains.moderation import actions as moderation
from loom_app.domains.operations import actions, queries
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Forbidden, Invalid, NotFound
from tests.factories.accounts import make_user
from tests.factories.coaches import make_coach


async def scalar(system: str, words: str, **values):
    async with transaction(Actor.system_job(system)) as tx:
        return await tx.db.scalar(text(words), values)


async def test_a_coachs_page_is_corrected_and_hidden_and_an_offering_taken_off(db):
    (ada, offering_id), sam = await make_coach(), await make_user(name="Sam", roles=["staff"])
    coach_id = ada.require_person()
    async with transaction(sam) as tx:
        words = {"headline": "Calm thinking", "bio": "I help.", "reason": "Promised cures"}
        await staff_actions.correct_page(tx, sam, coach_id, **words)
        await staff_actions.correct_page(tx, sam, coach_id, **words)  # nothing is left to change
        await staff_actions.take_off_sale(tx, sam, offering_id, "Not allowed here")
        await staff_actions.take_off_sale(tx, sam, offering_id, "Not allowed here")
        await staff_actions.hide(tx, sam, coach_id, "Until it is settled")
        await staff_actions.hide(tx, sam, coach_id, "Until it is settled")
    page = "SELECT headline || '|' || status FROM coach_profiles WHERE user_id = :id"
    assert await scalar("coaches.test", page, id=coach_id) == "Calm thinking|draft"
    verbs = (
        "SELECT string_agg(verb || ': ' || reason, ', ' ORDER BY id) FROM audit_entries"
        " WHERE reason <> ''"
    )
    assert await scalar("audit.test", verbs) == (
        "coach.correct: Promised cures, offering.take_off: Not allowed here,"
        " coach.hide: Until it is settled"
    )
    async with transaction(sam) as tx:
        (row,) = await queries.chosen(tx, sam, "offerings", [offering_id])
    assert (row["price"], row["archived_at"] is not None) == ("€120", True)
    for call in (staff_actions.hide, staff_actions.take_off_sale):
        with pytest.raises(NotFound):
            async with transaction(sam) as tx:
                await call(tx, sam, 0, "Why")
        with pytest.raises(Invalid):
            async with transaction(sam) as tx:
                await call(tx, sam, coach_id, " ")
        with pytest.raises(Forbidden):
            async with transaction(ada) as tx:
                await call(tx, ada, coach_id, "Mine")


async def test_reports_are_listed_with_who_they_are_about(db):
    ben, sam = await make_user(), await make_user(name="Sam", roles=["staff"])
    eva, _ = await make_coach(name="Eva")
    async with transaction(ben) as tx:
        await moderation.report(tx, ben, eva.person_id, reason="spam", words="Adverts")
    async with transaction(sam) as tx:
        (row,) = await queries.page(tx, sam, "reports", queries.Ask("adverts"))
    assert (row["status"], row["about"], row["reporter"]) == ("open", "Eva", ben.name)


async def test_a_webhook_that_waits_is_handled_again_or_dropped(db):
    sam = await make_user(name="Sam", roles=["staff"])
    ids = []
    for name in ("evt_1", "evt_2"):
        event = await scalar(
            "payments.test",
            "INSERT INTO external_events (source, event_id, type, object_type, object_id, payload)"
            " VALUES ('stripe', :e, 'thing.made', 'thing', 'th_1', '{}') RETURNING id",
            e=name,
        )
        await scalar(
            "worker",
            "INSERT INTO outbox_jobs (name, payload, key, run_at, attempts, last_error, failed_at)"
            " VALUES ('payments.process_event', '{}', :k, now(), 12, 'Timeout: 9 s', now())"
            " RETURNING id",
            k=f"payments.process_event:{event}",
        )
        ids.append(event)
    async with transaction(sam) as tx:
        rows = await queries.page(tx, sam, "webhooks", queries.Ask())
        assert [row["why"] for row in rows] == ["Timeout: 9 s"] * 2
        await actions.drop_event(tx, sam, ids[0], "A test of theirs")
        await actions.drop_event(tx, sam, ids[0], "A test of theirs")
    await actions.handle_event(sam, ids[1])
    async with transaction(sam) as tx:
        assert await queries.count(tx, sam, "webhooks", queries.Ask()) == 0
        assert await queries.count(tx, sam, "jobs", queries.Ask()) == 0
    ended = "SELECT string_agg(outcome, ' ' ORDER BY id) FROM external_events"
    assert await scalar("payments.test", ended) == "dropped ignored"
    with pytest.raises(NotFound):
        async with transaction(sam) as tx:
            await actions.drop_event(tx, sam, 0, "Why")


async def test_lists_are_for_who_may_and_conditions_are_combined(db):
    ben = await make_user(name="Ben", email="ben@loom.test")  # a number in it would be found, too
    sam = await make_user(name="Sam", email="sam@loom.test", roles=["staff"])
    with pytest.raises(Forbidden):
        async with transaction(ben) as tx:
            await queries.page(tx, ben, "people", queries.Ask())
    clauses = [
        queries.Clause("name", "eq", "Ben"),
        queries.Clause("created_at", "empty"),
        queries.Clause("name", "in", ["Zoe"]),
    ]
    past = queries.Clause("created_at", "lte", "2000-01-01T00:00:00+00:00")
    async with transaction(sam) as tx:
        with pytest.raises(NotFound):
            await queries.count(tx, sam, "secrets", queries.Ask())
        for either, many in ((True, 1), (False, 0)):
            where = queries.Group(either, [queries.Group(either, clauses)])
            assert await queries.count(tx, sam, "people", queries.Ask(where=where)) == many
        assert past.op == "lte"
        for clause, many in (("filled", 2), ("empty", 0)):
            where = queries.Group(False, [queries.Clause("created_at", clause)])
            assert await queries.count(tx, sam, "people", queries.Ask(where=where)) == many
        assert await queries.count(tx, sam, "people", queries.Ask(str(ben.person_id))) == 1
        assert [one.key for one in queries.visible(ben)] == []
    with pytest.raises(NotFound):
        async with transaction(sam) as tx:
            await actions.try_job(tx, sam, 0)
    for call in (actions.drop_job, actions.drop_delivery):
        with pytest.raises(NotFound):
            async with transaction(sam) as tx:
                await call(tx, sam, 0, "Why")
    with pytest.raises(NotFound):
        async with transaction(sam) as tx:
            await actions.send_again(tx, sam, 0)


async def test_nobody_corrects_the_name_of_who_may_more(db):
    sam = await make_user(name="Sam", roles=["staff"])
    ben = await make_user(name="Ben")
    kim = Actor(
        person_id=ben.person_id,
        powers=frozenset({"people.help"}),
        mfa=True,
        stepped_up_at=ben.stepped_up_at,
    )
    with pytest.raises(Forbidden):
        async with transaction(kim) as tx:
            await accounts.correct_name(tx, kim, sam.person_id, "Other", "Why")
    async with transaction(sam) as tx:
        await accounts.correct_name(tx, sam, ben.person_id, "Ben", "The same is nothing")
    count = "SELECT count(*) FROM audit_entries WHERE verb = 'account.correct_name'"
    assert await scalar("audit.test", count) == 0
