"""What an upgrade breaks, and the repair: `skel.upgrade.check` and `skel.upgrade.migrate`.

A check is a migration that does not write: a finding is a rule that matched, its fix the patch.
"""

from __future__ import annotations

from skel.upgrade.checking import check
from skel.upgrade.migrating import Migration, migrate
from skel.upgrade.route import Route

__all__ = ["Migration", "Route", "check", "migrate"]
