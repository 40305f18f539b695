from dataclasses import replace

import pytest

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.coaches import actions, queries, rules
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Forbidden, Invalid, NotFound
from tests.factories.accounts import make_user
from tests.factories.coaches import OFFERING, PROFILE, make_coach, make_verified

VISITOR = Actor(visitor="v" * 64)


async def test_a_visitor_sees_a_published_coach_with_offerings(db):
    ada, offering_id = await make_coach()
    async with transaction(VISITOR) as tx:
        page = await queries.coach_by_slug(tx, VISITOR, f"ada-lindqvist-{ada.person_id}")
        seen = await accounts.people(tx, [ada.person_id or 0])
    assert page.name == "Ada Lindqvist"
    assert [(o.id, o.price_text, o.duration_text) for o in page.offerings] == [
        (offering_id, "€120", "1 h")
    ]
    assert page.offerings[0].slot_interval == 60
    assert ada.person_id in seen


async def test_a_draft_is_private(db):
    ada, offering_id = await make_coach(published=False)
    slug = f"ada-lindqvist-{ada.person_id}"
    cleo = await make_user(name="Cleo Marchetti")
    for me in (VISITOR, cleo):
        async with transaction(me) as tx:
            with pytest.raises(NotFound):
                await queries.coach_by_slug(tx, me, slug)
            with pytest.raises(NotFound):
                await queries.offering(tx, me, offering_id)
            assert await accounts.people(tx, [ada.person_id or 0]) == {}
    async with transaction(ada) as tx:
        assert not (await queries.coach_by_slug(tx, ada, slug)).published


async def test_publishing_asks_for_what_a_visitor_needs(db):
    ada = await make_user(name="Ada Lindqvist", roles=["coach"])
    await make_verified(ada)
    async with transaction(ada) as tx:
        await actions.save_profile(tx, ada, replace(PROFILE, slug="ada", headline=""))
        with pytest.raises(Invalid) as missing:
            await actions.publish(tx, ada)
        assert missing.value.field == "headline"
        await actions.save_profile(tx, ada, replace(PROFILE, slug="ada"))
        with pytest.raises(Invalid, match="offering"):
            await actions.publish(tx, ada)


async def test_clients_cannot_become_public_by_hand(db):
    ben = await make_user(name="Ben Okafor")
    async with transaction(ben) as tx:
        with pytest.raises(Forbidden):
            await actions.save_profile(tx, ben, replace(PROFILE, slug="ben"))


async def test_two_coaches_cannot_have_one_address(db):
    await make_coach()
    eve = await make_user(name="Eve Park", roles=["coach"])
    async with transaction(eve) as tx:
        await actions.save_profile(tx, eve, replace(PROFILE, slug="eve-park"))
    ada, _ = await make_coach("Ida Holm")
    async with transaction(ada) as tx:
        with pytest.raises(Invalid) as taken:
            await actions.save_profile(tx, ada, replace(PROFILE, slug="eve-park"))
        assert taken.value.field == "slug"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"duration_minutes": 4}, "duration_minutes"),
        ({"price_minor": -1}, "price_minor"),
        ({"price_minor": 10}, "price_minor"),
        ({"price_minor": None}, "price_minor"),
        ({"currency": "XXX"}, "currency"),
        ({"place": "moon"}, "place"),
        ({"place": "in_person", "address": " "}, "address"),
        ({"capacity": 101}, "capacity"),
        ({"min_seats": 2}, "min_seats"),
        ({"capacity": 4, "decide_hours": 0}, "decide_hours"),
        ({"buffer_before": -5}, "buffer_before"),
        ({"buffer_after": 999}, "buffer_after"),
        ({"notice_minutes": -1}, "notice_minutes"),
        ({"window_days": 0}, "window_days"),
        ({"slot_interval": 0}, "slot_interval"),
        ({"per_day": 0}, "per_day"),
        ({"per_day": 5, "per_week": 3}, "per_day"),
        ({"questions": ({"label": ""},)}, "questions"),
        ({"questions": ({"label": "Which?", "kind": "choice", "choices": ["a"]},)}, "questions"),
        ({"questions": tuple({"label": str(n)} for n in range(11))}, "questions"),
    ],
)
async def test_an_offering_says_what_is_wrong_beside_the_field(db, change, field):
    ada, offering_id = await make_coach()
    async with transaction(ada) as tx:
        with pytest.raises(Invalid) as wrong:
            await actions.save_offering(tx, ada, offering_id, replace(OFFERING, **change))
        assert wrong.value.field == field
        assert (await queries.offering(tx, ada, offering_id)).name == OFFERING.name


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"slug": "No Spaces"}, "slug"),
        ({"years": 71}, "years"),
        ({"video_url": "javascript:alert(1)"}, "video_url"),
        ({"headline": "x" * 121}, "headline"),
        ({"specialties": tuple("abcdefghijklm")}, "specialties"),
        ({"currency": "usd"}, "currency"),
    ],
)
async def test_a_profile_says_what_is_wrong_beside_the_field(db, change, field):
    ada, _ = await make_coach()
    async with transaction(ada) as tx:
        with pytest.raises(Invalid) as wrong:
            await actions.save_profile(tx, ada, replace(PROFILE, **({"slug": "ada"} | change)))
        assert wrong.value.field == field


async def test_the_price_falls_back_to_the_coachs(db):
    profile = replace(PROFILE, default_price_minor=9_000, currency="GBP")
    offering = replace(OFFERING, price_minor=None)
    ada, offering_id = await make_coach(profile=profile, offering=offering)
    async with transaction(VISITOR) as tx:
        view = await queries.offering(tx, VISITOR, offering_id)
    assert (view.price_text, view.own_price) == ("£90", False)
    async with transaction(ada) as tx:
        with pytest.raises(Invalid, match="needs this one") as needed:
            await actions.save_profile(tx, ada, replace(PROFILE, slug="ada"))
    assert needed.value.field == "default_price_minor"


async def test_archiving_hides_from_the_page_and_can_be_undone(db):
    ada, offering_id = await make_coach()
    for _ in range(2):
        async with transaction(ada) as tx:
            await actions.archive_offering(tx, ada, offering_id)
    async with transaction(ada) as tx:
        assert await queries.offerings(tx, ada, ada.person_id or 0) == []
        assert len(await queries.offerings(tx, ada, ada.person_id or 0, archived=True)) == 1
        await actions.restore_offering(tx, ada, offering_id)
        assert len(await queries.offerings(tx, ada, ada.person_id or 0)) == 1


async def test_nobody_edits_what_is_not_theirs(db):
    _, offering_id = await make_coach()
    eve, _ = await make_coach("Eve Park")
    ben = await make_user()
    for me in (eve, ben):
        async with transaction(me) as tx:
            with pytest.raises((NotFound, Forbidden)):
                await actions.save_offering(tx, me, offering_id, replace(OFFERING, name="Mine"))
    async with transaction(VISITOR) as tx:
        assert (await queries.offering(tx, VISITOR, offering_id)).name == OFFERING.name


def test_a_currency_of_three_decimals_is_sold_in_steps_that_cards_take():
    for minor, fine in ((9_990, True), (9_995, False)):
        edit = replace(OFFERING, price_minor=minor, currency="KWD")
        if fine:
            assert rules.check_offering(edit).price_minor == minor
            continue
        with pytest.raises(Invalid) as wrong:
            rules.check_offering(edit)
        assert wrong.value.field == "price_minor"
