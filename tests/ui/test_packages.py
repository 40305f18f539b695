"""Packages as tabs see them: offered, bought, booked against, given back."""

import pytest

from loom_app.domains.packages import actions, queries
from loom_app.domains.payments import actions as payments
from loom_app.domains.platform import current
from loom_app.domains.platform import queries as platform
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Conflict
from loom_app.kit.jobs import outbox
from loom_app.kit.realtime.signals import Signal
from loom_app.loom_app import app
from loom_app.ui.booking.paying import ReviewState
from loom_app.ui.booking.ways import WaysState
from loom_app.ui.directory.coach_state import CoachState
from loom_app.ui.packages.buying_state import BuyPackageState
from loom_app.ui.packages.offers_state import PackageOffersState, PackageOfferState
from loom_app.ui.packages.state import PackagesState, PackageState
from loom_app.ui.payments.payment_state import PaymentState
from loom_app.ui.problems import Toasts
from loom_app.ui.sessions.detail_state import SessionState
from tests.domains.packages.helpers import bought, buy, offered
from tests.domains.platform.helpers import choose
from tests.factories.accounts import make_user
from tests.factories.coaches import make_coach
from tests.integrations.stripe.fixtures import contract, sandbox
from tests.ui.tab import Tab
from tests.ui.test_payments import at_review, give, outcome, save_card

__all__ = ["contract", "sandbox"]
NAME = "Clarity session"
NOW = "2026-11-21T12:00Z"


async def test_a_coach_offers_a_package(db):
    ada, offering_id = await make_coach()
    form = {"name": "Five", "sessions": "5", "price_minor": "500", "months": "6"}
    async with Tab(app, ada) as tab:
        await tab.visit("/offerings/packages", PackageOffersState.load)
        listed = await tab.state(PackageOffersState)
        assert (listed.rows, listed.can_offer, listed.loaded) == ([], True, True)
        await tab.visit("/offerings/packages/new", PackageOfferState.load)
        state = await tab.state(PackageOfferState)
        assert [(one.name, one.chosen) for one in state.choices] == [(NAME, False)]
        await tab.do(PackageOfferState.save({**form, "price_minor": "much"}))
        assert set((await tab.state(PackageOfferState)).errors) == {"price_minor"}
        await tab.do(PackageOfferState.save(form))
        assert set((await tab.state(PackageOfferState)).errors) == {"offering_ids"}
        await tab.do(PackageOfferState.save({**form, f"offering-{offering_id}": "on"}))
        await tab.do(
            PackageOfferState.save({**form, f"offering-{offering_id}": "on"})
        )  # a double click
        await tab.visit("/offerings/packages", PackageOffersState.load)
        (row,) = (await tab.state(PackageOffersState)).rows
        assert (row.price, row.saving, row.offerings) == (
            "€500",
            "You save 17 %",
            "Clarity session",
        )
        assert row.terms == "5 sessions\u00a0· €100 each\u00a0· to be used within 6 months"


async def test_a_coach_changes_one_puts_it_aside_and_brings_it_back(db):
    world = await offered()
    form = {"name": "Five", "sessions": "4", "price_minor": "500", "months": "6"}
    async with Tab(app, world.ada) as tab:
        await tab.visit(f"/offerings/packages/{world.offer_id}", PackageOfferState.load)
        state = await tab.state(PackageOfferState)
        assert (state.offer.price, state.offer.sessions) == ("500.02", "5")
        form |= {f"offering-{world.offering_id}": "on"}
        await tab.do(PackageOfferState.save(form))
        await tab.do(PackageOfferState.ask(True))
        await tab.do(PackageOfferState.archive)
        await tab.visit("/offerings/packages", PackageOffersState.load)
        listed = await tab.state(PackageOffersState)
        assert (listed.rows, len(listed.archived)) == ([], 1)
        await tab.do(PackageOffersState.restore(listed.archived[0].id))
        (row,) = (await tab.state(PackageOffersState)).rows
        assert row.terms.startswith("4 sessions")
        await tab.visit("/offerings/packages/99", PackageOfferState.load)
        assert (await tab.state(PackageOfferState)).phase == "missing"
    eve = await make_user(name="Eve")
    async with Tab(app, eve) as tab:
        await tab.visit("/offerings/packages", PackageOffersState.load)
        assert not (await tab.state(PackageOffersState)).loaded
        await tab.visit("/offerings/packages/new", PackageOfferState.load)
        assert (await tab.state(PackageOfferState)).phase == ""


