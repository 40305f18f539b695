"""The editors of offerings and of the profile as a tab sees them."""

from dataclasses import replace

import pytest

from loom_app.domains.coaches import actions, queries
from loom_app.domains.payments import actions as payments
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.settings import settings
from loom_app.loom_app import app
from loom_app.ui.offerings.form import units
from loom_app.ui.offerings.profile_state import CoachProfileState
from loom_app.ui.offerings.state import OfferingsState, OfferingState
from tests.factories.accounts import make_user
from tests.factories.coaches import PROFILE, make_coach, make_verified
from tests.ui.tab import Tab

VISITOR = Actor(visitor="v" * 64)
FORM = {
    "name": "Deep dive", "description": "Two hours.", "duration_minutes": "120",
    "price_minor": "99,50", "currency": "EUR", "place": "video", "address": "",
    "buffer_before": "0", "buffer_after": "15", "notice_minutes": "1.5", "window_days": "30",
    "slot_interval": "", "per_day": "2", "per_week": "",
}  # fmt: skip


async def on_sale(coach: Actor) -> list[queries.OfferingView]:
    async with transaction(coach) as tx:
        return await queries.offerings(tx, coach, coach.require_person())


async def test_an_offering_is_made_with_its_questions(db):
    ada, _ = await make_coach()
    async with Tab(app, ada) as tab:
        await tab.visit("/offerings/new", OfferingState.load)
        await tab.do(OfferingState.add_question())
        await tab.do(OfferingState.add_question())
        first, second = (one.key for one in (await tab.state(OfferingState)).questions)
        await tab.do(OfferingState.drop_question(first))
        asked = {
            f"{second}-label": "Which?",
            f"{second}-kind": "choice",
            f"{second}-choices": "This\nThat\n",
            f"{second}-required": True,
        }
        await tab.do(OfferingState.save(FORM | asked))
        await tab.do(OfferingState.save(FORM | asked))  # a double click
        assert tab.redirected_to() == "/offerings"
    (made,) = (view for view in await on_sale(ada) if view.name == "Deep dive")
    assert (made.price_text, made.notice_minutes, made.per_day) == ("€99.50", 90, 2)
    assert [(q.label, q.required, q.choices) for q in made.questions] == [
        ("Which?", True, ["This", "That"])
    ]


async def test_what_is_typed_outlives_a_lost_connection(db):
    ada, offering_id = await make_coach()
    async with Tab(app, ada) as tab:
        await tab.visit(f"/offerings/{offering_id}", OfferingState.load)
        await tab.do(OfferingState.add_question())
        state = await tab.state(OfferingState)
        form, asked = state.form_key, len(state.questions)
        await tab.reconnect(OfferingState.load)
        assert (state.phase, state.form_key, len(state.questions)) == ("here", form, asked)
        await tab.visit("/offerings/new", OfferingState.load)
        assert (state.form_key, len(state.questions)) == (form + 1, 0)
        await tab.visit("/offerings/profile", CoachProfileState.load)
        profile = await tab.state(CoachProfileState)
        form = profile.form_key
        await tab.reconnect(CoachProfileState.load)
        assert profile.form_key == form
        await tab.visit("/offerings/profile", CoachProfileState.load)
        assert profile.form_key == form + 1


async def test_a_line_cut_right_after_saving_leaves_no_form_to_save_again(db):
    ada, _ = await make_coach()
    async with Tab(app, ada) as tab:
        await tab.visit("/offerings/new", OfferingState.load)
        await tab.do(OfferingState.add_question())
        state = await tab.state(OfferingState)
        form, key = state.form_key, state.questions[0].key
        asked = {f"{key}-label": "Which?", f"{key}-kind": "choice", f"{key}-choices": "This\nThat"}
        await tab.do(OfferingState.save(FORM | asked))
        assert tab.redirected_to() == "/offerings"
        await tab.reconnect(OfferingState.load)
        assert (state.phase, state.form_key, state.questions) == ("here", form + 1, [])
    assert [view.name for view in await on_sale(ada)].count("Deep dive") == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("duration_minutes", "long"),
        ("duration_minutes", ""),
        ("price_minor", "-3"),
        ("price_minor", "1.005"),
        ("price_minor", "NaN"),
        ("price_minor", ""),
        ("notice_minutes", "x"),
        ("window_days", "0"),
        ("per_day", "1e3"),
        ("currency", "XXX"),
        ("place", "moon"),
        ("name", {"$gt": ""}),
    ],
)
async def test_what_is_wrong_is_said_beside_the_field(db, field, value):
    ada, _ = await make_coach()
    async with Tab(app, ada) as tab:
        await tab.visit("/offerings/new", OfferingState.load)
        await tab.do(OfferingState.save(FORM | {field: value}))
        assert field in (await tab.state(OfferingState)).errors
        assert tab.redirected_to() == ""
    assert len(await on_sale(ada)) == 1


