import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from loom_app.domains.accounts import actions, events, queries
from loom_app.domains.accounts.errors import LinkExpired, LinkUsed, NotVerified
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Invalid, NotFound, TooMany
from loom_app.kit.events import on
from tests.factories.accounts import PASSWORD, make_user

VISITOR = Actor(visitor="v" * 64)
READER = Actor.system_job("accounts.test")
FORM = actions.SignUp("Ben Okafor", "ben@loom.test", PASSWORD, "client", "Europe/Berlin", "/book/x")

heard: list[object] = []


@on(events.UserSignedUp)
async def _hear_sign_up(tx, event):
    heard.append(event)


@on(events.VisitorAdopted)
async def _hear_adoption(tx, event):
    heard.append(event)


@pytest.fixture(autouse=True)
def silence():
    heard.clear()


async def sign_up(form: actions.SignUp = FORM) -> None:
    async with transaction(VISITOR) as tx:
        await actions.sign_up(tx, VISITOR, actions.check_sign_up(form), "hash")


async def count(table: str) -> int:
    async with transaction(READER) as tx:
        return await tx.db.scalar(text(f"SELECT count(*) FROM {table}"))


async def link() -> str:
    async with transaction(READER) as tx:
        newest = await tx.db.scalar(text("SELECT max(id) FROM email_links"))
    return queries.link_token(newest)


async def test_sign_up_verify_and_be_signed_in(db):
    await sign_up()
    async with transaction(VISITOR) as tx:
        made = await actions.verify(tx, VISITOR, await link(), actions.Device("Firefox", "::1"))
    assert made.return_to == "/book/x"
    assert events.VisitorAdopted("v" * 64, made.user_id) in heard
    async with transaction(Actor.system_job("accounts.session")) as tx:
        me = await queries.signed_in(tx, made.token)
    assert me is not None
    assert (me.name, me.zone, me.verified) == ("Ben Okafor", "Europe/Berlin", True)


async def test_a_known_address_makes_no_second_account(db):
    await sign_up()
    await sign_up(actions.SignUp("Mallory", "BEN@loom.test", PASSWORD, "coach", "Europe/Berlin"))
    assert await count("users") == 1


async def test_a_link_works_once(db):
    await sign_up()
    token = await link()
    async with transaction(VISITOR) as tx:
        await actions.verify(tx, VISITOR, token, actions.Device())
    with pytest.raises(LinkUsed):
        async with transaction(VISITOR) as tx:
            await actions.verify(tx, VISITOR, token, actions.Device())
    assert await count("auth_sessions") == 1


async def test_a_link_expires_after_a_day(db, at):
    start = at("2026-11-21T12:00:00+00:00")
    await sign_up()
    token = await link()
    at((start + timedelta(hours=24, seconds=1)).isoformat())
    with pytest.raises(LinkExpired):
        async with transaction(VISITOR) as tx:
            await actions.verify(tx, VISITOR, token, actions.Device())


@pytest.mark.parametrize("token", ["", "1", "1.forged", "x.y.z", "999.abc"])
async def test_a_forged_link_is_not_found(db, token):
    with pytest.raises(NotFound):
        async with transaction(VISITOR) as tx:
            await actions.verify(tx, VISITOR, token, actions.Device())


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " \u200b "),
        ("name", "x" * 81),
        ("email", "ben at loom"),
        ("password", "short"),
        ("password", "passwordpassword"),
        ("password", "benokafor123"),
        ("role", "owner"),
        ("zone", "Mars/Olympus"),
    ],
)
def test_bad_input_is_refused_by_its_field(field, value):
    values = {**{f: getattr(FORM, f) for f in FORM.__slots__}, field: value}
    with pytest.raises(Invalid) as refused:
        actions.check_sign_up(actions.SignUp(**values))
    assert refused.value.field == field


async def test_wrong_passwords_cost_a_growing_delay_and_never_a_lock(db, at):
    moment = at("2026-11-21T12:00:00+00:00")
    for wait in (0, 0, 0, 0, 0, 1, 2):  # seconds until the next try is judged
        moment = at((moment + timedelta(seconds=wait)).isoformat())
        async with transaction(VISITOR) as tx:
            await actions.begin_try(tx, "ben@loom.test")
    with pytest.raises(TooMany) as refused:
        async with transaction(VISITOR) as tx:
            await actions.begin_try(tx, "Ben@loom.test")
    assert refused.value.retry_after == 4
    at((moment + timedelta(seconds=5)).isoformat())
    async with transaction(VISITOR) as tx:
        await actions.begin_try(tx, "ben@loom.test")


