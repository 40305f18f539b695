"""The times of a series in a list: what each would be, what is in the way, and the choice."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import reflex as rx

from loom_app.domains.scheduling.queries import Occurrence
from loom_app.kit.i18n import times
from loom_app.ui.design.field import select_control
from loom_app.ui.design.icon import icon
from loom_app.ui.text import t

LEFT_OUT = ""


@dataclass(frozen=True)
class OccurrenceRow:
    """`chosen` is the instant it takes, "" where it is left out; `options` are instants and their
    words, only where there is a problem. `brief` is `when` without its year. Of a move `session_id`
    and the words of where it was."""

    number: int = 0
    session_id: int = 0
    old: str = ""
    when: str = ""
    brief: str = ""
    other: str = ""
    problem: str = ""
    chosen: str = ""
    wanted: str = ""
    options: list[list[str]] = field(default_factory=list)


def occurrence_rows(
    found: list[Occurrence], zone: str, coach_zone: str, leave: str, *, first: int = 1
) -> list[OccurrenceRow]:
    """In the reader's zone, with the coach's clock where it shows something else."""
    return [
        OccurrenceRow(
            number=number,
            session_id=one.session_id,
            old=times.when(one.old, zone) if one.old else "",
            when=times.when(one.at, zone),
            brief=times.when_brief(one.at, zone),
            other=elsewhere(one.at, zone, coach_zone),
            problem=one.problem,
            chosen=LEFT_OUT if one.problem else one.at.isoformat(),
            wanted=one.at.isoformat(),
            options=[
                [LEFT_OUT, leave],
                *([at.isoformat(), times.when_brief(at, zone)] for at in one.others),
            ],
        )
        for number, one in enumerate(found, start=first)
    ]


def elsewhere(at: datetime, zone: str, other: str) -> str:
    """The other clock's words, with the day only where it is another; "" where it shows the
    same."""
    here, there = times.local(at, zone), times.local(at, other)
    if here.replace(tzinfo=None) == there.replace(tzinfo=None):
        return ""
    return times.clock_time(at, other) if here.date() == there.date() else times.when(at, other)


def picked(rows: list[OccurrenceRow], number: int, value: str) -> list[OccurrenceRow]:
    """With one choice changed; what was not offered is no choice."""
    return [
        replace(row, chosen=value)
        if row.number == number and row.problem and value in [one[0] for one in row.options]
        else row
        for row in rows
    ]


def kept_choices(rows: list[OccurrenceRow], before: list[OccurrenceRow]) -> list[OccurrenceRow]:
    """Read anew, with what was chosen before wherever it is still offered."""
    known = {row.wanted: row.chosen for row in before}
    for row in rows:
        rows = picked(rows, row.number, known.get(row.wanted, LEFT_OUT))
    return rows


def brief_or_whole(brief: Any, whole: Any) -> rx.Component:
    """The brief words on a phone, the whole ones where there is room."""
    return rx.fragment(
        rx.el.span(brief, class_name="sm:hidden"), rx.el.span(whole, class_name="max-sm:hidden")
    )


def _number(row: Any) -> rx.Component:
    return rx.el.span(
        row.number,
        aria_hidden="true",
        class_name="w-5 shrink-0 text-right text-sm text-muted tabular",
    )


def _problem(row: Any, pick: Any) -> rx.Component:
    """What is in the way, and what may be chosen instead."""
    return rx.fragment(
        rx.el.p(
            icon("circle-alert", 16, class_name="mt-0.5 max-[380px]:hidden"),
            rx.el.span(row.problem),
            class_name="flex gap-1.5 text-sm text-bad",
        ),
        select_control(
            row.options.to(list[list[str]]),
            value=row.chosen,
            on_change=lambda value: pick(row.number, value),
            aria_label=t("Instead of {when}", when=row.when),
        ),
    )


def plan_list(rows: Any, pick: Any) -> rx.Component:
    """A series before it is kept: first what needs a choice, `pick(number, value)`; then, two
    beside each other, the times that can be as they are."""

    def choice(item: rx.Var[OccurrenceRow]) -> rx.Component:
        row: Any = item
        line = rx.el.li(
            _number(row),
            rx.el.div(
                rx.el.p(
                    brief_or_whole(row.brief, row.when), class_name="text-sm tabular sm:text-base"
                ),
                _problem(row, pick),
                class_name=(
                    "grid min-w-0 flex-1 grid-cols-[auto_minmax(0,1fr)] items-center gap-x-3 "
                    "gap-y-1 [&>:last-child]:col-span-2"
                ),
            ),
            key=row.wanted,
            class_name="flex gap-1.5 border-b border-line py-2 sm:gap-2",
        )
        return rx.cond(row.problem, line, rx.fragment())

    def free(item: rx.Var[OccurrenceRow]) -> rx.Component:
        row: Any = item
        line = rx.el.li(
            _number(row),
            rx.el.span(
                brief_or_whole(row.brief, row.when),
                rx.cond(
                    row.other,
                    rx.el.span(
                        t("{when} for your coach", when=row.other),
                        class_name="text-muted max-sm:hidden sm:block",
                    ),
                    rx.fragment(),
                ),
                class_name="min-w-0 text-sm tabular",
            ),
            key=row.wanted,
            class_name="flex gap-1.5 py-1 sm:gap-2",
        )
        return rx.cond(row.problem, rx.fragment(), line)

    return rx.el.div(
        rx.el.ol(
            rx.foreach(rows, choice),
            aria_label=t("Times that need a choice"),
            class_name="flex flex-col empty:hidden",
        ),
        rx.el.ol(
            rx.foreach(rows, free),
            aria_label=t("Times that are free"),
            class_name="grid grid-cols-2 gap-x-2 py-1.5 empty:hidden sm:gap-x-3",
        ),
    )


def occurrence_list(rows: Any, pick: Any) -> rx.Component:
    """What a move does to each; `pick(number, value)` takes a choice."""

    def line(item: rx.Var[OccurrenceRow]) -> rx.Component:
        row: Any = item
        free = rx.el.div(
            rx.cond(
                row.old,
                rx.el.span(row.old, class_name="block text-sm text-muted line-through"),
                rx.fragment(),
            ),
            rx.el.span(row.when, class_name="block text-base"),
            rx.cond(
                row.other,
                rx.el.span(
                    t("{when} for your coach", when=row.other),
                    class_name="block text-sm text-muted",
                ),
                rx.fragment(),
            ),
            class_name="min-w-0 flex-1 tabular",
        )
        return rx.el.li(
            rx.el.div(
                _number(row),
                free,
                rx.cond(
                    row.problem,
                    rx.fragment(),
                    icon("check", 18, class_name="mt-0.5 text-good"),
                ),
                class_name="flex items-start gap-3",
            ),
            rx.cond(
                row.problem,
                rx.el.div(_problem(row, pick), class_name="flex flex-col gap-2 pl-8"),
                rx.fragment(),
            ),
            key=row.wanted,
            class_name="flex flex-col gap-2 border-b border-line py-3 last:border-b-0",
        )

    return rx.el.ol(rx.foreach(rows, line), class_name="flex flex-col")
