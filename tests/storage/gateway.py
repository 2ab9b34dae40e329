"""A real S3 server on the loopback address: the Versity gateway over a folder of the test.

`python -m tests.storage.gateway` builds it from its Go module into the cache, once.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

VERSION = "1.8.0"
MODULE = "github.com/versity/versitygw/cmd/versitygw"
# Read before the settings of the developer's shell are taken away: the cache may lie elsewhere.
CACHE = os.environ.get("SKEL_CACHE")
KEY, SECRET = "simulated", "not-a-secret-0123456789"
_PATIENCE = 20.0


def program() -> Path:
    """Where the gateway is, or would be."""
    from platformdirs import user_cache_path

    cache = Path(CACHE).expanduser().absolute() if CACHE else user_cache_path("skel")
    return cache / "bin" / f"versitygw-{VERSION}" / "versitygw"


def build() -> Path:
    """Put it into the cache. Raises CalledProcessError and FileNotFoundError."""
    goal = program()
    if goal.is_file():
        return goal
    goal.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=goal.parent) as scratch:
        environment = {**os.environ, "GOBIN": scratch, "CGO_ENABLED": "0", "GOFLAGS": "-buildvcs=false"}
        command = ["go", "install", "-trimpath", "-ldflags", "-s -w", f"{MODULE}@v{VERSION}"]
        subprocess.run(["nice", "-n", "19", *command], env=environment, check=True, stdin=subprocess.DEVNULL)
        (Path(scratch) / goal.name).rename(goal)
    return goal


class Gateway:
    """A running server; its buckets are the folders below `root`."""

    def __init__(self, root: Path, port: int = 0) -> None:
        self.root = root
        self.port = port or free_port()
        self.address = f"127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        command: list[str | Path] = [program(), "--port", self.address, "--quiet", "posix", self.root]
        environment = {**os.environ, "ROOT_ACCESS_KEY": KEY, "ROOT_SECRET_KEY": SECRET}
        null = subprocess.DEVNULL
        self._process = subprocess.Popen(command, env=environment, stdin=null, stdout=null, stderr=null)
        self._wait()

    def _wait(self) -> None:
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise TimeoutError(f"the gateway does not answer on {self.address}")

    def kill(self) -> None:
        """The power is gone."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def bucket(self, name: str) -> Path:
        """A new, empty bucket: its folder."""
        folder = self.root / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return folder


def objects(bucket: Path) -> dict[str, bytes]:
    """What people see in a bucket, by key."""
    files = (path for path in bucket.rglob("*") if path.is_file() and ".sgwtmp" not in path.parts)
    return {path.relative_to(bucket).as_posix(): path.read_bytes() for path in sorted(files)}


def environment(address: str) -> dict[str, str]:
    """The variables by which a recorder or skel reaches it."""
    return {
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT": f"http://{address}",
        "AWS_ALLOW_HTTP": "true",
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    sys.stdout.write(f"{build()}\n")
