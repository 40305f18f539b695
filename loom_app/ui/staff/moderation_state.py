"""The moderation queue: cases, one case with what stood around it, and appeals."""

from dataclasses import dataclass, replace
from typing import Any

import reflex as rx
from typing_extensions import TypedDict

from loom_app.domains.messaging import queries as messaging
from loom_app.domains.messaging.queries import ContextLine
from loom_app.domains.moderation import queries, working
from loom_app.domains.moderation.queries import AppealView, Case, CaseView, EntryView, Figures
from loom_app.kit.actor import Actor
from loom_app.kit.addresses import number
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import DomainError, Invalid, NotFound
from loom_app.kit.i18n import times
from loom_app.kit.realtime.signals import Signal
from loom_app.kit.text import t, tn
from loom_app.ui import live
from loom_app.ui.problems import Problems, say
from loom_app.ui.session import acting
from loom_app.ui.staff.notes import NoteForm, NoteRow

VIEWS = ("open", "mine", "decided", "appeals")


class WordsForm(TypedDict):
    words: str


class SuspendForm(TypedDict):
    words: str
    days: str


class AnswerForm(TypedDict):
    answer: str


@dataclass(frozen=True)
class CaseRow:
    """A case in a line."""

    id: str
    who: str
    about: str
    excerpt: str
    when: str
    badge: str
    tone: str
    again: str
    assigned: str
    href: str


@dataclass(frozen=True)
class LineRow:
    """A message around the reported one."""

    id: int
    by: str
    body: str
    when: str
    it: bool


@dataclass(frozen=True)
class AppealRow:
    """An appeal that waits; `mine`: somebody else has to answer it."""

    id: int
    who: str
    about: str
    reason: str
    words: str
    when: str
    mine: bool
    href: str


@dataclass(frozen=True)
class CaseSheet:
    """The case as it is worked."""

    id: int = 0
    kind: str = ""
    who: str = ""
    reporter: str = ""
    about: str = ""
    words: str = ""
    excerpt: str = ""
    when: str = ""
    outcome: str = ""
    again: str = ""
    assigned: str = ""
    mine: bool = False
    open: bool = False
    message: bool = False
    suspended: bool = False
    hidden: bool = False
    person_id: int = 0


class ModerationState(Problems, rx.State):
    """For moderators: others are led away, and every query says no to them."""

    loaded: bool = False
    view: str = "open"
    rows: list[CaseRow] = []
    appeals: list[AppealRow] = []
    waiting: int = 0
    open_now: str = ""
    oldest: str = ""
    median: str = ""
    answering: int = 0
    lifting: bool = False
    working: bool = False

    @rx.event
    async def load(self) -> Any:
        async with acting(self) as (tx, me):
            if not me.may("people.moderate"):
                return rx.redirect("/sessions", replace=True)
            live.watch(self, ["staff:moderation"], "_changed", calm=0.5)
            asked = self.router.url.query_parameters.get("view", "open")
            self.view = asked if asked in VIEWS else "open"
            self.answering, self.working = 0, False
            await self._fill(tx, me)
        return None

    async def _changed(self, _signal: Signal) -> None:
        async with acting(self, on_problem=self._empty) as (tx, me):
            await self._fill(tx, me)

    def _empty(self, _problem: DomainError) -> None:
        """The caller is no more among those who may."""
        self.rows, self.appeals = [], []

    async def _fill(self, tx: Tx, me: Actor) -> None:
        appeals = await queries.open_appeals(tx, me)
        self.waiting = len(appeals)
        self.appeals = [_appeal_row(one, me.zone) for one in appeals]
        status = "closed" if self.view == "decided" else "open"
        found = await queries.queue(tx, me, status=status, mine=self.view == "mine")
        self.rows = [] if self.view == "appeals" else [_case_row(one, me.zone) for one in found]
        self._figures(await queries.figures(tx, me))
        self.loaded = True

    def _figures(self, found: Figures) -> None:
        self.open_now = str(found.open)
        self.oldest = times.ago(found.oldest) if found.oldest else t("None waits")
        self.median = times.span(found.median) if found.median is not None else t("None decided")

    @rx.event
    def answer(self, appeal_id: int, lifted: bool) -> None:
        """Open the question of an answer; 0 closes it."""
        self.answering, self.lifting, self.errors = appeal_id, lifted, {}

    @rx.event
    def turn(self, opened: bool) -> None:
        """The question says whether it is open."""
        if not opened:
            self.answering, self.errors = 0, {}

    @rx.event
    async def send_answer(self, form: AnswerForm) -> Any:
        self.working = True
        yield
        self.working = False
        async with acting(self, limit="answer") as (tx, me):
            await working.decide_appeal(
                tx, me, self.answering, lifted=self.lifting, words=form["answer"]
            )
            self.answering = 0
            await self._fill(tx, me)
            await say(self, t("They have a mail with your words."))


