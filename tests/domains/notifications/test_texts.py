"""Text messages, as a Twilio on this machine takes them."""

import re
from datetime import time, timedelta

import pytest
from sqlalchemy import text

from loom_app.domains.notifications import phones, texts, wishes
from loom_app.domains.notifications.actions import notify, send_test
from loom_app.domains.operations import actions as staff_actions
from loom_app.domains.operations import queries as operations
from loom_app.domains.operations.queries import Ask
from loom_app.integrations.mail import mailbox
from loom_app.integrations.sms import client
from loom_app.kit import outside
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Invalid
from loom_app.kit.jobs import outbox
from loom_app.kit.security import limits
from loom_app.kit.settings import settings
from tests.domains.notifications.carrier import ACCOUNT, SENDER, TOKEN, Carrier, carrier
from tests.factories.accounts import make_user
from tests.factories.scheduling import make_open_coach, make_session, slot

__all__ = ["carrier"]


@pytest.fixture(autouse=True)
def nothing_counted():
    limits.reset()


NOW = "2026-11-21T12:00Z"
NUMBER = "+4915123456789"


async def given(me: Actor, code_from: Carrier, number: str = NUMBER) -> None:
    """A number is proven, as its person does it."""
    async with transaction(me) as tx:
        await phones.ask(tx, me, number)
    await outbox.drain()
    code = re.findall(r"\d{6}", code_from.taken[-1]["Body"])[0]
    async with transaction(me) as tx:
        assert await phones.confirm(tx, me, f" {code[:3]} {code[3:]} ")
    code_from.taken.clear()


async def stage(me: Actor) -> str:
    async with transaction(me) as tx:
        found = await phones.mine(tx, me)
        return found.stage if found else ""


async def tell(me: Actor) -> None:
    """By the button in the settings."""
    async with transaction(me) as tx:
        await send_test(tx, me)
    await outbox.drain()


async def outcomes() -> list[tuple[str, str | None]]:
    async with transaction(texts.TEXTER) as tx:
        rows = await tx.db.execute(
            text("SELECT status, last_error FROM deliveries WHERE channel = 'sms' ORDER BY id")
        )
        return [tuple(row) for row in rows]


async def reported(sid: str, status: str, code: str = "", text_id: int = 2) -> None:
    async with transaction(texts.TEXTER) as tx:
        await texts.reported(tx, text_id, sid, status, code)


async def sid_of_newest() -> str:
    async with transaction(texts.TEXTER) as tx:
        return await tx.db.scalar(text("SELECT sid FROM texts ORDER BY id DESC LIMIT 1")) or ""


async def test_a_number_is_proven_and_gets_few_words_and_a_link(db, at, carrier):
    at(NOW)
    ben = await make_user()
    await tell(ben)
    assert carrier.taken == []  # no number, no texts
    await given(ben, carrier, "+49 (1512) 345 6789")
    at("2026-11-21T12:01Z")
    await tell(ben)
    (one,) = carrier.taken
    assert (one["To"], one["From"], one["proof"]) == (NUMBER, SENDER, f"{ACCOUNT}:{TOKEN}")
    link = f"{settings().base_url}/settings/notifications"
    assert one["Body"] == f"Loom: This is a test. {link} STOP ends these."
    assert one["StatusCallback"] == f"{settings().base_url}/webhooks/twilio/status?text=2"
    assert await outcomes() == [("sent", None)]


@pytest.mark.parametrize("typed", ["0151 23456789", "+49 1", "+49 30 123456", "", "abc", "+1" * 30])
async def test_what_gets_no_texts_is_refused_at_its_field(db, typed):
    ben = await make_user()
    async with transaction(ben) as tx:
        with pytest.raises(Invalid) as refused:
            await phones.ask(tx, ben, typed)
    assert refused.value.field == "number"


