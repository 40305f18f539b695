"""Settings, notices and features: as staff chooses them, and as everybody's open pages say them."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from loom_app.domains.platform import current, queries
from loom_app.kit import clock
from loom_app.kit.actor import Actor
from loom_app.kit.realtime.signals import Signal
from loom_app.kit.settings import settings
from loom_app.loom_app import app
from loom_app.ui.embed.site_state import SiteState
from loom_app.ui.embed.state import EmbedState
from loom_app.ui.problems import Toasts
from loom_app.ui.session import Viewer
from loom_app.ui.sessions.state import SessionsState
from loom_app.ui.shell.notice_state import NoticeState
from loom_app.ui.staff.platform_state import PlatformState
from tests.domains.platform.helpers import choose
from tests.factories.accounts import make_user
from tests.factories.coaches import make_coach
from tests.ui.tab import Tab

pytestmark = pytest.mark.usefixtures("db")
VISITOR = Actor(visitor="a" * 64)
NOW = Signal(queries.NOW)


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    current.reset()
    yield
    current.reset()


@pytest.fixture
async def olga() -> Actor:
    return await make_user(name="Olga", roles=["staff"])


def form_of(state: PlatformState, area: str, **typed: str) -> dict[str, Any]:
    """What the browser sends of an area's form, with these typed."""
    row = next(one for one in state.rows if one.area == area)
    sent = {one.name: one.value for one in row.fields if one.kind not in ("yes", "many")}
    sent |= {one.name: "on" for one in row.fields if one.ticked}
    sent |= {tick.name: "on" for one in row.fields for tick in one.ticks if tick.ticked}
    return {"area": area, **sent, **typed}


async def test_what_is_typed_is_judged_field_by_field(olga):
    async with Tab(app, olga) as tab:
        await tab.visit("/staff/settings", PlatformState.load)
        state = await tab.state(PlatformState)
        areas = ["money", "booking", "limits", "branding", "mail"]
        assert [row.area for row in state.rows] == areas
        await tab.do(PlatformState.review(form_of(state, "money")))
        assert (state.changing, (await tab.state(Toasts)).items[-1].kind) == ("", "info")
        wrong = {"platform_fee_bps": "a lot", "credit_months": "0", "default_rate_minor": "1.005"}
        await tab.do(PlatformState.review(form_of(state, "money", **wrong)))
        assert set(state.errors) == {"money.platform_fee_bps", "money.default_rate_minor"}
        await tab.do(PlatformState.review(form_of(state, "money", credit_months="0")))
        assert set(state.errors) == {"money.credit_months"}


async def test_settings_are_compared_chosen_and_brought_back(olga):
    async with Tab(app, olga) as tab:
        await tab.visit("/staff/settings", PlatformState.load)
        state = await tab.state(PlatformState)
        typed = {"platform_fee_bps": "12,5", "default_rate_minor": "90"}
        await tab.do(PlatformState.review(form_of(state, "money", **typed)))
        said = [(one.title, one.before, one.after) for one in state.changes]
        assert said[0] == ("Platform fee", "15 %", "12.5 %")
        assert said[1][1:] == ("$0", "$90")
        await tab.do(PlatformState.save({"reason": ""}))
        assert (set(state.errors), state.changing) == ({"reason"}, "Money")
        await tab.do(PlatformState.save({"reason": "For a try"}))
        assert state.changing == ""
        await current.refresh()
        assert settings().platform_fee_bps == 1250
        await tab.do(PlatformState.look_back("money"))
        assert [(one.number, one.holds) for one in state.versions] == [(1, True), (0, False)]
        assert state.versions[0].changes[1].after == "$90"
        await tab.do(PlatformState.bring_back(0))
        assert [one.after for one in state.changes] == ["15 %", "$0"]
        await tab.do(PlatformState.save({"reason": "As before"}))
        await current.refresh()
        assert settings().platform_fee_bps == 1500
        await tab.do(PlatformState.look_back("money"))
        await tab.do(PlatformState.close(False))
        assert (state.versions, state.looking_back) == ([], "")


async def test_people_dates_and_boxes_of_a_feature(olga):
    await make_user(name="Ben", email="ben@loom.test")
    async with Tab(app, olga) as tab:
        await tab.visit("/staff/flags", PlatformState.load)
        state = await tab.state(PlatformState)
        form = form_of(state, "flag:embed", people="nobody@loom.test", starts="tomorrow")
        await tab.do(PlatformState.review(form))
        assert set(state.errors) == {"flag:embed.people", "flag:embed.starts"}
        typed = {
            "people": "Ben@loom.test\n",
            "starts": "2030-01-02T10:00",
            "ends": "2030-01-01T10:00",
            "percent": "20",
            "roles-coach": "on",
        }
        await tab.do(PlatformState.review(form_of(state, "flag:embed", **typed)))
        assert set(state.errors) == {"flag:embed.ends"}
        await tab.do(PlatformState.review(form_of(state, "flag:embed", **typed | {"ends": ""})))
        assert [one.after for one in state.changes][:3] == ["20", "Coaches", "ben@loom.test"]
        await tab.do(PlatformState.save({"reason": "Some first"}))
        rule = current.rule("embed")
        await current.refresh()
        rule = current.rule("embed")
        assert (rule.percent, rule.roles, len(rule.people)) == (20, ["coach"], 1)
        assert rule.starts is not None
        assert rule.starts.isoformat() == "2030-01-02T09:00:00+00:00"  # Olga is in Berlin
        await tab.do(PlatformState.load)
        row = state.rows[0]
        assert [one.value for one in row.fields if one.name == "starts"] == ["2030-01-02T10:00"]


