"""Facts about invitations, in words."""

from loom_app.kit.errors import Conflict
from loom_app.kit.text import t


class AlreadyClient(Conflict):
    def __init__(self) -> None:
        super().__init__(t("This is the address of a client of yours already."), field="email")


class AlreadyInvited(Conflict):
    def __init__(self) -> None:
        super().__init__(t("You have invited this address; it waits for an answer."), field="email")


class NotWanted(Conflict):
    """Who reads this address has asked not to be invited any more."""

    def __init__(self) -> None:
        super().__init__(t("This address has asked not to be invited."), field="email")


class EnoughForToday(Conflict):
    def __init__(self, left: int) -> None:
        words = (
            t("You can invite {n} more people within a day. Send the rest tomorrow.", n=left)
            if left
            else t("You have invited many people within a day. Go on tomorrow.")
        )
        super().__init__(words, field="email")


class InvitationOver(Conflict):
    def __init__(self) -> None:
        super().__init__(t("This invitation is over. Ask for a new one."))


class InvitationTaken(Conflict):
    def __init__(self) -> None:
        super().__init__(t("This invitation was accepted by somebody else."))


class OwnInvitation(Conflict):
    def __init__(self) -> None:
        super().__init__(t("This is your own invitation. It is for somebody else."))