async def test_a_code_is_good_for_five_tries_and_ten_minutes(db, at, carrier):
    at(NOW)
    ben = await make_user()
    async with transaction(ben) as tx:
        await phones.ask(tx, ben, NUMBER)
    await outbox.drain()
    code = re.findall(r"\d{6}", carrier.taken[-1]["Body"])[0]
    wrong = "000000" if code != "000000" else "111111"

    async def tried(words: str) -> bool:
        async with transaction(ben) as tx:
            return await phones.confirm(tx, ben, words)

    for _ in range(phones.TRIES):
        assert not await tried(wrong)
    assert not await tried(code)
    async with transaction(ben) as tx:
        await phones.ask(tx, ben, NUMBER)
    await outbox.drain()
    code = re.findall(r"\d{6}", carrier.taken[-1]["Body"])[0]
    at("2026-11-21T12:10:01Z")
    assert not await tried(code)
    assert await stage(ben) == ""


async def test_a_code_leaves_once_also_when_the_process_dies_on_the_way(db, at, carrier):
    at(NOW)
    ben = await make_user()
    async with transaction(ben) as tx:
        await phones.ask(tx, ben, NUMBER)
    await outbox.drain()
    async with transaction(outbox.WORKER) as tx:  # as if it had died before it was noted
        await tx.db.execute(text("UPDATE outbox_jobs SET done_at = NULL"))
    async with transaction(texts.TEXTER) as tx:
        await tx.db.execute(text("UPDATE texts SET status = 'sending', sid = NULL"))
    await outbox.drain()
    assert len(carrier.taken) == 1


async def test_a_code_that_did_not_leave_is_tried_again(db, at, carrier):
    now = at(NOW)
    ben = await make_user()
    carrier.answers.append((429, {}))
    async with transaction(ben) as tx:
        await phones.ask(tx, ben, NUMBER)
    await outbox.drain()
    assert carrier.taken == []
    at((now + timedelta(minutes=1)).isoformat())
    await outbox.drain()
    assert len(carrier.taken) == 1


async def refused(me: Actor, number: str = NUMBER) -> str:
    """What is said instead of sending a code."""
    with pytest.raises(Invalid) as said:
        async with transaction(me) as tx:
            await phones.ask(tx, me, number)
    assert said.value.field == "number"
    return str(said.value)


async def test_codes_have_a_limit_of_their_own_and_leave_the_reminders_theirs(
    db, at, carrier, monkeypatch
):
    at(NOW)
    monkeypatch.setenv("LOOM_SMS_CODES_PER_DAY", "2")
    monkeypatch.setenv("LOOM_SMS_MONTH_CAP_CENTS", "8")
    settings.cache_clear()
    ben, eve = await make_user(), await make_user(name="Eve")
    await given(ben, carrier)
    await given(eve, carrier, "+4915123456780")
    assert "No more codes" in await refused(await make_user(name="Mia"), "+4915123456781")
    await tell(ben)
    assert len(carrier.taken) == 1
    at("2026-11-22T12:00:01Z")
    await given(eve, carrier, "+4915123456782")


async def test_one_number_is_sent_a_few_codes_a_day_whoever_asks(db, at, carrier):
    at(NOW)
    for _ in range(5):
        ben = await make_user()
        async with transaction(ben) as tx:
            await phones.ask(tx, ben, NUMBER)
    assert "many codes" in await refused(await make_user())


async def test_a_number_that_answered_stop_is_sent_no_codes_until_it_answers_start(db, at, carrier):
    at(NOW)
    ben, eve = await make_user(), await make_user(name="Eve")
    await given(ben, carrier)
    async with transaction(texts.TEXTER) as tx:
        await phones.answered(tx, "SM1", NUMBER, "STOP")
    for person in (ben, eve):
        assert "answered STOP" in await refused(person)
    assert await stage(ben) == "stopped"
    async with transaction(texts.TEXTER) as tx:
        await phones.answered(tx, "SM2", NUMBER, "START")
    await given(eve, carrier)


