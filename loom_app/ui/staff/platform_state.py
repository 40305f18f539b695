"""Settings, notices and features: filled in, compared, chosen, and brought back."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import reflex as rx

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.platform import actions, queries
from loom_app.domains.platform.actions import Change
from loom_app.domains.platform.areas import NOTICES, SETTINGS, InvalidChoices
from loom_app.domains.platform.queries import VersionView
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import DomainError
from loom_app.kit.i18n import times
from loom_app.kit.realtime.signals import Signal
from loom_app.kit.text import t, tn
from loom_app.ui import live
from loom_app.ui.problems import Problems, say
from loom_app.ui.session import acting
from loom_app.ui.staff.platform_fields import Spec, read, said, spec, typed

FLAGS = tuple(f"flag:{name}" for name in queries.declared())
PAGES = {
    "settings": ("platform.settings", tuple(SETTINGS)),
    "notices": ("platform.notices", tuple(NOTICES)),
    "flags": ("platform.flags", FLAGS),
}


@dataclass(frozen=True)
class Tick:
    """One of several boxes of a field."""

    name: str
    words: str
    ticked: bool


@dataclass(frozen=True)
class FieldRow:
    """A field as its form begins; `key` is the area with its name."""

    key: str
    name: str
    kind: str
    title: str
    hint: str
    value: str
    ticked: bool
    options: list[list[str]]
    ticks: list[Tick]


@dataclass(frozen=True)
class AreaRow:
    """An area with its form; `mark` changes with each version."""

    area: str
    mark: str
    title: str
    words: str
    note: str
    uses: str
    fields: list[FieldRow]


@dataclass(frozen=True)
class ChangeRow:
    title: str
    before: str
    after: str


@dataclass(frozen=True)
class VersionRow:
    """A version in the history; 0 is how it was before anybody chose."""

    number: int
    title: str
    reason: str
    changes: list[ChangeRow]
    holds: bool


class PlatformState(Problems, rx.State):
    """One page of areas. Who may not see it is led away, and every action says no to them."""

    loaded: bool = False
    rows: list[AreaRow] = []
    changes: list[ChangeRow] = []  # compared before they are chosen; the dialog is open with them
    changing: str = ""
    versions: list[VersionRow] = []
    looking_back: str = ""
    working: bool = False
    _page: str = ""
    _area: str = ""
    _values: dict[str, Any] = {}
    _base: int = 0
    _back_to: int = -1

    @rx.event
    async def load(self) -> Any:
        page = self.router.url.path.rstrip("/").rpartition("/")[2]
        async with acting(self) as (tx, me):
            if page not in PAGES or not me.may(PAGES[page][0]):
                return rx.redirect("/sessions", replace=True)
            if page != self._page:
                self.rows, self.loaded = [], False
            self._page, self.working = page, False
            self._close()
            live.watch(self, [queries.NOW], "_changed")
            await self._fill(tx, me)
        return None

    async def _changed(self, _signal: Signal) -> None:
        async with acting(self, on_problem=lambda _: self._empty()) as (tx, me):
            await self._fill(tx, me)

    def _empty(self) -> None:
        """The caller is no more among those who may."""
        self.rows = []
        self._close()

    def _close(self) -> None:
        self.changes, self.changing, self.versions, self.looking_back = [], "", [], ""
        self._values, self._back_to = {}, -1

    async def _fill(self, tx: Tx, me: Actor) -> None:
        uses = await queries.exposures(tx, me) if self._page == "flags" else {}
        self.rows = [await _row(tx, me, area, uses) for area in PAGES[self._page][1]]
        self.loaded = True

    @rx.event
    async def review(self, form: dict[str, Any]) -> None:
        """Compare what is typed with what holds; nothing is written."""
        area = str(form.get("area", ""))
        async with acting(self, on_problem=self._beside(area)) as (tx, me):
            actions.require(me, area)
            values = await _values(tx, spec(area).fields, form, me.zone)
            self._back_to = -1
            await self._compare(tx, me, area, values)

    async def _compare(self, tx: Tx, me: Actor, area: str, values: dict[str, Any]) -> None:
        base, changes = await actions.review(tx, me, area, values)
        if not changes:
            await say(self, t("Nothing would change."), "info")
            return
        self._area, self._values, self._base = area, values, base
        known = await _known(tx, area, changes)
        wanted = str(values.get("default_rate_currency", ""))
        self.changes = _changes(area, changes, me.zone, known, wanted)
        self.changing = spec(area).title

    def _beside(self, area: str) -> Any:
        """Every area has a form: the messages stand at its own fields."""

        def show(problem: DomainError) -> None:
            fields = problem.fields if isinstance(problem, InvalidChoices) else {}
            if not fields:
                fields = {problem.field or "": problem.message}
            self.errors = {f"{area}.{name}": words for name, words in fields.items()}

        return show

    @rx.event
    async def save(self, form: dict[str, Any]) -> Any:
        """What was compared holds from now on."""
        self.working = True
        yield
        self.working = False
        back_to = None if self._back_to < 0 else self._back_to
        async with acting(self, limit="save") as (tx, me):
            reason = str(form.get("reason", ""))
            choice = actions.Choice(self._area, self._values, self._base, reason, back_to)
            await actions.choose(tx, me, choice)
            await self._fill(tx, me)
            self._close()
            await say(self, t("Saved. It holds everywhere at once."))

    @rx.event
    def close(self, opened: bool) -> None:
        if not opened:
            self._close()
            self.errors = {}

    @rx.event
    async def look_back(self, area: str) -> None:
        """Open the history of an area."""
        async with acting(self) as (tx, me):
            found = await queries.history(tx, me, area)
            changes = [one for version in found for one in version.changes]
            known = await _known(tx, area, changes)
            holds = (await queries.area(tx, me, area)).values.get("default_rate_currency", "")
            self.versions = _versions(area, found, me.zone, known, holds) if found else []
            self._area, self.looking_back = area, spec(area).title

    @rx.event
    async def bring_back(self, number: int) -> None:
        """Compare what held then with what holds now."""
        async with acting(self) as (tx, me):
            area = self._area
            values = await actions.back(tx, me, area, number)
            self.versions, self.looking_back = [], ""
            self._back_to = number
            await self._compare(tx, me, area, values)


async def _row(tx: Tx, me: Actor, area: str, uses: dict[str, tuple[int, int]]) -> AreaRow:
    found, about = await queries.area(tx, me, area), spec(area)
    known = await accounts.addresses_of(tx, found.values.get("people", []))
    note = t("As the environment says.") if area in SETTINGS else t("Not changed yet.")
    if found.changed_at:
        moment = times.when(found.changed_at, me.zone)
        note = t("Changed by {name} on {when}.", name=found.changed_by, when=moment)
    yes, no = uses.get(area.partition(":")[2], (0, 0))
    asked = t(
        "In seven days asked for {n} times: {yes} × on, {no} × off.", n=yes + no, yes=yes, no=no
    )
    return AreaRow(
        area=area,
        mark=f"{area}-{found.number}",
        title=about.title,
        words=about.words,
        note=note,
        uses=asked if area in FLAGS else "",
        fields=[
            _field(area, one, found.values, typed(one, found.values, me.zone, known))
            for one in about.fields
        ],
    )


def _field(area: str, one: Spec, values: dict[str, Any], text: str) -> FieldRow:
    value = values[one.name]
    many = one.kind == "many"
    return FieldRow(
        key=f"{area}.{one.name}",
        name=one.name,
        kind=one.kind,
        title=one.title,
        hint=one.hint,
        value=text,
        ticked=one.kind == "yes" and bool(value),
        options=[list(pair) for pair in one.options],
        ticks=[Tick(f"{one.name}-{v}", words, v in value) for v, words in one.options if many],
    )


async def _values(
    tx: Tx, fields: tuple[Spec, ...], form: dict[str, Any], zone: str
) -> dict[str, Any]:
    """Raises InvalidChoices."""
    values: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for one in fields:
        try:
            values[one.name] = read(one, form, zone)
            if one.kind == "people":
                values[one.name] = await _ids(tx, values[one.name])
        except ValueError as error:
            wrong[one.name] = str(error)
    if wrong:
        raise InvalidChoices(wrong)
    return values


async def _ids(tx: Tx, lines: list[str]) -> list[int]:
    """Raises ValueError for an address that nobody has."""
    keys = {accounts.email_key(line): line for line in lines[:1000]}
    found = await accounts.ids_of_addresses(tx, list(keys))
    unknown = [line for key, line in keys.items() if key not in found]
    if unknown:
        one, more = "Nobody has this address: {who}", "Nobody has these addresses: {who}"
        raise ValueError(tn(one, more, len(unknown), who=", ".join(unknown[:5])))
    return sorted(set(found.values()))


async def _known(tx: Tx, area: str, changes: Any) -> dict[int, str]:
    """Mail addresses of the people that changes speak of."""
    people = [one.name for one in spec(area).fields if one.kind == "people"]
    ids = {n for one in changes if one.name in people for n in (*one.before, *one.after)}
    return await accounts.addresses_of(tx, ids) if ids else {}


def _changes(
    area: str, changes: Iterable[Change], zone: str, known: dict[int, str], currency: str
) -> list[ChangeRow]:
    """`currency` is that of the rate after the changes."""
    found = {one.name: one for one in changes}
    moved = found.get("default_rate_currency")
    former = moved.before if moved else currency
    return [
        ChangeRow(
            one.title,
            said(one, found[one.name].before, zone, known, former),
            said(one, found[one.name].after, zone, known, currency),
        )
        for one in spec(area).fields
        if one.name in found
    ]


def _versions(
    area: str, found: list[VersionView], zone: str, known: dict[int, str], currency: str
) -> list[VersionRow]:
    """The newest first, each in the currency that the rate had then; at the end, the usual."""
    rows: list[VersionRow] = []
    for one in found:
        rows.append(
            VersionRow(
                number=one.number,
                title=t("{when}, {name}", when=times.when(one.at, zone), name=one.by),
                reason=one.reason,
                changes=_changes(area, one.changes, zone, known, currency),
                holds=one is found[0],
            )
        )
        before = {each.name: each.before for each in one.changes}
        currency = before.get("default_rate_currency", currency)
    reason = t("As the environment and the code say.")
    return [*rows, VersionRow(0, t("Before anybody chose"), reason, [], holds=False)]
