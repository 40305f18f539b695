"""What a good account looks like. Pure."""

import hashlib
import re
from datetime import timedelta

from email_validator import EmailNotValidError, validate_email
from zxcvbn import zxcvbn

from loom_app.kit.errors import Invalid
from loom_app.kit.text import t

PASSWORD_MIN, PASSWORD_MAX = 12, 128
NAME_MAX = 80
ROLES = frozenset({"client", "coach"})
LINK_LIFE = timedelta(hours=24)
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
    """12 to 128 characters and not easily guessed; any characters. Raises Invalid."""
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


def lifetime(*, remember: bool) -> tuple[timedelta, timedelta]:
    """Idle and absolute life of a sign-in."""
    if remember:
        return timedelta(days=14), timedelta(days=30)
    return timedelta(hours=12), timedelta(days=7)


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