@pytest.mark.parametrize("how", ["removed", "another", "gone"])
async def test_a_stop_outlives_the_number_at_the_person(db, at, carrier, how):
    at(NOW)
    ben = await make_user()
    await given(ben, carrier)
    async with transaction(texts.TEXTER) as tx:
        await phones.answered(tx, "SM1", NUMBER, "STOP")
    if how == "removed":
        async with transaction(ben) as tx:
            await phones.remove(tx, ben)
    elif how == "another":
        async with transaction(ben) as tx:
            await phones.ask(tx, ben, "+4915123456780")
    else:
        async with transaction(Actor.system_job("notifications.test")) as tx:
            await tx.db.execute(text("DELETE FROM phones"))
    for person in (ben, await make_user(name="Eve")):
        assert "answered STOP" in await refused(person)
    async with transaction(Actor.system_job("notifications.test")) as tx:
        kept = list(await tx.db.scalars(text("SELECT digest FROM stopped_numbers")))
    assert len(kept) == 1
    assert NUMBER not in kept[0]
    async with transaction(texts.TEXTER) as tx:
        await phones.answered(tx, "SM2", NUMBER, "START")
    await given(await make_user(name="Max"), carrier)


async def test_a_stop_from_before_it_was_kept_by_itself_is_kept_on_removal(db, at, carrier):
    at(NOW)
    ben = await make_user()
    await given(ben, carrier)
    async with transaction(Actor.system_job("notifications.test")) as tx:
        await tx.db.execute(text("UPDATE phones SET stopped_at = now()"))
    async with transaction(ben) as tx:
        await phones.remove(tx, ben)
    assert "answered STOP" in await refused(ben)


async def test_another_number_is_proven_anew(db, at, carrier):
    at(NOW)
    ben = await make_user()
    await given(ben, carrier)
    async with transaction(ben) as tx:
        await phones.ask(tx, ben, "+4915123456780")
    await outbox.drain()
    carrier.taken.clear()
    await tell(ben)
    assert (carrier.taken, await stage(ben)) == ([], "code")


async def test_stop_ends_them_start_begins_again_and_each_word_counts_once(db, at, carrier):
    at(NOW)
    ben = await make_user()
    await given(ben, carrier)

    async def says(sid: str, words: str) -> str:
        async with transaction(texts.TEXTER) as tx:
            return await phones.answered(tx, sid, NUMBER, words)

    assert "no more" in await says("SM1", " stop ")
    assert await stage(ben) == "stopped"
    await tell(ben)
    assert carrier.taken == []
    assert "again" in await says("SM2", "Start")
    assert await says("SM1", "STOP") == ""  # the same answer, told once more
    assert await stage(ben) == "on"
    assert "Answer STOP" in await says("SM3", "HELP")
    assert await says("SM4", "Thank you") == ""


async def test_twilio_says_that_they_stopped(db, at, carrier):
    at(NOW)
    ben = await make_user()
    await given(ben, carrier)
    carrier.answers.append((400, {"code": 21610}))
    await tell(ben)
    assert await outcomes() == [("dropped", "the person answered STOP")]
    assert await stage(ben) == "stopped"


async def test_what_is_refused_is_failed_and_what_may_come_is_tried_again(db, at, carrier):
    now = at(NOW)
    ben = await make_user()
    await given(ben, carrier)
    carrier.answers.append((400, {"code": 21211}))
    await tell(ben)
    assert await outcomes() == [("failed", "Twilio answered 400, error 21211")]
    carrier.answers.append((429, {}))
    at((now + timedelta(minutes=1)).isoformat())
    await tell(ben)
    at((now + timedelta(minutes=2)).isoformat())
    await outbox.drain()
    assert (await outcomes())[1:] == [("sent", None)]
    assert len(carrier.taken) == 1


@pytest.mark.parametrize("status", [401, 403])
async def test_a_wrong_password_of_ours_fails_the_service_and_not_the_text(db, at, carrier, status):
    now = at(NOW)
    ben = await make_user()
    await given(ben, carrier)
    outside._unsaid.clear()
    outside._said.clear()
    carrier.answers.append((status, {"code": 20003}))
    await tell(ben)
    await outside.write()
    async with transaction(outside.WRITER) as tx:
        row = (
            await tx.db.execute(text("SELECT service, worked_at, error FROM outside_calls"))
        ).one()
    assert (row.service, row.worked_at) == ("sms", None)
    assert str(status) in row.error
    assert await outcomes() == [("queued", f"Twilio answered {status}")]
    at((now + timedelta(minutes=1)).isoformat())
    await outbox.drain()
    assert await outcomes() == [("sent", None)]