class CaseState(Problems, rx.State):
    """One case, and what is asked before it is decided."""

    loaded: bool = False
    missing: bool = False
    case: CaseSheet = CaseSheet()
    lines: list[LineRow] = []
    entries: list[NoteRow] = []
    former: list[CaseRow] = []
    asking: str = ""  # dismiss, warn, hide, suspend, lift or show while its question is open
    working: bool = False
    form_key: int = 0

    @rx.event
    async def load(self) -> Any:
        self.loaded, self.missing, self.asking, self.working = False, False, "", False
        async with acting(self, on_problem=self._gone) as (tx, me):
            if not me.may("people.moderate"):
                return rx.redirect("/sessions", replace=True)
            live.watch(self, ["staff:moderation"], "_changed", calm=0.5)
            case = self._asked()
            self.lines = [
                _line(one, me.zone)
                for one in await messaging.around_case(tx, me, case.kind, case.id)
            ]
            await self._fill(tx, me)
        return None

    def _asked(self) -> Case:
        kind, _, digits = self.router.url.path.rstrip("/").rpartition("/")[2].partition("-")
        if kind not in ("report", "hit"):
            raise NotFound(t("This case is gone."))
        return Case("report" if kind == "report" else "hit", number(digits))

    def _gone(self, problem: DomainError) -> None:
        self.missing, self.loaded = isinstance(problem, NotFound), True
        self.case, self.lines, self.entries, self.former = CaseSheet(), [], [], []

    async def _changed(self, _signal: Signal) -> None:
        async with acting(self, on_problem=self._gone) as (tx, me):
            await self._fill(tx, me)

    async def _fill(self, tx: Tx, me: Actor) -> None:
        asked = self._asked()
        found = await queries.case(tx, me, asked.kind, asked.id)
        entries = await queries.entries(tx, me, asked)
        self.case = _sheet(found, me)
        self.entries = [_note(one, me.zone) for one in entries]
        standing = {one.kind for one in entries if not one.withdrawn}
        self.former = [_case_row(one, me.zone) for one in await queries.former_cases(tx, me, found)]
        self.case = replace(self.case, suspended="suspend" in standing, hidden="hide" in standing)
        self.loaded = True

    @rx.event
    def ask(self, what: str) -> None:
        """Open a question; "" closes it."""
        known = ("dismiss", "warn", "hide", "suspend", "lift", "show")
        self.asking, self.errors = what if what in known else "", {}

    @rx.event
    def turn(self, opened: bool) -> None:
        """The question says whether it is open."""
        if not opened:
            self.asking, self.errors = "", {}

    @rx.event
    async def assign(self, mine: bool) -> None:
        async with acting(self, limit="save") as (tx, me):
            await working.assign(tx, me, self._asked(), mine=mine)
            await self._fill(tx, me)

    @rx.event
    async def note(self, form: NoteForm) -> None:
        if form["form"] != str(self.form_key):  # written by the first of two clicks
            return
        async with acting(self, limit="save") as (tx, me):
            await working.note(tx, me, self._asked(), form["note"])
            await self._fill(tx, me)
            self.form_key += 1

    @rx.event
    async def decide(self, form: WordsForm) -> Any:
        """What is asked, but for a suspension, which has a length."""
        self.working = True
        yield
        self.working = False
        acts = {
            "dismiss": working.dismiss,
            "warn": working.warn,
            "hide": working.hide,
            "lift": working.take_back,
            "show": working.take_back,
        }
        async with acting(self, limit="answer") as (tx, me):
            if self.asking not in acts:
                raise Invalid(t("Choose from the list."))
            await acts[self.asking](tx, me, self._asked(), form["words"])
            await self._done(tx, me)

    @rx.event
    async def suspend(self, form: SuspendForm) -> Any:
        self.working = True
        yield
        self.working = False
        async with acting(self, limit="answer") as (tx, me):
            days = int(form["days"]) if form["days"].isdecimal() else -1
            await working.suspend(tx, me, self._asked(), form["words"], days)
            await self._done(tx, me)

    async def _done(self, tx: Tx, me: Actor) -> None:
        self.asking = ""
        await self._fill(tx, me)
        await say(self, t("Decided. Whoever is concerned has a mail."))


