"""Facts about times, in words."""

from collections.abc import Sequence
from datetime import datetime

from loom_app.kit.errors import Conflict
from loom_app.kit.i18n.times import when
from loom_app.kit.text import t


class _NotFree(Conflict):
    """`next_free` are the times nearest after it."""

    def __init__(self, words: str, next_free: Sequence[datetime], zone: str) -> None:
        self.next_free = tuple(next_free)
        if next_free:
            times = "; ".join(when(start, zone) for start in next_free)
            words += " " + t("Next free: {times}.", times=times)
        super().__init__(words, field="starts_at")


class SlotTaken(_NotFree):
    """Somebody was faster."""

    words = t("Somebody was a moment faster: this time is taken.")

    def __init__(self, next_free: Sequence[datetime] = (), zone: str = "UTC") -> None:
        super().__init__(self.words, next_free, zone)


class SlotClosed(_NotFree):
    """The coach is not open then, or it is too soon or too far ahead."""

    def __init__(self, next_free: Sequence[datetime] = (), zone: str = "UTC") -> None:
        super().__init__(t("This time cannot be booked any more."), next_free, zone)


class NotBookable(Conflict):
    """Staff has not verified this coach yet, or one of the two is suspended: the database lets no
    seat in."""

    def __init__(self, words: str = "") -> None:
        super().__init__(words or t("This coach cannot be booked yet."))


class NoRoom(SlotTaken):
    """Every room there that would do is taken."""

    words = t("Every room there is taken at that time.")


class PlaceClosed(Conflict):
    """Said to the coach; clients see no such time."""

    def __init__(self, words: str) -> None:
        super().__init__(words, field="starts_at")


class CoachBusy(Conflict):
    """Said to the coach, whose own calendar it is."""

    def __init__(self) -> None:
        super().__init__(t("Your calendar has something else at that time."), field="starts_at")


class ClientBusy(Conflict):
    def __init__(self) -> None:
        super().__init__(t("You have another session at that time."), field="starts_at")


class ClientElsewhere(Conflict):
    """Said to the coach, who may not know where else a client is."""

    def __init__(self) -> None:
        super().__init__(t("Your client cannot come at that time."), field="starts_at")


class SeriesTaken(Conflict):
    """Times of a series that are not free, or not any more; none of it is kept or changed."""

    def __init__(self, problems: Sequence[tuple[datetime, str]], zone: str) -> None:
        self.starts = tuple(at for at, _ in problems)
        said = "; ".join(f"{when(at, zone)}: {words}" for at, words in problems[:3])
        super().__init__(
            t("Not all of these times are free, so nothing was changed. {said}", said=said),
            field="starts_at",
        )


class HoldGone(Conflict):
    def __init__(self) -> None:
        super().__init__(
            t("We could keep this time for you no longer. Choose a time again."), field="starts_at"
        )


class HoldChanged(Conflict):
    """Another window of the same person keeps another time now: nothing is done to that one."""

    def __init__(self) -> None:
        super().__init__(
            t("You chose another time in another window. Go on there, or choose again here."),
            field="starts_at",
        )


class StillFree(Conflict):
    """Nobody need wait for it."""

    def __init__(self) -> None:
        super().__init__(t("There is a free time now: you can book it."), field="starts_at")


class OutsideRules(Conflict):
    """Said to the coach, who may book it all the same and say why."""

    def __init__(self, broken: Sequence[str]) -> None:
        self.broken = tuple(broken)
        super().__init__(
            t("{what} Say why, and it is booked all the same.", what=" ".join(broken)),
            field="reason",
        )


class NotPossible(Conflict):
    """The session's state does not allow it."""


class NotTheFirst(Conflict):
    """An introduction is for who has not met the coach."""

    def __init__(self) -> None:
        super().__init__(
            t(
                "This is for a first session, and you have had or booked one with this coach."
                " Choose another offering."
            ),
        )
