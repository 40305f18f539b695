"""Who acts: a person, a visitor or a system job. Row-level security follows it."""

from dataclasses import dataclass
from datetime import datetime

from loom_app.kit import permissions
from loom_app.kit.errors import Forbidden
from loom_app.kit.text import t


@dataclass(frozen=True, slots=True)
class Actor:
    """The caller of an action or query.

    `visitor` is the digest of the pre-session cookie; a signed-in person may carry one as well, so
    that what was begun signed out can be adopted. `zone` is an IANA name. `mfa`: this sign-in
    passed a second factor. `stepped_up_at`: when it last proved that the person is there.
    """

    person_id: int | None = None
    visitor: str | None = None
    system: str | None = None
    name: str = ""
    zone: str = "UTC"
    roles: frozenset[str] = frozenset()
    powers: frozenset[str] = frozenset()  # of staff: names of kit.permissions; ask `may`
    verified: bool = False
    session_id: int | None = None
    mfa: bool = False
    has_password: bool = True  # False for who signs in by a provider only
    lacks_factor: bool = False  # of staff, and may nothing before a second factor
    stepped_up_at: datetime | None = None
    network: str = ""  # where the request or the sign-in comes from, for the audit trail
    agent: str = ""  # and its browser
    address: str = ""  # sealed network address of a visitor: to cap what costs nothing to begin

    @staticmethod
    def system_job(name: str) -> "Actor":
        """A narrow system actor; policies name it."""
        return Actor(system=name, name=name)

    def require_person(self) -> int:
        """Raises Forbidden for visitors and jobs."""
        if self.person_id is None:
            raise Forbidden
        return self.person_id

    def require_coach(self) -> int:
        """Raises Forbidden for everybody else."""
        person_id = self.require_person()
        if not self.is_coach:
            raise Forbidden(t("This is for coaches."))
        return person_id

    def may(self, permission: str) -> bool:
        """Does a role of staff allow it? The one place where this is decided."""
        if permission not in permissions.names():
            raise LookupError(permission)
        return permission in self.powers

    def require(self, permission: str) -> int:
        """Raises Forbidden for everybody who may not."""
        person_id = self.require_person()
        if self.lacks_factor:
            raise Forbidden(t("Staff need a second factor. Set it up in your security settings."))
        if not self.may(permission):
            raise Forbidden(t("Only staff can do that."))
        return person_id

    @property
    def is_staff(self) -> bool:
        """Of whatever role; what one may do is `may`'s to say."""
        return bool(self.powers)

    @property
    def is_coach(self) -> bool:
        return "coach" in self.roles

    @property
    def is_client(self) -> bool:
        return "client" in self.roles

    @property
    def label(self) -> str:
        """For logs and the audit trail: never a name or an address."""
        if self.person_id is not None:
            return f"person:{self.person_id}"
        return f"system:{self.system}" if self.system else "visitor"
