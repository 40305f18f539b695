"""What every list page with a filter panel can do; the place of all of it is the address."""

from dataclasses import dataclass
from typing import Any, ClassVar

import reflex as rx

from loom_app.domains.accounts import actions as account_actions
from loom_app.domains.accounts import queries as accounts
from loom_app.kit import addresses
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.text import t
from loom_app.ui.filters import address
from loom_app.ui.problems import Problems, say
from loom_app.ui.session import acting, public


@dataclass(frozen=True)
class Choice:
    """A word to narrow by; `count` is what it would leave, `on` whether it is asked for."""

    value: str
    label: str
    count: int = 0
    on: bool = False


@dataclass(frozen=True)
class Preset:
    id: int
    name: str
    href: str
    here: bool = False


class Narrowing(Problems, mixin=True):
    """Filters in the address. A page says its path and keys and calls `_read` when it loads."""

    filters_on: int = 0
    presets: list[Preset] = []
    may_save: bool = False
    preset_key: int = 0
    span_key: int = 0  # changes when the fields of the panel have to show something else
    _shown: dict[str, str] = {}  # what stands in them, as it was typed or drawn

    list_path: ClassVar[str] = ""
    # what narrows, and what only orders or pages
    filter_keys: ClassVar[frozenset[str]] = frozenset()
    view_keys: ClassVar[frozenset[str]] = frozenset({"sort", "page", "view"})

    def _asked(self) -> dict[str, tuple[str, ...]]:
        return address.asked_of(self.router.url.query, self.filter_keys | self.view_keys)

    def _go(self, asked: address.Asked, *, replace: bool = False) -> Any:
        return rx.redirect(address.href(self.list_path, asked), replace=replace)

    def _page_href(self, asked: address.Asked, number: int) -> str:
        words = (str(number),) if number > 1 else ()
        return address.href(self.list_path, address.changed(asked, "page", words))

    def _kept(self, asked: address.Asked) -> str:
        """What a preset keeps: all but the page."""
        return address.query_of({key: asked[key] for key in asked if key != "page"})

    async def _read(self, tx: Tx, me: Actor) -> dict[str, tuple[str, ...]]:
        """What is asked for; fills what the panel shows of it."""
        asked = self._asked()
        query = self._kept(asked)
        stands = {key: address.one(asked, key) for key in self.filter_keys}
        if any(self._shown.get(key, "") != word for key, word in stands.items()):
            self.span_key += 1
        self._shown = stands
        self.filters_on = sum(key in self.filter_keys for key in asked)
        self.may_save = me.person_id is not None
        self.presets = [
            Preset(one.id, one.name, f"{self.list_path}?{one.query}", one.query == query)
            for one in await accounts.saved_filters(tx, me, self.list_path)
        ]
        return asked

    @rx.event
    @public
    def narrow(self, key: str, value: str) -> Any:
        """Ask for this word of a kind, or, with an empty one, for none."""
        asked = self._asked()
        if address.one(asked, key) == value.strip():
            return None
        self._shown = {**self._shown, key: value.strip()}
        return self._go(address.changed(asked, key, (value,)))

    @rx.event
    @public
    def narrow_day(self, key: str, value: str) -> Any:
        """The same by a day. Who types one sends the years 2, 20 and 202 on the way to 2026."""
        return None if value and addresses.day(value) is None else self.narrow(key, value)

    @rx.event
    @public
    def toggle(self, key: str, value: str) -> Any:
        """Ask for one more word of a kind, or for one less."""
        asked = self._asked()
        words = asked.get(key, ())
        others = tuple(word for word in words if word != value)
        return self._go(
            address.changed(asked, key, others if value in words else (*words, value)),
        )

    @rx.event
    @public
    def narrow_all(self, form: dict[str, str]) -> Any:
        """The fields of a small form, each under its key."""
        asked: address.Asked = self._asked()
        for key, value in form.items():
            if key in self.filter_keys and isinstance(value, str):
                asked = address.changed(asked, key, (value,))
        return self._go(asked)

    @rx.event
    @public
    def clear_filters(self) -> Any:
        asked = self._asked()
        return self._go({key: asked[key] for key in asked if key in {"sort", "view"}})

    @rx.event
    async def save_preset(self, form: dict[str, str]) -> None:
        async with acting(self) as (tx, me):
            await account_actions.save_filter(
                tx,
                me,
                page=self.list_path,
                name=str(form.get("preset", "")),
                query=self._kept(self._asked()),
            )
            await self._read(tx, me)
            self.preset_key += 1
            await say(self, t("Saved. You find it above the filters."))

    @rx.event
    async def remove_preset(self, preset_id: int) -> None:
        async with acting(self) as (tx, me):
            await account_actions.remove_filter(tx, me, preset_id)
            await self._read(tx, me)
