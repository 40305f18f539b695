"""`docs`: docs/reference.md, written from the settings, jobs and events themselves."""

import importlib
import importlib.util
import pkgutil
from collections.abc import Iterator
from types import ModuleType

from loom_app import domains
from loom_app.domains.notifications import catalogue, mails
from loom_app.kit import retention
from loom_app.kit.events import Event, reactions_to
from loom_app.kit.jobs import outbox
from loom_app.kit.settings import ROOT, Settings
from loom_app.wiring import wire

PAGE = ROOT / "docs" / "reference.md"

# kept by hand: a topic is a string where it is signalled, and this is the list of them
TOPICS = (
    ("conversation:<id>", "the change it reached", "messages and read marks", "open threads"),
    ("person:<id>:inbox", "the conversation's id", "a row of their list moved", "inbox feed"),
    ("person:<id>:payments", "0", "a card, a payment or a paper of theirs is new", "payments"),
    ("person:<id>:packages", "0", "a package of theirs was bought or counted", "packages"),
    ("person:<id>:standing", "0", "proofs came, or staff decided on a coach", "become a coach"),
    ("person:<id>:sessions", "0", "a session of theirs changed", "session list"),
    ("person:<id>:invitations", "0", "an invitation was made, mailed or answered", "invitations"),
    ("person:<id>:ways", "0", "a way to sign in was linked or unlinked", "settings"),
    (
        "person:<id>:blocks",
        "0",
        "blocked somebody, was blocked, or it was lifted",
        "chat, settings",
    ),
    (
        "person:<id>:scheduled",
        "the conversation's id",
        "their waiting messages changed",
        "composer",
    ),
    ("person:<id>:profile", "0", "name, zone or picture changed", "every tab of theirs"),
    ("person:<id>:notices", "0", "something came, or was read", "bell, notifications"),
    ("person:<id>:data", "0", "their export got on, or their account ends", "settings, data"),
    ("staff:roles", "0", "a role was made, changed, given or taken", "staff roles"),
    ("staff:moderation", "0", "a case or an appeal came, or was decided", "moderation"),
    ("staff:coaches", "0", "a coach submitted, or was decided on", "verify coaches"),
    ("staff:audit", "0", "something looks suspicious, or was looked at", "audit trail"),
    ("person:<id>:money", "0", "their account or a payout moved", "earnings"),
    ("session:<id>", "0", "its status or its money changed", "session page, booking's last step"),
    ("coach:<id>:slots", "0", "times were taken, freed or opened", "calendars of that coach"),
    ("place:<id>:slots", "0", "a room was taken or freed, or hours changed", "calendars there"),
    ("coach:<id>:waitlist", "0", "the line of this coach changed", "places of who waits"),
    ("person:<id>:waitlist", "0", "something was offered, or a wish ended", "one's own waitlist"),
    ("presence:<id>", "2, 1 or 0", "came, left the tab idle, or went", "threads and lists"),
    ("person:<id>:presence", "0", "shows or hides when they are here", "threads and lists"),
    ("typing:<conversation>", "who; negative: no more", "a key was pressed", "open threads"),
    ("auth:<sign-in's id>", "0", "the sign-in is over", "the gate (closes sockets), actor memory"),
)


KEPT = """Once a day (`loom_app/kit/retention.py`). What is not here stays, or goes by a rule of its
own: the audit trail by `LOOM_AUDIT_DAYS`, exports after a day, files that were never sent after a
day, and what is of people when they leave."""
TOLD = """By topic, a line of the grid at `/settings/notifications`
(`loom_app/domains/notifications/catalogue.py`). Each event has one template, the function that is
named; it words the mail and the line in the centre, in the reader's language."""