async def failed_again(by: Actor) -> None:
    """Staff sends what failed once more."""
    async with transaction(by) as tx, tx.acting_as_system("notifications.admin"):
        words = "SELECT id FROM deliveries WHERE channel = 'sms' AND status = 'failed'"
        failed = await tx.db.scalar(text(words))
    async with transaction(by) as tx:
        await staff_actions.send_again(tx, by, failed or 0)
    await outbox.drain()


async def test_staff_sends_again_what_surely_did_not_arrive(db, at, carrier):
    at(NOW)
    ben, olga = await make_user(), await make_user(name="Olga", roles=["staff"])
    await given(ben, carrier)
    carrier.answers.append((400, {"code": 21211}))
    await tell(ben)
    await failed_again(olga)
    assert await outcomes() == [("sent", None)]
    await reported(await sid_of_newest(), "undelivered", "30003", 3)
    await failed_again(olga)
    assert await outcomes() == [("sent", None)]
    assert len(carrier.taken) == 2
    async with transaction(olga) as tx:
        rows = await operations.page(tx, olga, "texts", Ask())
    assert {one["topic"]: (one["sent"], one["failed"]) for one in rows} == {
        "code": (1, 0),
        "test": (3, 2),
    }


@pytest.mark.parametrize("answer", [(503, {}), (200, {})])
async def test_what_may_have_been_taken_is_not_sent_twice(db, at, carrier, answer):
    at(NOW)
    ben, olga = await make_user(), await make_user(name="Olga", roles=["staff"])
    await given(ben, carrier)
    carrier.answers.append(answer)
    await tell(ben)
    ((status, why),) = await outcomes()
    assert (status, f"Twilio answered {answer[0]}" in str(why)) == ("failed", True)
    await failed_again(olga)
    assert await outcomes() == [("failed", "it may have been sent; nobody knows")]
    assert carrier.taken == []
    await reported("SM-late", "delivered")  # the carrier had it after all
    assert await sid_of_newest() == "SM-late"


async def test_a_crash_while_it_leaves_never_sends_it_twice(db, at, carrier):
    """Nobody knows whether it left: it is failed, where staff sees it."""
    at(NOW)
    ben = await make_user()
    await given(ben, carrier)
    await tell(ben)
    async with transaction(texts.TEXTER) as tx:  # as if the process had died before it was noted
        await tx.db.execute(text("UPDATE texts SET status = 'sending', sid = NULL"))
        await tx.db.execute(text("UPDATE deliveries SET status = 'queued' WHERE channel = 'sms'"))
    async with transaction(outbox.WORKER) as tx:
        await tx.db.execute(text("UPDATE outbox_jobs SET done_at = NULL"))
    carrier.taken.clear()
    await outbox.drain()
    assert [one for one in carrier.taken if "test" in one["Body"]] == []
    assert await outcomes() == [("failed", "it may have been sent; nobody knows")]


async def test_what_the_carrier_tells_in_any_order(db, at, carrier):
    at(NOW)
    ben = await make_user()
    await given(ben, carrier)
    await tell(ben)
    sid = await sid_of_newest()
    await reported("SM-of-somebody-else", "failed")
    await reported(sid, "delivered")
    await reported(sid, "sent")  # late
    assert await outcomes() == [("sent", None)]
    at("2026-11-21T12:01Z")
    await tell(ben)
    second = await sid_of_newest()
    await reported(second, "undelivered", "30003", 3)
    await reported(second, "delivered", "", 3)
    assert (await outcomes())[1] == ("failed", "error 30003")


async def test_what_they_cost_is_told_to_staff_by_month_and_topic(db, at, carrier):
    at(NOW)
    ben, olga = await make_user(), await make_user(name="Olga", roles=["staff"])
    await given(ben, carrier)
    await tell(ben)
    sid = await sid_of_newest()
    await reported(sid, "delivered")
    at("2026-11-21T12:06Z")
    await outbox.drain()  # the price is not known yet, and asked for again
    carrier.prices[sid] = "-0.07500"
    at("2026-11-21T13:06Z")
    await outbox.drain()
    async with transaction(olga) as tx:
        rows = await operations.page(tx, olga, "texts", Ask())
    row, code = sorted(rows, key=lambda one: -one["delivered"])
    assert (code["topic"], code["sent"], code["unpriced"]) == ("code", 1, 1)
    assert (row["month"], row["topic"], row["sent"], row["delivered"]) == ("2026-11", "test", 1, 1)
    assert (row["cost"], row["unpriced"]) == ("$0.08", 0)


