"""Speaking to a provider: where to send somebody, and who came back.

PKCE (S256), state and nonce are the caller's; signatures, audience, age and nonce of an id token
are checked by Authlib against the provider's own keys.
"""

import time
from dataclasses import dataclass
from typing import Any

import httpx2 as httpx
import structlog
from authlib.integrations.base_client import OAuthError
from authlib.integrations.base_client.async_app import AsyncOAuth2Mixin
from authlib.integrations.base_client.async_openid import AsyncOpenIDMixin
from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc.errors import JoseError

from loom_app.integrations.oauth.providers import MICROSOFT_CONSUMERS, Provider
from loom_app.kit import outside

TIMEOUT_SECONDS = 10.0
DESCRIBED_SECONDS = 3600.0
LEEWAY_SECONDS = 60
# public keys only: a token that is signed by our own secret, or by nothing, is none
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")

log = structlog.get_logger("oauth")


class ProviderAway(Exception):
    """It could not be reached, or answered nonsense: another try may succeed."""


class ProviderRefused(Exception):
    """The code was used or is too old, or the answer is not to be believed."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is at a provider: issuer and subject, never the address. `email` is "" where
    the provider names none; `verified`: the provider says that it checked it."""

    issuer: str
    subject: str
    email: str
    verified: bool
    name: str


class _Relay(AsyncOAuth2Mixin, AsyncOpenIDMixin):
    """Authlib's client of one provider, without a web framework around it."""

    client_cls = AsyncOAuth2Client


_transport: httpx.AsyncBaseTransport | None = None
_relays: dict[str, tuple[float, Provider, _Relay]] = {}


def connect_through(transport: httpx.AsyncBaseTransport | None) -> None:
    """Reach providers by this transport from now on, and forget what they said of themselves: tests
    hand in a provider as an ASGI app."""
    global _transport  # noqa: PLW0603
    _transport = transport
    _relays.clear()


async def authorization_url(
    provider: Provider, *, redirect_uri: str, state: str, nonce: str, verifier: str
) -> str:
    """Where to send the browser. Raises ProviderAway."""
    relay = await _relay(provider)
    more = {"nonce": nonce} if provider.discovery else {}
    try:
        made = await relay.create_authorization_url(
            redirect_uri, state=state, code_verifier=verifier, **more, **provider.authorize_params
        )
    except (httpx.HTTPError, ValueError, RuntimeError) as error:
        raise ProviderAway from error
    return str(made["url"])


async def identify(
    provider: Provider, *, redirect_uri: str, code: str, nonce: str, verifier: str
) -> Identity:
    """Trade the code for who it was. Raises ProviderAway, ProviderRefused."""
    relay = await _relay(provider)
    try:
        token = await relay.fetch_access_token(redirect_uri, code=code, code_verifier=verifier)
        if provider.discovery:
            return await _of_id_token(provider, relay, token, nonce)
        return await _of_github(provider, relay, token)
    except (OAuthError, JoseError) as error:
        log.warning("oauth.refused", provider=provider.key, error=type(error).__name__)
        raise ProviderRefused from error
    except (httpx.HTTPError, ValueError, KeyError, TypeError, RuntimeError) as error:
        log.warning("oauth.away", provider=provider.key, error=type(error).__name__)
        raise ProviderAway from error


async def answers_as(provider: Provider, issuer: str) -> bool:
    """Whether an answer that names this issuer ("" names none) came from the provider that was
    asked (RFC 9207). Raises ProviderAway."""
    if not provider.discovery:
        return not issuer or issuer == provider.issuer
    described = (await _relay(provider)).server_metadata
    if not issuer:
        return not described.get("authorization_response_iss_parameter_supported")
    return issuer == described.get("issuer")


async def _relay(provider: Provider) -> _Relay:
    """The provider with what it says of itself, asked again every hour."""
    known = _relays.get(provider.key)
    if known and known[0] > time.monotonic() and known[1] == provider:
        return known[2]
    relay = _Relay(
        None,
        provider.key,
        client_id=provider.client_id,
        client_secret=provider.client_secret,
        server_metadata_url=provider.discovery or None,
        authorize_url=f"{provider.site}/login/oauth/authorize" if provider.site else None,
        access_token_url=f"{provider.site}/login/oauth/access_token" if provider.site else None,
        client_kwargs={
            "scope": provider.scope,
            "code_challenge_method": "S256",
            "timeout": TIMEOUT_SECONDS,
            "transport": _transport,
            "verify": outside.trust(),
            "token_endpoint_auth_method": "client_secret_post",
        },
        user_agent="Loom",
    )
    if provider.discovery:
        await _describe(provider, relay)
    _relays[provider.key] = (time.monotonic() + DESCRIBED_SECONDS, provider, relay)
    return relay