async def test_anothers_offering_is_not_here(db):
    _, offering_id = await make_coach()
    eve, own = await make_coach("Eve Park")
    async with Tab(app, eve) as tab:
        for word in (str(offering_id), "999", "x", "-1"):
            await tab.visit(f"/offerings/{word}", OfferingState.load)
            assert (await tab.state(OfferingState)).phase == "missing"
        await tab.visit(f"/offerings/{own}", OfferingState.load)
        assert (await tab.state(OfferingState)).offering.price == "120"
        await tab.do(OfferingState.archive())
        await tab.visit("/offerings", OfferingsState.load)
        state = await tab.state(OfferingsState)
        assert (len(state.rows), len(state.archived)) == (0, 1)
        await tab.do(OfferingsState.restore(offering_id))
        await tab.do(OfferingsState.restore(own))
        assert len((await tab.state(OfferingsState)).rows) == 1


async def test_a_profile_is_written_published_and_hidden(db):
    ada = await make_user(name="Ada Lindqvist", roles=["coach"])
    await make_verified(ada)
    form = {
        "slug": "Ada-Lindqvist", "headline": "Clear thinking", "bio": "I listen.",
        "specialties": "Career, , Career, Focus", "languages": "English",
        "years": "9", "video_url": "", "cancellation_policy": "", "currency": "EUR",
        "default_price_minor": "80",
    }  # fmt: skip
    async with Tab(app, ada) as tab:
        await tab.visit("/profile", CoachProfileState.load)
        assert (await tab.state(CoachProfileState)).profile.slug == "ada-lindqvist"
        for field, value in (("slug", "no"), ("years", "-1"), ("default_price_minor", "x")):
            await tab.do(CoachProfileState.save(form | {field: value}))
            assert field in (await tab.state(CoachProfileState)).errors
        await tab.do(CoachProfileState.save(form))
        state = await tab.state(CoachProfileState)
        assert (state.profile.specialties, state.profile.default_price) == ("Career, Focus", "80")
        await tab.do(CoachProfileState.publish())
        assert not (await tab.state(CoachProfileState)).profile.published, "nothing to book yet"
        await tab.visit("/offerings/new", OfferingState.load)
        await tab.do(OfferingState.save(FORM | {"price_minor": ""}))
        await tab.do(CoachProfileState.publish())
        assert (await tab.state(CoachProfileState)).profile.published
        async with transaction(VISITOR) as tx:
            page = await queries.coach_by_slug(tx, VISITOR, "ada-lindqvist")
        assert [view.price_text for view in page.offerings] == ["€80"]
        await tab.do(CoachProfileState.unpublish())
        assert not (await tab.state(CoachProfileState)).profile.published


async def test_clients_are_sent_away(db):
    ben = await make_user()
    async with Tab(app, ben) as tab:
        for path, handler in (
            ("/offerings", OfferingsState.load),
            ("/offerings/new", OfferingState.load),
        ):
            await tab.visit(path, handler)
            assert tab.redirected_to() == "/sessions"
        await tab.do(OfferingState.save(FORM))
        await tab.do(CoachProfileState.publish())


def test_amounts_are_typed_as_they_are_written():
    assert [units(12_000, "EUR"), units(9_950, "EUR"), units(14_000, "JPY")] == [
        "120", "99.50", "14000",
    ]  # fmt: skip


async def test_without_an_account_the_coach_is_told_what_to_do(db):
    ada, _ = await make_coach(selling=False)
    async with Tab(app, ada) as tab:
        await tab.visit("/offerings", OfferingsState.load)
        assert "payout account" in (await tab.state(OfferingsState)).account_note
    ben, _ = await make_coach("Ben Weber")
    async with Tab(app, ben) as tab:
        await tab.visit("/offerings", OfferingsState.load)
        assert (await tab.state(OfferingsState)).account_note == ""


