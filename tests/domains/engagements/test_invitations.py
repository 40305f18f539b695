"""Inviting clients and staff: who may, what is sent, and what comes of the answer."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from loom_app.domains.accounts.errors import AddressKnown
from loom_app.domains.engagements import actions, queries
from loom_app.domains.engagements.errors import (
    AlreadyClient,
    AlreadyInvited,
    EnoughForToday,
    InvitationOver,
    InvitationTaken,
    NotWanted,
    OwnInvitation,
)
from loom_app.domains.moderation import actions as moderation
from loom_app.integrations.mail import mailbox
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from loom_app.kit.jobs import outbox
from loom_app.kit.settings import settings
from tests.factories.accounts import PASSWORD, make_user
from tests.sizes import CROWD

VISITOR = Actor(visitor="v" * 64)
READER = Actor.system_job("engagements.invite")


async def coach(**values) -> Actor:
    return await make_user(**{"name": "Ada Lindqvist", "roles": ["coach"], **values})


async def invite(me: Actor, email="mia@x.test", name="Mia", note="") -> str:
    """The token of the mailed link."""
    async with transaction(me) as tx:
        return queries.invitation_token(await actions.invite(tx, me, email, name, note))


async def accept(me: Actor, token: str) -> None:
    async with transaction(me) as tx:
        await actions.accept(tx, me, token)


async def answer(me: Actor, token: str):
    async with transaction(me) as tx:
        return await queries.invited(tx, me, token)


async def listed(me: Actor, which="waiting"):
    async with transaction(me) as tx:
        return await queries.my_invitations(tx, me, which)


async def scalar(statement, **values):
    async with transaction(READER) as tx:
        return await tx.db.scalar(text(statement), values)


async def later(**span) -> None:
    """All invitations were made this much earlier."""
    async with transaction(READER) as tx:
        await tx.db.execute(
            text("UPDATE invitations SET asked_at = asked_at - :s, expires_at = expires_at - :s"),
            {"s": timedelta(**span)},
        )


async def test_a_guest_with_an_account_accepts_and_they_belong_together(db):
    ada, mia = await coach(), await make_user(name="Mia", email="mia@x.test")
    token = await invite(ada, note="Let us go on.\nAs we said.")
    await outbox.drain()
    (mail,) = await mailbox.newest()
    assert (mail.recipient, mail.subject) == ("mia@x.test", "Ada Lindqvist invites you to Loom")
    words = mail.message.get_body(("plain",)).get_content()
    assert "Hello Mia," in words
    assert "“As we said.”" in words
    assert f"/invitation?token={token}" in words.replace("=\n", "")
    seen = await answer(mia, token)
    assert (seen.inviter.name, seen.state, seen.known, seen.mine) == (
        "Ada Lindqvist",
        "waiting",
        True,
        True,
    )
    await accept(mia, token)
    await accept(mia, token)
    async with transaction(ada) as tx:
        found = await queries.find_engagement(tx, ada.person_id, mia.person_id)
        assert found.status == "active"
        assert await tx.db.scalar(text("SELECT count(*) FROM conversations")) == 1
        assert await tx.db.scalar(text("SELECT body FROM messages")) == "Invitation accepted"
    assert (await answer(mia, token)).by_me
    await outbox.drain()
    assert (await mailbox.newest())[0].subject == "Mia accepted your invitation"
    (one,) = await listed(ada, "accepted")
    assert (one.email, one.again_at) == ("mia@x.test", None)


async def test_another_address_may_accept_what_it_was_given(db):
    ada, other = await coach(), await make_user(name="Zoe", email="zoe@y.test")
    token = await invite(ada)
    assert not (await answer(other, token)).mine
    await accept(other, token)
    mia = await make_user(email="mia@x.test")
    with pytest.raises(InvitationTaken):
        await accept(mia, token)


async def test_a_guest_without_an_account_makes_one_that_is_confirmed(db):
    token = await invite(await coach())
    form = actions.check_guest(actions.Guest(token, " Mia  Weiss", PASSWORD, "UTC"), "mia@x.test")
    async with transaction(VISITOR) as tx:
        made = await actions.join(tx, VISITOR, form, "hash")
    assert await scalar("SELECT client_id FROM engagements") == made
    async with transaction(Actor.system_job("accounts.test")) as tx:
        found = text("SELECT name, roles, verified_at FROM users WHERE id = 2")
        row = (await tx.db.execute(found)).one()
    assert (row.name, row.roles, row.verified_at is not None) == ("Mia Weiss", ["client"], True)
    with pytest.raises(InvitationTaken):
        async with transaction(VISITOR) as tx:
            await actions.join(tx, VISITOR, form, "hash")


async def test_a_known_address_makes_no_second_account(db):
    token = await invite(await coach())
    await make_user(email="MIA@x.test")
    with pytest.raises(AddressKnown):
        async with transaction(VISITOR) as tx:
            await actions.join(tx, VISITOR, actions.Guest(token, "M", PASSWORD, "UTC"), "hash")
    assert (await answer(VISITOR, token)).state == "waiting"


@pytest.mark.parametrize("field", ["name", "password", "zone"])
async def test_what_is_wrong_with_a_guests_form_is_said(db, field):
    form = replace(actions.Guest("t", "Mia", PASSWORD, "UTC"), **{field: ""})
    with pytest.raises(Invalid) as wrong:
        actions.check_guest(form, "mia@x.test")
    assert wrong.value.field == field


async def test_many_acceptances_at_once_are_one(db):
    ada = await coach()
    people = [await make_user(name=f"P{n}") for n in range(4)]
    token = await invite(ada)

    async def attempt(n: int) -> bool:
        try:
            await accept(people[n % 4], token)
        except InvitationTaken:
            return False
        return True

    done = await asyncio.gather(*(attempt(n) for n in range(CROWD)))
    assert sum(done) == CROWD // 4
    assert await scalar("SELECT count(*) FROM engagements") == 1


async def test_many_invitations_of_one_address_at_once_are_one(db):
    ada = await coach()

    async def attempt() -> bool:
        try:
            await invite(ada)
        except AlreadyInvited:
            return False
        return True

    assert sum(await asyncio.gather(*(attempt() for _ in range(CROWD // 4)))) == 1


async def test_only_coaches_with_a_confirmed_address_invite(db):
    for one in (await make_user(), await coach(verified=False)):
        with pytest.raises(Forbidden):
            await invite(one)


@pytest.mark.parametrize(
    ("values", "field"),
    [({"email": "mia"}, "email"), ({"name": "=1+1"}, "name"), ({"note": "www.x.y"}, "note")],
)
async def test_bad_words_are_named_by_their_field(db, values, field):
    with pytest.raises(Invalid) as wrong:
        await invite(await coach(), **values)
    assert wrong.value.field == field


async def test_a_client_and_oneself_are_not_invited(db):
    ada, mia = await coach(email="ada@x.test"), await make_user(email="mia@x.test")
    await accept(mia, await invite(ada))
    with pytest.raises(AlreadyClient):
        await invite(ada, "MIA@x.test")
    with pytest.raises(Conflict, match="own address"):
        await invite(ada, "Ada@X.test")


async def test_one_does_not_accept_ones_own(db):
    ada = await coach()
    with pytest.raises(OwnInvitation):
        await accept(ada, await invite(ada))


async def test_nobody_accepts_before_their_own_address_is_confirmed(db):
    token = await invite(await coach())
    with pytest.raises(Forbidden):
        await accept(await make_user(email="mia@x.test", verified=False), token)


async def test_it_ends_after_a_fortnight_and_can_be_made_anew(db):
    ada, mia = await coach(), await make_user(email="mia@x.test")
    token = await invite(ada)
    await later(days=14)
    with pytest.raises(InvitationOver):
        await accept(mia, token)
    assert (await answer(mia, token)).state == "expired"
    assert [one.state for one in await listed(ada, "over")] == ["expired"]
    await accept(mia, await invite(ada))
    async with transaction(ada) as tx:
        counts = await queries.invitation_counts(tx, ada)
    assert counts == {"waiting": 0, "accepted": 1, "over": 1}


async def resend(me: Actor, number: int) -> None:
    async with transaction(me) as tx:
        await actions.resend(tx, me, number)


async def test_another_mail_goes_once_a_day_and_three_go_in_all(db):
    ada = await coach()
    await invite(ada)
    for mails in (1, 2):
        with pytest.raises(Conflict, match="a day old"):
            await resend(ada, 1)
        await later(days=1)
        await resend(ada, 1)
        await outbox.drain()
        assert len(await mailbox.newest()) == mails + 1
    await later(days=1)
    with pytest.raises(Conflict, match="three mails"):
        await resend(ada, 1)
    (one,) = await listed(ada)
    assert one.again_at is None
    for other in (await coach(name="Eve"), await make_user()):
        with pytest.raises(DomainError):
            await resend(other, 1)


async def test_a_mail_that_was_owed_twice_is_sent_once(db):
    await invite(await coach())
    await outbox.drain()
    async with transaction(Actor.system_job("test.again")) as tx:
        await tx.enqueue("notifications.invite", {"invitation_id": 1, "nth": 1})
        await tx.enqueue("notifications.invite", {"invitation_id": 99, "nth": 1})
    await outbox.drain()
    assert len(await mailbox.newest()) == 1


async def test_what_is_withdrawn_opens_nothing_and_is_not_mailed(db):
    ada, mia = await coach(), await make_user(email="mia@x.test")
    token = await invite(ada)
    for _ in range(2):
        async with transaction(ada) as tx:
            await actions.withdraw(tx, ada, 1)
    await outbox.drain()
    assert await mailbox.newest() == []
    with pytest.raises(InvitationOver):
        await accept(mia, token)
    with pytest.raises(InvitationOver):
        await resend(ada, 1)
    await accept(mia, await invite(ada))
    with pytest.raises(InvitationOver):
        async with transaction(ada) as tx:
            await actions.withdraw(tx, ada, 2)
    eve = await coach(name="Eve")
    with pytest.raises(NotFound):
        async with transaction(eve) as tx:
            await actions.withdraw(tx, eve, 1)
    assert await listed(eve) == []


async def decline(token: str, *, never_again: bool) -> None:
    async with transaction(VISITOR) as tx:
        await actions.decline(tx, VISITOR, token, never_again=never_again)


async def test_no_is_no_and_may_hold_for_everybody(db):
    ada, eve = await coach(), await coach(name="Eve")
    token = await invite(ada)
    await decline(token, never_again=False)
    assert (await answer(VISITOR, token)).state == "declined"
    mine, other = await invite(ada), await invite(eve)
    await decline(mine, never_again=True)
    await decline(mine, never_again=True)
    assert (await answer(VISITOR, other)).state == "declined"
    for one in (ada, eve):
        with pytest.raises(NotWanted):
            await invite(one, "MIA@x.test")
    assert "mia" not in await scalar("SELECT digest FROM uninvited_addresses")
    await later(days=1)
    with pytest.raises(InvitationOver):
        await resend(ada, 2)


async def test_what_was_accepted_cannot_be_declined_any_more(db):
    token = await invite(await coach())
    await accept(await make_user(), token)
    with pytest.raises(InvitationOver):
        await decline(token, never_again=True)


async def test_who_asked_for_none_after_it_was_sent_gets_no_second_mail(db):
    ada, eve = await coach(), await coach(name="Eve")
    await invite(ada)
    await later(days=15)
    await decline(await invite(eve), never_again=True)
    # one that was made in the very moment of the refusal
    await scalar("UPDATE invitations SET status = 'waiting' WHERE id = 1 RETURNING id")
    with pytest.raises(NotWanted):
        await resend(ada, 1)


@pytest.mark.parametrize("token", ["", "1.made-up", "x"])
async def test_a_forged_link_is_not_found(db, token):
    await invite(await coach())
    for call in (answer(VISITOR, token), decline(token, never_again=True)):
        with pytest.raises(NotFound):
            await call


async def test_past_a_block_nothing_is_mailed(db):
    ada, mia = await coach(), await make_user(email="mia@x.test")
    async with transaction(mia) as tx:
        await actions.ensure(tx, ada.require_person(), mia.require_person(), "inquiry")
        await moderation.block(tx, mia, ada.person_id)
    await invite(ada)
    await outbox.drain()
    assert await mailbox.newest() == []


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setenv("LOOM_INVITATIONS_PER_DAY", "2")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


async def test_a_day_has_room_for_so_many(db, few):
    ada = await coach()
    await invite(ada, "a@x.test")
    with pytest.raises(EnoughForToday, match="1 more"):
        await send_sheet(ada, b"b@x.test\nc@x.test\n")
    await invite(ada, "b@x.test")
    with pytest.raises(EnoughForToday, match="tomorrow"):
        await invite(ada, "c@x.test")
    await later(days=1)
    await resend(ada, 1)
    await invite(ada, "c@x.test")
    with pytest.raises(EnoughForToday):
        await resend(ada, 2)


async def keep(me: Actor, raw: bytes) -> int:
    async with transaction(me) as tx:
        return await actions.keep_sheet(tx, me, raw)


async def send_sheet(me: Actor, raw: bytes) -> int:
    await keep(me, raw)
    async with transaction(me) as tx:
        return await actions.send_sheet(tx, me)


async def test_a_sheet_shows_what_is_wrong_and_sends_the_rest(db):
    ada, mia = await coach(email="ada@x.test"), await make_user(email="mia@x.test")
    await accept(mia, await invite(ada))
    await invite(ada, "waits@x.test")
    await decline(await invite(ada, "no@x.test"), never_again=True)
    raw = (
        "email;name;note\nnew@x.test;Neo;Hi\nmia@x.test;;\nwaits@x.test;;\nno@x.test;;\n"
        "NEW@x.test;;\nnonsense;;\nf@x.test;=1+1;\nada@x.test;;\nzoe@x.test;Zoë;\n"
    ).encode("cp1252")
    assert await keep(ada, raw) == 9
    async with transaction(ada) as tx:
        lines, _ = await queries.my_sheet(tx, ada)
    problems = {line.line: line.problem for line in lines}
    assert [line for line, problem in problems.items() if not problem] == [2, 10]
    assert "client of yours" in problems[3]
    assert "waits for an answer" in problems[4]
    assert "asked not to be" in problems[5]
    assert problems[6] == "The same address as in row 2."
    assert "does not look like" in problems[7]
    assert "does not begin with" in problems[8]
    assert "own address" in problems[9]
    async with transaction(ada) as tx:
        assert await actions.send_sheet(tx, ada) == 2
    await outbox.drain()
    recipients = {mail.recipient for mail in await mailbox.newest()}
    assert {"new@x.test", "zoe@x.test"} <= recipients
    assert "no@x.test" not in recipients
    with pytest.raises(Invalid, match="nobody"):
        async with transaction(ada) as tx:
            await actions.send_sheet(tx, ada)


async def test_a_sheet_is_ones_own_and_can_be_dropped(db):
    ada, eve = await coach(), await coach(name="Eve")
    await keep(ada, b"a@x.test")
    async with transaction(eve) as tx:
        assert (await queries.my_sheet(tx, eve))[0] == []
        await actions.drop_sheet(tx, eve)
    async with transaction(ada) as tx:
        assert len((await queries.my_sheet(tx, ada))[0]) == 1
        await actions.drop_sheet(tx, ada)
        assert (await queries.my_sheet(tx, ada))[0] == []
    with pytest.raises(Forbidden):
        await keep(await make_user(), b"a@x.test")


async def owner() -> tuple[Actor, int]:
    """An owner of staff, and the role Support."""
    olga = await make_user(name="Olga", roles=["staff"])
    async with transaction(Actor.system_job("accounts.staff")) as tx:
        role = await tx.db.scalar(text("SELECT id FROM staff_roles WHERE name = 'Support'"))
    return olga, role


async def invite_staff(me: Actor, role: int) -> str:
    async with transaction(me) as tx:
        return queries.invitation_token(await actions.invite_staff(tx, me, role, "sam@x.test"))


async def test_an_owner_invites_staff_and_the_address_itself_joins(db):
    olga, role = await owner()
    token = await invite_staff(olga, role)
    with pytest.raises(AlreadyInvited):
        await invite_staff(olga, role)
    async with transaction(olga) as tx:
        assert [one.email for one in (await queries.staff_invitations(tx, olga))[role]] == [
            "sam@x.test"
        ]
    with pytest.raises(Forbidden, match="only"):
        await accept(await make_user(), token)
    sam = await make_user(email="sam@x.test")
    assert (await answer(sam, token)).role == "Support"
    await accept(sam, token)
    assert await members(role) == [sam.person_id]
    assert await scalar("SELECT count(*) FROM engagements") == 0
    await outbox.drain()
    assert "Ben Okafor joined the staff" in [mail.subject for mail in await mailbox.newest()]
    async with transaction(olga) as tx:
        assert await queries.staff_invitations(tx, olga) == {}


async def members(role: int) -> list[int]:
    async with transaction(Actor.system_job("accounts.staff")) as tx:
        found = text("SELECT user_id FROM staff_members WHERE role_id = :r")
        return list(await tx.db.scalars(found, {"r": role}))


async def test_a_role_is_promised_by_those_only_who_may_still_give_it(db):
    olga, role = await owner()
    token = await invite_staff(olga, role)
    async with transaction(Actor.system_job("accounts.staff")) as tx:
        await tx.db.execute(text("DELETE FROM staff_members"))
    with pytest.raises(Forbidden, match="any more"):
        await accept(await make_user(email="sam@x.test"), token)
    assert await members(role) == []
    async with transaction(Actor.system_job("accounts.staff")) as tx:
        await tx.db.execute(text("DELETE FROM staff_roles WHERE id = :r"), {"r": role})
    with pytest.raises(NotFound):
        await answer(VISITOR, token)


async def test_staff_without_the_power_invite_nobody(db):
    olga, role = await owner()
    ben = replace(await make_user(), powers=frozenset({"money.see"}))
    for one in (ben, replace(olga, stepped_up_at=None)):
        with pytest.raises(DomainError):
            await invite_staff(one, role)
    with pytest.raises(NotFound):
        await invite_staff(olga, 999)


async def test_a_promise_can_be_taken_back(db):
    olga, role = await owner()
    token = await invite_staff(olga, role)
    ada = await coach()
    await invite(ada)
    async with transaction(olga) as tx:
        await actions.withdraw_staff(tx, olga, 1)
        with pytest.raises(NotFound):
            await actions.withdraw_staff(tx, olga, 2)
    with pytest.raises(InvitationOver):
        await accept(await make_user(email="sam@x.test"), token)
    with pytest.raises(Forbidden):
        async with transaction(ada) as tx:
            await actions.withdraw_staff(tx, ada, 1)


async def test_an_address_that_its_server_refuses_is_marked(db):
    ada = await coach()
    await invite(ada)
    async with transaction(Actor.system_job("notifications.mail")) as tx:
        await actions.note_mailed(tx, 1, 1, refused="550 no such mailbox")
        with pytest.raises(NotFound):
            await actions.note_mailed(tx, 99, 1)
    (one,) = await listed(ada)
    assert one.bounced
