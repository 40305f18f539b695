"""Templates as a coach sees them: made on a page, and booked from in two clicks."""

from urllib.parse import parse_qsl, urlsplit

from loom_app.domains.coaches.actions import TemplateEdit, save_template
from loom_app.domains.scheduling import actions, queries
from loom_app.domains.scheduling.queries import SessionFilters
from loom_app.kit.db.transaction import transaction
from loom_app.loom_app import app
from loom_app.ui.booking.paying import ReviewState
from loom_app.ui.booking.state import BookingState
from loom_app.ui.offerings.templates_state import TemplatesState
from loom_app.ui.sessions.behalf_state import BehalfState
from loom_app.ui.sessions.detail_state import SessionState
from tests.factories.accounts import make_user
from tests.factories.scheduling import slot
from tests.ui.tab import Tab
from tests.ui.test_behalf import couple
from tests.ui.test_booking import STEPS

NOW = "2026-11-21T12:00Z"


async def test_made_changed_and_dropped(db):
    ada, offering_id, _ = await couple()
    form = {"name": "Deep work", "offering_id": str(offering_id), "duration_minutes": "90"}
    async with Tab(app, ada) as tab:
        await tab.visit("/offerings/templates/new", TemplatesState.open)
        state = await tab.state(TemplatesState)
        assert (state.phase, state.template.offering) == ("here", str(offering_id))
        await tab.do(TemplatesState.save({**form, "price_minor": "much"}))
        assert set((await tab.state(TemplatesState)).errors) == {"price_minor"}
        await tab.do(TemplatesState.save({**form, "price_minor": "200", "agenda": "Slowly"}))
        await tab.do(TemplatesState.save({**form, "price_minor": "200", "agenda": "Slowly"}))
        await tab.visit("/offerings/templates", TemplatesState.load)
        (row,) = (await tab.state(TemplatesState)).rows
        assert (row.facts, row.agenda) == ("1 h 30 min · €200 · Video call", "Slowly")
        await tab.visit(row.href, TemplatesState.open)
        typed = (await tab.state(TemplatesState)).template
        assert (typed.duration, typed.price, typed.agenda) == ("90", "200", "Slowly")
        await tab.do(TemplatesState.drop)
        await tab.visit(row.href, TemplatesState.open)
        assert (await tab.state(TemplatesState)).phase == "missing"
        await tab.do(TemplatesState.drop)  # it is gone already: said, not done
    async with Tab(app, await make_user(name="Eve")) as tab:
        for path, handler in (("", TemplatesState.load), ("/new", TemplatesState.open)):
            await tab.visit(f"/offerings/templates{path}", handler)
        state = await tab.state(TemplatesState)
        assert (state.loaded, state.phase) == (False, "")


async def test_booked_from_it_the_client_pays_what_it_says(db, at):
    at(NOW)
    ada, offering_id, ben = await couple()
    form = {"name": "Deep work", "offering_id": str(offering_id), "duration_minutes": "90"}
    async with Tab(app, ada) as tab:
        await tab.visit("/offerings/templates/new", TemplatesState.open)
        await tab.do(TemplatesState.save({**form, "price_minor": "200", "agenda": "Slowly"}))
        await tab.visit("/offerings/templates", TemplatesState.load)
        (row,) = (await tab.state(TemplatesState)).rows
        when = f"{slot():%Y-%m-%dT%H:%M}"
        await tab.visit(f"{row.book_href}&client={ben.person_id}&at={when}", BehalfState.load)
        state = await tab.state(BehalfState)
        assert (state.template_words, state.agenda) == ("Deep work, 1 h 30 min, €200", "Slowly")
        assert (state.client, state.at) == (str(ben.person_id), when)
        order = {"client": state.client, "at": when, "agenda": "Slowly", "keep": "24"}
        await tab.do(BehalfState.book(order))
    async with transaction(ben) as tx:
        (card,) = (await queries.sessions(tx, ben, SessionFilters())).cards
    async with Tab(app, ben) as tab:
        await tab.visit(f"/sessions/{card.id}", SessionState.load)
        await tab.do(SessionState.take_kept)
        path = tab.redirected_to().replace("/details", "/review")
        await tab.visit(path, *STEPS)
        booking = await tab.state(BookingState)
        assert (booking.offering.price, booking.offering.duration) == ("€200", "1 h 30 min")
        assert not (await tab.state(ReviewState)).free_of_charge
    async with transaction(ben) as tx:
        await actions.release(tx, ben)


async def test_what_is_chosen_goes_along_to_a_template_and_nonsense_does_not(db, at):
    at(NOW)
    ada, offering_id, ben = await couple()
    async with transaction(ada) as tx:
        made = await save_template(tx, ada, TemplateEdit("Deep work", offering_id))
    when, client = f"{slot():%Y-%m-%dT%H:%M}", str(ben.person_id)
    async with Tab(app, ada) as tab:
        await tab.visit("/sessions/new", BehalfState.load)
        await tab.do(BehalfState.choose_client(client))
        await tab.do(BehalfState.choose_time(when))
        state = await tab.state(BehalfState)
        query = dict(parse_qsl(urlsplit(state.templates[0][2]).query))
        assert query == {"client": client, "at": when, "template": str(made)}
        # clicked before the link knew: the choice goes along all the same, and to no other form
        await tab.do(BehalfState.go_aside(f"/sessions/new?template={made}"))
        await tab.visit(f"/sessions/new?template={made}", BehalfState.load)
        state = await tab.state(BehalfState)
        assert (state.template, state.client, state.at) == (str(made), client, when)
        await tab.do(BehalfState.go_aside(f"/sessions/new?template={made}"))
        for _ in range(2):
            await tab.visit("/sessions/new", BehalfState.load)
            state = await tab.state(BehalfState)
            assert (state.template, state.client, state.at) == ("", "", "")
        await tab.do(BehalfState.choose_time("2026-13-13Tx"))
        await tab.do(BehalfState.choose_client("999"))
        assert (await tab.state(BehalfState)).bare_href == "/sessions/new?"