async def test_what_the_coach_receives_is_said_while_a_price_is_typed(db):
    ada, offering_id = await make_coach()
    staff = Actor.system_job("payments.test")
    async with transaction(staff) as tx:  # this offering's own rule wins over everybody's
        rule = payments.Fee(1000, 100)
        await payments.set_fee(
            tx, staff, rule, coach_id=ada.require_person(), offering_id=offering_id
        )

    async with Tab(app, ada) as tab:

        async def note() -> str:
            return (await tab.state(OfferingState)).price_note

        await tab.visit("/offerings/new", OfferingState.load)
        await tab.do(OfferingState.weigh("100"))
        assert await note() == "You receive €85 of €100. Loom's fee is €15."
        await tab.do(OfferingState.weigh_in("JPY"))
        assert await note() == "You receive ¥85 of ¥100. Loom's fee is ¥15."
        for odd in ("1.5", "x", "9" * 40, "-3"):
            await tab.do(OfferingState.weigh(odd))
            assert await note() == ""
        await tab.do(OfferingState.weigh_in("XXX"))
        await tab.do(OfferingState.weigh("0"))
        assert await note() == "Free: clients pay nothing, and there is no fee."
        await tab.visit(f"/offerings/{offering_id}", OfferingState.load)
        await tab.do(OfferingState.weigh_in("USD"))
        await tab.do(OfferingState.weigh("100"))
        assert await note() == "You receive $89 of $100. Loom's fee is $11."
        await tab.do(OfferingState.weigh(""))
        needed = "0 is free. Neither your profile nor we have a usual price: give one."
        assert await note() == needed


async def test_what_is_marked_stays_while_a_price_is_weighed(db):
    ada, _ = await make_coach()
    async with Tab(app, ada) as tab:
        await tab.visit("/offerings/new", OfferingState.load)
        await tab.do(OfferingState.save(FORM | {"notice_minutes": "1441"}))
        for weighing in (
            OfferingState.weigh("50"),
            OfferingState.weigh_minutes("50"),
            OfferingState.weigh_in("EUR"),
        ):
            await tab.do(weighing)
            marked = (await tab.state(OfferingState)).errors
            assert marked == {"notice_minutes": "Give a number between 0 and 1440."}


async def test_the_editor_says_where_a_price_comes_from_that_is_not_its_own(db, monkeypatch):
    ada, offering_id = await make_coach()
    monkeypatch.setattr(settings(), "default_rate_minor", 9000)
    async with Tab(app, ada) as tab:
        await tab.visit(f"/offerings/{offering_id}", OfferingState.load)
        state = await tab.state(OfferingState)
        await tab.do(OfferingState.weigh(""))
        await tab.do(OfferingState.weigh_minutes("50"))
        assert state.price_note.startswith("Empty: Loom’s rate, $75 for 50 minutes. You receive $")
        await tab.do(OfferingState.weigh_minutes("9999"))
        assert "$720 for 480 minutes" in state.price_note
        async with transaction(ada) as tx:
            slug = await queries.slug_of_coach(tx, ada.require_person())
            mine = replace(PROFILE, slug=slug, default_price_minor=8000)
            await actions.save_profile(tx, ada, mine)
        await tab.do(OfferingState.weigh(""))
        assert state.price_note.startswith("Empty: the usual price of your profile, €80. You")


async def test_a_price_that_nobody_can_pay_says_so_where_it_is_mended(db, monkeypatch):
    ada, offering_id = await make_coach()  # 120 EUR
    monkeypatch.setattr(settings(), "settled_currencies", "USD,JPY")
    async with Tab(app, ada) as tab:
        await tab.visit("/offerings", OfferingsState.load)
        (row,) = (await tab.state(OfferingsState)).rows
        assert "Nobody can pay here in EUR" in row.problem
        await tab.visit(f"/offerings/{offering_id}", OfferingState.load)
        state = await tab.state(OfferingState)
        assert state.currency_note == row.problem
        words = [[code, code] for code in ("USD", "JPY")]
        assert state.currencies == [["EUR", "EUR, not paid here"], *words]
        await tab.do(OfferingState.save(FORM))
        assert "EUR" in (await tab.state(OfferingState)).errors["currency"]
        await tab.do(OfferingState.save(FORM | {"currency": "USD"}))
        assert not (await tab.state(OfferingState)).errors
        await tab.visit(f"/offerings/{offering_id}", OfferingState.load)
        state = await tab.state(OfferingState)
        assert (state.currency_note, state.currencies) == ("", words)
        await tab.visit("/profile", CoachProfileState.load)
        assert (await tab.state(CoachProfileState)).currencies[0][0] == "EUR"
