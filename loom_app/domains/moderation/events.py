"""What happened between people."""

from dataclasses import dataclass

from loom_app.kit.events import Event


@dataclass(frozen=True, slots=True)
class PersonBlocked(Event):
    """From now on the two neither write to, book nor see each other."""

    blocker_id: int
    blocked_id: int


@dataclass(frozen=True, slots=True)
class PersonUnblocked(Event):
    """The block is lifted."""

    blocker_id: int
    blocked_id: int


@dataclass(frozen=True, slots=True)
class ReportMade(Event):
    """Somebody reported a person, or what they wrote."""

    report_id: int
    person_id: int
    reporter_id: int


@dataclass(frozen=True, slots=True)
class CaseDecided(Event):
    """A moderator decided on a report or a hit: `kind` is dismiss, warn, hide or suspend. Numbers
    are 0 where there is nobody, or no message to hide."""

    decision_id: int
    kind: str
    person_id: int
    reporter_id: int
    message_id: int


@dataclass(frozen=True, slots=True)
class DecisionWithdrawn(Event):
    """A decision counts no more, by an appeal or as moderators took it back by themselves. Numbers
    are 0 where there is nobody, or no message that it had hidden."""

    decision_id: int
    kind: str
    person_id: int
    message_id: int
    appealed: bool


@dataclass(frozen=True, slots=True)
class AppealMade(Event):
    """Somebody says that a decision about them is wrong."""

    appeal_id: int


@dataclass(frozen=True, slots=True)
class AppealDecided(Event):
    """The appeal is answered."""

    appeal_id: int
    person_id: int
    lifted: bool
