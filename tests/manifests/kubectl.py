"""kubectl as the oracle of what a manifest says."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

import pytest


def kubectl_reads(manifest: str) -> Any:
    """What kubectl makes of a ConfigMap, without any cluster."""
    if shutil.which("kubectl") is None:
        pytest.skip("kubectl is not on this machine")
    command = ["kubectl", "annotate", "--local", "-f", "-", "a=b", "-o", "json"]
    done = subprocess.run(command, input=manifest, capture_output=True, text=True, timeout=60)
    if done.returncode and "unknown flag" in done.stderr:
        pytest.skip("this kubectl is too old")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
