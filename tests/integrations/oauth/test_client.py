"""Providers that are not on this machine: GitHub's dialect, Microsoft's directories, and liars."""

import time
from collections.abc import Callable
from dataclasses import replace

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

from loom_app.integrations.oauth import client, providers
from loom_app.integrations.oauth.client import ProviderAway, ProviderRefused
from loom_app.kit.settings import settings

KEY, STRANGER = RSAKey.generate_key(2048), RSAKey.generate_key(2048)
ISSUER = "https://id.works.test"
WORKS = providers.Provider(
    "oidc",
    "Works",
    "loom",
    "the-secret-of-loom-is-long-enough-for-hmac",
    discovery=f"{ISSUER}/.well-known/openid-configuration",
    issuer=ISSUER,
)
DESCRIBED = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize",
    "token_endpoint": f"{ISSUER}/token",
    "jwks_uri": f"{ISSUER}/keys",
    "userinfo_endpoint": f"{ISSUER}/me",
    "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
}


class Stand:
    """A provider as a few routes; `token` is what it answers for a code."""

    def __init__(self) -> None:
        self.described = dict(DESCRIBED)
        self.token: Callable[[], dict] = dict
        self.me: dict = {}
        self.asked: list[Request] = []
        self.app = Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._describe),
                Route("/{tenant}/v2.0/.well-known/openid-configuration", self._describe),
                Route("/keys", self._keys),
                Route("/me", self._me),
                Route("/token", self._token, methods=["POST"]),
                Route("/login/oauth/access_token", self._token, methods=["POST"]),
                Route("/user", self._user),
                Route("/user/emails", self._emails),
            ]
        )
        self.user: object = {"id": 583231, "login": "octo", "name": None}
        self.emails: object = [
            {"email": "old@hub.test", "primary": False, "verified": True},
            {"email": "octo@hub.test", "primary": True, "verified": True},
        ]

    async def _describe(self, _request: Request) -> JSONResponse:
        return JSONResponse(self.described)

    async def _keys(self, _request: Request) -> JSONResponse:
        return JSONResponse({"keys": [KEY.as_dict(private=False, kid="a", use="sig")]})

    async def _me(self, _request: Request) -> JSONResponse:
        return JSONResponse(self.me)

    async def _token(self, request: Request) -> JSONResponse:
        await request.form()
        self.asked.append(request)
        return JSONResponse(self.token())

    async def _user(self, request: Request) -> JSONResponse:
        self.asked.append(request)
        return JSONResponse(self.user)

    async def _emails(self, _request: Request) -> JSONResponse:
        return JSONResponse(self.emails)


@pytest.fixture
def stand():
    made = Stand()
    client.connect_through(httpx2.ASGITransport(app=made.app))
    yield made
    client.connect_through(None)


def token(key=KEY, algorithm="RS256", without=(), **claims):
    now = int(time.time())
    whole = {
        "iss": ISSUER,
        "sub": "n1",
        "aud": "loom",
        "iat": now,
        "exp": now + 600,
        "nonce": "the-nonce",
        "email": "nina@works.test",
        "email_verified": True,
        "name": "Nina",
        **claims,
    }
    kept = {name: value for name, value in whole.items() if name not in without}
    header = {"alg": algorithm, "kid": "a"}
    made = jwt.encode(header, kept, key, algorithms=[algorithm])
    return {"access_token": "at", "token_type": "Bearer", "id_token": made}


async def identify(provider=WORKS):
    return await client.identify(
        provider, redirect_uri="http://x/back", code="c", nonce="the-nonce", verifier="v" * 43
    )


async def test_a_good_token_says_who_it_is(stand):
    stand.token = token
    found = await identify()
    assert found == client.Identity(ISSUER, "n1", "nina@works.test", verified=True, name="Nina")


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": STRANGER},
        {"key": OctKey.import_key(WORKS.client_secret), "algorithm": "HS256"},
        {"iss": "https://evil.test"},
        {"aud": "another-client"},
        {"aud": "another-client", "azp": "loom"},
        {"nonce": "another"},
        {"exp": int(time.time()) - 3600},
        {"without": ("nonce",)},
        {"without": ("exp",)},
        {"without": ("aud",)},
        {"without": ("sub",)},
    ],
)
async def test_a_token_that_is_not_for_us_or_not_of_them_is_refused(stand, wrong):
    stand.token = lambda: token(**wrong)
    with pytest.raises(ProviderRefused):
        await identify()


async def test_an_unsigned_token_or_none_at_all_is_refused(stand):
    unsigned = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJuMSJ9."
    for answer in (
        {"access_token": "at", "id_token": unsigned},
        {"access_token": "at", "token_type": "Bearer"},
        {"error": "invalid_grant"},
    ):
        stand.token = lambda answer=answer: answer
        with pytest.raises(ProviderRefused):
            await identify()


async def test_the_address_may_be_told_by_userinfo_of_the_same_person(stand):
    stand.token = lambda: token(without=("email", "email_verified"))
    stand.me = {"sub": "n1", "email": "nina@works.test", "email_verified": True}
    assert (await identify()).verified
    stand.me["sub"] = "somebody else"
    assert (await identify()).email == ""


