"""The forms to come in: nobody loses where they were going."""

import pytest

from loom_app.kit.actor import Actor
from loom_app.loom_app import app
from loom_app.ui.auth.state import SignInState, SignUpState
from tests.ui.tab import Tab

BACK = "/book/ada/review%3Foffering%3D2%26day%3D2026-11-23"


@pytest.mark.parametrize(
    ("path", "state", "link", "href"),
    [
        (f"/sign-in?next={BACK}", SignInState, "sign_up_href", f"/sign-up?next={BACK}"),
        (f"/sign-up?next={BACK}", SignUpState, "sign_in_href", f"/sign-in?next={BACK}"),
        ("/sign-in?next=//evil.example", SignInState, "sign_up_href", "/sign-up"),
        ("/sign-up", SignUpState, "sign_in_href", "/sign-in"),
    ],
)
async def test_from_one_form_to_the_other_the_way_back_is_kept(db, path, state, link, href):
    async with Tab(app, Actor(visitor="v" * 64)) as tab:
        await tab.visit(path, state.load)
        assert getattr(await tab.state(state), link) == href
        assert (await tab.state(state)).next_path in (
            "",
            "/book/ada/review?offering=2&day=2026-11-23",
        )
