"""The booking page inside another site, and the page where its coach gets it (SCH-30)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from functools import partial

import pytest

from loom_app.domains.coaches import actions as coaches
from loom_app.domains.scheduling import queries
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.realtime.signals import Signal
from loom_app.loom_app import app
from loom_app.ui import live, problems
from loom_app.ui.booking.state import BookingState
from loom_app.ui.booking.times import TimesState
from loom_app.ui.embed.site_state import SiteState
from loom_app.ui.embed.state import EmbedState
from loom_app.ui.routes import routes
from loom_app.ui.session import Viewer
from loom_app.ui.shell.notice_state import NoticeState
from tests.factories.accounts import make_user
from tests.factories.coaches import OFFERING, make_coach
from tests.factories.scheduling import make_hold
from tests.ui.tab import Tab
from tests.ui.test_directory import VISITOR, open_coach

At = Callable[[str], datetime]
pytestmark = pytest.mark.usefixtures("db")
MONDAY_TEN = "2026-11-23T09:00:00+00:00"
ASKED = "at=2026-11-23T09%3A00%3A00%2B00%3A00"


@pytest.fixture
async def coach(at: At) -> tuple[Actor, int, str]:
    at("2026-11-21T12:00Z")
    ada, offering_id = await open_coach()
    return ada, offering_id, f"/book/ada-lindqvist-{ada.person_id}"


async def test_the_only_offering_is_open_at_once_and_its_times_lead_out(coach) -> None:
    _, offering_id, base = coach
    async with Tab(app, VISITOR) as tab:
        await tab.visit(f"{base}/embed?theme=dark&accent=%232f6f6b", EmbedState.load)
        state = await tab.state(EmbedState)
        assert (state.phase, state.offering.id, state.all_href) == ("times", offering_id, "")
        assert state.theme == "dark"
        assert state.styles.startswith(".embed { --brand: oklch(")
        hrefs = {row.instant: row.href for row in state.times}
        assert hrefs[MONDAY_TEN] == f"{base}/time?offering={offering_id}&{ASKED}"
        free = [day.href for day in state.days if day.kind == "free"]
        assert free[0].startswith(f"{base}/embed?offering={offering_id}&theme=dark&accent=%232f")
        assert not [day for day in state.days if day.kind == "full"], "waiting is not for a frame"


async def test_of_several_one_is_chosen_in_the_frame(coach) -> None:
    ada, _, base = coach
    async with transaction(ada) as tx:
        second = await coaches.create_offering(
            tx, ada, replace(OFFERING, name="Circle", capacity=4)
        )
    async with Tab(app, VISITOR) as tab:
        await tab.visit(f"{base}/embed?accent=plum", EmbedState.load)
        state = await tab.state(EmbedState)
        assert state.phase == "offerings"
        (way,) = [row.href for row in state.offerings if row.id == second]
        assert way == f"{base}/embed?offering={second}&accent=9a3a78&from=all"
        await tab.visit(way, EmbedState.load)
        state = await tab.state(EmbedState)
        assert state.all_href == f"{base}/embed?accent=9a3a78"
        assert state.times[0].seats == "4 seats left"
        await tab.visit(f"{base}/embed?offering=999&theme=pink&accent=red;}}", EmbedState.load)
        state = await tab.state(EmbedState)
        assert (state.phase, state.theme, state.styles) == ("offerings", "auto", "")


async def test_a_frame_knows_nobody(coach) -> None:
    """Who is signed in sees in a frame what everybody sees: their own hold is taken for it, too."""
    ada, offering_id, base = coach
    ben = await make_user(name="Ben")
    await make_hold(ben, offering_id, datetime.fromisoformat(MONDAY_TEN))
    async with transaction(ben) as tx:
        mine = await queries.month_slots(
            tx, ben, offering_id, date(2026, 11, 23), date(2026, 11, 23)
        )
    assert MONDAY_TEN in {one.isoformat() for one in mine}
    async with transaction(ada) as tx:
        await coaches.unpublish(tx, ada)
    async with Tab(app, ada) as tab:
        await tab.visit(f"{base}/embed", EmbedState.load)
        assert (await tab.state(EmbedState)).phase == "missing", "a draft is for its owner alone"
    async with transaction(ada) as tx:
        await coaches.publish(tx, ada)
    async with Tab(app, ben) as tab:
        await tab.visit(f"{base}/embed", EmbedState.load)
        state = await tab.state(EmbedState)
        assert state.phase == "times"
        assert MONDAY_TEN not in {row.instant for row in state.times}
        assert not (await tab.state(Viewer)).signed_in


async def test_a_time_that_is_taken_meanwhile_turns_grey_in_the_frame(coach, connect) -> None:
    _, offering_id, base = coach
    async with Tab(app, VISITOR) as tab:
        await connect(tab)
        await tab.visit(f"{base}/embed", EmbedState.load)
        await make_hold(await make_user(), offering_id, datetime.fromisoformat(MONDAY_TEN))
        state = await tab.state(EmbedState)
        await tab.until(lambda: [r for r in state.times if r.instant == MONDAY_TEN and not r.free])


async def test_a_list_in_a_frame_hears_nothing_of_times(coach, monkeypatch) -> None:
    """Nor does a signal that was on its way say anything."""
    ada, _, base = coach
    slots = f"coach:{ada.person_id}:slots"
    async with transaction(ada) as tx:
        second = await coaches.create_offering(tx, ada, replace(OFFERING, name="Circle"))
    said: list[str] = []

    async def say(_state, words: str, *_more, **_named) -> None:
        said.append(words)

    monkeypatch.setattr(problems, "say", say)
    async with Tab(app, VISITOR) as tab:
        for gone in (f"{base}/embed", "/book/nobody-999/embed"):
            await tab.visit(f"{base}/embed?offering={second}&from=all", EmbedState.load)
            state = await tab.state(EmbedState)
            heard = partial(live.hub.watches, tab.token, "EmbedState", slots)
            assert (state.phase, heard()) == ("times", True)
            await tab.visit(gone, EmbedState.load)
            assert (state.phase == "times", heard()) == (False, False)
            await state._told(Signal(slots))
        assert said == []


def test_one_page_can_be_framed_and_it_only_reads() -> None:
    """Nothing to be tricked into clicking: it reads, and links lead out of the frame."""
    assert [one.path for one in routes() if one.framed] == ["/book/[slug]/embed"]
    (route,) = [one for one in routes() if one.framed]
    assert route.on_load == [NoticeState.follow, EmbedState.load]
    assert {name for name in EmbedState.event_handlers if name != "setvar"} == {"load"}


async def test_the_time_chosen_elsewhere_stands_first_and_is_kept_by_a_click(coach) -> None:
    _, offering_id, base = coach
    way = f"{base}/time?offering={offering_id}&{ASKED}"
    async with Tab(app, VISITOR) as tab:
        await tab.visit(way, BookingState.open, TimesState.open)
        state = await tab.state(TimesState)
        assert (state.wanted.label, state.wanted.free) == ("Mon 23 November, 09:00", True)
        assert state.wanted.other == "10:00, Berlin (GMT+1)"
        assert not (await tab.state(BookingState)).held.until, "looking keeps nothing"
        await make_hold(await make_user(), offering_id, datetime.fromisoformat(MONDAY_TEN))
        await tab.visit(way, BookingState.open, TimesState.open)
        assert not (await tab.state(TimesState)).wanted.free
        for nonsense in ("yesterday", "2026-11-23T09:00", "9999-12-31T23:59:59%2B00:00"):
            way = f"{base}/time?offering={offering_id}&at={nonsense}"
            await tab.visit(way, BookingState.open, TimesState.open)
            state = await tab.state(TimesState)
            assert state.wanted.instant == ""
            assert state.times


async def test_a_coach_chooses_and_copies_the_frame(coach) -> None:
    ada, offering_id, base = coach
    async with Tab(app, ada) as tab:
        await tab.visit("/profile/site", SiteState.load)
        state = await tab.state(SiteState)
        assert state.preview == f"{base}/embed"
        await tab.do(SiteState.choose_offering(str(offering_id)))
        await tab.do(SiteState.choose_theme("dark"))
        await tab.do(SiteState.choose_colour("own"))
        await tab.do(SiteState.type_colour("teal-ish"))
        assert "six hex digits" in state.errors["colour"]
        await tab.do(SiteState.type_colour("#AA3355"))
        assert state.errors == {}
        assert state.preview == f"{base}/embed?offering={offering_id}&theme=dark&accent=aa3355"
        assert state.snippet == (
            f'<iframe src="http://localhost:8000{base}/embed?offering={offering_id}&amp;theme=dark'
            '&amp;accent=aa3355" title="Book a session with Ada Lindqvist" width="100%"'
            ' height="760" style="border: 0" loading="lazy"></iframe>'
        )
        for spec in (
            SiteState.choose_offering("999"),
            SiteState.choose_theme("pink"),
            SiteState.choose_colour('"><script>'),
        ):
            await tab.do(spec)
        assert state.preview == f"{base}/embed?offering={offering_id}&theme=dark&accent=aa3355"


async def test_a_draft_is_published_before_it_goes_on_a_site(at: At) -> None:
    ada, _ = await make_coach(published=False)
    async with Tab(app, ada) as tab:
        await tab.visit("/profile/site", SiteState.load)
        assert (await tab.state(SiteState)).phase == "draft"
