"""Which sign-in a cookie's token opens."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import col

from loom_app.domains.accounts.models import AuthSession
from loom_app.kit.security import tokens


def held_by(token: str, now: datetime) -> ColumnElement[bool]:
    """Sign-ins of this token: it is theirs, or was until a moment ago."""
    digest = tokens.digest(token)
    former = and_(
        col(AuthSession.former_hash) == digest,
        or_(col(AuthSession.former_until).is_(None), col(AuthSession.former_until) > now),
    )
    return or_(col(AuthSession.token_hash) == digest, former)
