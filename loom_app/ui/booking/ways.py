"""How the client wants to pay: credit, a saved card, or the page."""

from datetime import datetime
from typing import Any

import reflex as rx

from loom_app.domains.payments import queries as payments
from loom_app.domains.payments.actions import Way
from loom_app.kit import addresses
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.money import Money
from loom_app.kit.text import t
from loom_app.ui.session import acting

PAGE = "page"


class WaysState(rx.State):
    """The ways of this person, and the one that is chosen: "page" or a saved card's number."""

    cards: list[list[str]] = []
    chosen: str = PAGE
    save_card: bool = False
    credit: str = ""
    use_credit: bool = False
    all_credit: bool = False
    kept: bool = False  # a part is taken later, so the card is kept
    needs_card: bool = False  # nothing is paid now, and no card is saved yet
    label: str = ""
    _price: Money = Money(0, "USD")
    _credit: Money = Money(0, "USD")
    _booking: bool = True

    async def _load(
        self,
        tx: Tx,
        me: Actor,
        price: Money,
        needed_by: datetime,
        *,
        kept: bool = False,
        booking: bool = True,
    ) -> None:
        """Fill in what this person may pay with in time; what was chosen before stays chosen.
        `kept`: a part is taken later, so that the card is saved."""
        self._price, self.kept, self.needs_card = price, kept, False
        self._booking = booking
        if me.person_id is None or price.minor == 0:
            self.cards, self.credit = [], ""
            self.chosen, self.use_credit, self.all_credit = PAGE, False, False
            if kept and me.person_id is not None:
                self.needs_card = not (await payments.keeps_cards(tx, me.person_id))[0]
        else:
            found = await payments.methods_for(tx, me, price, needed_by)
            first = not self.cards
            self.cards = [[str(one.id), one.words, _note(one)] for one in found]
            known = [card[0] for card in self.cards]
            if first or (self.chosen != PAGE and self.chosen not in known):
                self.chosen = known[0] if known else PAGE
            self._credit = await payments.credit_towards(tx, me, price)
            if kept and not known:  # credit alone would keep no card
                self._credit = Money(0, price.currency)
            self.credit = self._credit.format() if self._credit.minor else ""
            self.use_credit = bool(self.credit) and (first or self.use_credit)
        self._word()

    def _word(self) -> None:
        used = self._credit.minor if self.use_credit else 0
        due = Money(self._price.minor - used, self._price.currency)
        self.all_credit = self._price.minor > 0 and due.minor == 0
        card = next((one[1] for one in self.cards if one[0] == self.chosen), "")
        if self.needs_card:
            self.label = t("Save a card and go on")
        elif self._price.minor == 0:
            self.label = t("Book session")
        elif self.all_credit:
            self.label = t("Pay {price} with credit", price=self._price.format())
        elif card:
            self.label = t("Pay {price} with {card}", price=due.format(), card=card)
        elif self._booking:
            self.label = t("Pay {price} and book", price=due.format())
        else:
            self.label = t("Pay {price}", price=due.format())

    def _way(self) -> Way:
        if self.all_credit:
            return Way(use_credit=True)
        if self.chosen == PAGE:
            return Way(save_card=self.save_card or self.kept, use_credit=self.use_credit)
        return Way(addresses.number(self.chosen), use_credit=self.use_credit)

    @rx.event
    async def choose(self, way: str) -> None:
        async with acting(self):
            if way == PAGE or way in [card[0] for card in self.cards]:
                self.chosen = way
                self._word()

    @rx.event
    async def spend(self, wanted: bool) -> None:
        async with acting(self):
            self.use_credit = wanted and bool(self.credit)
            self._word()

    @rx.event
    async def keep(self, wanted: bool) -> Any:
        self.save_card = wanted


def _note(one: payments.MethodView) -> str:
    if one.days:
        return t("up to {n} days", n=one.days)
    return t("until {month}", month=one.expires) if one.expires else ""
