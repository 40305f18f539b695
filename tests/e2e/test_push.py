"""Pushes in a real browser: asked for, encrypted to its keys, shown by the service worker, opened.

The machine reaches no push service, so `subscribe` is met by keys of a stand-in that lies on this
machine; what it decrypts is handed to the service worker by the browser's own door for that.
"""

import json
import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import create_engine, text

from tests.domains.notifications.gateway import Gateway
from tests.e2e.conftest import Server

pytestmark = pytest.mark.e2e
SHOWN = """async () => {
  const worker = await navigator.serviceWorker.ready;
  return (await worker.getNotifications()).map((one) => [one.title, one.body, one.tag]);
}"""


@pytest.fixture(scope="module")
def gateway() -> Iterator[Gateway]:
    made = Gateway()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture(scope="module")
def server(demo_database: str, worker_id: str, gateway: Gateway, tmp_path_factory):
    log = tmp_path_factory.mktemp("push") / f"server-{worker_id}.log"
    made = Server(demo_database, log, {"LOOM_PUSH_HOSTS": f"127.0.0.1:{gateway.port}"})
    made.start()
    yield made
    made.stop()


def subscribing(phone) -> str:
    """A browser whose push service is the stand-in."""
    now = phone.subscription
    told = json.dumps({"endpoint": now.endpoint, "keys": {"p256dh": now.p256dh, "auth": now.auth}})
    return f"""(() => {{
      const told = {told};
      let now = null;
      const made = (options) => ({{endpoint: told.endpoint, options, toJSON: () => told,
        unsubscribe: async () => {{
          localStorage.removeItem("stand-in"); now = null; return true; }}}});
      PushManager.prototype.subscribe = async (options) => {{
        localStorage.setItem("stand-in", "1"); return now = made(options); }};
      PushManager.prototype.getSubscription = async () =>
        now || (localStorage.getItem("stand-in") ? (now = made({{}})) : null);
    }})()"""


def wait_for(phone, many: int) -> list[dict]:
    deadline = time.monotonic() + 40
    while len(phone.came) < many:
        assert time.monotonic() < deadline, "no push came"
        time.sleep(0.1)  # it comes from another process
    return phone.take()


def worker_version(page: Page):
    """The browser's door to service workers, and the number of ours."""
    door = page.context.new_cdp_session(page)
    seen: list[dict] = []
    door.on("ServiceWorker.workerRegistrationUpdated", lambda told: seen.append(told))  # noqa: PLW0108 - Playwright marks its handlers
    door.send("ServiceWorker.enable")
    deadline = time.monotonic() + 20
    while not any(told["registrations"] for told in seen):
        assert time.monotonic() < deadline
        page.wait_for_timeout(50)
    return door, next(told for told in seen if told["registrations"])["registrations"][0]


def shows(ben, door, registration: dict, told: dict) -> None:
    """The worker shows what came, and the next of the same conversation takes its place."""
    page = ben.page
    told_once = {"origin": ben.url, "registrationId": registration["registrationId"]}
    door.send("ServiceWorker.deliverPushMessage", {**told_once, "data": json.dumps(told)})
    page.wait_for_function(f"({SHOWN})().then((all) => all.length === 1)")
    assert "Are you there?" in told["body"]
    assert page.evaluate(SHOWN) == [[told["title"], told["body"], told["tag"]]]
    later = json.dumps({**told, "title": "2 new messages"})
    door.send("ServiceWorker.deliverPushMessage", {**told_once, "data": later})
    page.wait_for_function(
        f"({SHOWN})().then((all) => all.length === 1 && all[0][0] === '2 new messages')"
    )


def opens(ben, told: dict) -> None:
    """Choosing the notice leads to the thing."""
    chosen = ben.page.context.service_workers[0].evaluate(
        """async () => {
          const [one] = await self.registration.getNotifications();
          // a browser opens windows for a click of a person's own only
          return new Promise((resolve) => {
            self.clients.openWindow = async (href) => resolve(href);
            self.dispatchEvent(new NotificationEvent("notificationclick", {notification: one}));
          });
        }"""
    )
    assert chosen.endswith(told["path"])
    ben.page.goto(chosen)
    expect(ben.page.get_by_text("Are you there?").first).to_be_visible()


