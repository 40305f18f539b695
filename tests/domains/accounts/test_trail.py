"""Reading the audit trail, and what in it looks suspicious (OPS-4)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from loom_app.domains.accounts import actions, queries
from loom_app.domains.accounts.errors import StepUpNeeded
from loom_app.domains.accounts.queries import TrailEntry, TrailFilter
from loom_app.integrations.mail import mailbox
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit, chain
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Forbidden
from loom_app.kit.jobs import outbox
from tests.factories.accounts import make_user

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
)
HOME, NEXT_DOOR, ABROAD = "192.168.7.2", "192.168.7.90", "10.9.8.7"


@pytest.fixture(autouse=True)
def own_head(db, folder, monkeypatch):
    monkeypatch.setattr(chain, "_head_file", lambda: folder / "audit" / "head")


async def note(verb: str, person: Actor, times: int = 1, **who: str) -> None:
    me = Actor(visitor="v", **who)
    for _ in range(times):
        async with transaction(me) as tx:
            await audit(tx, verb, "user", person.person_id or 0)


async def found(me: Actor, **asked: object) -> list[TrailEntry]:
    async with transaction(me) as tx:
        return await queries.trail(tx, me, TrailFilter(**asked))


async def flags(me: Actor) -> list[tuple[str, int | None]]:
    await chain.seal()
    async with transaction(me) as tx:
        return [(one.kind, one.person_id) for one in await queries.open_flags(tx, me)]


async def subjects() -> list[tuple[str, str]]:
    await outbox.drain()
    return [(str(one.message["To"]), one.message["Subject"]) for one in await mailbox.newest()]


async def test_the_trail_is_found_by_who_what_to_what_when_and_from_where(db, at):
    at("2026-11-20T12:00Z")
    sam = await make_user(name="Sam", roles=["staff"])
    ben = await make_user(name="Ben", email="ben@loom.test")
    await note("account.sign_in", ben, network=HOME, agent=FIREFOX)
    at("2026-11-22T12:00Z")
    mine = replace(ben, network=ABROAD)
    async with transaction(mine) as tx:
        await audit(tx, "role.give", "charge", 12, before={"a": 1}, after={"a": 2}, reason="Asked")
    await chain.seal()
    (one,) = await found(sam, verb="role.give", actor=str(ben.person_id))
    assert (one.actor_name, one.subject, one.subject_id) == ("Ben", "charge", 12)
    assert (one.before, one.after, one.reason, one.address) == ({"a": 1}, {"a": 2}, "Asked", ABROAD)
    assert one.number > 0
    for asked in (
        {"actor": "BEN@loom.test"},
        {"actor": f"person:{ben.person_id}"},
        {"subject": "charge"},
        {"subject": "charge 12"},
        {"address": ABROAD},
        {"verb": "role", "actor": str(ben.person_id)},
        {"since": one.at - timedelta(hours=1)},
    ):
        assert [each.id for each in await found(sam, **asked)] == [one.id], asked
    (sign_in,) = await found(sam, verb="account.sign_in")
    assert (sign_in.subject_name, sign_in.agent) == ("Ben", FIREFOX)
    assert one.id not in [each.id for each in await found(sam, until=one.at)]
    for asked in (
        {"actor": "nobody@loom.test"},
        {"actor": "system:nothing"},
        {"verb": "rol"},
        {"subject": f"charge {9**99}"},
        {"before": 1},
    ):
        assert await found(sam, **asked) == [], asked


def test_what_is_nonsense_in_an_address_is_left_out():
    asked = queries.trail_filter({"from": "2026-11-20", "to": "x", "verb": " a "}, "Europe/Berlin")
    assert asked.verb == "a"
    assert asked.since is not None
    assert asked.since.isoformat() == "2026-11-20T00:00:00+01:00"
    assert asked.until is None
    whole = queries.trail_filter({"from": "9999-01-01", "to": "2026-11-20"}, "UTC")
    assert whole.since is None
    assert whole.until is not None
    assert whole.until.isoformat() == "2026-11-21T00:00:00+00:00"


async def test_the_trail_is_for_who_may_read_it(db):
    sam = await make_user(name="Sam", roles=["staff"])
    desk = replace(sam, powers=frozenset({"money.see"}))
    for refused in (queries.trail, queries.open_flags, queries.chain_state):
        more = [TrailFilter()] if refused is queries.trail else []
        with pytest.raises(Forbidden):
            async with transaction(desk) as tx:
                await refused(tx, desk, *more)
    with pytest.raises(Forbidden):
        async with transaction(desk) as tx:
            await actions.see_flag(tx, desk, 1)
    reader = replace(sam, powers=frozenset({"audit.read"}))
    with pytest.raises(Forbidden):
        async with transaction(reader) as tx:
            await actions.note_export(tx, reader, {})
    with pytest.raises(Forbidden):
        async for _ in queries.whole_trail(reader, TrailFilter()):
            pass
    with pytest.raises(StepUpNeeded):
        async with transaction(sam) as tx:
            await actions.note_export(tx, replace(sam, stepped_up_at=None), {})


async def test_one_reads_of_oneself_and_not_from_where_others_worked(db):
    sam = replace(await make_user(name="Sam", roles=["staff"]), network=ABROAD, agent=PHONE)
    ben = replace(await make_user(name="Ben"), network=HOME, agent=FIREFOX)
    async with transaction(ben) as tx:
        await audit(tx, "session.move", "session", 5, before={"a": 1})
    async with transaction(sam) as tx:
        await audit(tx, "role.give", "user", ben.person_id or 0, after={"role": "Desk"})
        await audit(tx, "role.give", "user", 999)
    async with transaction(ben) as tx:
        seen = await queries.my_trail(tx, ben)
    told = [(one.verb, one.address, one.actor_name) for one in seen]
    assert told == [("role.give", "", ""), ("session.move", HOME, "Ben")]
    with pytest.raises(Forbidden):
        async with transaction(Actor(visitor="v")) as tx:
            await queries.my_trail(tx, Actor(visitor="v"))


async def test_many_failures_of_an_account_are_flagged_once_and_mailed(db, at):
    at("2026-11-22T12:00Z")
    sam = await make_user(name="Sam", roles=["staff"], email="sam@loom.test")
    ben = await make_user(name="Ben", email="ben@loom.test")
    await note("account.sign_in_failed", ben, 9, network=HOME)
    assert await flags(sam) == []
    await note("account.proof_failed", ben, 2, network=HOME)
    assert await flags(sam) == [("many_failures", ben.person_id)]
    assert await flags(sam) == [("many_failures", ben.person_id)]
    assert set(await subjects()) == {
        ("Ben <ben@loom.test>", "Somebody tries to get into your account"),
        ("Sam <sam@loom.test>", "Something suspicious in the audit trail"),
    }
    async with transaction(sam) as tx:
        (one,) = await queries.open_flags(tx, sam)
        await actions.see_flag(tx, sam, one.id)
    assert await flags(sam) == []
    at("2026-11-23T18:00Z")  # slowly, the day after
    await note("account.sign_in_failed", ben, 9, network=HOME)
    assert await flags(sam) == []


async def test_an_address_that_tries_many_accounts_is_flagged(db, at):
    at("2026-11-22T12:00Z")
    sam = await make_user(name="Sam", roles=["staff"])
    nobody = Actor(person_id=0)
    await note("account.sign_in_failed", nobody, 19, network=ABROAD)
    assert await flags(sam) == []
    await note("account.sign_in_failed", nobody, 1, network=ABROAD)
    assert await flags(sam) == [("many_failures_from", None)]


async def test_wrong_codes_and_many_exports_are_flagged(db, at):
    at("2026-11-22T12:00Z")
    sam = await make_user(name="Sam", roles=["staff"])
    ben = await make_user(name="Ben")
    await note("account.recovery_failed", ben, 5)
    for _ in range(5):
        async with transaction(ben) as tx:
            await audit(tx, "data.export", "user", ben.person_id or 0)
    assert set(await flags(sam)) == {
        ("wrong_codes", ben.person_id),
        ("many_exports", ben.person_id),
    }
    await note("data.export", ben, 5)  # of no person
    assert ("many_exports", None) in await flags(sam)


async def test_a_sign_in_from_a_device_and_a_network_that_are_new_is_told_to_the_person(db, at):
    at("2026-11-22T12:00Z")
    sam = await make_user(name="Sam", roles=["staff"])
    ben = await make_user(name="Ben", email="ben@loom.test")
    await note("account.sign_in", ben, network=HOME, agent=FIREFOX)  # the first of all
    await note("account.sign_in", ben, network=ABROAD, agent=FIREFOX)  # on the way
    await note("account.sign_in", ben, network=NEXT_DOOR, agent=PHONE)  # at home, a new phone
    assert await flags(sam) == []
    await note("account.sign_in", ben, network="172.16.5.5", agent="curl/8.5")
    assert await flags(sam) == [("new_device", ben.person_id)]
    assert await subjects() == [("Ben <ben@loom.test>", "A new sign-in to your account")]


async def test_a_sign_in_from_a_country_that_is_new_is_told_to_the_person(db, at):
    at("2026-11-22T12:00Z")
    sam = await make_user(name="Sam", roles=["staff"])
    ben = await make_user(name="Ben", email="ben@loom.test")
    await note("account.sign_in", ben, network="85.214.132.117", agent=FIREFOX)  # Germany
    await note("account.sign_in", ben, network="85.214.1.1", agent=FIREFOX)
    assert await flags(sam) == []
    await note("account.sign_in", ben, network="2001:4860:4860::8888", agent=FIREFOX)
    await note("account.sign_in", ben, network="8.8.8.8", agent=FIREFOX)
    assert ("new_country", ben.person_id) in await flags(sam)
    (mail, *_) = await subjects()
    assert mail == ("Ben <ben@loom.test>", "A new sign-in to your account")


async def test_a_failed_sign_in_is_written_with_no_word_of_what_was_typed(db):
    sam = await make_user(name="Sam", roles=["staff"])
    ben = await make_user(name="Ben", email="ben@loom.test")
    async with transaction(Actor(visitor="v", network=HOME, agent=FIREFOX)) as tx:
        await actions.note_failed_sign_in(tx, "Ben@loom.test")
        await actions.note_failed_sign_in(tx, "stranger@loom.test")
    unknown, known = await found(sam, verb="account.sign_in_failed")
    assert (known.subject_id, known.after, known.address) == (ben.person_id, None, HOME)
    assert unknown.subject_id == 0
    assert "stranger" not in str(unknown.after)
