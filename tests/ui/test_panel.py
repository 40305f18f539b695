"""What stands beside a conversation: who is in it, what was shared, and what one may do there."""

import pytest

from loom_app.domains.messaging import actions as messaging
from loom_app.domains.messaging import queries
from loom_app.domains.moderation import actions as moderation
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.loom_app import app
from loom_app.ui.chat import panel_state
from loom_app.ui.chat.panel_state import PanelState
from loom_app.ui.chat.propose_state import ProposeState
from loom_app.ui.chat.schedule_state import ScheduleState
from loom_app.ui.chat.state import ChatState
from loom_app.ui.problems import Toasts
from loom_app.ui.safety.state import BlockState, ReportState
from tests.domains.messaging.test_files import bring, send
from tests.domains.messaging.test_groups import do, make_circle, read
from tests.factories.accounts import make_user
from tests.factories.messaging import make_pair, make_talk
from tests.factories.scheduling import make_open_coach, make_session, slot
from tests.ui.tab import Tab


async def beside(tab: Tab, chat: int) -> PanelState:
    """Opens the conversation with its panel."""
    await tab.visit(f"/messages/{chat}", ChatState.open, PanelState.load)
    state = await tab.state(PanelState)
    if not state.opened:
        await tab.do(PanelState.toggle)
    return state


async def card(me: Actor, chat: int) -> queries.ConversationCard:
    async with transaction(me) as tx:
        return (await queries.cards(tx, me, [chat]))[0]


async def notices(tab: Tab) -> list[tuple[str, str]]:
    return [(toast.kind, toast.text) for toast in (await tab.state(Toasts)).items]


async def test_it_says_who_the_other_is_and_when_one_meets_next(db, at):
    at("2026-11-21T12:00Z")
    ada, offering = await make_open_coach()
    ben = await make_user()
    booking = await make_session(ben, offering, slot())
    async with transaction(ben) as tx:
        chat = await messaging.start(tx, ben, ada.require_person())
    async with Tab(app, ben) as tab:
        state = await beside(tab, chat)
        other = state.about.other
        assert (other.name, other.headline, state.about.title) == (
            "Ada Lindqvist",
            "Clear thinking at turning points",
            "Ada Lindqvist",
        )
        assert state.next_words == "Clarity session, Tue 24 November, 11:00"
        assert state.next_link == f"/sessions/{booking.session_id}"


async def test_closed_it_holds_nothing_and_of_others_it_shows_nothing(db):
    _, ben, chat = await make_pair()
    async with Tab(app, ben) as tab:
        state = await beside(tab, chat)
        assert (state.about.title, state.next_words) == ("Ada Lind", "")
        await tab.do(PanelState.toggle)
        assert (state.about, state.files) == (queries.NO_PANEL, [])
    async with Tab(app, await make_user(name="Cleo Marsh")) as tab:
        state = await beside(tab, chat)
        assert state.about == queries.NO_PANEL
        await tab.do(PanelState.load_files)
        assert (state.about, state.files) == (queries.NO_PANEL, [])


async def test_files_come_a_few_at_a_time_and_not_those_taken_back(db, monkeypatch):
    monkeypatch.setattr(panel_state, "FILES", 2)
    monkeypatch.setattr(panel_state, "FILES_MOST", 5)
    ada, ben, chat = await make_pair()
    for n in range(7):
        await send(ben, chat, await bring(ben, chat, f"{n}.pdf"), cid=f"client-000{n}")
    async with Tab(app, ada) as tab:
        await tab.visit(f"/messages/{chat}", ChatState.open, PanelState.load)
        await tab.do(PanelState.toggle)
        state = await tab.state(PanelState)
        assert ([one.name for one in state.files], state.more_files) == (["6.pdf", "5.pdf"], True)
        for shown in (4, 5, 5):  # and never more than it can hold
            await tab.do(PanelState.load_files)
            assert len(state.files) == shown
        async with transaction(ben) as tx:
            newest = (await queries.newest(tx, chat))[-1].id
            await messaging.delete(tx, ben, newest)
        await tab.visit(f"/messages/{chat}", PanelState.load)
        assert [one.name for one in state.files] == [f"{n}.pdf" for n in (5, 4, 3, 2, 1)]


