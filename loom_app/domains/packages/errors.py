"""Facts about packages, in words."""

from loom_app.kit.errors import Conflict
from loom_app.kit.text import t


class PackageEmpty(Conflict):
    def __init__(self) -> None:
        super().__init__(t("Nothing is left of this package."))


class PackageEnds(Conflict):
    """The session would begin after it."""

    def __init__(self, day: str) -> None:
        super().__init__(t("This package is for sessions until {day}.", day=day))


class OfferChanged(Conflict):
    """Who is about to pay has read something else."""

    def __init__(self) -> None:
        super().__init__(
            t("Your coach has just changed this package. Look at it again before you pay.")
        )


class PackageFrozen(Conflict):
    def __init__(self) -> None:
        super().__init__(
            t("The bank is asked about this payment: nothing can be done with it until it answers.")
        )


class NotForThis(Conflict):
    def __init__(self) -> None:
        super().__init__(t("This package is for another offering."))


class AskedAlready(Conflict):
    def __init__(self) -> None:
        super().__init__(t("You have asked for this already. Your coach will answer."))
