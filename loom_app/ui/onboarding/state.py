"""`/become-a-coach`: what is done, what is put off, and what staff says."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from loom_app.domains.accounts import actions as accounts
from loom_app.domains.coaches import onboarding, queries
from loom_app.domains.coaches.queries import DecisionView, StandingView
from loom_app.domains.scheduling import queries as scheduling
from loom_app.domains.scheduling.queries import StepView
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.i18n import times
from loom_app.kit.realtime.signals import Signal
from loom_app.kit.text import t
from loom_app.ui import live
from loom_app.ui.problems import Problems, say
from loom_app.ui.session import acting


@dataclass(frozen=True)
class StepRow:
    """A step in words; `state` is done, later or open."""

    name: str
    title: str
    detail: str
    href: str
    action: str
    state: str
    optional: bool


@dataclass(frozen=True)
class HistoryRow:
    """What was submitted or decided, in words."""

    title: str
    words: str
    when: str


@dataclass(frozen=True)
class Standing:
    """Where one stands: `kind` is new, waiting, changes, verified or hidden."""

    kind: str = "new"
    title: str = ""
    words: str = ""
    reason: str = ""


class OnboardingState(Problems, rx.State):
    """The path of the caller; of who is no coach yet, an invitation to be one."""

    loaded: bool = False
    coach: bool = False
    standing: Standing = Standing()
    steps: list[StepRow] = []
    history: list[HistoryRow] = []
    done: int = 0
    progress: str = ""
    percent: int = 0
    following: str = ""  # the first step that is open
    following_title: str = ""
    problem: str = ""
    working: bool = False

    @rx.event
    async def load(self) -> None:
        async with acting(self) as (tx, me):
            live.watch(self, [f"person:{me.require_person()}:standing"], "_changed")
            self.problem, self.working = "", False
            await self._fill(tx, me)

    async def _changed(self, _signal: Signal) -> None:
        async with acting(self) as (tx, me):
            await self._fill(tx, me)

    async def _fill(self, tx: Tx, me: Actor) -> None:
        self.coach = me.is_coach
        if me.is_coach:
            steps = await scheduling.onboarding(tx, me)
            self.steps = [_step(one) for one in steps]
            self.done = sum(one.done for one in steps)
            self.progress = t("{n} of {all} steps done", n=self.done, all=len(steps))
            self.percent = round(100 * self.done / len(steps))
            left = next((one for one in self.steps if one.state == "open"), None)
            self.following = left.href if left else ""
            self.following_title = left.title if left else ""
            self.standing = standing_of(await queries.my_standing(tx, me), me.zone)
            self.history = [history_row(one, me.zone) for one in await queries.my_decisions(tx, me)]
        self.loaded = True

    @rx.event
    async def begin(self) -> Any:
        """A client wants to be a coach as well; the page opens anew, as a coach's."""
        begun = False
        async with acting(self, limit="save") as (tx, me):
            await accounts.become_coach(tx, me)
            begun = True
        return rx.redirect("/profile") if begun else None

    @rx.event
    async def put_off(self, step: str, later: bool) -> None:
        async with acting(self, limit="save") as (tx, me):
            await onboarding.put_off(tx, me, step, later=later)
            await self._fill(tx, me)

    @rx.event
    async def submit(self) -> Any:
        self.working, self.problem = True, ""
        yield
        self.working = False
        async with acting(self, limit="save", on_problem=self._refused) as (tx, me):
            await onboarding.submit(tx, me)
            await self._fill(tx, me)
            await say(self, t("Submitted. We write to you as soon as somebody has looked."))

    def _refused(self, problem: Any) -> None:
        self.problem = problem.message


def standing_of(found: StandingView, zone: str) -> Standing:
    """In words, for the coach."""
    since = times.when(found.submitted_at, zone) if found.submitted_at else ""
    if found.hidden:
        return Standing(
            "hidden",
            t("Our team took your page out of the directory"),
            t("What is booked stays. Answer to the mail of our team, or change what they name."),
            found.hidden,
        )
    if found.review == "changes":
        again = t("Change it and submit once more. Everything you wrote is still there.")
        return Standing("changes", t("Something has to change first"), again, found.reason)
    if found.review == "waiting":
        words = t("Submitted on {when}. Our team looks at it, oldest first.", when=since)
        if found.verified_at:
            words = t("Your new proofs wait since {when}. You can be booked meanwhile.", when=since)
        return Standing("waiting", t("Our team is looking at it"), words)
    if found.verified_at:
        day = times.day_and_year(found.verified_at, zone)
        return Standing("verified", t("You are verified"), t("Since {day}.", day=day))
    return Standing(
        "new",
        t("Nobody can book you yet"),
        t("Fill in the steps in any order, then submit. Our team looks before anybody can book."),
    )


def history_row(one: DecisionView, zone: str) -> HistoryRow:
    titles = {
        "submitted": t("Submitted"),
        "approved": t("Approved by {name}", name=one.by),
        "returned": t("Sent back by {name}", name=one.by),
        "hidden": t("Taken out of the directory by {name}", name=one.by),
        "shown": t("Let into the directory again by {name}", name=one.by),
    }
    words = one.words
    if one.changed:
        named = ", ".join(changed_words().get(name, name) for name in one.changed)
        words = t("Changed since the time before: {what}.", what=named)
    return HistoryRow(titles[one.kind], words, times.when(one.at, zone))


def changed_words() -> dict[str, str]:
    """What `coach_decisions.changed` names, for people."""
    return {
        "about": t("the words about them"),
        "credentials": t("proofs of training"),
        "headline": t("the headline"),
        "identity": t("the proof of who they are"),
        "languages": t("languages"),
        "offerings": t("offerings"),
        "rates": t("rates"),
        "specialties": t("specialties"),
        "video": t("the video"),
        "years": t("years as a coach"),
    }


def _step(one: StepView) -> StepRow:
    titles = {
        "profile": (
            t("Your profile"),
            t("A headline and some words about you."),
            "/profile",
            t("Write it"),
        ),
        "specialties": (
            t("Specialties"),
            t("What people search for when they need you."),
            "/profile",
            t("Choose them"),
        ),
        "credentials": (
            t("Proofs"),
            t("Who you are, and if you like what you learnt. Documents are private."),
            "/become-a-coach/proofs",
            t("Add proofs"),
        ),
        "offering": (
            t("An offering"),
            t("How long you meet, where, and how."),
            "/offerings",
            t("Make one"),
        ),
        "rates": (
            t("Rates"),
            t("A price for every offering, or a usual one; 0 is a price, too."),
            "/profile",
            t("Set them"),
        ),
        "hours": (
            t("Hours"),
            t("When people can book you."),
            "/availability",
            t("Open them"),
        ),
        "payouts": (
            t("Payouts"),
            t("Where your money goes. Free sessions need no account."),
            "/earnings/account",
            t("Open your account"),
        ),
    }
    title, detail, href, action = titles[one.name]
    state = "done" if one.done else "later" if one.skipped else "open"
    return StepRow(
        one.name, title, detail, href, t("Look at it") if one.done else action, state, one.optional
    )
