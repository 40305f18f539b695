"""Calendar programs: valid by two other readers, only for whoever has the address."""

import subprocess
import sys
from datetime import UTC, timedelta
from pathlib import Path

import vobject
from icalendar import Calendar

from loom_app.domains.scheduling import actions, queries
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from tests.factories.accounts import make_user
from tests.factories.scheduling import make_hold, make_open_coach, make_session, slot


async def subscribe(me: Actor) -> str:
    async with transaction(me) as tx:
        await actions.renew_feed(tx, me)
    async with transaction(me) as tx:
        return await queries.feed_address(tx, me)


async def test_a_program_sees_every_session_and_follows_changes(db, browser, folder):
    ada, offering_id = await make_open_coach()
    ben = await make_user()
    first = await make_session(ben, offering_id, slot(3))
    second = await make_session(ben, offering_id, slot(5))
    await make_hold(ben, offering_id, slot(7))
    address = await subscribe(ben)
    answer = await browser.get(address)
    assert answer.headers["content-type"].startswith("text/calendar")
    assert "no-store" in answer.headers["cache-control"]
    events = {str(one["uid"]): one for one in Calendar.from_ical(answer.content).walk("VEVENT")}
    starts = sorted(one.decoded("dtstart").astimezone(UTC) for one in events.values())
    assert starts == [slot(3), slot(5)], "a hold is no session"
    same = await browser.get(address, headers={"if-none-match": answer.headers["etag"]})
    assert same.status_code == 304

    async with transaction(ada) as tx:
        await actions.move(tx, ada, first.session_id, slot(4))
    async with transaction(ben) as tx:
        await actions.cancel(tx, ben, second.session_id)
    answer = await browser.get(address, headers={"if-none-match": answer.headers["etag"]})
    later = {str(one["uid"]): one for one in Calendar.from_ical(answer.content).walk("VEVENT")}
    assert later.keys() == events.keys(), "the same things, not new ones"
    told = {str(one["status"]): (int(one["sequence"]), one) for one in later.values()}
    assert told["CONFIRMED"][0] == 1
    assert told["CONFIRMED"][1].decoded("dtstart").astimezone(UTC) == slot(4)
    assert told["CANCELLED"][0] == 1
    _opens_elsewhere(answer.content, folder)


def _opens_elsewhere(content: bytes, folder: Path) -> None:
    """By another library, strictly; and by a program, which lists what it has taken in."""
    read = vobject.readOne(content.decode())
    read.validate(raiseException=True)
    assert len(read.contents["vevent"]) == 2
    config, events = folder / "khal.conf", folder / "events"
    config.write_text(
        f"[calendars]\n[[loom]]\npath = {events}\n[sqlite]\npath = {folder}/khal.db\n"
        "[locale]\nlocal_timezone = Europe/Berlin\ndefault_timezone = Europe/Berlin\n"
        "dateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\ndatetimeformat = %Y-%m-%d %H:%M\n"
        "longdatetimeformat = %Y-%m-%d %H:%M\ntimeformat = %H:%M\n"
    )
    (folder / "feed.ics").write_bytes(content)
    khal = [str(Path(sys.executable).parent / "khal"), "-c", str(config)]
    subprocess.run([*khal, "import", "--batch", str(folder / "feed.ics")], check=True)
    day = slot(4).astimezone(UTC)
    listed = subprocess.run(
        [*khal, "list", f"{day:%Y-%m-%d}", "1d", "--format", "{title} {status}"],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    assert "Clarity session with Ada Lindqvist" in listed


async def test_the_address_is_secret_and_can_be_changed_and_taken_away(db, browser):
    ada, offering_id = await make_open_coach()
    ben = await make_user()
    await make_session(ben, offering_id, slot(3))
    async with transaction(ben) as tx:
        assert await queries.feed_address(tx, ben) == ""
    old = await subscribe(ben)
    new = await subscribe(ben)
    assert new != old
    assert (await browser.get(old)).status_code == 404
    assert (await browser.get(new)).status_code == 200
    hers = await subscribe(ada)
    assert b"with Ben Okafor" in (await browser.get(hers)).content.replace(b"\r\n ", b"")
    base, token = new.rsplit("/", 1)
    forged = [
        f"{base}/{token.replace('-', '-0', 1)}",
        f"{base}/x.ics",
        f"{base}/1-.a.ics",
        f"{base}/é.ics",
    ]
    for address in forged:
        assert (await browser.get(address)).status_code == 404
    async with transaction(ben) as tx:
        await actions.end_feed(tx, ben)
        await actions.end_feed(tx, ben)
    assert (await browser.get(new)).status_code == 404


async def test_a_file_is_for_its_people_and_looks_back_half_a_year(db, browser, at):
    at("2026-11-21T12:00Z")
    _, offering_id = await make_open_coach()
    ben = await make_user()
    booked = await make_session(ben, offering_id, slot(3))
    assert (await browser.get(f"/calendar/{booked.session_id}.ics")).status_code in (401, 403, 404)
    address = await subscribe(ben)
    for month, count in ((3, 1), (8, 0)):
        at(f"2027-{month:02d}-01T12:00Z")
        found = Calendar.from_ical((await browser.get(address)).content).walk("VEVENT")
        assert len(found) == count


def test_calendars_on_the_web_get_the_same_instant():
    links = dict(
        queries.add_links(
            "Talk & tea", slot(3), slot(3) + timedelta(hours=1), "Video", "/sessions/7"
        )
    )
    assert f"{slot(3):%Y%m%dT%H%M%SZ}%2F" in links["Google Calendar"]
    assert "Talk+%26+tea" in links["Google Calendar"]
    assert f"startdt={slot(3):%Y-%m-%dT%H}%3A00%3A00%2B00%3A00" in links["Outlook"]
