"""Builds the production bundle when something that goes into it changed; otherwise does nothing."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from fasteners import InterProcessLock  # pyright: ignore[reportMissingTypeStubs]
from reflex.utils.prerequisites import get_web_dir

ROOT = Path(__file__).resolve().parents[2]
STAMP = "loom-build.sha256"
# What the browser sees comes from these; a change elsewhere needs no new bundle.
SOURCES = ("loom_app/ui/**/*.py", "loom_app/loom_app.py", "loom_app/domains/**/*.py")
PLAIN = ("rxconfig.py", "requirements.txt", "reflex.lock/package-lock.json")


def _inputs() -> Iterator[Path]:
    for pattern in SOURCES:
        yield from ROOT.glob(pattern)
    yield from (path for path in (ROOT / "assets").rglob("*") if "external" not in path.parts)
    yield from (ROOT / name for name in PLAIN)


def fingerprint() -> str:
    """One hash over every file that the bundle is made from."""
    whole = hashlib.sha256()
    for path in sorted(path for path in set(_inputs()) if path.is_file()):
        whole.update(path.relative_to(ROOT).as_posix().encode())
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def _environment() -> dict[str, str]:
    bin_dir = Path(sys.executable).parent
    env = {
        **os.environ,
        "PATH": f"{bin_dir}{os.pathsep}{os.environ['PATH']}",
        "REFLEX_USE_NPM": "1",
        # The lock file must fit every machine: no registry address in it.
        "npm_config_omit_lockfile_registry_resolved": "true",
    }
    if "NPM_CONFIG_REGISTRY" not in env:
        # Reflex would otherwise measure two public registries and overrule the machine's own.
        npm = shutil.which("npm", path=env["PATH"]) or "npm"
        found = subprocess.run(  # noqa: S603 the wheel's npm, fixed arguments
            [npm, "config", "get", "registry"],
            capture_output=True, text=True, check=False, env=env,
        )  # fmt: skip
        if found.stdout.startswith("http"):
            env["NPM_CONFIG_REGISTRY"] = found.stdout.strip().rstrip("/")
    return env


def fresh() -> bool:
    """Is the bundle on disk made from the files on disk?"""
    web = ROOT / get_web_dir()
    stamp = web / STAMP
    built = (web / "build" / "client" / "__spa-fallback.html").exists()
    return built and stamp.exists() and stamp.read_text() == fingerprint()


def main(_argv: list[str] | None = None) -> int:
    """Build unless fresh. Prints what it does, for it can take half a minute."""
    if fresh():
        return 0
    # of several that start at once, one builds and the others find it built
    (ROOT / ".loom").mkdir(exist_ok=True)
    with InterProcessLock(ROOT / ".loom" / f"{get_web_dir().name.strip('.')}.lock"):
        return 0 if fresh() else _build()


def _build() -> int:
    print("Building the pages (about half a minute)…", flush=True)
    before = fingerprint()
    command = [sys.executable, "-m", "reflex", "export", "--frontend-only", "--no-zip"]
    done = subprocess.run(  # noqa: S603 our own interpreter, fixed arguments
        command, cwd=ROOT, env=_environment(), check=False
    )
    if done.returncode:
        print("The build failed; the lines above say why.", file=sys.stderr)
        return done.returncode
    (ROOT / get_web_dir() / STAMP).write_text(before)
    return 0


if __name__ == "__main__":
    sys.exit(main())