async def test_what_one_sets_there_is_kept_and_shown_at_once(db, connect):
    _, ben, chat = await make_pair()
    await do(messaging.send, ben, chat, messaging.Draft("cid-00000001", "Hello"))
    async with Tab(app, ben) as tab:
        await connect(tab)
        state = await beside(tab, chat)
        for event in (
            PanelState.set_pinned(True),
            PanelState.set_archived(True),
            PanelState.set_receipts(False),
            PanelState.mute("hour"),
        ):
            await tab.do(event)

        def shown() -> tuple[bool, ...]:
            about = state.about
            return about.pinned, about.archived, about.receipts, about.muted

        await tab.until(lambda: shown() == (True, True, False, True))
        await tab.do(PanelState.mute("off"))
        await tab.until(lambda: shown() == (True, True, False, False))
    kept = await card(ben, chat)
    assert (kept.pinned, kept.archived, kept.muted) == (True, True, False)


async def test_a_block_is_seen_and_lifted(db, connect):
    ada, ben, chat = await make_pair()
    async with Tab(app, ben) as tab:
        await connect(tab)
        state = await beside(tab, chat)
        async with transaction(ben) as tx:
            await moderation.block(tx, ben, ada.require_person())
        await tab.until(lambda: state.about.blocked)
        await tab.do(PanelState.unblock)
        assert await notices(tab) == [("success", "Ada Lind is no longer blocked.")]
        await tab.until(lambda: not state.about.blocked)
    await do(messaging.send, ben, chat, messaging.Draft("cid-00000001", "Hello again"))


async def test_an_owner_names_adds_removes_and_hands_over(db, connect):
    ada, chat, (ben, cleo) = await make_circle("Ben Okafor", "Cleo Marsh")
    dora = await make_user(name="Dora Diaz")
    await make_talk(ada, dora)
    async with Tab(app, ada) as tab:
        await connect(tab)
        state = await beside(tab, chat)

        def names() -> list[str]:
            return [one.name for one in state.about.members]

        await tab.do(PanelState.rename({"title": " Sunday circle "}))
        await tab.do(PanelState.show_adding(True))
        assert [one.name for one in state.people] == ["Dora Diaz"]  # who is in is not offered
        await tab.do(PanelState.add(dora.person_id))
        assert state.adding is False
        await tab.until(lambda: "Dora Diaz" in names() and state.about.title == "Sunday circle")
        await tab.do(PanelState.choose(cleo.person_id))
        assert state.chosen.name == "Cleo Marsh"
        await tab.do(PanelState.remove(cleo.person_id))
        assert state.chosen == queries.NO_MEMBER
        assert state.about.owning
        await tab.do(PanelState.hand_over(ben.person_id))
        await tab.until(lambda: "Cleo Marsh" not in names() and not state.about.owning)
        assert [one.name for one in state.about.members if one.owner] == ["Ben Okafor"]
    assert (await read(ben, chat))[1:] == [
        "Ada Lind named the group “Sunday circle”",
        "Ada Lind added Dora Diaz",
        "Ada Lind removed Cleo Marsh",
        "Ben Okafor looks after the group now",
    ]


async def test_a_bad_name_is_refused_by_its_field(db):
    ada, chat, (ben,) = await make_circle("Ben Okafor")
    async with Tab(app, ada) as tab:
        state = await beside(tab, chat)
        for title in ("  ", "x" * 81):
            await tab.do(PanelState.rename({"title": title}))
            assert list(state.errors) == ["title"]
        await tab.do(PanelState.rename({"title": "x" * 80}))
        assert state.errors == {}
    assert (await card(ben, chat)).name == "x" * 80


async def test_a_member_who_is_not_the_owner_changes_nothing(db):
    ada, chat, (ben, cleo) = await make_circle("Ben Okafor", "Cleo Marsh")
    async with Tab(app, ben) as tab:
        state = await beside(tab, chat)
        assert not state.about.owning
        for event in (
            PanelState.rename({"title": "Mine"}),
            PanelState.add(ada.person_id),
            PanelState.remove(cleo.person_id),
            PanelState.hand_over(ben.person_id),
        ):
            await tab.do(event)
        assert {kind for kind, _ in await notices(tab)} == {"error"}
        await tab.do(PanelState.show_adding(True))
        assert state.people == []  # he has no clients
        await tab.do(PanelState.show_adding(False))
        await tab.do(PanelState.choose(ada.person_id or 0))
        assert state.chosen.owner
        await tab.do(PanelState.choose(999_999))
        assert state.chosen == queries.NO_MEMBER
    assert await read(cleo, chat) == ["Ada Lind started the group “Circle”"]


