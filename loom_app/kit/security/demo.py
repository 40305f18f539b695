"""The second factor of the demo person of staff: known to everybody, and so in no production."""

from pyotp.totp import TOTP

DEMO_KEY = "LOOMDEMOLOOMDEMOLOOMDEMOLOOMDEMO"


def demo_code() -> str:
    """The six digits of now."""
    return TOTP(DEMO_KEY).now()
