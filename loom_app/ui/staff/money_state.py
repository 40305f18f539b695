"""Requests, disputes, differences and events that need somebody of staff."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import reflex as rx

from loom_app.domains.accounts import actions as account_actions
from loom_app.domains.accounts import queries as accounts
from loom_app.domains.accounts.queries import PersonView
from loom_app.domains.payments import actions, queries
from loom_app.domains.payments.queries import DisputeView, EventView, FindingView
from loom_app.kit import clock
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.i18n import times
from loom_app.kit.text import t, tn
from loom_app.ui import live
from loom_app.ui.payments.requests_state import Answering
from loom_app.ui.payments.rows import request_row
from loom_app.ui.problems import say
from loom_app.ui.session import acting, minding


@dataclass(frozen=True)
class DeskLine:
    """One thing: what it is, about whom or what, how it stands, and since when. `id` is an
    event's that can be handled again, 0 elsewhere."""

    title: str
    about: str
    status: str
    tone: str
    when: str
    amount: str = ""
    id: int = 0


class MoneyDeskState(Answering, rx.State):
    """For staff alone: others are led away, and every query says no to them."""

    disputes: list[DeskLine] = []
    findings: list[DeskLine] = []
    events: list[DeskLine] = []
    again: int = 0  # the event that is being handled

    @rx.event
    async def load(self) -> Any:
        async with acting(self) as (tx, me):
            if not me.may("money.see"):
                return rx.redirect("/sessions", replace=True)
            live.watch(self, ["staff:money"], "_changed", calm=0.5)
            self.answering, self.again, self.working = 0, 0, False
            await self._fill(tx, me)
        return None

    async def _fill(self, tx: Tx, me: Actor) -> None:
        desk = await queries.desk(tx, me)
        both = {n for one in desk.disputes for n in (one.payer_id, one.coach_id)}
        people = await accounts.people(tx, both)
        self.rows = [request_row(one, me.zone) for one in desk.requests]
        self.disputes = [_dispute(one, people, me.zone) for one in desk.disputes]
        self.findings = [_finding(one, me.zone) for one in desk.findings]
        self.events = [_event(one, me.zone) for one in desk.events]
        self.loaded = True

    @rx.event
    async def handle_again(self, event_id: int) -> Any:
        """What Stripe told us, once more: nothing happens twice."""
        self.again = event_id
        yield
        self.again, done = 0, False
        async with minding(self, limit="save") as me:
            me.require("events.replay")
            account_actions.require_step_up(clock.now(), me)
            await actions.replay(event_id, by=me.label)
            done = True
        async with acting(self) as (tx, me):
            await self._fill(tx, me)
            if done:
                await say(self, t("Handled."))


def _name(people: Mapping[int, PersonView], person_id: int) -> str:
    return people[person_id].name if person_id in people else t("Somebody")


def _dispute(one: DisputeView, people: Mapping[int, PersonView], zone: str) -> DeskLine:
    told = (
        t("The coach can answer until {when}", when=times.when(one.due_by, zone))
        if one.answerable and one.due_by
        else t("Opened on {when}", when=times.when(one.opened_at, zone))
    )
    names = {"client": _name(people, one.payer_id), "coach": _name(people, one.coach_id)}
    return DeskLine(
        title=one.description,
        about=t("{client}, a client of {coach}. {reason}", reason=one.reason, **names),
        status=queries.dispute_status(one.status),
        tone="warn" if one.answerable else "info",
        when=told,
        amount=one.amount.format(),
    )


def _finding(one: FindingView, zone: str) -> DeskLine:
    rule = one.kind.removeprefix("invariant:").replace("_", " ")
    words = {
        "missing_in_ledger": t("Moved at Stripe, not in the ledger"),
        "missing_in_stripe": t("In the ledger, not at Stripe"),
        "amount_mismatch": t("Two amounts for one movement"),
        "unknown_type": t("A movement of a kind Loom does not know"),
        "totals_differ": t("The sums differ"),
    }
    figures = ", ".join(f"{name} {value}" for name, value in one.detail.items())
    return DeskLine(
        title=words.get(one.kind, t("A rule of the books is broken: {rule}", rule=rule)),
        about=f"{one.ref}: {figures}" if figures else one.ref,
        status=t("Open"),
        tone="bad",
        when=t("Found on {when}", when=times.when(one.found_at, zone)),
    )


def _event(one: EventView, zone: str) -> DeskLine:
    return DeskLine(
        title=one.type,
        about=f"{one.object_id}: {one.error}",
        status=t("Given up") if one.failed else tn("{n} try", "{n} tries", one.attempts),
        tone="bad" if one.failed else "warn",
        when=t("Received on {when}", when=times.when(one.received_at, zone)),
        id=one.id,
    )