@pytest.mark.parametrize("said", [False, "true", None, 1])
async def test_only_a_plain_yes_makes_an_address_checked(stand, said):
    stand.token = lambda: token(email_verified=said)
    assert not (await identify()).verified


async def test_a_provider_that_calls_itself_otherwise_is_not_asked(stand):
    stand.described["issuer"] = "https://evil.test"
    with pytest.raises(ProviderAway):
        await client.authorization_url(
            WORKS, redirect_uri="http://x", state="s", nonce="n", verifier="v" * 43
        )


async def test_nonsense_instead_of_an_answer_is_an_absence(stand, monkeypatch):
    async def nonsense(scope, receive, send):
        await PlainTextResponse("<html>", 502)(scope, receive, send)

    client.connect_through(httpx2.ASGITransport(app=nonsense))
    with pytest.raises(ProviderAway):
        await identify()
    with pytest.raises(ProviderAway):
        await identify(replace(WORKS, key="github", discovery="", site=ISSUER, api=ISSUER))


async def test_the_secret_goes_where_the_provider_wants_it(stand):
    stand.token = token
    await identify()
    assert "authorization" in stand.asked[-1].headers
    stand.described["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
    client.connect_through(httpx2.ASGITransport(app=stand.app))
    await identify()
    assert "authorization" not in stand.asked[-1].headers


@pytest.fixture
def offered(monkeypatch):
    """Settings of providers for one test."""

    def choose(**values):
        for name, value in values.items():
            monkeypatch.setenv(f"LOOM_{name.upper()}", value)
        settings.cache_clear()
        return {one.key: one for one in providers.configured()}

    yield choose
    monkeypatch.undo()
    settings.cache_clear()


def test_only_what_is_set_up_is_offered(offered):
    assert offered() == {}
    assert list(offered(github_client_id="g", oidc_client_id="o")) == ["github"]
    every = offered(google_client_id="g", microsoft_client_id="m", oidc_issuer="https://id.test")
    assert list(every) == ["google", "microsoft", "github", "oidc"]
    assert providers.find("google").issuer == "https://accounts.google.com"
    assert providers.find("facebook") is None


def test_secrets_stay_out_of_what_is_printed(offered):
    found = offered(google_client_id="g", google_client_secret="a-secret-word")
    assert "a-secret-word" not in repr(found)
    assert "a-secret-word" not in repr(settings())


async def test_github_is_asked_who_it_was(stand, offered):
    hub = offered(github_client_id="g", github_client_secret="s", github_url=ISSUER)["github"]
    assert hub.api == f"{ISSUER}/api/v3"
    hub = replace(hub, api=ISSUER)
    url = await client.authorization_url(
        hub, redirect_uri="http://x", state="s", nonce="n", verifier="v" * 43
    )
    assert url.startswith(f"{ISSUER}/login/oauth/authorize?")
    assert "code_challenge_method=S256" in url
    assert "nonce" not in url
    stand.token = lambda: {"access_token": "at", "token_type": "bearer"}
    found = await identify(hub)
    assert found == client.Identity(ISSUER, "583231", "octo@hub.test", verified=True, name="octo")
    assert stand.asked[-1].headers["authorization"] == "Bearer at"
    stand.emails = [{"email": "octo@hub.test", "primary": True, "verified": False}]
    assert not (await identify(hub)).verified
    stand.emails = []
    assert (await identify(hub)).email == ""
    stand.user = {"message": "Bad credentials"}
    with pytest.raises(ProviderAway):
        await identify(hub)
    assert await client.answers_as(hub, "")
    assert not await client.answers_as(hub, "https://evil.test")


DIRECTORY = "3d2c1b0a-1111-2222-3333-444455556666"


def of_directory(tenant=DIRECTORY, **claims):
    return token(
        without=("email_verified",),
        iss=f"https://login.microsoftonline.com/{tenant}/v2.0",
        **{"tid": tenant, **claims},
    )


async def test_microsofts_directories_are_issuers_of_their_own(stand, offered):
    stand.described["issuer"] = "https://login.microsoftonline.com/{tenantid}/v2.0"
    microsoft = offered(microsoft_client_id="loom", microsoft_client_secret="s")["microsoft"]
    stand.token = of_directory
    found = await identify(microsoft)
    # a directory may name any address, so it is nobody's until its owner is asked
    assert (found.issuer, found.verified) == (
        f"https://login.microsoftonline.com/{DIRECTORY}/v2.0",
        False,
    )
    for checked in ({"xms_edov": True}, {"xms_edov": "1"}):
        stand.token = lambda checked=checked: of_directory(**checked)
        assert (await identify(microsoft)).verified
    stand.token = lambda: of_directory(providers.MICROSOFT_CONSUMERS)
    assert (await identify(microsoft)).verified
    stand.token = lambda: of_directory(tid="another")
    with pytest.raises(ProviderRefused):
        await identify(microsoft)
    own = offered(microsoft_tenant=DIRECTORY)["microsoft"]
    stand.token = of_directory
    assert (await identify(own)).verified
