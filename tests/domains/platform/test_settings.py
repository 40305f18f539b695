"""Platform settings: typed, versioned, audited, in force everywhere (OPS-2)."""

import asyncio
import os
from dataclasses import replace

import pytest
from sqlalchemy import text

from loom_app.domains.accounts.errors import StepUpNeeded
from loom_app.domains.payments.actions.fees import fee_rule
from loom_app.domains.platform import actions, areas, current, queries
from loom_app.domains.platform.actions import Choice
from loom_app.domains.platform.areas import InvalidChoices
from loom_app.integrations.mail.message import Mail, compose
from loom_app.kit.actor import Actor
from loom_app.kit.db.engine import owner_engine
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Conflict, Forbidden, Invalid, NotFound
from loom_app.kit.security import limits
from loom_app.kit.settings import settings
from tests.domains.platform.helpers import choose
from tests.factories.accounts import make_user

MANY = 200 if os.environ.get("LOOM_PROVE") == "full" else 12


async def history(me: Actor, area: str) -> list[queries.VersionView]:
    async with transaction(me) as tx:
        return await queries.history(tx, me, area)


async def test_a_choice_stands_in_place_of_the_environment_and_only_where_it_differs(olga):
    before = settings().platform_fee_bps, settings().release_hours
    assert await choose(olga, "money", platform_fee_bps=900) == 1
    assert (settings().platform_fee_bps, settings().release_hours) == (900, before[1])
    async with transaction(olga) as tx:
        assert (await fee_rule(tx, coach_id=1)).bps == 900
        found = await queries.area(tx, olga, "money")
    assert found.values["platform_fee_bps"] == 900
    assert found.usual["platform_fee_bps"] == before[0]
    assert (found.number, found.changed_by) == (1, "Olga")
    current.reset()
    assert settings().platform_fee_bps == before[0]


async def test_who_when_why_and_the_way_back(db, olga):
    await choose(olga, "limits", reason="Quiet week", messages_per_minute=5)
    await choose(olga, "limits", reason="Busy again", messages_per_minute=90, uploads_per_hour=7)
    async with transaction(olga) as tx:
        values = await actions.back(tx, olga, "limits", 1)
        base, changes = await actions.review(tx, olga, "limits", values)
        assert {one.name: (one.before, one.after) for one in changes} == {
            "messages_per_minute": (90, 5),
            "uploads_per_hour": (7, 20),
        }
        await actions.choose(tx, olga, Choice("limits", values, base, "Too busy", back_to=1))
    await current.refresh()
    assert settings().messages_per_minute == 5
    newest, _, first = await history(olga, "limits")
    assert (newest.number, newest.back_to, newest.by, newest.reason) == (3, 1, "Olga", "Too busy")
    assert [(one.name, one.before, one.after) for one in first.changes] == [
        ("messages_per_minute", 60, 5)
    ]
    async with transaction(olga) as tx:
        usual = await actions.back(tx, olga, "limits", 0)
        assert usual["messages_per_minute"] == 60
        with pytest.raises(NotFound):
            await actions.back(tx, olga, "limits", 9)
    owner = owner_engine(db)
    with owner.connect() as connection:
        trail = connection.execute(
            text(
                "SELECT actor, subject, subject_id, before, after, reason FROM audit_entries"
                " WHERE verb = 'platform.choose' ORDER BY id"
            )
        ).all()
    owner.dispose()
    assert tuple(trail[0]) == (
        f"person:{olga.person_id}",
        "limits",
        1,
        {"messages_per_minute": 60},
        {"messages_per_minute": 5},
        "Quiet week",
    )
    assert len(trail) == 3


async def test_limits_are_counted_by_what_was_chosen(olga, at):
    at("2026-11-21T12:00Z")
    await choose(olga, "limits", uploads_per_hour=2)
    assert [limits.allow("upload", "ben") for _ in range(3)] == [True, True, False]
    limits.reset()


async def test_mail_comes_from_the_name_that_was_chosen_and_from_our_address(olga):
    await choose(olga, "mail", mail_name="Wove, Ltd", mail_reply_to="help@wove.test")
    found = compose(Mail("Ben", "ben@loom.test", "Hello", "text", "<p>", "1"))
    assert str(found["From"]) == '"Wove, Ltd" <hello@loom.test>'
    assert found["Reply-To"].addresses[0].addr_spec == "help@wove.test"


