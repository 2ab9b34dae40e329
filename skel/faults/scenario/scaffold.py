"""Files to begin with: a scenario, an oracle of one's own."""

from __future__ import annotations

from pathlib import Path

from skel.faults.errors import FaultError

SCENARIO = """\
# What happens to a ReplicaSet whose controller does not see its own pods?
# Steps are done in this order. A step with `when` waits for an event, one without for the rest after the step before.
name: {name}
setup:
  manifests:
  - apiVersion: apps/v1
    kind: ReplicaSet
    metadata: {{name: web}}
    spec:
      replicas: 5
      selector: {{matchLabels: {{app: web}}}}
      template:
        metadata: {{labels: {{app: web}}}}
        spec: {{containers: [{{name: main, image: web}}]}}
steps:
- when: {{watch: replicasets, event: ADDED}}
  do: {{hold: pods}}
- do: {{advance: 301s}}    # the controller waits 5 minutes for pods that it does not see
- do: {{touch: ReplicaSet}}  # nothing else makes it look again
- do: {{release: pods}}
invariants: [owned-pods<=replicas+surge, converges<60s]
"""

ORACLE = '''\
"""An invariant of one's own: `skel fault run -f SCENARIO --oracle {file}`."""

from collections.abc import Iterator
from typing import ClassVar

from skel.faults.oracles.oracle import Broken, Oracle
from skel.faults.oracles.state import Change, State


class {title}(Oracle):
    name: ClassVar[str] = "{name}"
    about: ClassVar[str] = "every pod has the label app"

    def see(self, change: Change, state: State) -> Iterator[Broken]:
        """Asked at each revision of etcd; `state` has what exists after it."""
        if change.kind == "Pod" and change.is_new and "app" not in change.object["metadata"].get("labels", {{}}):
            yield Broken(change.object, "it has no label app")

    def end(self, state: State) -> Iterator[Broken]:
        """Asked once all faults are lifted and everything has come to rest."""
        return iter(())
'''


def scaffold(file: Path) -> str:
    """What to write into a new file, by its ending. Raises FaultError."""
    stem = file.name.partition(".")[0]
    match file.suffix:
        case ".yaml" | ".yml":
            return SCENARIO.format(name=stem)
        case ".py":
            words = stem.replace("-", "_").split("_")
            return ORACLE.format(file=file.name, title="".join(map(str.title, words)), name="-".join(words))
        case _:
            raise FaultError(f"{file}: a scenario ends in .yaml, an invariant in .py")
