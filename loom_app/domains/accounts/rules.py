"""What a good account looks like. Pure, but for a file of breached passwords where one is set."""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from email_validator import EmailNotValidError, validate_email
from pyotp import random_base32
from pyotp.totp import TOTP
from zxcvbn import zxcvbn

from loom_app.kit.errors import Invalid
from loom_app.kit.security import breached
from loom_app.kit.text import t

PASSWORD_MIN, PASSWORD_MAX = 12, 128
NAME_MAX = 80
ROLES = frozenset({"client", "coach"})
LINK_LIFE = timedelta(hours=24)
RESET_LIFE = timedelta(hours=1)
UNDO_LIFE = timedelta(days=7)
STEP_LIFE = timedelta(minutes=10)
FACTOR_WAIT, FACTOR_LIFE = timedelta(hours=24), timedelta(days=7)
WRONG_CODES = 5
CODES = 10
RENEW_AFTER = timedelta(hours=24)
FORMER_LIFE = timedelta(seconds=60)
TRUSTED_FAILURES = 5
FAILURE_WINDOW = timedelta(minutes=15)
PRODUCT_WORDS = ["loom", "coaching", "coach", "session"]


def clean_name(name: str) -> str:
    """One line of 1 to 80 characters. Raises Invalid."""
    cleaned = " ".join("".join(c for c in name if c.isprintable()).split())
    if not cleaned:
        raise Invalid(t("Tell us your name."), field="name")
    if len(cleaned) > NAME_MAX:
        raise Invalid(t("Use at most {n} characters.", n=NAME_MAX), field="name")
    return cleaned


def clean_email(address: str) -> str:
    """Normalised for sending. Raises Invalid."""
    try:
        return validate_email(
            address.strip(), check_deliverability=False, test_environment=True
        ).normalized
    except EmailNotValidError:
        raise Invalid(
            t("That does not look like an email address: name@example.com."), field="email"
        ) from None


def email_key(address: str) -> str:
    """Equal for two spellings of one address: one account a person."""
    return address.strip().casefold()


def clean_role(role: str) -> str:
    if role not in ROLES:
        raise Invalid(t("Choose whether you look for a coach or are one."), field="role")
    return role


def strength(password: str, *own_words: str) -> int:
    """0 to 4, by zxcvbn, which also knows the person's own name and address."""
    words = [part for word in own_words for part in (word, *re.split(r"[@.\s_-]+", word)) if part]
    return int(zxcvbn(password[:72], user_inputs=[*words, *PRODUCT_WORDS])["score"])


def check_password(password: str, *own_words: str) -> None:
    """12 to 128 characters, not easily guessed, not in the list of breached ones where there is
    one; any characters. Raises Invalid."""
    if len(password) < PASSWORD_MIN:
        raise Invalid(
            t("Use at least {n} characters. A short sentence works well.", n=PASSWORD_MIN),
            field="password",
        )
    if len(password) > PASSWORD_MAX:
        raise Invalid(t("Use at most {n} characters.", n=PASSWORD_MAX), field="password")
    bare = re.sub(r"[\d\W_]+", "", password.casefold())
    own = {re.sub(r"[\d\W_]+", "", word.casefold()) for word in own_words}
    if bare in own or strength(password, *own_words) < 3:
        raise Invalid(t("This is easy to guess. Add a few unrelated words."), field="password")
    if breached.is_breached(password):
        raise Invalid(
            t("This password was stolen elsewhere and is in a public list. Choose another."),
            field="password",
        )


def lifetime(
    roles: Collection[str], *, remember: bool, staff: bool = False
) -> tuple[timedelta, timedelta]:
    """Idle and absolute life of a sign-in: the more one may do, the shorter."""
    if staff:
        return timedelta(minutes=30), timedelta(hours=12)
    if remember and "coach" not in roles:
        return timedelta(days=14), timedelta(days=30)
    return timedelta(hours=12), timedelta(days=7)


def new_secret() -> str:
    """160 random bits in Base32, as authenticator apps take them."""
    return random_base32()


def matching_step(secret: str, code: str, now: datetime, after: int) -> int | None:
    """Of which 30 seconds a six-digit code is: those of now or the ones beside them, and later than
    the step `after`; None where it is of none (RFC 6238, SHA-1)."""
    totp = TOTP(secret)
    current = totp.timecode(now)
    for step in (current, current - 1, current + 1):
        if step > after and hmac.compare_digest(totp.generate_otp(step), code):
            return step
    return None


def new_recovery_codes() -> list[str]:
    """Ten codes of 120 random bits each."""
    made = [base64.b32encode(secrets.token_bytes(15)).decode().lower() for _ in range(CODES)]
    return ["-".join(code[i : i + 4] for i in range(0, 24, 4)) for code in made]


def clean_code(code: str) -> str:
    """Without what people put between the letters."""
    return re.sub(r"[\s-]+", "", code[:60]).casefold()


def delay_after(failures: int) -> timedelta:
    """Five free tries, then 1, 2, 4 … seconds up to 15 minutes."""
    if failures < TRUSTED_FAILURES:
        return timedelta()
    return timedelta(seconds=min(2 ** (failures - TRUSTED_FAILURES), 900))


def initials(name: str) -> str:
    parts = [part for part in name.split() if part[0].isalnum()]
    letters = [parts[0][0], parts[-1][0]] if len(parts) > 1 else [name[:1] or "?"]
    return "".join(letters).upper()


def hue(user_id: int) -> int:
    """A colour of the person, 0 to 359: neighbours differ, and it never changes."""
    return int(hashlib.sha256(str(user_id).encode()).hexdigest()[:4], 16) % 360