async def test_leaving_is_asked_first_and_leads_to_the_list(db):
    _, chat, (ben, cleo) = await make_circle("Ben Okafor", "Cleo Marsh")
    async with Tab(app, ben) as tab:
        state = await beside(tab, chat)
        await tab.do(PanelState.ask_to_leave(True))
        assert state.leaving
        await tab.do(PanelState.leave)
        assert (state.leaving, tab.redirected_to()) == (False, "/messages")
    assert (await read(cleo, chat))[-1] == "Ben Okafor left"


async def test_a_conversation_of_two_is_not_left(db):
    _, ben, chat = await make_pair()
    await do(messaging.send, ben, chat, messaging.Draft("cid-00000001", "Hello"))
    async with Tab(app, ben) as tab:
        await beside(tab, chat)
        await tab.do(PanelState.leave)
        assert tab.redirected_to() == ""
        assert [kind for kind, _ in await notices(tab)] == ["error"]
    assert (await card(ben, chat)).name == "Ada Lind"


async def test_who_was_removed_sees_nothing_of_the_group_any_more(db, connect):
    ada, chat, (ben, _) = await make_circle("Ben Okafor", "Cleo Marsh")
    async with Tab(app, ben) as tab:
        await connect(tab)
        state = await beside(tab, chat)
        assert len(state.about.members) == 3
        await do(messaging.remove_from_group, ada, chat, ben.require_person())
        await tab.until(lambda: state.about == queries.NO_PANEL)


async def test_what_moves_elsewhere_is_not_read_here(db, connect):
    ada, ben, chat = await make_pair()
    dora = await make_user(name="Dora Diaz")
    other = await make_talk(ada, dora)
    async with Tab(app, ada) as tab:
        await connect(tab)
        state = await beside(tab, chat)
        before = state.about
        await do(messaging.send, dora, other, messaging.Draft("cid-00000001", "Elsewhere"))
        await do(messaging.archive, ada, other, archived=True)
        await do(messaging.archive, ada, chat, archived=True)
        await tab.until(lambda: state.about.archived)
        assert (before.id, state.about.id, state.about.other.id) == (chat, chat, ben.person_id)


@pytest.mark.parametrize(
    ("dialog", "cls"),
    [(ReportState.about_person(7), ReportState), (BlockState.ask(7, "Eve"), BlockState)],
    ids=["report", "block"],
)
async def test_a_report_half_written_outlives_a_lost_connection(db, dialog, cls):
    ada, chat, (ben,) = await make_circle("Ben Okafor")
    other = await do(messaging.create_group, ada, "Another", [ben.person_id])
    async with Tab(app, ada) as tab:
        await beside(tab, chat)
        await tab.do(dialog)
        state = await tab.state(cls)
        for _ in range(2):
            await tab.reconnect(ChatState.open, PanelState.load)
            assert (state.opened, state.person_id) == (True, 7)
        await beside(tab, other)
        assert not state.opened
        await tab.do(dialog)
        await beside(tab, chat)
        await beside(tab, other)  # gone and come back: nobody is asked any more
        assert not state.opened


@pytest.mark.parametrize(
    ("dialog", "cls", "opened"),
    [
        (PanelState.ask_to_leave(True), PanelState, "leaving"),
        (PanelState.show_adding(True), PanelState, "adding"),
        (ScheduleState.begin("For this circle only"), ScheduleState, "opened"),
        (ProposeState.begin(), ProposeState, "opened"),
    ],
    ids=["leave", "add", "schedule", "propose"],
)
async def test_a_dialog_does_not_stay_over_the_next_conversation(db, dialog, cls, opened):
    ada, chat, (ben,) = await make_circle("Ben Okafor")
    other = await do(messaging.create_group, ada, "Another", [ben.person_id])
    async with Tab(app, ada) as tab:
        await beside(tab, chat)
        await tab.do(dialog)
        state = await tab.state(cls)
        await beside(tab, chat)  # as after a lost connection
        assert getattr(state, opened)
        await beside(tab, other)
        assert not getattr(state, opened)
