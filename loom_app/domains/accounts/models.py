"""Tables of accounts; their row-level security stands in migration 0002."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Integer,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from loom_app.kit.db.base import Base, id_column, instant, words_column


def _user_key(*, primary: bool = False) -> Column[int]:
    return Column(
        BigInteger,
        ForeignKey("users.id", ondelete="CASCADE"),
        primary_key=primary,
        nullable=False,
        index=not primary,
    )


class User(Base, table=True):
    """What others may see of a person, once they may see them at all."""

    __tablename__ = "users"

    id: int | None = Field(default=None, sa_column=id_column())
    name: str = Field(sa_column=Column(Text, nullable=False))
    pronouns: str = Field(default="", sa_column=words_column())
    bio: str = Field(default="", sa_column=words_column())
    zone: str = Field(default="UTC", sa_column=words_column("UTC"))
    language: str = Field(default="en", sa_column=words_column("en"))
    theme: str = Field(default="system", sa_column=words_column("system"))
    avatar: str = Field(default="", sa_column=words_column())
    roles: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    verified_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    created_at: datetime = Field(sa_column=instant(default=text("now()")))


class Credential(Base, table=True):
    """The address and the password: seen by the person and by narrow system actors only."""

    __tablename__ = "credentials"

    user_id: int = Field(sa_column=_user_key(primary=True))
    email: str = Field(sa_column=Column(Text, nullable=False))
    email_key: str = Field(sa_column=Column(Text, nullable=False, unique=True))
    password_hash: str = Field(sa_column=Column(Text, nullable=False))
    changed_at: datetime = Field(sa_column=instant(default=text("now()")))


class AuthSession(Base, table=True):
    """A sign-in on one device. Only the token's digest is stored.

    `proven_at`: the last time that a password or a code proved who is there; `mfa`: a second factor
    was passed. The token is renewed now and then: the former one is good until `former_until`,
    which is set when the new one is first seen. `idle_minutes`: how long it may rest.
    """

    __tablename__ = "auth_sessions"

    id: int | None = Field(default=None, sa_column=id_column())
    user_id: int = Field(sa_column=_user_key())
    token_hash: str = Field(sa_column=Column(Text, nullable=False, unique=True))
    remember: bool = Field(
        default=False, sa_column=Column(Boolean, nullable=False, server_default=text("false"))
    )
    agent: str = Field(default="", sa_column=words_column())
    address: str = Field(default="", sa_column=words_column())
    created_at: datetime = Field(sa_column=instant())
    seen_at: datetime = Field(sa_column=instant())
    idle_until: datetime = Field(sa_column=instant())
    expires_at: datetime = Field(sa_column=instant())
    revoked_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    proven_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    mfa: bool = Field(
        default=False, sa_column=Column(Boolean, nullable=False, server_default=text("false"))
    )
    idle_minutes: int = Field(
        default=720, sa_column=Column(Integer, nullable=False, server_default=text("720"))
    )
    renewed_at: datetime = Field(sa_column=instant(default=text("now()")))
    former_hash: str | None = Field(default=None, sa_column=Column(Text, unique=True))
    former_until: datetime | None = Field(default=None, sa_column=instant(nullable=True))


class SecondFactor(Base, table=True):
    """An authenticator app. The secrets are encrypted; the `pending` one waits for its first code.
    `last_step` is the newest 30 seconds that a code was used of, so that none is used twice."""

    __tablename__ = "second_factors"

    user_id: int = Field(sa_column=_user_key(primary=True))
    secret: str = Field(default="", sa_column=words_column())
    pending: str = Field(default="", sa_column=words_column())
    last_step: int = Field(
        default=0, sa_column=Column(BigInteger, nullable=False, server_default=text("0"))
    )
    created_at: datetime = Field(sa_column=instant())
    confirmed_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))


class RecoveryCode(Base, table=True):
    """Opens the second step once, where the app is lost. Only a digest is stored: it is random."""

    __tablename__ = "recovery_codes"

    id: int | None = Field(default=None, sa_column=id_column())
    user_id: int = Field(sa_column=_user_key())
    code_hash: str = Field(sa_column=Column(Text, nullable=False, unique=True))
    used_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))


class SecondStep(Base, table=True):
    """A sign-in between its first factor and its second, bound to one browser by a cookie."""

    __tablename__ = "second_steps"

    id: int | None = Field(default=None, sa_column=id_column())
    user_id: int = Field(sa_column=_user_key())
    token_hash: str = Field(sa_column=Column(Text, nullable=False, unique=True))
    remember: bool = Field(
        default=False, sa_column=Column(Boolean, nullable=False, server_default=text("false"))
    )
    return_to: str = Field(default="", sa_column=words_column())
    failures: int = Field(
        default=0, sa_column=Column(Integer, nullable=False, server_default=text("0"))
    )
    created_at: datetime = Field(sa_column=instant())
    expires_at: datetime = Field(sa_column=instant())


class EmailLink(Base, table=True):
    """A mailed link. The link is the row's id with a signature; the row makes it single-use.
    `address`: where it is sent, if not to the account's own."""

    __tablename__ = "email_links"

    id: int | None = Field(default=None, sa_column=id_column())
    user_id: int = Field(sa_column=_user_key())
    purpose: str = Field(sa_column=Column(Text, nullable=False))
    visitor: str | None = Field(default=None, sa_column=Column(Text))
    return_to: str = Field(default="", sa_column=words_column())
    address: str = Field(default="", sa_column=words_column())
    created_at: datetime = Field(sa_column=instant())
    expires_at: datetime = Field(sa_column=instant())
    used_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))


