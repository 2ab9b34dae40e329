"""A model of an API server that keeps objects and writes an audit log, line by line, as a real one does."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

Json = dict[str, Any]
START = datetime(2026, 5, 1, 10, tzinfo=UTC)
SECONDS = int(START.timestamp())
RESOURCES = {
    "Deployment": ("deployments", "apps", "v1"),
    "ConfigMap": ("configmaps", "", "v1"),
    "Pod": ("pods", "", "v1"),
}


def deployment(name: str, replicas: int = 1, namespace: str = "shop") -> Json:
    spec = {"replicas": replicas, "template": {"spec": {"containers": [{"name": "main", "image": f"{name}:1"}]}}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace},
        "spec": spec,
    }


@dataclass(slots=True)
class Server:
    """`at` is in milliseconds from START; `lines` is the log. `truth` tells what became of each object: kind, name and
    spec, None for one that went.
    """

    at: int = 0
    revision: int = 100
    uids: int = 0
    lines: list[bytes] = field(default_factory=list)
    objects: dict[tuple[str, str, str], Json] = field(default_factory=dict)
    truth: list[tuple[str, str, Any]] = field(default_factory=list)

    def create(self, thing: Json, **how: Any) -> Json:
        thing = deepcopy(thing)
        self.uids += 1
        metadata = thing["metadata"]
        metadata |= {
            "uid": f"uid-{self.uids}",
            "resourceVersion": self._next(),
            "creationTimestamp": self.moment(0)[:19] + "Z",
        }
        if "spec" in thing and thing["kind"] != "Pod":
            metadata["generation"] = 1
        self.objects[self._key(thing)] = thing
        self._tell(thing)
        self.log("create", thing, thing, **how)
        return thing

    def update(self, thing: Json, spec: Json, verb: str = "update", **how: Any) -> None:
        """Change the spec."""
        if thing["spec"] | spec == thing["spec"]:
            self.log(verb, thing, thing, **how)
            return
        thing["spec"] = thing["spec"] | spec
        thing["metadata"] |= {"resourceVersion": self._next(), "generation": thing["metadata"].get("generation", 0) + 1}
        self._tell(thing)
        self.log(verb, thing, thing, **how)

    def status(self, thing: Json, status: Json, **how: Any) -> None:
        thing["status"] = status
        thing["metadata"]["resourceVersion"] = self._next()
        self.log("patch", thing, thing, subresource="status", **how)

    def scale(self, thing: Json, replicas: int, **how: Any) -> None:
        thing["spec"] = thing["spec"] | {"replicas": replicas}
        thing["metadata"] |= {"resourceVersion": self._next(), "generation": thing["metadata"]["generation"] + 1}
        self._tell(thing)
        metadata = {key: thing["metadata"][key] for key in ("name", "namespace", "uid", "resourceVersion")}
        wanted = {"replicas": replicas} if replicas else {}
        scale = {"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": metadata, "spec": wanted}
        self.log("update", thing, scale, subresource="scale", **how)

    def delete(self, thing: Json, *, shown: bool = False, **how: Any) -> None:
        """It is gone at once; the answer is a Status, or the object if it is `shown`."""
        del self.objects[self._key(thing)]
        self._next()
        self.truth.append((thing["kind"], thing["metadata"]["name"], None))
        details = {"name": thing["metadata"]["name"], "uid": thing["metadata"]["uid"]}
        status = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}
        self.log("delete", thing, thing if shown else status, **how)

    def mark(self, thing: Json, *, finalizers: list[str], **how: Any) -> None:
        """Ask for its deletion: it stays until its finalizers are gone."""
        thing["metadata"] |= {
            "deletionTimestamp": self.moment(0),
            "finalizers": finalizers,
            "resourceVersion": self._next(),
        }
        self.log("delete", thing, thing, code=202, **how)

    def release(self, thing: Json, **how: Any) -> None:
        """Take the finalizers away: it goes."""
        del thing["metadata"]["finalizers"]
        thing["metadata"]["resourceVersion"] = self._next()
        del self.objects[self._key(thing)]
        self.truth.append((thing["kind"], thing["metadata"]["name"], None))
        self.log("patch", thing, thing, **how)

    def clear(self, namespace: str, kind: str) -> None:
        """Delete a collection."""
        gone = [thing for (of, where, _), thing in self.objects.items() if (of, where) == (kind, namespace)]
        for thing in gone:
            del self.objects[self._key(thing)]
            self.truth.append((kind, thing["metadata"]["name"], None))
        items = [{key: value for key, value in thing.items() if key not in {"apiVersion", "kind"}} for thing in gone]
        answer = {"apiVersion": gone[0]["apiVersion"], "kind": f"{kind}List", "metadata": {}, "items": items}
        about = {"apiVersion": gone[0]["apiVersion"], "kind": kind, "metadata": {"namespace": namespace, "name": ""}}
        self.log("deletecollection", about, answer)

    def log(
        self,
        verb: str,
        thing: Json,
        answer: Json | None,
        *,
        late: int = 0,
        code: int = 200,
        level: str = "RequestResponse",
        stage: str = "ResponseComplete",
        subresource: str = "",
        dry: bool = False,
        **extra: Any,
    ) -> None:
        """Write a line; the answer goes out `late` milliseconds after the change."""
        resource, group, version = RESOURCES[thing["kind"]]
        about = {"resource": resource, "namespace": thing["metadata"].get("namespace", ""), "apiVersion": version}
        about |= {"name": thing["metadata"]["name"]} | ({"apiGroup": group} if group else {})
        line = {
            "kind": "Event",
            "apiVersion": "audit.k8s.io/v1",
            "level": level,
            "auditID": f"{len(self.lines):08x}",
            "stage": stage,
            "requestURI": f"/apis/{resource}" + ("?dryRun=All" if dry else ""),
            "verb": verb,
            "user": {"username": "alice"},
            "userAgent": "kubectl/v1.24",
            "objectRef": about | ({"subresource": subresource} if subresource else {}),
            "responseStatus": {"metadata": {}, "code": code},
            **({"responseObject": answer} if answer is not None and level == "RequestResponse" else {}),
            "requestReceivedTimestamp": self.moment(0),
            "stageTimestamp": self.moment(late),
            **extra,
        }
        self.lines.append(json.dumps(line).encode())
        self.at += 1

    def moment(self, late: int) -> str:
        time = START + timedelta(milliseconds=self.at + late)
        return time.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"

    def _next(self) -> str:
        self.revision += 1
        return str(self.revision)

    def _tell(self, thing: Json) -> None:
        self.truth.append((thing["kind"], thing["metadata"]["name"], deepcopy(thing.get("spec"))))

    @staticmethod
    def _key(thing: Json) -> tuple[str, str, str]:
        return thing["kind"], thing["metadata"].get("namespace", ""), thing["metadata"]["name"]
