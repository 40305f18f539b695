"""Session templates: made, changed, and booked from (SCH-24)."""

from dataclasses import replace

import pytest

from loom_app.domains.coaches import actions, queries
from loom_app.domains.coaches.actions import TemplateEdit
from loom_app.domains.engagements import actions as engagements
from loom_app.domains.scheduling import actions as scheduling
from loom_app.domains.scheduling import queries as sessions
from loom_app.domains.scheduling.actions import Order
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Invalid, NotFound
from tests.factories.accounts import make_user
from tests.factories.coaches import OFFERING, make_coach
from tests.factories.scheduling import make_open_coach, slot

NOW = "2026-11-21T12:00Z"


async def made(coach: Actor, offering_id: int, **more) -> int:
    edit = TemplateEdit("Deep work", offering_id, agenda="1. What is\n2. What may be")
    async with transaction(coach) as tx:
        return await actions.save_template(tx, coach, replace(edit, **more))


async def test_a_template_is_its_coachs_alone_and_can_be_changed_and_dropped(db):
    ada, offering_id = await make_coach()
    olga, _ = await make_coach("Olga")
    template_id = await made(ada, offering_id, duration_minutes=90, price_minor=20_000)
    async with transaction(ada) as tx:
        (one,) = await queries.templates(tx, ada)
        sold = one.offering
        assert (sold.name, sold.duration_text, sold.price_text) == (
            "Deep work",
            "1 h 30 min",
            "€200",
        )
        edit = TemplateEdit("Shallow work", offering_id)
        assert await actions.save_template(tx, ada, edit, template_id) == template_id
        sold = (await queries.template(tx, ada, template_id)).offering
        assert (sold.duration_minutes, sold.price_minor) == (60, 12_000), "as the offering has it"
    async with transaction(olga) as tx:
        assert await queries.templates(tx, olga) == []
        for verb in (queries.template, actions.drop_template):
            with pytest.raises(NotFound):
                await verb(tx, olga, template_id)
        with pytest.raises(NotFound):  # an offering of somebody else
            await actions.save_template(tx, olga, TemplateEdit("Mine", offering_id))
    async with transaction(ada) as tx:
        await actions.drop_template(tx, ada, template_id)
        assert await queries.templates(tx, ada) == []


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"name": " "}, "name"),
        ({"duration_minutes": 4}, "duration_minutes"),
        ({"price_minor": 1}, "price_minor"),
        ({"agenda": "x" * 2001}, "agenda"),
    ],
)
async def test_what_is_wrong_is_said_beside_its_field(db, more, field):
    ada, offering_id = await make_coach()
    with pytest.raises(Invalid) as refused:
        await made(ada, offering_id, **more)
    assert refused.value.field == field


async def test_no_template_of_a_group(db):
    ada, offering_id = await make_coach(offering=replace(OFFERING, capacity=4))
    with pytest.raises(Invalid, match="one client"):
        await made(ada, offering_id)


async def test_booked_from_a_template_its_length_price_and_agenda_hold(db, at):
    at(NOW)
    ada, offering_id = await make_open_coach()
    ben = await make_user(name="Ben")
    async with transaction(ben) as tx:
        await engagements.ensure(tx, ada.require_person(), ben.require_person(), "active")
    template_id = await made(ada, offering_id, duration_minutes=90, price_minor=20_000)
    order = Order(
        ben.require_person(), 0, slot(), "in_person", agenda="As always", template_id=template_id
    )
    async with transaction(ada) as tx:
        booked = await scheduling.book_for(tx, ada, order)
    async with transaction(ben) as tx:
        page = await sessions.session(tx, ben, booked.session_id)
    assert (page.title, page.price_text, page.agenda) == ("Deep work", "€200", "As always")
    assert (page.ends_at - page.starts_at).seconds == 90 * 60
    with pytest.raises(NotFound):
        async with transaction(ada) as tx:
            await scheduling.book_for(tx, ada, replace(order, template_id=99))