@pytest.mark.parametrize(
    ("area", "values", "fields"),
    [
        (
            "money",
            {"platform_fee_bps": 10_001, "release_hours": -1},
            "platform_fee_bps release_hours",
        ),
        ("money", {"platform_fee_bps": "many"}, "platform_fee_bps"),
        ("money", {"default_rate_currency": "XXX"}, "default_rate_currency"),
        ("booking", {"cancel_free_hours": 5, "cancel_late_percent": 33}, "cancel_free_hours"),
        ("branding", {"brand_name": " ", "brand_accent": "red"}, "brand_name brand_accent"),
        (
            "branding",
            {"brand_name": "x" * 31, "support_address": "nobody"},
            "brand_name support_address",
        ),
        ("mail", {"mail_name": "A\r\nBcc: b@x.test"}, "mail_name"),
        ("announcement", {"starts": "2030-01-02T00:00Z", "ends": "2030-01-01T00:00Z"}, "ends"),
        ("announcement", {"kind": "loud"}, "kind"),
        ("maintenance", {"networks": ["10.0.0.0/40"]}, "networks"),
        ("maintenance", {"people": list(range(201))}, "people"),
    ],
)
async def test_what_does_not_fit_is_said_beside_its_field(olga, area, values, fields):
    async with transaction(olga) as tx:
        found = await queries.area(tx, olga, area)
        with pytest.raises(InvalidChoices) as caught:
            await actions.review(tx, olga, area, {**found.values, **values})
    assert set(fields.split()) <= set(caught.value.fields)
    assert all(caught.value.fields.values())


async def fee_of_one_percent(me: Actor, reason: str) -> None:
    async with transaction(me) as tx:
        await actions.choose(tx, me, Choice("money", {"platform_fee_bps": 100}, 0, reason))


async def test_only_who_may_and_proves_to_be_there_and_says_why(olga):
    otto = await make_user(name="Otto")
    helper = replace(olga, powers=frozenset({"platform.notices"}))
    stale = replace(olga, stepped_up_at=None)
    cases = [(otto, Forbidden, "x"), (helper, Forbidden, "x"), (stale, StepUpNeeded, "x")]
    for me, refusal, reason in [*cases, (olga, Invalid, "  ")]:
        with pytest.raises(refusal):
            await fee_of_one_percent(me, reason)
    with pytest.raises(Forbidden):
        await history(otto, "announcement")
    with pytest.raises(NotFound):
        await history(olga, "flag:nothing")
    with pytest.raises(NotFound):
        await history(olga, "nothing")
    assert await choose(helper, "announcement", text="Hello") == 1
    with pytest.raises(Conflict):  # nothing is another than it is
        await choose(olga, "announcement", text="Hello")
    assert await history(olga, "money") == []


async def test_of_many_at_once_one_chooses_and_the_others_hear_of_it(olga):
    async def one(bps: int) -> bool:
        try:
            async with transaction(olga) as tx:
                choice = Choice("money", {"platform_fee_bps": bps}, 0, "race")
                await actions.choose(tx, olga, choice)
        except Conflict:
            return False
        return True

    won = await asyncio.gather(*(one(100 + n) for n in range(MANY)))
    assert sum(won) == 1
    await current.refresh()
    (version,) = await history(olga, "money")
    assert settings().platform_fee_bps == version.changes[0].after


async def test_what_an_older_loom_chose_and_fits_no_more_is_left_out(db, olga):
    await choose(olga, "money", platform_fee_bps=700)
    owner = owner_engine(db)
    with owner.begin() as connection:
        connection.execute(
            text(
                'INSERT INTO platform_versions SELECT area, 2, \'{"platform_fee_bps": 800,'
                " \"release_hours\": -5, \"gone\": 1}', '{}', 'old', NULL, saved_by, at"
                " FROM platform_versions; INSERT INTO platform_versions SELECT 'flag:gone', 1,"
                " '{}', '{}', 'old', NULL, saved_by, at FROM platform_versions WHERE number = 1"
            )
        )
    owner.dispose()
    await current.refresh()
    assert (settings().platform_fee_bps, settings().release_hours) == (800, 24)
    assert areas.usual("announcement") == {}
