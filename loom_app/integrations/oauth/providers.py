"""Which providers there are: those that the settings name."""

from dataclasses import dataclass, field
from typing import Any

from loom_app.kit.settings import settings

# the directory of Microsoft in which all personal accounts live; it checks their addresses
MICROSOFT_CONSUMERS = "9188040d-6c67-4c5b-b112-36a304b66dad"
SHARED_TENANTS = frozenset({"common", "organizations", "consumers"})


@dataclass(frozen=True)
class Provider:
    """One way in. `discovery` is where an OpenID Connect provider describes itself; without it the
    provider is GitHub, and `site` and `api` are its addresses. `trusted`: every address that it
    names was checked by it, also where it does not say so."""

    key: str
    name: str
    client_id: str
    client_secret: str = field(repr=False)
    discovery: str = ""
    issuer: str = ""
    scope: str = "openid email profile"
    site: str = ""
    api: str = ""
    trusted: bool = False
    authorize_params: dict[str, Any] = field(default_factory=dict)


def configured() -> list[Provider]:
    """In the order in which they are offered."""
    return [one for one in (_google(), _microsoft(), _github(), _any()) if one is not None]


def find(key: str) -> Provider | None:
    return next((one for one in configured() if one.key == key), None)


def _google() -> Provider | None:
    chosen, issuer = settings(), "https://accounts.google.com"
    if not chosen.google_client_id:
        return None
    return Provider(
        "google",
        "Google",
        chosen.google_client_id,
        chosen.google_client_secret,
        discovery=_well_known(issuer),
        issuer=issuer,
        authorize_params={"prompt": "select_account"},
    )


def _microsoft() -> Provider | None:
    chosen = settings()
    if not chosen.microsoft_client_id:
        return None
    tenant = chosen.microsoft_tenant
    return Provider(
        "microsoft",
        "Microsoft",
        chosen.microsoft_client_id,
        chosen.microsoft_client_secret,
        discovery=_well_known(f"https://login.microsoftonline.com/{tenant}/v2.0"),
        # of a shared tenant each directory is an issuer of its own, which its tokens name
        issuer="https://login.microsoftonline.com/{tenantid}/v2.0",
        trusted=tenant not in SHARED_TENANTS,
        authorize_params={"prompt": "select_account"},
    )


def _github() -> Provider | None:
    chosen = settings()
    if not chosen.github_client_id:
        return None
    site = chosen.github_url
    return Provider(
        "github",
        "GitHub",
        chosen.github_client_id,
        chosen.github_client_secret,
        issuer=site,
        scope="read:user user:email",
        site=site,
        api="https://api.github.com" if site == "https://github.com" else f"{site}/api/v3",
    )


def _any() -> Provider | None:
    chosen = settings()
    if not (chosen.oidc_issuer and chosen.oidc_client_id):
        return None
    return Provider(
        "oidc",
        chosen.oidc_name,
        chosen.oidc_client_id,
        chosen.oidc_client_secret,
        discovery=_well_known(chosen.oidc_issuer),
        issuer=chosen.oidc_issuer,
    )


def _well_known(issuer: str) -> str:
    return f"{issuer.rstrip('/')}/.well-known/openid-configuration"
