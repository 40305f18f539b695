"""The list of conversations, live, and what one does with a row of it."""

from typing import Any

import reflex as rx

from loom_app.domains.messaging import actions as messaging
from loom_app.domains.messaging import queries
from loom_app.domains.messaging.actions import Mute
from loom_app.domains.messaging.queries import ConversationCard, PresenceView, Show
from loom_app.kit import addresses
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.text import t
from loom_app.ui import inbox_feed, presence_feed
from loom_app.ui.inbox_feed import Told
from loom_app.ui.plain import plain
from loom_app.ui.problems import say
from loom_app.ui.session import acting, actor_of

FIRST = 30
# a var is sent whole: what moved stands beside the list, and joins it when it has grown
MOVED_MAX = 8
NO_CARD = ConversationCard(
    0, "pair", 0, "", "", 0, "", "", "", 0, 0,
    marked=False, pinned=False, muted=False, archived=False,
)  # fmt: skip


class InboxState(rx.State):
    """`cards` as first read; `moved` replace or join them, `gone` left them (`inbox.shown` puts
    them together in the browser). `here` maps people to online or away. `chosen` has its menu
    open."""

    cards: list[ConversationCard] = []
    moved: list[ConversationCard] = []
    gone: list[int] = []
    here: dict[int, str] = {}
    show: Show = "all"
    loaded: bool = False
    has_more: bool = False
    chosen: ConversationCard = NO_CARD
    choosing: bool = False

    @rx.event
    async def load(self) -> Any:
        """The newest conversations; `?to=7` opens the one with this person."""
        wanted = addresses.number(self.router.url.query_parameters.get("to", ""))
        started = 0
        if wanted:
            # on its own: whom one cannot write to must not cost the list
            async with acting(self) as (tx, me):
                started = await messaging.start(tx, me, wanted)
        me = await actor_of(self.router_data)
        # before reading, to miss nothing; a list that heard everything needs no reading
        if inbox_feed.join(self, me.require_person()) or not self.loaded:
            await self._read()
        await self._open_marked()
        return rx.redirect(f"/messages/{started}", replace=True) if started else None

    async def _read(self) -> None:
        async with acting(self) as (tx, me):
            found = await queries.conversations(tx, me, show=self.show, limit=FIRST + 1)
            self.cards, self.has_more = found[:FIRST], len(found) > FIRST
            self.moved, self.gone = [], []
            await self._watch(tx, me)
        self.loaded = True

    async def _open_marked(self) -> None:
        """A conversation that was marked as unread is open now."""
        last = self.router.url.path.rstrip("/").rpartition("/")[2]
        opened = next((card for card in self._all() if str(card.id) == last), None)
        if opened and opened.marked:
            async with acting(self) as (tx, me):
                await messaging.mark_unread(tx, me, opened.id, unread=False)

    async def _watch(self, tx: Tx, me: Actor) -> None:
        people = {card.other_id for card in self._all() if card.other_id}
        presence_feed.join(self, me.require_person(), people)
        self._meet(await queries.presence_of(tx, me, people))

    async def _presence(self, seen: dict[int, PresenceView]) -> None:
        self._meet(seen)

    def _meet(self, seen: dict[int, PresenceView]) -> None:
        told = {one: view.here for one, view in seen.items() if view.here in {"online", "away"}}
        here = {one: here for one, here in self.here.items() if one not in seen} | told
        if here != self.here:
            self.here = here

    def _all(self) -> list[ConversationCard]:
        """As the browser shows them."""
        moved = plain(self.moved)
        known = {card.id for card in moved} | set(plain(self.gone))
        cards = [*moved, *(card for card in plain(self.cards) if card.id not in known)]
        return sorted(cards, key=lambda card: (card.pinned, card.at, card.id), reverse=True)

    async def _inbox(self, told: Told) -> None:
        """Conversations moved, here or in another tab of the person."""
        if told.missed:
            await self._read()
            return
        me = await actor_of(self.router_data)
        known = {card.id: card for card in self._all()}
        found = {row.id: queries.card(row, me) for row in told.rows}
        fresh = [card for card in found.values() if self._belongs(card, known)]
        gone = (told.ids - {card.id for card in fresh}) & known.keys()
        fresh = [card for card in fresh if known.get(card.id) != card]
        if self.chosen.id in found:
            self.chosen = found[self.chosen.id]
        if not fresh and not gone:
            return
        moved = {card.id for card in fresh} | gone
        self.moved = [*fresh, *(card for card in plain(self.moved) if card.id not in moved)]
        left = sorted((set(plain(self.gone)) - moved) | gone)
        if left != plain(self.gone):
            self.gone = left
        if len(self.moved) + len(self.gone) > MOVED_MAX:
            self.cards, self.moved, self.gone = self._all(), [], []
        if self.has_more and not self._all():  # all that it showed has left: there is more to show
            await self._read()
        elif any(card.other_id and card.id not in known for card in fresh):
            async with acting(self) as (tx, _):
                await self._watch(tx, me)

    def _belongs(self, card: ConversationCard, known: dict[int, ConversationCard]) -> bool:
        """Whether the list as it is filtered shows the card; what is beyond its end comes with
        `load_more`."""
        if card.archived != (self.show == "archived") and self.show != "files":
            return False
        if card.id in known:
            return True
        if self.show == "files" or (self.show == "unread" and not (card.unread or card.marked)):
            return False
        return card.pinned or not self.has_more or not known or card.at > self._all()[-1].at

    @rx.event
    async def load_more(self) -> None:
        shown = self._all()
        if not shown:
            return
        async with acting(self) as (tx, me):
            more = await queries.conversations(
                tx, me, show=self.show, after=shown[-1], limit=FIRST + 1
            )
            self.cards, self.moved, self.gone = [*shown, *more[:FIRST]], [], []
            self.has_more = len(more) > FIRST
            await self._watch(tx, me)

    @rx.event
    async def filter(self, show: Show) -> None:
        """All, unread, archived, or with files; the same again shows all."""
        self.show = "all" if show == self.show else show
        await self._read()

    @rx.event
    async def choose(self, conversation_id: int) -> None:
        """Open the menu of a row."""
        found = next((card for card in self._all() if card.id == conversation_id), None)
        if found:
            self.chosen, self.choosing = found, True

    @rx.event
    def close_menu(self, opened: bool) -> None:
        self.choosing = opened

    @rx.event
    async def pin(self, conversation_id: int, pinned: bool) -> None:
        self.choosing = False
        async with acting(self, limit="save") as (tx, me):
            await messaging.pin(tx, me, conversation_id, pinned=pinned)

    @rx.event
    async def mute(self, conversation_id: int, how_long: Mute) -> None:
        self.choosing = False
        async with acting(self, limit="save") as (tx, me):
            await messaging.mute(tx, me, conversation_id, how_long)

    @rx.event
    async def mark_unread(self, conversation_id: int, unread: bool) -> None:
        self.choosing = False
        async with acting(self, limit="save") as (tx, me):
            if not unread and self.chosen.id == conversation_id and self.chosen.unread:
                await messaging.mark_read(tx, me, conversation_id, queries.EVERYTHING)
            else:
                await messaging.mark_unread(tx, me, conversation_id, unread=unread)

    @rx.event
    async def archive(self, conversation_id: int, archived: bool) -> None:
        self.choosing = False
        async with acting(self, limit="save") as (tx, me):
            await messaging.archive(tx, me, conversation_id, archived=archived)
            if archived:
                await say(self, t("Archived. A new message brings it back."))
