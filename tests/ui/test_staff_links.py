"""Links to /admin, which is no page of the client's routes: inside of them nothing is found."""

from collections.abc import Iterator
from typing import Any

from loom_app.ui.notifications.centre import centre_page
from loom_app.ui.staff.call_off import call_off_page
from loom_app.ui.staff.health import health_page
from loom_app.ui.staff.session import staff_session_page


def links(drawn: Any) -> Iterator[str]:
    """The props of every link in a rendered page."""
    if isinstance(drawn, dict):
        if drawn.get("name") == "ReactRouterLink":
            yield " ".join(map(str, drawn["props"]))
        for part in drawn.values():
            yield from links(part)
    elif isinstance(drawn, (list, tuple)):
        for part in drawn:
            yield from links(part)


def test_links_to_the_admin_page_leave_the_client_routes():
    found = [
        link
        for page in (staff_session_page, call_off_page)
        for link in links(page().render())
        if 'to:"/admin' in link
    ]
    # the side and the person's menu of both, the way back and "gone" of one, "gone" of the other
    assert len(found) == 7
    assert [link for link in found if "reloadDocument:true" not in link] == []


def test_links_whose_address_is_known_late_leave_them_where_they_lead_to_the_admin_page():
    """The signs of Loom's health, and what staff is told of, lead to either."""
    for page in (health_page, centre_page):
        either = [link for link in links(page().render()) if 'startsWith("/admin/")' in link]
        assert len(either) == 1
        assert "reloadDocument:" in either[0]
