"""The side of staff's pages; and /admin, no page of the client's routes, is found by its links."""

from collections.abc import Iterator
from typing import Any

from loom_app.ui.notifications.centre import centre_page
from loom_app.ui.places.editor import place_page
from loom_app.ui.places.page import places_page
from loom_app.ui.staff.booking import staff_booking_page
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


def marked(drawn: Any) -> list[str]:
    """Where the links lead that say they are the current page."""
    return [
        link.split('to:"')[1].split('"')[0]
        for link in links(drawn)
        if '"aria-current":"page"' in link
    ]


def test_the_side_marks_no_page_that_it_does_not_lead_to():
    assert marked(staff_booking_page().render()) == ["/staff/book"]
    for page in (staff_session_page, call_off_page):
        assert marked(page().render()) == []
        assert any('to:"/staff/book"' in link for link in links(page().render()))


def test_staff_who_keep_places_stay_at_their_side():
    for page in (places_page, place_page):
        # either side, and the bar of a phone
        assert marked(page().render()) == ["/places", "/offerings", "/offerings"]
