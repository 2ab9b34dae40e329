"""The commands of the page that need a bucket, against a real server."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.snippets import blocks
from tests.storage.gateway import Gateway, objects

ROOT = Path(__file__).resolve().parent.parent.parent


def test_the_commands_of_the_page(gateway: Gateway, tmp_path: Path) -> None:
    bucket = gateway.bucket("traces")
    (bucket / "prod.sktrace").write_bytes((ROOT / "examples" / "traces" / "shop.sktrace").read_bytes())
    (block,) = [block for block in blocks(ROOT / "docs" / "storage.md") if block.language == "sh"]
    codes = []
    for line in block.text.splitlines():
        command = line.removeprefix("$ skel ")
        done = subprocess.run(
            ["bash", "-c", f"{sys.executable} -m skel {command}"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert "error" not in done.stderr.lower() or done.returncode == 1, done.stderr
        codes.append(done.returncode)
    assert codes == [1, 0, 0, 0, 0]
    assert list(objects(bucket)) == ["migrated/prod.sktrace.zst", "prod.sktrace"]