async def test_who_may_not_is_led_away_and_gets_nothing(olga):
    ben = await make_user(name="Ben")
    async with Tab(app, ben) as tab:
        for page in ("settings", "notices", "flags", "else"):
            await tab.visit(f"/staff/{page}", PlatformState.load)
            assert tab.redirected_to() == "/sessions"
        await tab.do(PlatformState.review({"area": "maintenance", "on": "on"}))
        await tab.do(PlatformState.review({"area": "nothing"}))
        await tab.do(PlatformState.look_back("money"))
        await tab.do(PlatformState.bring_back(0))
        await tab.do(PlatformState.save({"reason": "x"}))
        state = await tab.state(PlatformState)
        assert (state.rows, state.changes, state.versions) == ([], [], [])
        await state._changed(NOW)


async def test_an_announcement_is_for_whom_it_is_for_within_its_time_and_can_be_put_away(olga, at):
    at("2026-11-22T10:00Z")
    await choose(olga, "announcement", text="We move", audience="clients", kind="warn")
    ben = await make_user(name="Ben")
    ada = await make_user(name="Ada", roles=["coach"])
    for me, sees in ((ben, True), (ada, False), (VISITOR, False), (olga, False)):
        async with Tab(app, me) as tab:
            await tab.visit("/coaches", NoticeState.follow)
            assert bool((await tab.state(NoticeState)).text) is sees
    async with Tab(app, ben) as tab:
        await tab.visit("/coaches", NoticeState.follow)
        state = await tab.state(NoticeState)
        assert (state.text, state.kind, state.mark, state.put_away) == ("We move", "warn", "1", "")
        await tab.do(NoticeState.dismiss)
        assert state.put_away == state.mark
        ends = clock.now() + timedelta(minutes=5)
        await choose(olga, "announcement", text="Moved", ends=ends.isoformat())
        await state._changed(NOW)
        assert (state.text, state.mark) == ("Moved", "2")
        assert state.put_away != state.mark
        at("2026-11-22T10:06Z")
        await state._changed(NOW)
        assert state.text == ""


async def test_the_name_and_the_colour_change_on_pages_that_are_open(olga):
    async with Tab(app, VISITOR) as tab:
        await tab.visit("/coaches", NoticeState.follow)
        state = await tab.state(NoticeState)
        assert (state.brand, state.styles, state.support) == ("Loom", "", "")
        branding = {"brand_name": "Wove", "brand_accent": "6D4AC4"}
        await choose(olga, "branding", support_address="help@wove.test", **branding)
        await state._changed(NOW)
        assert (state.brand, state.support) == ("Wove", "help@wove.test")
        assert state.styles.startswith("body { --brand: oklch(")


async def test_while_closed_events_are_refused_kindly_and_the_page_says_when_it_is_over(olga):
    ben = await make_user(name="Ben")
    async with Tab(app, ben) as tab:
        await tab.visit("/sessions", Viewer.arrive, NoticeState.follow, SessionsState.load)
        notice = await tab.state(NoticeState)
        page = await tab.state(SessionsState)
        assert (notice.phase, page.loaded) == ("", True)
        back = "2030-01-01T10:00:00+00:00"
        await choose(olga, "maintenance", on=True, message="New strings", back_at=back)
        await notice._changed(NOW)
        assert (notice.phase, notice.message) == ("closed", "New strings")
        assert "11:00" in notice.back_at
        page.loaded = False
        await tab.do(SessionsState.load)
        assert not page.loaded
        await tab.visit("/sign-in", Viewer.arrive, NoticeState.follow)
        assert notice.phase == ""  # here staff comes in
        await tab.visit("/sessions", NoticeState.follow, SessionsState.load)
        assert (notice.phase, page.loaded) == ("closed", False)
        await choose(olga, "maintenance", on=False)
        await notice._changed(NOW)
        assert notice.phase == "again"  # its load was refused
        await tab.do(SessionsState.load)
        assert page.loaded


async def test_who_is_let_in_goes_on(olga):
    ben = await make_user(name="Ben")
    cleo = await make_user(name="Cleo")
    await choose(olga, "maintenance", on=True, people=[ben.person_id])
    for me, inside in ((olga, True), (ben, True), (cleo, False)):
        async with Tab(app, me) as tab:
            await tab.visit("/sessions", NoticeState.follow, SessionsState.load)
            state = await tab.state(NoticeState)
            assert (state.inside, state.phase) == (inside, "" if inside else "closed")
            assert (await tab.state(SessionsState)).loaded is inside
    await choose(olga, "maintenance", networks=["127.0.0.0/8"])
    async with Tab(app, cleo) as tab:
        await tab.visit("/sessions", NoticeState.follow, SessionsState.load)
        assert (await tab.state(SessionsState)).loaded


async def test_the_kill_switch_takes_the_frame_away_and_gives_it_back(olga):
    ada, _ = await make_coach()
    slug = f"ada-lindqvist-{ada.person_id}"
    async with Tab(app, ada) as tab:
        await tab.visit("/profile/site", SiteState.load)
        site = await tab.state(SiteState)
        await tab.visit(f"/book/{slug}/embed", EmbedState.load)
        frame = await tab.state(EmbedState)
        before = site.phase, frame.phase
        assert "off" not in before
        assert "missing" not in before
        await choose(olga, "flag:embed", on=False)
        await frame._told(NOW)
        await site._switched(NOW)
        assert (site.phase, frame.phase) == ("off", "missing")
        await choose(olga, "flag:embed", on=True)
        await frame._told(NOW)
        await frame._told(NOW)
        await site._switched(NOW)
        assert (site.phase, frame.phase) == before
