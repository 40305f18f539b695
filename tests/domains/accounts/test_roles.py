"""Who is of staff and what that allows (ACC-11)."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import text

from loom_app.domains.accounts import actions, queries
from loom_app.domains.accounts.errors import StepUpNeeded
from loom_app.domains.accounts.models import AuthSession
from loom_app.domains.accounts.queries import StaffRoleView
from loom_app.kit import permissions
from loom_app.kit.actor import Actor
from loom_app.kit.db.engine import owner_engine
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Conflict, Forbidden, Invalid, NotFound
from tests.factories.accounts import EVER_FRESH, make_user

SESSION = Actor.system_job("accounts.session")


@pytest.fixture
async def olga(db) -> Actor:
    return await make_user(name="Olga", roles=["staff"], email="olga@loom.test")


async def roles(me: Actor) -> dict[str, StaffRoleView]:
    async with transaction(me) as tx:
        return {one.name: one for one in await queries.staff_roles(tx, me)}


async def save(me: Actor, name: str, *allowed: str, role_id: int = 0) -> int:
    async with transaction(me) as tx:
        return await actions.save_role(tx, me, name, allowed, role_id)


async def give(me: Actor, role_id: int, email: str) -> None:
    async with transaction(me) as tx:
        await actions.give_role(tx, me, role_id, email)


async def take(me: Actor, role_id: int, person: Actor) -> None:
    async with transaction(me) as tx:
        await actions.take_role(tx, me, role_id, person.person_id or 0)


async def signed_in(person: Actor) -> Actor:
    """As the next event of this person would see them."""
    async with transaction(SESSION) as tx:
        row = AuthSession(
            user_id=person.person_id or 0,
            token_hash=f"{person.person_id}-{tx.now.timestamp()}",
            created_at=tx.now,
            seen_at=tx.now,
            renewed_at=tx.now,
            mfa=True,
            idle_until=tx.now.replace(year=tx.now.year + 1),
            expires_at=tx.now.replace(year=tx.now.year + 1),
        )
        tx.db.add(row)
        await tx.db.flush()
        found = await queries.person_of_session(tx, row.id or 0)
    assert found is not None
    return found


def trail(db: str) -> list[tuple[str, str, dict | None, dict | None]]:
    owner = owner_engine(db)
    with owner.connect() as connection:
        found = connection.execute(
            text(
                "SELECT actor, verb, before, after FROM audit_entries"
                " WHERE verb LIKE 'role.%' ORDER BY id"
            )
        ).all()
    owner.dispose()
    return [(row.actor, row.verb, row.before, row.after) for row in found]


async def test_an_owner_may_all_and_a_coach_nothing_of_it(db, olga):
    ada = await make_user(name="Ada", roles=["coach"])
    assert (await signed_in(olga)).powers == permissions.names()
    seen = await signed_in(ada)
    assert seen.powers == frozenset()
    assert not seen.is_staff
    for one in permissions.catalogue():
        assert not seen.may(one.name)
        with pytest.raises(Forbidden):
            seen.require(one.name)
    with pytest.raises(LookupError):
        seen.may("money.print")
    with pytest.raises(Forbidden):
        Actor(visitor="v").require("money.see")


async def test_a_role_allows_what_it_lists_from_the_moment_it_is_given(db, olga):
    ben = await make_user(name="Ben", email="ben@loom.test")
    desk = await save(olga, " Money   desk ", "money.see", "money.refund")
    await give(olga, desk, "BEN@loom.test")
    await give(olga, desk, "ben@loom.test")  # twice is once
    assert (await signed_in(ben)).powers == {"money.see", "money.refund"}
    assert [one.email for one in (await roles(olga))["Money desk"].members] == ["ben@loom.test"]
    await save(olga, "Money desk", "money.see", role_id=desk)
    assert (await signed_in(ben)).powers == {"money.see"}
    await save(olga, "Place keepers", "places.edit")
    await give(olga, (await roles(olga))["Place keepers"].id, "ben@loom.test")
    assert (await signed_in(ben)).powers == {"money.see", "places.edit"}
    async with transaction(olga) as tx:
        await actions.drop_role(tx, olga, desk)
    assert (await signed_in(ben)).powers == {"places.edit"}
    await take(olga, (await roles(olga))["Place keepers"].id, ben)
    assert (await signed_in(ben)).powers == frozenset()
    me = olga.label
    both, one = ["money.refund", "money.see"], ["money.see"]
    told = [row for row in trail(db) if row[0] == me]
    assert told[:3] == [
        (me, "role.make", None, {"name": "Money desk", "permissions": both}),
        (me, "role.give", None, {"role": "Money desk", "permissions": both}),
        (
            me,
            "role.change",
            {"name": "Money desk", "permissions": both},
            {"name": "Money desk", "permissions": one},
        ),
    ]
    assert [row[1] for row in told[3:]] == ["role.make", "role.give", "role.drop", "role.take"]
    assert told[5][2] == {"name": "Money desk", "permissions": one, "members": [ben.person_id]}


async def test_a_name_that_is_no_permission_any_more_allows_nothing(db, olga):
    ben = await make_user(name="Ben", email="ben@loom.test")
    await give(olga, await save(olga, "Desk", "money.see"), "ben@loom.test")
    owner = owner_engine(db)
    with owner.begin() as connection:
        connection.execute(
            text("UPDATE staff_roles SET permissions = '{money.print}' WHERE NOT owner")
        )
    owner.dispose()
    assert (await signed_in(ben)).powers == frozenset()


async def test_nobody_gives_or_takes_more_than_they_may_themselves(db, olga):
    ben = await make_user(name="Ben", email="ben@loom.test")
    await make_user(name="Cleo", email="cleo@loom.test")
    await give(olga, await save(olga, "People", "people.roles", "money.see"), "ben@loom.test")
    ben = replace(await signed_in(ben), stepped_up_at=EVER_FRESH)
    mine = await save(ben, "Watchers", "money.see")
    await give(ben, mine, "cleo@loom.test")
    seen = await roles(ben)
    with pytest.raises(Forbidden):
        await save(ben, "Givers", "money.refund")
    with pytest.raises(Forbidden):
        await save(ben, "Watchers", "money.refund", role_id=mine)
    for name in ("Owner", "Finance"):
        with pytest.raises(Forbidden):
            await give(ben, seen[name].id, "cleo@loom.test")
        with pytest.raises(Forbidden):
            await take(ben, seen[name].id, olga)
    with pytest.raises(Forbidden):
        async with transaction(ben) as tx:
            await actions.drop_role(tx, ben, seen["Finance"].id)
    with pytest.raises(StepUpNeeded):
        await save(replace(ben, stepped_up_at=None), "Later", "money.see")
    with pytest.raises(Forbidden):  # who may appoint nobody does not even read of it
        await roles(replace(ben, powers=frozenset({"money.see"})))


async def test_what_owners_may_never_changes(db, olga):
    owner = (await roles(olga))["Owner"]
    with pytest.raises(Forbidden):
        await save(olga, "Owner", "money.see", role_id=owner.id)
    with pytest.raises(Forbidden):
        async with transaction(olga) as tx:
            await actions.drop_role(tx, olga, owner.id)


@pytest.mark.parametrize(
    ("name", "allowed", "field"),
    [
        ("", ["money.see"], "name"),
        ("x" * 61, ["money.see"], "name"),
        ("owner", ["money.see"], "name"),
        ("Desk", [], "permissions"),
        ("Desk", ["money.print"], "permissions"),
        ("Desk", ["*"], "permissions"),
    ],
)
async def test_a_role_needs_a_name_of_its_own_and_something_to_allow(
    db, olga, name, allowed, field
):
    with pytest.raises(Invalid) as refused:
        await save(olga, name, *allowed)
    assert refused.value.field == field


async def test_only_who_has_a_confirmed_account_is_appointed(db, olga):
    await make_user(name="New", email="new@loom.test", verified=False)
    desk = await save(olga, "Desk", "money.see")
    for address in ("nobody@loom.test", "new@loom.test", ""):
        with pytest.raises(Invalid) as refused:
            await give(olga, desk, address)
        assert refused.value.field == "email"
    with pytest.raises(NotFound):
        await give(olga, 999, "olga@loom.test")
    with pytest.raises(NotFound):
        await take(olga, desk, olga)


async def test_there_are_not_endlessly_many_roles(db, olga, monkeypatch):
    monkeypatch.setattr("loom_app.domains.accounts.actions.roles.MOST_ROLES", 4)
    await save(olga, "Desk", "money.see")
    with pytest.raises(Conflict):
        await save(olga, "Desk two", "money.see")


async def test_an_owner_remains_whoever_takes_whose_role_at_once(db, olga):
    others = [
        await make_user(name=f"Owner{n}", roles=["staff"], email=f"o{n}@loom.test")
        for n in range(6)
    ]
    owner = (await roles(olga))["Owner"].id
    everybody = [olga, *others]

    async def one(n: int) -> bool:
        try:
            await take(everybody[n % 7], owner, everybody[(n + 1) % 7])
        except (Conflict, NotFound):
            return False
        return True

    ended = await asyncio.gather(*(one(n) for n in range(20)))
    async with transaction(SESSION) as tx:
        left = await queries.staff_who_may(tx, "people.roles")
    assert len(left) == 1
    assert sum(ended) == 6


async def test_the_tables_of_staff_are_closed_to_people(db, olga):
    ben = await make_user(name="Ben")
    async with transaction(olga) as tx:
        assert (await tx.db.scalars(text("SELECT id FROM staff_roles"))).all() == []
        assert (await tx.db.scalars(text("SELECT user_id FROM staff_members"))).all() == []
    async with transaction(Actor.system_job("notifications.tell")) as tx:
        changed = await tx.db.execute(text("UPDATE staff_roles SET permissions = '{*}'"))
        assert changed.rowcount == 0
    with pytest.raises(Exception, match="row-level security"):
        async with transaction(replace(ben, system="accounts.session")) as tx:
            await tx.db.execute(
                text("INSERT INTO staff_members VALUES (1, :u, now())"), {"u": ben.person_id}
            )
    with pytest.raises(LookupError):
        async with transaction(SESSION) as tx:
            await queries.staff_who_may(tx, "money.print")