async def reach(provider: Provider) -> str:
    """Ask the provider what it says of itself, whatever is remembered; its issuer or its site.
    Raises ProviderAway, and what the network raises."""
    _relays.pop(provider.key, None)
    await _relay(provider)
    if provider.site:
        async with httpx.AsyncClient(
            transport=_transport, verify=outside.trust(), timeout=TIMEOUT_SECONDS
        ) as browser:
            (await browser.head(f"{provider.site}/login/oauth/authorize")).raise_for_status()
    return provider.issuer or provider.site


async def _describe(provider: Provider, relay: _Relay) -> None:
    with outside.calling(f"oauth.{provider.key}"):
        await _described(provider, relay)


async def _described(provider: Provider, relay: _Relay) -> None:
    try:
        described = await relay.load_server_metadata()
        issuer = str(described["issuer"])
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        log.warning("oauth.away", provider=provider.key, error=type(error).__name__)
        raise ProviderAway from error
    if "{tenantid}" not in provider.issuer and issuer.rstrip("/") != provider.issuer.rstrip("/"):
        log.warning("oauth.issuer", provider=provider.key, said=issuer[:200])
        raise ProviderAway
    offered = described.get("id_token_signing_alg_values_supported", ["RS256"])
    described["id_token_signing_alg_values_supported"] = [a for a in offered if a in ALGORITHMS]
    ways = described.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    if "client_secret_post" not in ways:
        relay.client_kwargs["token_endpoint_auth_method"] = "client_secret_basic"  # noqa: S105 - a name


async def _of_id_token(
    provider: Provider, relay: _Relay, token: dict[str, Any], nonce: str
) -> Identity:
    expected: dict[str, Any] = {"aud": {"essential": True, "value": provider.client_id}}
    if "{tenantid}" in provider.issuer:
        expected["iss"] = {"essential": True}
    else:
        expected["iss"] = {"essential": True, "value": relay.server_metadata["issuer"]}
    claims = await relay.parse_id_token(token, nonce, expected, leeway=LEEWAY_SECONDS)
    if claims is None:
        raise ProviderRefused
    issuer, subject = str(claims["iss"]), str(claims["sub"])
    if "{tenantid}" in provider.issuer and issuer != provider.issuer.replace(
        "{tenantid}", str(claims["tid"])
    ):
        raise ProviderRefused
    if not claims.get("email") and relay.server_metadata.get("userinfo_endpoint"):
        claims = {**await _more(relay, token, subject), **claims}
    return Identity(
        issuer=issuer,
        subject=subject,
        email=str(claims.get("email") or ""),
        verified=_checked(provider, claims),
        name=str(claims.get("name") or ""),
    )


async def _more(relay: _Relay, token: dict[str, Any], subject: str) -> dict[str, Any]:
    """What the provider tells by its userinfo address only; of the same person or nobody."""
    found = await _ask(relay, relay.server_metadata["userinfo_endpoint"], token)
    return dict(found) if found.get("sub") == subject else {}


def _checked(provider: Provider, claims: dict[str, Any]) -> bool:
    """Did the provider check the address? Microsoft lets a directory name any, and says by
    `xms_edov` whether it is one of its own domains."""
    if provider.key == "microsoft":
        own = str(claims.get("xms_edov", "")).lower() in {"1", "true"}
        return provider.trusted or own or claims.get("tid") == MICROSOFT_CONSUMERS
    return claims.get("email_verified") is True


async def _of_github(provider: Provider, relay: _Relay, token: dict[str, Any]) -> Identity:
    """GitHub has no id token: it is asked who the access token belongs to."""
    user = await _ask(relay, f"{provider.api}/user", token)
    addresses = await _ask(relay, f"{provider.api}/user/emails", token)
    main: dict[str, Any] = next((one for one in addresses if one.get("primary")), {})
    return Identity(
        issuer=provider.issuer,
        subject=str(int(user["id"])),
        email=str(main.get("email") or ""),
        verified=main.get("verified") is True,
        name=str(user.get("name") or user.get("login") or ""),
    )


async def _ask(relay: _Relay, url: str, token: dict[str, Any]) -> Any:
    answer = await relay.request("GET", url, token=token)
    answer.raise_for_status()
    return answer.json()