def reason_words(one: CaseView) -> str:
    """What it is about, in words: the reporter's choice, or that the filter noticed it."""
    words = {
        "harassment": t("Insulting or threatening"),
        "spam": t("Advertising"),
        "scam": t("Asks for money or secrets"),
        "unsafe": t("Somebody may be in danger"),
        "other": t("Something else"),
    }
    return words.get(one.reason, t("Noticed by the filter"))


def _outcomes() -> dict[str, tuple[str, str]]:
    return {
        "dismiss": (t("Dismissed"), "plain"),
        "warn": (t("Warned"), "warn"),
        "hide": (t("Hidden"), "warn"),
        "suspend": (t("Suspended"), "bad"),
        "": (t("Closed"), "plain"),
    }


def _again(one: CaseView) -> str:
    parts = []
    if one.former:
        parts.append(tn("{n} other report", "{n} other reports", one.former))
    if one.measures:
        parts.append(tn("{n} decision against them", "{n} decisions against them", one.measures))
    return ", ".join(parts)


def _case_row(one: CaseView, zone: str) -> CaseRow:
    badge, tone = (t("Report"), "brand") if one.case.kind == "report" else (t("Filter"), "info")
    if one.status != "open":
        badge, tone = _outcomes()[one.outcome]
    moment = one.decided_at or one.created_at
    return CaseRow(
        id=f"{one.case.kind}-{one.case.id}",
        who=one.person.name if one.person else t("Somebody who left"),
        about=reason_words(one),
        excerpt=(one.excerpt or one.words)[:200],
        when=times.ago(one.created_at) if one.status == "open" else times.when(moment, zone),
        badge=badge,
        tone=tone,
        again=_again(one),
        assigned=one.assigned,
        href=f"/staff/moderation/{one.case.kind}-{one.case.id}",
    )


def _sheet(one: CaseView, me: Actor) -> CaseSheet:
    outcome = ""
    if one.status != "open":
        said, _ = _outcomes()[one.outcome]
        outcome = t("{what} by {name}", what=said, name=one.decided_by or t("our team"))
    return CaseSheet(
        id=one.case.id,
        kind=one.case.kind,
        who=one.person.name if one.person else t("Somebody who left"),
        reporter=one.reporter.name if one.reporter else "",
        about=reason_words(one),
        words=one.words,
        excerpt=one.excerpt,
        when=times.when(one.created_at, me.zone),
        outcome=outcome,
        again=_again(one),
        assigned=one.assigned,
        mine=one.assigned_to == me.person_id,
        open=one.status == "open",
        message=one.message_id > 0,
        person_id=one.person.id if one.person else 0,
    )


def _line(one: ContextLine, zone: str) -> LineRow:
    body = t("(taken back)") if one.gone else one.body
    return LineRow(one.id, one.by, body, times.when(one.at, zone), one.it)


def _note(one: EntryView, zone: str) -> NoteRow:
    said = {
        "note": t("Note by {name}", name=one.by),
        "dismiss": t("Dismissed by {name}", name=one.by),
        "warn": t("Warned by {name}", name=one.by),
        "hide": t("Hidden by {name}", name=one.by),
        "suspend": t("Suspended by {name}", name=one.by),
    }
    title = said[one.kind]
    if one.kind == "suspend":
        until = t("until {when}", when=times.when(one.until, zone)) if one.until else t("for good")
        title = f"{title}, {until}"
    if one.withdrawn:
        title = t("{what} (taken back)", what=title)
    return NoteRow(title, one.words, times.when(one.at, zone))


def _appeal_row(one: AppealView, zone: str) -> AppealRow:
    about = {
        "warn": t("Against a warning by {name}", name=one.by),
        "hide": t("Against a hidden message, by {name}", name=one.by),
        "suspend": t("Against a suspension by {name}", name=one.by),
    }
    return AppealRow(
        id=one.id,
        who=one.person.name if one.person else t("Somebody who left"),
        about=about[one.kind],
        reason=one.reason,
        words=one.words,
        when=times.when(one.at, zone),
        mine=one.mine,
        href=f"/staff/moderation/{one.case.kind}-{one.case.id}",
    )
