"""`python -m tests.observatory`: what Mozilla's HTTP Observatory says of Loom behind TLS.

Its scanner (npm `@mdn/mdn-http-observatory`) runs here, unchanged, against a production start of
Loom behind nginx with a certificate of our own. It wants two lists that it would fetch: the sites
that browsers preload HSTS for, in which this one is not, and the top-level domains.
Ends with 1 below A+, and with 2 where nginx or npm is missing, or the ports 80 and 443 are not
ours to take.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import create_engine, make_url, text

from loom_app.kit import clock
from loom_app.kit.db.embedded import embedded_url
from loom_app.kit.settings import ROOT

VERSION = "1.4.8"
HOME = ROOT / ".loom" / f"observatory-{VERSION}"
PACKAGE = HOME / "node_modules" / "@mdn" / "mdn-http-observatory"
INNER = 8078  # outside it is 80 and 443, which the scanner takes for granted
PROGRAM = """
import { scan } from "./src/scanner/index.js";
const found = await scan("localhost");
console.log(JSON.stringify(found));
process.exit(0);
"""
NGINX = """
pid {folder}/nginx.pid;
error_log {folder}/error.log;
daemon off;
worker_processes 1;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{ listen 80; return 301 https://localhost$request_uri; }}
  server {{
    listen 443 ssl;
    ssl_certificate {folder}/cert.pem; ssl_certificate_key {folder}/key.pem;
    location / {{
      proxy_pass http://127.0.0.1:{inner};
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    }}
  }}
}}
"""


def main() -> int:
    nginx, npm = shutil.which("nginx"), shutil.which("npm")
    if nginx is None or npm is None:
        print("Not run: this takes nginx and npm (apt-get install nginx-light npm).")
        return 2
    if os.geteuid() != 0:
        print("Not run: the scanner wants ports 80 and 443, which only root may take here.")
        return 2
    _install(npm)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        _certificate(folder)
        with _loom(folder), _proxy(nginx, folder):
            found = _scan(folder)
    return _tell(found)


def _install(npm: str) -> None:
    if not PACKAGE.is_dir():
        HOME.mkdir(parents=True, exist_ok=True)
        # without scripts: its own would fetch the two lists
        name = f"@mdn/mdn-http-observatory@{VERSION}"
        words = [npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", name]
        subprocess.run(words, cwd=HOME, check=True, stdout=subprocess.DEVNULL)
    (PACKAGE / "conf" / "hsts-preload.json").write_text("{}")
    (PACKAGE / "conf" / "tld-list.json").write_text('["localhost"]')
    (PACKAGE / "loom.mjs").write_text(PROGRAM)


def _certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = clock.now()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


@contextlib.contextmanager
def _loom(folder: Path) -> Iterator[None]:
    """A production start on a database of its own."""
    server = embedded_url(ROOT / ".loom" / "test" / "postgres", durable=False)
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS observatory WITH (FORCE)"))
        connection.execute(text("CREATE DATABASE observatory"))
    url = make_url(server).set(database="observatory").render_as_string(hide_password=False)
    env = os.environ | {
        "LOOM_PUBLIC_URL": "https://localhost",
        "LOOM_SECRET_KEY": "a-key-for-the-observatory-0123456789",
        "LOOM_TRUSTED_PROXY_HOPS": "1",
        "LOOM_DEMO": "false",
        "LOOM_PORT": str(INNER),
        "LOOM_DATA_DIR": str(folder / "data"),
        "DATABASE_URL": "postgresql://" + url.partition("://")[2],
        "STRIPE_SECRET_KEY": "sk_test_nobody",
        "STRIPE_WEBHOOK_SECRET": "whsec_nobody",
        "SMTP_URL": "smtp://127.0.0.1:9",
    }
    command = [sys.executable, "-m", "loom_app.cli", "serve"]
    with (folder / "loom.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log)
    try:
        _until_it_answers(f"http://127.0.0.1:{INNER}/health/ready", process, folder / "loom.log")
        yield
    finally:
        process.terminate()
        process.wait(60)
        with admin.connect() as connection:
            connection.execute(text("DROP DATABASE IF EXISTS observatory WITH (FORCE)"))
        admin.dispose()


@contextlib.contextmanager
def _proxy(nginx: str, folder: Path) -> Iterator[None]:
    places = {"folder": folder, "inner": INNER}
    (folder / "nginx.conf").write_text(NGINX.format(**places))
    process = subprocess.Popen([nginx, "-c", str(folder / "nginx.conf"), "-p", str(folder)])
    try:
        _until_it_answers("http://127.0.0.1/", process, folder / "error.log")
        yield
    finally:
        process.terminate()
        process.wait(30)


def _until_it_answers(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 900
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            urllib.request.urlopen(url, timeout=5)
        except urllib.error.HTTPError:
            return  # it answers
        except (urllib.error.URLError, OSError) as problem:
            if "CERTIFICATE" in str(problem):
                return  # it led to TLS, whose certificate is ours alone
            time.sleep(0.2)
        else:
            return
    raise SystemExit(f"It did not start:\n{log.read_text()[-2000:] if log.exists() else ''}")


def _scan(folder: Path) -> dict[str, Any]:
    env = os.environ | {"NODE_EXTRA_CA_CERTS": str(folder / "cert.pem")}
    command = [shutil.which("node") or "node", "loom.mjs"]
    answer = subprocess.run(
        command, cwd=PACKAGE, env=env, check=False, capture_output=True, timeout=120
    )
    if answer.returncode:
        raise SystemExit(f"The scanner failed:\n{answer.stderr.decode()[-2000:]}")
    return json.loads(answer.stdout.splitlines()[-1])


def _tell(found: dict[str, Any]) -> int:
    for name, one in sorted(found["tests"].items()):
        mark = "ok " if one["pass"] else "NOT"
        print(f"{mark} {one['scoreModifier']:+4d}  {name}: {one['result']}")
    grade, score = found["scan"]["grade"], found["scan"]["score"]
    print(f"Grade {grade}, {score} points (scanner {VERSION}).")
    return 0 if grade == "A+" else 1


if __name__ == "__main__":
    raise SystemExit(main())
