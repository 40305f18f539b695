"""What is taken out, or erased, is of that one person: nobody else's is read, lost or held up."""

from dataclasses import replace
from typing import Any

import pytest
import structlog
from sqlalchemy import text

from loom_app.domains.messaging import actions as messaging
from loom_app.domains.payments import actions as payments
from loom_app.domains.payments import queries as payment_queries
from loom_app.domains.privacy import actions, files
from loom_app.integrations.stripe.errors import PaymentUnavailable
from loom_app.kit.actor import Actor
from loom_app.kit.db.engine import owner_engine
from loom_app.kit.db.transaction import transaction
from loom_app.kit.jobs import outbox
from tests.factories.accounts import make_user
from tests.factories.scheduling import make_open_coach, make_session, slot
from tests.integrations.stripe.fixtures import contract, sandbox

__all__ = ["contract", "sandbox"]
ASKED, DUE = "2026-11-01T12:00Z", "2026-11-16T12:00Z"
SETTLED = "UPDATE seats SET status = 'completed'"


async def rows(me: Actor, name: str) -> list[dict[str, Any]]:
    async with transaction(replace(me, system="privacy.export")) as tx:
        return list(await tx.db.scalars(text("SELECT loom_my_rows(:n)"), {"n": name}))


async def leave(me: Actor, email: str) -> None:
    async with transaction(me) as tx:
        await actions.ask_deletion(tx, me, email)


def run(db: str, statement: str, **values: Any) -> list[Any]:
    """As the owner of the database; returns the rows, of what returns any."""
    owner = owner_engine(db)
    try:
        with owner.begin() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            done = connection.execute(text(statement), values)
            return list(done.all()) if done.returns_rows else []
    finally:
        owner.dispose()


def name_of(db: str, me: Actor) -> str:
    return run(db, "SELECT name FROM users WHERE id = :me", me=me.person_id)[0][0]


async def test_a_name_or_an_address_is_never_read_as_sql(db, at):
    at(ASKED)
    other = await make_user(name="Vic", email="vic@loom.test")
    run(
        db,
        "INSERT INTO invitations (inviter_id, email, email_key, name, note, status, mails,"
        " created_at, asked_at, expires_at) VALUES (:me, 'sec@ret.test', 'sec@ret.test', 'Sec',"
        " 'private', 'waiting', 1, now(), now(), now())",
        me=other.person_id,
    )
    email = "{name}@x.example"
    me = await make_user(name=") OR true--", email=email)
    assert await rows(me, "invitations") == []
    assert [row["email"] for row in await rows(me, "credentials")] == [email]
    await leave(me, email)
    at(DUE)
    assert await actions.erase_due() == 1
    assert (name_of(db, me), name_of(db, other)) == ("Deleted person", "Vic")
    assert len(await rows(other, "invitations")) == 1


async def test_names_that_are_parts_of_everything_change_nothing_of_others(db, at, sandbox):
    at(ASKED)
    ada, offering_id = await make_open_coach()
    people = [
        await make_user(name=name, email=f"p{n}@x.example") for n, name in enumerate((":", "e"))
    ]
    await make_session(people[1], offering_id, slot())
    await outbox.drain()
    run(db, SETTLED)
    run(
        db,
        "INSERT INTO deliveries (user_id, event, channel, key, facts, status, attempts, created_at)"
        " VALUES (:me, 'x', 'mail', 'two', '{\"at\": \"e:\", \"client\": \"e\"}', 'sent', 1,"
        " now())",
        me=ada.person_id,
    )
    lines = "SELECT id, body, facts FROM messages WHERE kind = 'system' ORDER BY id"
    before = run(db, lines)
    assert before
    for number, one in enumerate(people):
        await leave(one, f"p{number}@x.example")
    at(DUE)
    assert await actions.erase_due() == 2
    assert run(db, lines) == before
    facts = run(db, "SELECT facts FROM deliveries WHERE key = 'two'")
    assert facts == [({"at": "e:"},)]


async def test_one_who_cannot_be_erased_holds_nobody_up(db, at, sandbox, monkeypatch):
    at(ASKED)
    stuck = await make_user(name="Stuck", email="stuck@x.example")
    free = await make_user(name="Free", email="free@x.example")
    run(
        db,
        "INSERT INTO payment_methods (user_id, processor_id, kind, brand, last4, created_at)"
        " VALUES (:me, 'pm_1', 'card', 'visa', '4242', now())",
        me=stuck.person_id,
    )
    await leave(stuck, "stuck@x.example")
    await leave(free, "free@x.example")

    async def away(_me: Actor, _method_id: int) -> None:
        raise PaymentUnavailable

    at(DUE)
    with monkeypatch.context() as stripe_is_away:
        stripe_is_away.setattr(payments, "remove_method", away)
        assert await actions.erase_due() == 1
    assert (name_of(db, stuck), name_of(db, free)) == ("Stuck", "Deleted person")


