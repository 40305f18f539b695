"""Another address: confirmed by the new one, undone by the former."""

from dataclasses import replace

import pytest

from loom_app.domains.accounts import actions, queries
from loom_app.domains.accounts.errors import LinkUsed, StepUpNeeded
from loom_app.integrations.mail import mailbox
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Conflict, Forbidden, Invalid, NotFound, TooMany
from tests.domains.accounts.people import VISITOR, fresh, mails, signed_in, trail
from tests.factories.accounts import make_user

OLD, NEW = "ben@loom.test", "ben.okafor@loom.test"


async def ask(me: Actor, email: str = NEW) -> str:
    async with transaction(me) as tx:
        return await actions.ask_address_change(tx, me, email)


async def open_link(verb, number: int) -> None:
    async with transaction(VISITOR) as tx:
        await verb(tx, queries.link_token(number))


async def owner(email: str) -> int | None:
    async with transaction(VISITOR) as tx:
        found = await actions.find_credential(tx, email)
    return found[0] if found else None


async def sent_to() -> list[str]:
    """Whom the mails went to, oldest first."""
    await mails()
    return [one.recipient for one in reversed(await mailbox.newest())]


async def test_the_new_address_confirms_it_and_the_former_is_told(db):
    me = await signed_in(email=OLD)
    assert await ask(me, f" {NEW} ") == NEW
    assert await owner(NEW) is None
    await open_link(actions.change_address, (await mails())[-1][1])
    assert (await owner(NEW), await owner(OLD)) == (me.person_id, None)
    assert [name for name, _ in await mails()] == ["account.new_address", "account.former_address"]
    assert await fresh(me) is not None
    assert await trail("account.change_address") == 1


async def test_each_mail_goes_to_the_address_that_it_is_about(db):
    me = await signed_in(email=OLD)
    await ask(me)
    await open_link(actions.change_address, (await mails())[-1][1])
    assert await sent_to() == [NEW, OLD]


async def test_this_was_not_me_takes_it_back_and_signs_everybody_out(db):
    me = await signed_in(email=OLD)
    await ask(me)
    await open_link(actions.change_address, (await mails())[-1][1])
    undo = (await mails())[-1][1]
    await open_link(actions.undo_address_change, undo)
    assert (await owner(OLD), await owner(NEW)) == (me.person_id, None)
    assert await fresh(me) is None
    name, link = (await mails())[-1]
    assert name == "account.reset"
    assert (await sent_to())[-1] == OLD
    await actions.reset_password(VISITOR, queries.link_token(link), "eleven copper whales hum")
    with pytest.raises(LinkUsed):
        await open_link(actions.undo_address_change, undo)


async def test_an_address_that_has_an_account_is_told_and_the_caller_learns_nothing(db):
    me, other = await signed_in(email=OLD), await make_user(email=NEW)
    assert await ask(me) == NEW
    assert [name for name, _ in await mails()] == ["account.known"]
    assert await sent_to() == [NEW]
    assert await owner(NEW) == other.person_id


async def test_somebody_was_faster_with_the_address(db):
    me = await signed_in(email=OLD)
    await ask(me)
    link = (await mails())[-1][1]
    await make_user(email=NEW)
    with pytest.raises(Conflict):
        await open_link(actions.change_address, link)
    assert await owner(OLD) == me.person_id


async def test_a_link_for_one_thing_opens_no_other(db):
    me = await signed_in(email=OLD)
    await ask(me)
    link = (await mails())[-1][1]
    with pytest.raises(NotFound):
        await open_link(actions.undo_address_change, link)
    await ask(me, "third@loom.test")
    with pytest.raises(LinkUsed):  # a later wish replaces the one before
        await open_link(actions.change_address, link)


async def test_a_wish_needs_a_proof_a_sound_and_another_address_and_few_tries(db):
    me = await signed_in(email=OLD)
    with pytest.raises(StepUpNeeded):
        await ask(replace(me, stepped_up_at=None))
    with pytest.raises(Forbidden):
        await ask(VISITOR)
    for wrong in ("no address", "BEN@loom.test"):
        with pytest.raises(Invalid) as refused:
            await ask(me, wrong)
        assert refused.value.field == "email"
    for number in range(5):
        await ask(me, f"ben{number}@loom.test")
    with pytest.raises(TooMany):
        await ask(me)


async def test_links_to_the_former_address_lead_nowhere_any_more(db):
    me = await signed_in(email=OLD)
    async with transaction(VISITOR) as tx:
        await actions.ask_reset(tx, VISITOR, OLD)
    reset = (await mails())[-1][1]
    await ask(me)
    await open_link(actions.change_address, (await mails())[-1][1])
    with pytest.raises(LinkUsed):
        await actions.reset_password(VISITOR, queries.link_token(reset), "eleven copper whales hum")
