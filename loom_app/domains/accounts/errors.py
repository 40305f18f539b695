"""Facts about signing up and in, in words."""

from loom_app.kit.errors import Conflict, DomainError, Invalid
from loom_app.kit.text import t


class WrongCredentials(Invalid):
    def __init__(self) -> None:
        super().__init__(t("Email or password is wrong."), field="password")


class NotVerified(DomainError):
    """The password was right and the address is not confirmed yet; a new link is on its way."""

    def __init__(self) -> None:
        super().__init__(t("Confirm your address first: we have sent you a new link."))


class LinkUsed(Conflict):
    def __init__(self) -> None:
        super().__init__(t("This link was used already. Sign in, or ask for a new one."))


class LinkExpired(Conflict):
    def __init__(self) -> None:
        super().__init__(t("This link has expired. Ask for a new one."))


class StepUpNeeded(DomainError):
    """It must be proven anew that the person themselves is there: `by` "code", "password", or, for
    who has neither, by signing in at a "provider" once more.

    The UI asks in a dialog wherever it happens; HTTP routes send to /confirm-it-is-you.
    """

    def __init__(self, by: str) -> None:
        super().__init__(t("Confirm that it is you, then try again."))
        self.by = by


class AddressKnown(Conflict):
    """Said only to somebody who has proven that the address is theirs."""

    def __init__(self) -> None:
        super().__init__(t("This address has an account already. Sign in to it."))


class WayLost(Conflict):
    """What came back from a provider was not asked for here, was used already, or is too old."""

    def __init__(self) -> None:
        super().__init__(t("That took too long, or was not begun in this browser. Try again."))


class WayDenied(Conflict):
    def __init__(self) -> None:
        super().__init__(t("You did not allow it there, so nothing was changed here."))


class WayClosed(DomainError):
    """The provider cannot be reached, or its answer is not to be believed."""

    def __init__(self) -> None:
        super().__init__(t("That service did not answer as it should. Try again, or another way."))


class AddressUnchecked(Conflict):
    """The provider has not checked the address it names, so nobody knows whose it is."""

    def __init__(self) -> None:
        super().__init__(
            t("Your address is not confirmed there. Confirm it there, or sign up with a password.")
        )


class WayTaken(Conflict):
    def __init__(self) -> None:
        super().__init__(t("That is linked to another account of Loom already."))


class LastWay(Conflict):
    def __init__(self) -> None:
        super().__init__(t("This is your only way in. Set a password first, or link another."))


class SecondStepOver(DomainError):
    """The sign-in that waited for its second factor is over: it begins with the password again."""

    def __init__(self) -> None:
        super().__init__(t("This took too long or too many tries. Sign in again."))
