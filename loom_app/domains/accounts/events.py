"""What happened to accounts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from loom_app.kit.events import Event


@dataclass(frozen=True, slots=True)
class UserSignedUp(Event):
    """Somebody made an account and must confirm the address by this link."""

    user_id: int
    link_id: int


@dataclass(frozen=True, slots=True)
class VerificationAsked(Event):
    """Somebody needs a new link to confirm the address."""

    user_id: int
    link_id: int


@dataclass(frozen=True, slots=True)
class KnownAddressUsed(Event):
    """Somebody tried to sign up with an address that has an account."""

    user_id: int


@dataclass(frozen=True, slots=True)
class ConnectionAsked(Event):
    """Somebody came by a provider that names the account's address, and asks the account by mail
    whether it is the same person."""

    user_id: int
    visit_id: int
    provider: str


@dataclass(frozen=True, slots=True)
class IdentityLinked(Event):
    """Another way into the account was opened."""

    user_id: int
    identity_id: int
    provider: str


@dataclass(frozen=True, slots=True)
class IdentityUnlinked(Event):
    """A way into the account was closed."""

    user_id: int
    identity_id: int
    provider: str


@dataclass(frozen=True, slots=True)
class VisitorAdopted(Event):
    """A visitor turned out to be this person: what they began is theirs."""

    visitor: str
    user_id: int


@dataclass(frozen=True, slots=True)
class ProfileChanged(Event):
    """Name, zone or picture changed."""

    user_id: int


@dataclass(frozen=True, slots=True)
class LooksSuspicious(Event):
    """Something in the audit trail is odd; of a person, where it is known of whom. Once."""

    flag_id: int
    kind: str
    person_id: int | None
    address: str
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ResetAsked(Event):
    """Somebody wants a new password for this account, by this link."""

    user_id: int
    link_id: int


@dataclass(frozen=True, slots=True)
class PasswordChanged(Event):
    """The password is another; all other sign-ins ended."""

    user_id: int


@dataclass(frozen=True, slots=True)
class AddressChangeAsked(Event):
    """Somebody wants another address; the link goes there to confirm it."""

    user_id: int
    link_id: int


@dataclass(frozen=True, slots=True)
class AddressChanged(Event):
    """The address is another; the link goes to the former one, to undo it."""

    user_id: int
    link_id: int


@dataclass(frozen=True, slots=True)
class SignedOutByStaff(Event):
    """Staff ended all sign-ins of somebody."""

    user_id: int


@dataclass(frozen=True, slots=True)
class FactorResetAsked(Event):
    """Staff began to take away a second factor that is lost; the link opens from `due` on."""

    user_id: int
    link_id: int
    due: datetime


@dataclass(frozen=True, slots=True)
class FactorResetDue(Event):
    """The day of that link has come."""

    user_id: int
    link_id: int


@dataclass(frozen=True, slots=True)
class SecondFactorChanged(Event):
    """`what` happened to the second factor: "on", "off", "codes" (new recovery codes), "used" (a
    recovery code was), "reset" (it was lost, and staff helped); `left` codes are unused."""

    user_id: int
    what: str
    left: int = 0


@dataclass(frozen=True, slots=True)
class PersonSuspended(Event):
    """Staff suspended somebody, by a decision of moderation: all sign-ins have ended."""

    person_id: int
    suspension_id: int
    case_id: int


@dataclass(frozen=True, slots=True)
class SuspensionEnded(Event):
    """They can sign in again: `how` is "over", "appeal" or "lifted"."""

    person_id: int
    suspension_id: int
    how: str
