"""Word lists by language, folded (lower case, no accents). Short on purpose: what is listed here is
hurtful whatever the sentence; the rest is for people to report."""

_ENGLISH = (
    "asshole bastard bitch cocksucker cunt dickhead dumbass faggot fag fucker motherfucker"
    " nigger paki retard slut tranny twat wanker whore"
)
ABUSE: dict[str, frozenset[str]] = {
    "en": frozenset(_ENGLISH.split()),
    "de": frozenset(
        "arschloch fotze hurensohn missgeburt nutte schlampe schwuchtel spasti wichser".split()  # noqa: SIM905
    ),
    "fr": frozenset("connard connasse encule pute salope".split()),  # noqa: SIM905
    "es": frozenset("cabron gilipollas maricon pendejo puta".split()),  # noqa: SIM905
}

# threats and invitations to self-harm: runs of folded words
THREATS: tuple[str, ...] = (
    "kill yourself",
    "kys",
    "i will kill you",
    "im going to kill you",
    "i know where you live",
    "go die",
    "bring dich um",
    "ich bring dich um",
    "ich weiss wo du wohnst",
    "suicide toi",
    "te voy a matar",
    "matate",
)

# leading people out of the platform's protection, and the old tricks
LURES: tuple[str, ...] = (
    "guaranteed returns",
    "double your money",
    "crypto investment",
    "bitcoin investment",
    "forex signals",
    "gift card",
    "western union",
    "wire transfer to",
    "pay me directly",
    "pay outside",
    "cash app me",
    "verify your account",
    "confirm your password",
    "send me your password",
    "your card number",
    "seed phrase",
)

SHORTENERS: frozenset[str] = frozenset(
    "bit.ly tinyurl.com t.co goo.gl ow.ly is.gd buff.ly rebrand.ly cutt.ly shorturl.at".split()  # noqa: SIM905
)
