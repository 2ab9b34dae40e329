"""What is too much, so that a file from a stranger ends in a message and not in all the memory."""

from __future__ import annotations

DEPTH = 200
"""Maps and lists in one another; the deepest schema of a CustomResourceDefinition has some 60."""

ALIASED = 400_000
"""Values that aliases may add to a document, as for kubectl (go-yaml)."""

FILE_BYTES = 1 << 30
"""Of one file or of standard input."""

FILES = 200_000

FOLDERS = 100
"""In one another."""
