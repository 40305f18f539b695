import asyncio

from structlog.testing import capture_logs

from loom_app.kit.realtime import presence, signals
from loom_app.kit.realtime.hub import Hub
from loom_app.kit.realtime.signals import Signal


class Tabs:
    """Tabs as plain lists; a slow one waits until it is let go."""

    def __init__(self) -> None:
        self.got: dict[str, list[str]] = {}
        self.visits: dict[str, int] = {}
        self.slow = asyncio.Event()
        self.hub = Hub(self.deliver)

    async def deliver(self, token, take):
        self.visits[token] = self.visits.get(token, 0) + 1
        if token == "slow":
            await self.slow.wait()
        for letter in take():
            await letter(self.got.setdefault(token, []))

    def watch(self, token, topic, who="state"):
        def hear(tab, signal):
            async def letter(got):
                got.append(f"{signal.topic}#{signal.number}")

            self.hub.post(tab, letter)

        self.hub.watch(token, who, [topic], hear)


async def settle():
    for _ in range(10):
        await asyncio.sleep(0)


async def test_a_signal_reaches_every_tab_that_watches_and_no_other():
    tabs = Tabs()
    tabs.watch("a", "chat:1")
    tabs.watch("b", "chat:1")
    tabs.watch("c", "chat:2")
    tabs.hub.hear(Signal("chat:1", 7))
    await settle()
    assert tabs.got == {"a": ["chat:1#7"], "b": ["chat:1#7"]}


async def test_a_stalled_tab_delays_nobody_and_gets_all_in_one_visit():
    tabs = Tabs()
    tabs.watch("slow", "chat:1")
    tabs.watch("quick", "chat:1")
    for number in range(1, 6):
        tabs.hub.hear(Signal("chat:1", number))
        await settle()
    assert tabs.got == {"quick": [f"chat:1#{n}" for n in range(1, 6)]}
    tabs.slow.set()
    await settle()
    assert tabs.got["slow"] == [f"chat:1#{n}" for n in range(1, 6)]
    assert tabs.visits["slow"] == 1


async def test_watching_again_replaces_and_a_closed_tab_hears_nothing():
    tabs = Tabs()
    tabs.watch("a", "chat:1")
    tabs.watch("a", "chat:2")
    tabs.hub.hear(Signal("chat:1", 1))
    await settle()
    assert tabs.got == {}
    tabs.hub.forget("a")
    assert not tabs.hub.is_known("a")
    tabs.hub.hear(Signal("chat:2", 1))
    await settle()
    assert tabs.got == {}


async def test_a_tab_that_fails_does_not_stop_the_next_letter():
    tabs = Tabs()

    async def broken(_got):
        raise ZeroDivisionError

    tabs.hub.post("a", broken)
    await settle()
    tabs.watch("a", "chat:1")
    tabs.hub.hear(Signal("chat:1", 1))
    await settle()
    assert tabs.got == {"a": ["chat:1#1"]}


def test_presence_follows_the_tabs_and_is_told_only_when_it_changes():
    heard: list[str] = []
    stop = signals.listen(lambda signal: heard.append(signal.topic))
    person = 990_001
    assert presence.of(person) == "offline"
    presence.arrived(person, "one")
    presence.arrived(person, "two")
    assert presence.of(person) == "online"
    presence.active(person, "one", is_active=False)
    assert presence.of(person) == "online"
    presence.active(person, "two", is_active=False)
    assert presence.of(person) == "away"
    presence.active(person, "two", is_active=True)
    presence.left(person, "two")
    assert presence.of(person) == "away"
    presence.left(person, "one")
    presence.active(person, "one", is_active=True)
    assert presence.of(person) == "offline"
    stop()
    # online, away, online, away, offline
    assert heard == [presence.topic(person)] * 5


async def test_who_may_have_missed_something_hears_of_open_conversations_first_and_once():
    tabs = Tabs()
    for topic in ("person:1:inbox", "conversation:1", "presence:3", "conversation:2"):
        tabs.watch("a", topic, who=topic)
    for _ in range(3):
        tabs.hub.catch_up()
    await settle()
    got = [told.partition(":")[0] for told in tabs.got["a"]]
    assert got[:2] == ["conversation", "conversation"]
    assert sorted(got[2:]) == ["person", "presence"]
    tabs.hub.catch_up()
    await asyncio.wait_for(tabs.hub._healing._task, 10)
    assert len(tabs.got["a"]) == 8


async def test_what_somebody_waits_for_overtakes_what_can_wait():
    tabs, order, done = Tabs(), [], asyncio.Event()

    def letter(name):
        async def bring(_):
            order.append(name)
            if len(order) == 101:
                done.set()

        return bring

    for n in range(100):
        tabs.hub.post_calmly(f"tab{n}", letter("calm"), 0)
    await settle()
    tabs.hub.post("ada", letter("message"))
    await done.wait()
    assert order.index("message") < 50
    assert order.count("calm") == 100


async def test_calm_letters_come_together_and_with_the_next_visit():
    tabs, done = Tabs(), asyncio.Event()

    def letter(name):
        async def bring(got):
            got.append(name)
            if name == "last":
                done.set()

        return bring

    tabs.hub.post_calmly("ada", letter("one"), 60)
    tabs.hub.post_calmly("ada", letter("two"), 60)
    tabs.hub.post("ada", letter("message"))
    await settle()
    assert tabs.got["ada"] == ["message", "one", "two"]
    tabs.hub.post_calmly("ada", letter("three"), 60)
    tabs.hub.post_calmly("ada", letter("last"), 0)
    await done.wait()
    assert tabs.got["ada"][3:] == ["three", "last"]
    assert tabs.visits["ada"] == 2


async def test_a_watcher_that_fails_keeps_no_other_from_hearing():
    tabs = Tabs()

    def broken(_tab, _signal):
        raise ZeroDivisionError

    tabs.hub.watch("a", "state", ["chat:1"], broken)
    tabs.watch("b", "chat:1")
    with capture_logs() as logged:
        tabs.hub.hear(Signal("chat:1", 1))
    await settle()
    assert tabs.got == {"b": ["chat:1#1"]}
    assert [line["event"] for line in logged] == ["hub.watcher_failed"]


OTHER = "another process"


def test_a_person_is_here_while_any_process_has_them():
    heard: list[int] = []
    stop = signals.listen(lambda signal: heard.append(signal.number))
    person = 990_002

    def told(number):
        presence.heard(OTHER, Signal(presence.topic(person), number))

    told(presence.ONLINE)
    presence.arrived(person, "here")
    presence.left(person, "here")
    assert presence.of(person) == "online"
    assert presence.gone_at(person) is None
    told(presence.AWAY)
    assert presence.of(person) == "away"
    told(presence.OFFLINE)
    assert presence.of(person) == "offline"
    assert presence.gone_at(person) is not None
    presence.arrived(person, "here")
    assert presence.gone_at(person) is None
    presence.left(person, "here")
    stop()
    assert heard == [2, 1, 0, 2, 0]
    presence.lost(OTHER)
    presence.take_departed()


def test_who_left_is_remembered_until_it_is_written_down_and_not_without_end(monkeypatch):
    monkeypatch.setattr(presence, "GONE_MAX", 2)
    monkeypatch.setattr(presence, "_gone", {})
    people = (990_003, 990_004, 990_005)
    for person in people:
        presence.arrived(person, "here")
        presence.left(person, "here")
        presence.left(person, "here")
    assert [presence.gone_at(one) is None for one in people] == [True, False, False]
    assert set(presence.take_departed()) >= set(people)
    assert presence.take_departed() == {}