async def test_events_of_addresses_that_look_alike_stay(db, at):
    at(ASKED)
    add = (
        "INSERT INTO external_events (source, event_id, type, object_type, object_id, payload,"
        " received_at, handled_at) VALUES ('stripe', :mail, 'x', 'x', 'x',"
        " jsonb_build_object('mail', CAST(:mail AS text)), now(),"
        " CASE WHEN :handled THEN now() END)"
    )
    for mail in ("ann@x.example", "a_n@x.example", "N@x.example"):
        run(db, add, mail=mail, handled=True)
    for n, email in enumerate(("n@x.example", "a_n@x.example")):
        await leave(await make_user(name=f"Leaver {n}", email=email), email)
    await leave(await make_user(name="Late", email="late@x.example"), "late@x.example")
    run(db, add, mail="late@x.example", handled=False)
    await outbox.drain()
    at(DUE)
    assert await actions.erase_due() == 3
    kept = "SELECT event_id FROM external_events WHERE payload <> '{}' ORDER BY 1"
    assert {one for (one,) in run(db, kept)} == {"ann@x.example", "late@x.example"}


async def test_a_report_is_the_reporters_and_outlives_who_it_is_about(db, at):
    at(ASKED)
    accused = await make_user(name="Accused", email="accused@x.example")
    reporter = await make_user(name="Reporter", email="reporter@x.example")
    run(
        db,
        "INSERT INTO reports (reporter_id, person_id, reason, words, excerpt, status, created_at)"
        " VALUES (:by, :of, 'unsafe', 'He threatened me', 'I will find you', 'open', now())",
        by=reporter.person_id,
        of=accused.person_id,
    )
    assert await rows(accused, "reports") == []
    assert [one["words"] for one in await rows(reporter, "reports")] == ["He threatened me"]
    await leave(accused, "accused@x.example")
    at(DUE)
    assert await actions.erase_due() == 1
    said = run(db, "SELECT words, excerpt, status FROM reports")
    assert said == [("He threatened me", "I will find you", "open")]


async def test_what_a_coach_says_in_a_dispute_is_not_taken_out_by_the_payer(db):
    (exported,) = run(db, "SELECT exported FROM privacy.catalogue WHERE name = 'disputes'")
    assert "evidence" not in exported[0]


SELL = (
    "INSERT INTO packages (offer_id, coach_id, client_id, name, sessions, price_minor, currency,"
    " months, offering_ids, status, remaining, charge_id, bought_at, expires_at) VALUES (1, :me,"
    " 99, 'Five', 5, 100, 'EUR', 6, '{1}', 'live', 5, 1, now(), now())"
)


@pytest.mark.parametrize("how", ["books", "sells"])
async def test_who_has_something_to_settle_by_then_is_not_erased(db, at, sandbox, monkeypatch, how):
    """What came up while their cards were taken off at Stripe."""
    at(ASKED)
    _, offering_id = await make_open_coach()
    me = await make_user(name="Late Booker", email="late@x.example")
    await leave(me, "late@x.example")
    at(DUE)

    class Card:
        id = 1

    async def cards(_tx: Any, _me: Actor) -> list[type[Card]]:
        return [Card]

    async def book_meanwhile(_me: Actor, _method_id: int) -> None:
        if how == "books":
            await make_session(me, offering_id, slot())
        else:
            run(db, SELL, me=me.person_id)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(payment_queries, "methods", cards)
        meanwhile.setattr(payments, "remove_method", book_meanwhile)
        with structlog.testing.capture_logs() as said:
            assert await actions.erase_due() == 0
    assert [one for one in said if one["log_level"] == "error"] == []
    assert name_of(db, me) == "Late Booker"
    run(db, SETTLED)
    run(db, "UPDATE packages SET remaining = 0")
    assert await actions.erase_due() == 1