async def test_of_many_tries_at_once_only_the_first_five_are_judged(db, at):
    at("2026-11-21T12:00:00+00:00")

    async def judged() -> bool:
        try:
            async with transaction(VISITOR) as tx:
                await actions.begin_try(tx, "ben@loom.test")
        except TooMany:
            return False
        return True

    assert sum(await asyncio.gather(*(judged() for _ in range(20)))) == 5


async def test_what_a_stranger_types_never_slows_somebodys_proof(db, at):
    at("2026-11-21T12:00:00+00:00")
    for typed in ("proof:5", "proof|5", "code:5", "code|5"):
        for _ in range(5):
            async with transaction(VISITOR) as tx:
                await actions.begin_try(tx, typed)
    for purpose in ("proof", "code"):
        async with transaction(VISITOR) as tx:
            await actions.begin_try(tx, "5", purpose)


async def test_an_unverified_person_cannot_sign_in(db):
    ben = await make_user(verified=False)
    with pytest.raises(NotVerified):
        async with transaction(VISITOR) as tx:
            await actions.begin_session(
                tx, VISITOR, ben.require_person(), actions.Device(), remember=False
            )
    assert await count("auth_sessions") == 0


async def signed_in(token: str) -> Actor | None:
    async with transaction(Actor.system_job("accounts.session")) as tx:
        return await queries.signed_in(tx, token)


async def test_signing_in_ends_the_former_session_and_signing_out_the_new_one(db):
    ben = await make_user()
    made = []
    for _ in range(2):
        async with transaction(VISITOR) as tx:
            old = made[-1].token if made else ""
            made.append(
                await actions.begin_session(
                    tx,
                    VISITOR,
                    ben.require_person(),
                    actions.Device(),
                    remember=True,
                    old_token=old,
                )
            )
    assert await signed_in(made[0].token) is None
    assert await signed_in(made[1].token) is not None
    for _ in range(2):
        async with transaction(ben) as tx:
            await actions.sign_out(tx, ben, made[1].token)
    assert await signed_in(made[1].token) is None


async def test_a_session_ends_when_idle_and_lives_when_used(db, at):
    start = at("2026-11-21T12:00:00+00:00")
    ben = await make_user()
    async with transaction(VISITOR) as tx:
        made = await actions.begin_session(
            tx, VISITOR, ben.require_person(), actions.Device(), remember=False
        )
    at((start + timedelta(hours=11)).isoformat())
    me = await signed_in(made.token)
    assert me is not None
    async with transaction(Actor.system_job("accounts.session")) as tx:
        await actions.touch(tx, [me.session_id])
    at((start + timedelta(hours=22)).isoformat())
    assert await signed_in(made.token) is not None
    at((start + timedelta(hours=24)).isoformat())
    assert await signed_in(made.token) is None


async def test_signing_out_everywhere_ends_all_devices(db):
    ben = await make_user()
    made = []
    for _ in range(3):
        async with transaction(VISITOR) as tx:
            made.append(
                await actions.begin_session(
                    tx, VISITOR, ben.require_person(), actions.Device(), remember=True
                )
            )
    async with transaction(ben) as tx:
        await actions.sign_out_everywhere(tx, ben)
    assert [await signed_in(one.token) for one in made] == [None, None, None]


async def test_cleo_reads_and_changes_nothing_of_ben(db):
    ben, cleo = await make_user(), await make_user(name="Cleo Marsh")
    async with transaction(cleo) as tx:
        seen = await tx.db.scalar(
            text("SELECT count(*) FROM credentials WHERE user_id = :u"), {"u": ben.person_id}
        )
        changed = await tx.db.execute(
            text("UPDATE users SET name = 'x' WHERE id = :u"), {"u": ben.person_id}
        )
    assert (seen, changed.rowcount) == (0, 0)


async def test_nobody_makes_himself_staff(db):
    ben = await make_user()
    with pytest.raises(Exception, match="accounts only"):
        async with transaction(ben) as tx:
            await tx.db.execute(
                text("UPDATE users SET roles = '{owner}' WHERE id = :u"), {"u": ben.person_id}
            )


async def test_a_profile_is_saved_and_a_bad_zone_is_not(db):
    ben = await make_user()
    async with transaction(ben) as tx:
        await actions.save_profile(
            tx, ben, actions.ProfileEdit(name="  Ben   O. ", zone="Asia/Kathmandu", bio="Hi")
        )
    with pytest.raises(Invalid):
        async with transaction(ben) as tx:
            await actions.save_profile(tx, ben, actions.ProfileEdit(name="Ben", zone="Nowhere"))
    async with transaction(ben) as tx:
        mine = await queries.my_profile(tx, ben)
    assert (mine.name, mine.zone, mine.bio) == ("Ben O.", "Asia/Kathmandu", "Hi")