@pytest.mark.parametrize("status", ["delivered", "failed"])
async def test_a_price_that_nobody_ever_says_is_no_failure(db, at, carrier, status):
    now = at(NOW)
    ben = await make_user()
    await given(ben, carrier)
    await tell(ben)
    await reported(await sid_of_newest(), status)
    for hour in range(1, 30):
        at((now + timedelta(hours=hour, minutes=10)).isoformat())
        await outbox.drain()
    async with transaction(outbox.WORKER) as tx:
        words = (
            "SELECT count(*), count(done_at), count(failed_at) FROM outbox_jobs"
            " WHERE name = 'notifications.text_price'"
        )
        asked, done, given_up = (await tx.db.execute(text(words))).one()
    assert (asked, given_up) == (done, 0)
    assert asked == (texts.PRICE_TRIES if status == "delivered" else 0)


async def test_a_month_costs_no_more_than_its_limit_and_staff_is_told_once(
    db, at, carrier, monkeypatch
):
    at(NOW)
    monkeypatch.setenv("LOOM_SMS_MONTH_CAP_CENTS", "16")
    settings.cache_clear()
    ben = await make_user()
    await make_user(name="Olga", roles=["staff"])
    await given(ben, carrier)
    for minute in range(1, 5):
        at(f"2026-11-21T12:0{minute}Z")
        await tell(ben)
    assert (
        len(carrier.taken) == 2
    )  # eight cents each, and nothing for the code, until the price is known
    why = ("dropped", "the month's limit for text messages is reached")
    assert (await outcomes())[2:] == [why, why]
    subjects = [one.subject for one in await mailbox.newest()]
    assert subjects.count("Text messages have stopped for this month") == 1
    at("2026-12-01T12:00Z")
    await tell(ben)
    assert len(carrier.taken) == 3


async def test_a_move_waits_for_the_end_of_quiet_hours_and_names_nobody(db, at, carrier):
    at(NOW)
    ada, offering_id = await make_open_coach()
    ben = await make_user(zone="Europe/Berlin")
    one = await make_session(ben, offering_id, slot(3))
    await outbox.drain()
    await given(ben, carrier)
    async with transaction(ben) as tx:
        quiet = (time(22), time(7))
        await wishes.save(tx, ben, digest="none", quiet=quiet, paused_until=None)
        with pytest.raises(Invalid):
            await wishes.choose(tx, ben, "payment.paper", "sms", wanted=True)
    at("2026-11-21T23:30Z")
    facts = {"session_id": one.session_id, "old_starts_at": slot(2).isoformat(), "by": "coach"}

    async def moved(key: str) -> None:
        async with transaction(ada) as tx:
            await notify(tx, ben.require_person(), "session.moved", key=key, facts=facts)
        await outbox.drain()

    await moved("1")
    assert carrier.taken == []
    at("2026-11-22T06:00Z")
    await outbox.drain()
    (told,) = carrier.taken
    assert "A session was moved to" in told["Body"]
    assert ada.name.split()[0] not in told["Body"]
    assert told["Body"].endswith(f"/sessions/{one.session_id} STOP ends these.")
    async with transaction(ben) as tx:
        await wishes.choose(tx, ben, "session.moved", "sms", wanted=False)
    await moved("2")
    assert len(carrier.taken) == 1


async def test_in_development_they_stand_on_a_page_and_in_production_there_are_none(
    db, at, monkeypatch
):
    at(NOW)
    client.shown.clear()
    ben = await make_user()
    async with transaction(ben) as tx:
        await phones.ask(tx, ben, NUMBER)
    await outbox.drain()
    assert [one.to for one in client.shown] == [NUMBER]
    production = settings().model_copy(update={"public_url": "https://loom.example"})
    monkeypatch.setattr(client, "settings", lambda: production)
    with pytest.raises(Invalid):
        async with transaction(ben) as tx:
            await phones.ask(tx, ben, NUMBER)
    async with transaction(ben) as tx:
        assert "sms" not in (await wishes.mine(tx, ben)).there