async def test_names_leave_groups_that_were_left_and_former_names_too(db, at, sandbox):
    at(ASKED)
    ada, offering_id = await make_open_coach()
    me = await make_user(name="Quentin Zebra", email="q@x.example")
    otto = await make_user(name="Otto Brandt", email="o@x.example")
    namesake = await make_user(name="Xenia Later", email="n@x.example")
    for number, one in enumerate((me, otto, namesake)):
        await make_session(one, offering_id, slot(3 + number))
    async with transaction(ada) as tx:
        group = await messaging.create_group(tx, ada, "Circle", [otto.person_id or 0])
        both = [me.person_id or 0, namesake.person_id or 0]
        await messaging.add_to_group(tx, ada, group, both)
    async with transaction(me) as tx:
        await messaging.leave_group(tx, me, group)
    run(
        db,
        "INSERT INTO messages (conversation_id, number, change, client_id, kind, body, facts,"
        " sent_at) VALUES (:c, 90, 90, 'old', 'system', 'Xenia Later left',"
        ' \'{"event": "group.left", "by": "Xenia Later", "who": "Otto Brandt, Xenia Later"}\','
        " now())",
        c=group,
    )
    run(db, SETTLED)
    run(db, "UPDATE users SET name = 'Xenia Later' WHERE id = :me", me=me.person_id)
    await outbox.drain()
    await leave(me, "q@x.example")
    at(DUE)
    assert await actions.erase_due() == 1
    held = run(db, "SELECT body, facts::text FROM messages WHERE kind = 'system' ORDER BY id")
    words = " ".join(f"{body} {facts}" for body, facts in held)
    assert "Quentin" not in words
    assert '"name": "Xenia Later"' in words, "somebody else of that name"
    assert "Xenia Later left" in words, "not in a group of theirs any more, and no number"
    await leave(namesake, "n@x.example")
    at("2026-12-16T12:00Z")
    assert await actions.erase_due() == 1
    held = run(db, "SELECT body, facts::text FROM messages WHERE kind = 'system' ORDER BY id")
    assert not [one for one in held if "Xenia" in f"{one}"]
    assert [one for one in held if '"who": "Otto Brandt, Deleted person"' in one[1]]


async def test_words_that_others_wrote_too_are_learnt_again(db, at, sandbox):
    at(ASKED)
    ada, offering_id = await make_open_coach()
    me = await make_user(name="Quentin", email="q@x.example")
    await make_session(me, offering_id, slot())
    for number, (one, body) in enumerate(((me, "secretword sharedword"), (ada, "sharedword"))):
        async with transaction(me) as tx:
            chat = await messaging.start(tx, me, ada.person_id or 0)
        async with transaction(one) as tx:
            draft = messaging.Draft(f"00000000-0000-4000-8000-00000000000{number}", body)
            await messaging.send(tx, one, chat, draft)
    learner = Actor.system_job("messaging.words")
    known = "SELECT word FROM message_words WHERE word LIKE '%word' ORDER BY word"
    async with transaction(learner) as tx:
        await messaging.learn_words(tx)
    assert run(db, known) == [("secretword",), ("sharedword",)]
    await outbox.drain()
    run(db, SETTLED)
    await leave(me, "q@x.example")
    at(DUE)
    assert await actions.erase_due() == 1
    async with transaction(learner) as tx:
        await messaging.learn_words(tx)
    assert run(db, known) == [("sharedword",)]


async def test_a_file_whose_person_left_while_it_was_made_does_not_stay(db, at, monkeypatch):
    at(ASKED)
    me = await make_user(name="Ben")
    async with transaction(me) as tx:
        number = await actions.ask_export(tx, me)
    ((key,),) = run(db, "SELECT key FROM data_exports")
    real = files.path_of

    def gone_by_then(asked: str) -> Any:
        if real(asked).with_suffix(".part").exists():
            run(db, "DELETE FROM data_exports")
        return real(asked)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(files, "path_of", gone_by_then)
        await actions.make(number)
    assert not real(key).exists()


async def test_what_was_never_finished_is_over_after_a_while(db, at):
    at(ASKED)
    me = await make_user(name="Ben")
    async with transaction(me) as tx:
        await actions.ask_export(tx, me)
    ((key,),) = run(db, "SELECT key FROM data_exports")
    part = files.path_of(key).with_suffix(".part")
    part.write_bytes(b"half")
    at("2026-11-01T13:59Z")
    assert await actions.clear_old() == 0
    at("2026-11-01T14:00Z")
    assert await actions.clear_old() == 1
    assert run(db, "SELECT status FROM data_exports") == [("over",)]
    assert not part.exists()
