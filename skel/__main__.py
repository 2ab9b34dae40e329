"""`python -m skel` is the command `skel`."""

from __future__ import annotations

from skel.cli.main import main

main()
