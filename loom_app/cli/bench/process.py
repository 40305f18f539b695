"""Server processes: start one, wait for it, read its memory and CPU, stop it."""

import asyncio
import contextlib
import os
import signal
import subprocess
import urllib.request
from dataclasses import dataclass
from pathlib import Path

CALM_CPU_S = 0.15
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Usage:
    rss_kb: int
    cpu_s: float


class Server:
    """A process group with everything the command starts."""

    def __init__(self, command: list[str], env: dict[str, str], folder: Path, log: Path) -> None:
        self._log = log.open("wb")
        self._process = subprocess.Popen(  # noqa: S603 - our own command
            command,
            cwd=folder,
            env=env,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.log = log

    async def answers(self, url: str, seconds: float = 60) -> None:
        """Wait until it does. Raises RuntimeError with the end of its log."""
        for _ in range(int(seconds * 10)):
            if self._process.poll() is not None:
                break
            with contextlib.suppress(OSError):
                await asyncio.to_thread(_get, url)
                return
            await asyncio.sleep(0.1)
        raise RuntimeError("the server did not start:\n" + self.log.read_text()[-2000:])

    def usage(self) -> Usage:
        """Resident memory and CPU time of the whole tree."""
        rss, ticks = 0, 0
        for pid in _tree(self._process.pid):
            with contextlib.suppress(OSError):
                parts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                ticks += int(parts[11]) + int(parts[12])
                rss += _rss_kb(pid)
        return Usage(rss, ticks / TICKS)

    async def calm(self, seconds: float = 120) -> None:
        """Wait until it has done what arriving people ask for: a second nearly without work."""
        for _ in range(int(seconds)):
            before = self.usage().cpu_s
            await asyncio.sleep(1)
            if self.usage().cpu_s - before < CALM_CPU_S:
                return

    def stop(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGTERM)
        try:
            self._process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._log.close()


def _get(url: str) -> None:
    with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own address
        answer.read()


def _rss_kb(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def _tree(pid: int) -> list[int]:
    found = [pid]
    for parent in found:
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{parent}/task").iterdir():
                found += [int(child) for child in (task / "children").read_text().split()]
    return found