async def test_a_client_buys_one_from_the_coachs_page_with_a_saved_card(sandbox, at):
    at(NOW)
    world = await offered()
    async with transaction(world.ada) as tx:
        (offer,) = await queries.offers(tx, world.ada, world.ada.require_person())
    async with Tab(app, world.ben) as tab:
        slug = f"/coaches/ada-lindqvist-{world.ada.person_id}"
        await tab.visit(slug, CoachState.load)
        (row,) = (await tab.state(CoachState)).packages
        assert (row.href, row.saving) == (f"/packages/buy/{offer.id}", "You save 17 %")
        await save_card(world.ben)
        await tab.visit(row.href, BuyPackageState.load)
        state, ways = await tab.state(BuyPackageState), await tab.state(WaysState)
        assert (state.phase, state.coach, state.sells) == ("here", "Ada Lindqvist", True)
        assert ways.label.startswith("Pay €500.02 with Visa")
        await tab.do(WaysState.choose("page"))
        assert (await tab.state(WaysState)).label == "Pay €500.02"
        await tab.do(BuyPackageState.pay(1))  # on the page of Stripe
        await tab.visit("/packages/1", PackageState.load)
        assert not (await tab.state(PackageState)).row.paid
        await tab.visit(row.href, BuyPackageState.load)
        await tab.do(WaysState.choose((await tab.state(WaysState)).cards[0][0]))
        await tab.do(BuyPackageState.pay(1))
        await tab.visit("/packages/1?back=1", PackageState.load)
        bought_one = (await tab.state(PackageState)).row
        assert (bought_one.status, bought_one.until) == ("5 of 5 left", "21 May 2027")
        await tab.visit(bought_one.payment_href, PaymentState.load)
        payment = await tab.state(PaymentState)
        assert (payment.package_href, payment.refundable) == ("/packages/1", "")
        await tab.visit("/packages", PackagesState.load)
        assert [one.id for one in (await tab.state(PackagesState)).mine] == [1]


async def test_nobody_pays_another_price_than_the_one_they_read(sandbox, at):
    at(NOW)
    world = await offered()
    await save_card(world.ben)
    async with Tab(app, world.ben) as tab:
        await tab.visit(f"/packages/buy/{world.offer_id}", BuyPackageState.load)
        async with transaction(world.ada) as tx:
            offers = await queries.offers(tx, world.ada, world.ada.require_person())
            edit = actions.OfferEdit("Five", 5, 60_000, "EUR", 6, offers[0].offering_ids)
            await actions.save(tx, world.ada, world.offer_id, edit)
        await tab.do(BuyPackageState.pay(1))
        await tab.do(BuyPackageState.pay(1))  # the second click of two, on the former price
        assert tab.redirected_to() == ""
        state, ways = await tab.state(BuyPackageState), await tab.state(WaysState)
        assert (state.row.price, state.paying) == ("€600", False)
        assert ways.label.startswith("Pay €600 with Visa")
        [toast] = (await tab.state(Toasts)).items
        assert "changed" in toast.text
        async with transaction(world.ben) as tx:
            assert await queries.packages(tx, world.ben) == []
        await tab.do(BuyPackageState.pay(2))
        assert tab.redirected_to().startswith("/packages/")


async def test_a_coach_sees_who_bought_and_nobody_buys_what_is_not_there(db):
    world = await bought()
    async with Tab(app, world.ada) as tab:
        for number in (world.offer_id, 99):
            await tab.visit(f"/packages/buy/{number}", BuyPackageState.load)
            assert (await tab.state(BuyPackageState)).phase == "missing"
        await tab.visit("/packages", PackagesState.load)
        assert [one.other for one in (await tab.state(PackagesState)).sold] == ["Ben"]


async def test_coming_back_from_the_page_asks_stripe_and_shows_the_sessions(sandbox, at):
    at(NOW)
    world = await offered()
    async with transaction(world.ben) as tx:
        made = await actions.buy(tx, world.ben, world.offer_id)
    await sandbox.pay((await payments.pay(made.charge_id)).url)
    async with Tab(app, world.ben) as tab:
        await tab.visit(f"/packages/{made.package_id}?back=1", PackageState.load)
        assert (await tab.state(PackageState)).row.left == "5 of 5 left"


