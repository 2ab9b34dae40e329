"""Writes the pages that are made from the code: the table of error codes.

python -m docs.make_pages           writes docs/errors.md
python -m docs.make_pages --check   exit code 1 if a page is not what would be written
"""

from __future__ import annotations

import sys
from pathlib import Path

from skel.language.codes import CODES

HERE = Path(__file__).resolve().parent
PAGE = HERE / "errors.md"