def reference() -> str:
    """The whole page."""
    wire()
    parts = [
        "# Reference",
        "Written by `python -m loom_app.cli docs`; a test compares it with the code.",
        "## Settings",
        "From the environment or a file `.env` at the root; `.env.example` lists the same.",
        table(("Variable", "Default", "Meaning"), settings_rows()),
        "## Jobs",
        "Handlers of queued work (`loom_app/kit/jobs/outbox.py`). Each is idempotent.",
        table(("Name", "Where", "Every"), job_rows()),
        "## What is kept how long",
        KEPT,
        table(("Table", "Days", "After", "What"), kept_rows()),
        "## Events",
        "Told inside the transaction of their cause (`loom_app/kit/events.py`).",
        table(("Event", "Fields", "Meaning", "Who reacts"), event_rows()),
        "## What people are told",
        TOLD,
        table(
            ("Topic", "Event", "Template", "Where", "By default", "Always", "Waits"), told_rows()
        ),
        "## Signals",
        "Sent after the commit (`loom_app/kit/realtime/signals.py`): a topic and a number.",
        table(
            ("Topic", "Number", "Says", "Who listens"), [(f"`{t}`", *rest) for t, *rest in TOPICS]
        ),
    ]
    return "\n\n".join(parts) + "\n"


def table(head: tuple[str, ...], rows: "list[tuple[str, ...]]") -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)


def settings_rows() -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for field, info in Settings.model_fields.items():
        variable = info.validation_alias or f"LOOM_{field.upper()}"
        default = ".loom" if field == "data_dir" else str(info.default)
        shown = {"True": "true", "False": "false", "": "empty"}.get(default, f"`{default}`")
        rows.append((f"`{variable}`", shown, info.description or ""))
    return rows


def job_rows() -> list[tuple[str, ...]]:
    recurring = outbox.periodic()
    return [
        (
            f"`{name}`",
            f"`{handler.__module__.replace('.', '/')}.py`",
            f"{recurring[name].total_seconds() / 60:g} min" if name in recurring else "",
        )
        for name, handler in sorted(outbox.registered().items())
        if handler.__module__.startswith("loom_app.domains.")  # the sandbox has its own
    ]


def event_modules() -> Iterator[ModuleType]:
    for package in pkgutil.iter_modules(domains.__path__):
        name = f"loom_app.domains.{package.name}.events"
        if importlib.util.find_spec(name):
            yield importlib.import_module(name)


def events() -> list[type[Event]]:
    return [
        one
        for module in event_modules()
        for _, one in sorted(vars(module).items())
        if isinstance(one, type) and issubclass(one, Event) and one.__module__ == module.__name__
    ]


def event_rows() -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for kind in events():
        domain = kind.__module__.split(".")[2]
        words = (kind.__doc__ or "").split("\n\n")[0].replace("\n", " ").strip()
        if words.startswith(f"{kind.__name__}("):  # what dataclasses write by themselves
            words = ""
        reactions = [
            f"`{one.__module__.split('.')[2]}.{one.__name__}`"
            for one in reactions_to(object.__new__(kind))
            if one.__module__.startswith("loom_app.domains.")
        ]
        fields = ", ".join(f"`{name}`" for name in getattr(kind, "__dataclass_fields__", ()))
        rows.append((f"`{domain}.{kind.__name__}`", fields, words, ", ".join(sorted(reactions))))
    return rows


def kept_rows() -> list[tuple[str, ...]]:
    return [
        (f"`{one.table}`", str(one.days), f"`{one.since}`", one.why) for one in retention.rules()
    ]


def told_rows() -> list[tuple[str, ...]]:
    return [
        (
            topic.words if event == topic.events[0] else "",
            f"`{event}`",
            f"`{writer.__module__.rpartition('.')[2]}.{writer.__name__}`",
            *(", ".join(sorted(one)) for one in (topic.on, topic.default, topic.fixed)),
            "never" if topic.urgent else "for quiet hours and summaries",
        )
        for topic in catalogue.TOPICS
        for event in topic.events
        for writer in (mails.WRITERS[event],)
    ]


def main(_argv: list[str]) -> int:
    PAGE.write_text(reference())
    return 0