async def test_the_review_offers_the_package_first_and_paying_remains(sandbox, at):
    at(NOW)
    world = await bought()
    second = await buy(world.ben, world.offer_id)
    await give(world.ben, 50_000)
    async with Tab(app, world.ben) as tab:
        await at_review(tab, world.ada, world.offering_id, 10)
        review = await tab.state(ReviewState)
        assert [one[1:] for one in review.packages] == [
            ["Use your package: 5 of 5 left", "until 21 May 2027"]
        ] * 2
        assert review.package == str(world.package_id)
        assert "the session goes back" in review.package_terms
        await tab.do(ReviewState.take(""))
        await tab.do(ReviewState.take("77"))
        assert (await tab.state(ReviewState)).package == "", "not one of theirs"
        await tab.do(ReviewState.take(str(second)))
        await tab.do(ReviewState.pay)
        assert await outcome(tab) == "confirmed"
        await outbox.drain()
        await tab.visit("/sessions/1", SessionState.load)
        session = (await tab.state(SessionState)).session
        assert (session.price, session.payment) == ("One of a package", "Paid with the package")
        await tab.visit(f"/packages/{second}", PackageState.load)
        lines = (await tab.state(PackageState)).row.lines
        assert [(one.words, one.change, one.left) for one in lines] == [
            ("Booked", "-1", 4),
            ("Bought", "+5", 5),
        ]
        assert (lines[0].href, lines[0].what) == ("/sessions/1", NAME)


async def test_a_double_click_gives_back_once(db, at):
    at(NOW)
    world = await bought()
    async with Tab(app, world.ada) as tab:
        await tab.visit(f"/packages/{world.package_id}", PackageState.load)
        await tab.do(PackageState.open_dialog("give"))
        for _ in range(2):
            await tab.do(PackageState.give_back({"sessions": "2"}))
        row = (await tab.state(PackageState)).row
        assert (row.remaining, row.refunded) == (3, 2)


async def test_the_client_asks_and_the_coach_says_no_and_then_gives_back(db, at):
    at(NOW)
    world = await bought()
    path = f"/packages/{world.package_id}"
    async with Tab(app, world.ben) as tab:
        await tab.visit(path, PackageState.load)
        await tab.do(PackageState.open_dialog("ask"))
        await tab.do(PackageState.ask_back({"why": " "}))
        assert set((await tab.state(PackageState)).errors) == {"why"}
        await tab.do(PackageState.ask_back({"why": "I move away"}))
        assert (await tab.state(PackageState)).dialog == ""
    async with Tab(app, world.ada) as tab:
        await tab.visit(path, PackageState.load)
        assert (await tab.state(PackageState)).row.asked == "I move away"
        await tab.do(PackageState.open_dialog("decline"))
        await tab.do(PackageState.decline({"why": "Please stay"}))
        assert (await tab.state(PackageState)).row.answer == "Please stay"
        for wrong in ("six", ""):
            await tab.do(PackageState.open_dialog("give"))
            await tab.do(PackageState.give_back({"sessions": wrong}))
            assert set((await tab.state(PackageState)).errors) == {"sessions"}
        await tab.do(PackageState.open_dialog("give"))
        await tab.do(PackageState.give_back({"sessions": "5"}))
        row = (await tab.state(PackageState)).row
        assert (row.remaining, row.refunded, row.status, row.back) == (0, 5, "Used up", "")
        await tab.do(PackageState.open_dialog("nonsense"))
        await tab.do(PackageState.close_dialog(False))
        assert (await tab.state(PackageState)).dialog == ""
        await tab.visit("/packages/99", PackageState.load)
        assert (await tab.state(PackageState)).phase == "missing"


async def test_while_packages_are_turned_off_nobody_sees_or_buys_one_and_what_is_bought_stays(db):
    world = await bought()
    olga = await make_user(name="Olga", roles=["staff"])
    ben = world.ben
    try:
        async with Tab(app, ben) as tab:
            await tab.visit(f"/coaches/ada-lindqvist-{world.ada.person_id}", CoachState.load)
            page = await tab.state(CoachState)
            assert len(page.packages) == 1
            await choose(olga, "flag:packages", on=False)
            await page._told(Signal(platform.NOW))
            assert page.packages == []
            await tab.visit(f"/packages/buy/{world.offer_id}", BuyPackageState.load)
            assert (await tab.state(BuyPackageState)).phase == "missing"
            await tab.visit("/packages", PackagesState.load)
            assert len((await tab.state(PackagesState)).mine) == 1
        with pytest.raises(Conflict):
            await buy(ben, world.offer_id)
    finally:
        current.reset()