def is_removed(ben) -> None:
    """Another device removes this one, and it says so at once."""
    ben.go("/settings/notifications")
    ben.page.get_by_role("button", name=re.compile("Remove ")).click()
    expect(ben.page.get_by_role("button", name="Notify me on this device")).to_be_visible()


def asks_anew(ben, server: Server, phone) -> None:
    """Our key is another one: the browser subscribes anew by itself, and nothing is said of it."""
    known = "SELECT server_key FROM push_devices WHERE endpoint = :endpoint"
    endpoint = {"endpoint": phone.subscription.endpoint}
    ((key,),) = server.query(known, **endpoint)
    assert key
    engine = create_engine(server.database)
    with engine.begin() as connection:
        connection.execute(text("UPDATE push_devices SET server_key = 'a former one'"))
    engine.dispose()
    ben.go("/settings/notifications")
    deadline = time.monotonic() + 20
    while server.query(known, **endpoint) != [(key,)]:
        assert time.monotonic() < deadline, "it did not subscribe anew"
        ben.page.wait_for_timeout(50)
    expect(ben.page.get_by_text("This device gets them.")).to_be_visible()
    expect(ben.page.get_by_text("once Loom is opened there")).to_have_count(0)
    expect(ben.page.get_by_text("while Loom is closed.")).to_have_count(0)


def test_a_browser_is_asked_after_a_click_shows_what_came_and_opens_it(person, server, gateway):
    phone = gateway.phone()
    ben, ada = person(permissions=["notifications"]), person()
    ben.context.add_init_script(subscribing(phone))
    ben.sign_in("ben@loom.test")
    page = ben.page
    ben.go("/settings/notifications")
    turn_on = page.get_by_role("button", name="Notify me on this device")
    expect(turn_on).to_be_visible()
    assert (
        page.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0
    )
    turn_on.click()
    expect(page.get_by_text("This device gets them.")).to_be_visible()
    expect(page.get_by_role("list", name="Devices that are notified")).to_contain_text("Chrome")
    page.get_by_role("button", name="Send me a test").click()
    (test,) = wait_for(phone, 1)
    assert (test["title"], test["path"]) == ("This is a test", "/settings/notifications")

    asks_anew(ben, server, phone)

    # nobody is here: what Ada writes comes as a push, and the worker shows it
    ben.go("/coaches")
    door, registration = worker_version(page)
    page.goto("about:blank")
    ada.sign_in("ada@loom.test")
    ada.go("/messages")
    ada.page.get_by_role("link", name=re.compile("Ben Okafor")).first.click()
    ada.page.get_by_label("Message", exact=True).fill("Are you there?")
    ada.page.keyboard.press("Enter")
    (told,) = wait_for(phone, 2)
    ben.go("/coaches")
    shows(ben, door, registration, told)
    opens(ben, told)

    is_removed(ben)


def test_it_is_offered_after_the_first_message_and_put_away_for_good(person, gateway):
    phone = gateway.phone()
    ben = person(permissions=["notifications"])
    ben.context.add_init_script(subscribing(phone))
    ben.sign_in("ben@loom.test")
    ben.go("/messages")
    ben.page.get_by_role("link", name=re.compile("Ada Lindqvist")).first.click()
    offer = ben.page.get_by_text("Hear of the answer, even when Loom is closed?")
    expect(ben.page.get_by_label("Message", exact=True)).to_be_visible()
    expect(offer).not_to_be_visible()
    ben.page.get_by_label("Message", exact=True).fill("A question")
    ben.page.keyboard.press("Enter")
    expect(offer).to_be_visible()
    ben.page.get_by_role("button", name="Not now").click()
    expect(offer).not_to_be_visible()
    ben.go("/notifications")
    expect(ben.page.get_by_role("heading", name="Notifications")).to_be_visible()
    expect(ben.page.get_by_text("while Loom is closed, too?")).not_to_be_visible()


def test_a_browser_that_was_told_no_says_how_to_mend_it(person):
    ben = person(viewport={"width": 390, "height": 844})
    ben.context.add_init_script(
        "Object.defineProperty(Notification, 'permission', {get: () => 'denied'})"
    )
    ben.sign_in("ben@loom.test")
    ben.go("/settings/notifications")
    expect(ben.page.get_by_text("This browser was told not to show notifications")).to_be_visible()