class ExternalIdentity(Base, table=True):
    """Who a person is at a provider: by its issuer and subject, whatever their address there."""

    __tablename__ = "external_identities"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: int | None = Field(default=None, sa_column=id_column())
    user_id: int = Field(sa_column=_user_key())
    provider: str = Field(sa_column=Column(Text, nullable=False))
    issuer: str = Field(sa_column=Column(Text, nullable=False))
    subject: str = Field(sa_column=Column(Text, nullable=False))
    email: str = Field(default="", sa_column=words_column())
    linked_at: datetime = Field(sa_column=instant())
    used_at: datetime = Field(sa_column=instant())


class OAuthVisit(Base, table=True):
    """Somebody was sent to a provider: once, from one browser. What came back waits in it until the
    person said what it is for. PKCE verifier and nonce follow from the state, which is not kept."""

    __tablename__ = "oauth_visits"

    id: int | None = Field(default=None, sa_column=id_column())
    state_hash: str = Field(sa_column=Column(Text, nullable=False, unique=True))
    provider: str = Field(sa_column=Column(Text, nullable=False))
    purpose: str = Field(sa_column=Column(Text, nullable=False))
    visitor: str = Field(sa_column=Column(Text, nullable=False))
    user_id: int | None = Field(
        default=None,
        sa_column=Column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"), index=True),
    )
    return_to: str = Field(default="", sa_column=words_column())
    created_at: datetime = Field(sa_column=instant())
    expires_at: datetime = Field(sa_column=instant(index=True))
    returned_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    issuer: str | None = Field(default=None, sa_column=Column(Text))
    subject: str | None = Field(default=None, sa_column=Column(Text))
    email: str | None = Field(default=None, sa_column=Column(Text))
    name: str | None = Field(default=None, sa_column=Column(Text))
    settled_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))


class SavedFilter(Base, table=True):
    """What somebody keeps asking of a list: the query of its address, under a name."""

    __tablename__ = "saved_filters"
    __table_args__ = (UniqueConstraint("user_id", "page", "name"),)

    id: int | None = Field(default=None, sa_column=id_column())
    user_id: int = Field(
        sa_column=Column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"), nullable=False)
    )
    page: str = Field(sa_column=Column(Text, nullable=False))
    name: str = Field(sa_column=Column(Text, nullable=False))
    query: str = Field(sa_column=Column(Text, nullable=False))
    created_at: datetime = Field(sa_column=instant(default=text("now()")))


class SignInThrottle(Base, table=True):
    """Failures of one account: a growing delay, never a lock-out."""

    __tablename__ = "sign_in_throttles"

    key: str = Field(sa_column=Column(Text, primary_key=True))
    failures: int = Field(sa_column=Column(Integer, nullable=False))
    last_at: datetime = Field(sa_column=instant())
    blocked_until: datetime | None = Field(default=None, sa_column=instant(nullable=True))
