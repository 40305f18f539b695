"""Features that are on for some; the kill switch; how often they were asked for (OPS-3)."""

import asyncio
import sys
from dataclasses import replace
from datetime import timedelta

import pytest

from loom_app.domains.platform import actions, current, declared, flags, queries
from loom_app.domains.platform.areas import FlagRule
from loom_app.kit import clock
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.realtime import bus, signals
from loom_app.kit.settings import ROOT
from tests.domains.platform.helpers import choose
from tests.factories.accounts import make_user

ANYBODY = [Actor(person_id=n) for n in range(1, 2001)]


def share(name: str, rule: FlagRule) -> set[int]:
    return {one.person_id or 0 for one in ANYBODY if flags.holds(name, rule, one)}


def test_a_roll_out_is_stable_grows_and_differs_from_feature_to_feature():
    tenth = share("embed", FlagRule(on=True, percent=10))
    half = share("embed", FlagRule(on=True, percent=50))
    assert 140 < len(tenth) < 260
    assert 900 < len(half) < 1100
    assert tenth < half
    assert tenth == share("embed", FlagRule(on=True, percent=10))
    assert len(tenth & share("packages", FlagRule(on=True, percent=10))) < 60
    assert share("embed", FlagRule(on=True, percent=0)) == set()
    assert len(share("embed", FlagRule(on=True))) == len(ANYBODY)


def test_by_role_by_person_by_date_and_never_while_it_is_off():
    now = clock.now()
    coach = Actor(person_id=1, roles=frozenset({"coach"}))
    client = Actor(person_id=2, roles=frozenset({"client"}))
    olga = Actor(person_id=3, powers=frozenset({"money.see"}))
    visitor, nobody = Actor(visitor="abc"), Actor()
    everybody = (coach, client, olga, visitor, nobody)

    def on_for(**rule: object) -> list[Actor]:
        found = FlagRule.model_validate({"on": True, **rule})
        return [one for one in everybody if flags.holds("embed", found, one)]

    assert on_for() == [*everybody]
    assert on_for(on=False, people=[1]) == []
    assert on_for(roles=["coach"]) == [coach]
    assert on_for(roles=["staff", "visitor"]) == [olga, visitor, nobody]
    assert on_for(percent=0, people=[2]) == [client]
    assert on_for(roles=["coach"], people=[2]) == [coach, client]
    assert on_for(starts=now + timedelta(hours=1)) == []
    assert on_for(ends=now) == []
    assert on_for(starts=now - timedelta(hours=1), ends=now + timedelta(hours=1)) == [*everybody]
    assert nobody not in on_for(percent=99)


def test_a_name_that_nobody_declared_is_a_mistake_and_every_name_has_an_owner():
    with pytest.raises(LookupError):
        flags.enabled("pods", Actor())
    assert all(one.owner and one.title and one.words for one in declared.declared().values())


async def test_the_kill_switch_is_heard_and_where_it_is_not_heard_it_is_found(olga, monkeypatch):
    told = asyncio.Event()
    stops = [signals.listen(lambda one: told.set() if one.topic == queries.NOW else None)]
    await current.refresh()
    assert flags.enabled("embed", olga)
    told.clear()
    stops.append(signals.listen(current.hear))
    await choose_only(olga, on=False)
    await asyncio.wait_for(told.wait(), 10)
    assert not flags.enabled("embed", olga)
    stops.pop()()  # deaf
    told.clear()
    monkeypatch.setattr(current, "SECONDS", 0.01)
    await choose_only(olga, on=True)
    keeping = asyncio.create_task(current.keep_fresh())
    await asyncio.wait_for(told.wait(), 10)
    assert flags.enabled("embed", olga)
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
    stops.pop()()
    async with transaction(olga) as tx:  # what was asked for is written at the end, too
        assert (await queries.exposures(tx, olga))["embed"] == (2, 1)


async def choose_only(me: Actor, **values: object) -> None:
    """In the database alone: what this process knows is another's to say."""
    async with transaction(me) as tx:
        found = await queries.area(tx, me, "flag:embed")
        wanted = {**found.values, **values}
        await actions.choose(tx, me, actions.Choice("flag:embed", wanted, found.number, "kill"))


OTHER = """
import asyncio
from loom_app.domains.platform import current, flags
from loom_app.kit.actor import Actor
from loom_app.kit.realtime import bus, signals

async def seen(*_): pass

async def main():
    told = asyncio.Event()
    signals.listen(current.hear)
    signals.listen(lambda one: told.set() if one.topic == current.NOW else None)
    current.SECONDS = 3600  # by its word alone
    async with bus.joined(seen):
        await current.refresh()
        print(flags.enabled("embed", Actor()), flush=True)
        told.clear()
        await told.wait()
        print(flags.enabled("embed", Actor()), flush=True)

asyncio.run(main())
"""


async def test_another_process_hears_of_the_kill_switch(olga):
    """A real process with its own memory and connections: 2 s, most of it Python's start."""

    async def seen(*_: object) -> None: ...

    other = await asyncio.create_subprocess_exec(
        sys.executable, "-c", OTHER, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert other.stdout is not None
    async with asyncio.timeout(60):
        assert await other.stdout.readline() == b"True\n"
        async with bus.joined(seen):
            await choose_only(olga, on=False)
            assert await other.stdout.readline() == b"False\n"
    assert await other.wait() == 0


async def test_counts_add_up_by_day_and_wait_for_a_database_that_is_away(olga, at, monkeypatch):
    at("2026-11-20T23:00Z")
    await current.refresh()
    for _ in range(3):
        flags.enabled("embed", olga)
    with monkeypatch.context() as away:
        away.setattr(current, "_COUNTER", replace(olga))  # may not write
        with pytest.raises(Exception, match="row-level security"):
            await current.write_counts()
    await current.write_counts()
    await choose(olga, "flag:embed", on=False)
    flags.enabled("embed", olga)
    await current.write_counts()
    await current.write_counts()
    async with transaction(olga) as tx:
        assert (await queries.exposures(tx, olga))["embed"] == (3, 1)
    at("2026-11-27T01:00Z")
    async with transaction(olga) as tx:
        assert (await queries.exposures(tx, olga))["embed"] == (0, 0)


async def test_exposures_are_for_those_who_decide(olga):
    otto = await make_user(name="Otto", roles=["coach"])
    with pytest.raises(Exception, match="Only staff"):
        async with transaction(otto) as tx:
            await queries.exposures(tx, otto)
