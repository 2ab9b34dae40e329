"""One event of the audit log of an API server, as far as it is looked at; objects in it stay bytes.

https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/ (v1beta1 has the same fields)
"""

from __future__ import annotations

from msgspec import Raw, Struct
from msgspec.json import Decoder

NOTHING = Raw(b"")


class User(Struct, gc=False, frozen=True):
    username: str = ""


class ObjectRef(Struct, gc=False, frozen=True):
    """Whom a request was about."""

    resource: str = ""
    namespace: str = ""
    name: str = ""
    uid: str = ""
    apiGroup: str = ""  # noqa: N815  (names of the format)
    apiVersion: str = ""  # noqa: N815
    subresource: str = ""

    @property
    def group_version(self) -> str:
        """As `apiVersion` stands in an object: `apps/v1`, `v1`."""
        return f"{self.apiGroup}/{self.apiVersion}" if self.apiGroup else self.apiVersion

    @property
    def what_object(self) -> str:
        """`deployments.apps`, `pods`."""
        return f"{self.resource}.{self.apiGroup}" if self.apiGroup else self.resource


class Answer(Struct, gc=False, frozen=True):
    code: int = 0


class AuditEvent(Struct, gc=False):
    """A line: an event, or an EventList with `items`."""

    kind: str = ""
    apiVersion: str = ""  # noqa: N815
    level: str = ""
    auditID: str = ""  # noqa: N815
    stage: str = ""
    requestURI: str = ""  # noqa: N815
    verb: str = ""
    user: User = User()
    userAgent: str = ""  # noqa: N815
    objectRef: ObjectRef | None = None  # noqa: N815
    responseStatus: Answer | None = None  # noqa: N815
    requestObject: Raw = NOTHING  # noqa: N815
    responseObject: Raw = NOTHING  # noqa: N815
    requestReceivedTimestamp: str = ""  # noqa: N815
    stageTimestamp: str = ""  # noqa: N815
    annotations: dict[str, str] | None = None
    items: list[Raw] | None = None

    @property
    def is_list(self) -> bool:
        """An EventList, as an audit webhook is sent them."""
        return self.kind == "EventList"

    @property
    def succeeded(self) -> bool:
        return self.responseStatus is not None and 200 <= self.responseStatus.code < 300


class Details(Struct, gc=False, frozen=True):
    """Of a Status: whom it is about."""

    name: str = ""
    uid: str = ""


class Metadata(Struct, gc=False, frozen=True):
    name: str = ""
    namespace: str = ""
    uid: str = ""
    resourceVersion: str = ""  # noqa: N815
    generation: int = 0
    deletionTimestamp: str | None = None  # noqa: N815
    deletionGracePeriodSeconds: int | None = None  # noqa: N815
    finalizers: list[str] | None = None


class Spec(Struct, gc=False, frozen=True):
    """Of a Namespace and of a Pod."""

    finalizers: Raw = NOTHING
    nodeName: Raw = NOTHING  # noqa: N815


class Body(Struct, gc=False, frozen=True):
    """What a response holds, without what is in the object. `details` are those of a Status."""

    apiVersion: str = ""  # noqa: N815
    kind: str = ""
    metadata: Metadata = Metadata()
    details: Details | None = None
    items: list[Raw] | None = None


class WithSpec(Struct, gc=False, frozen=True):
    spec: Spec | None = None


class DeleteOptions(Struct, gc=False, frozen=True):
    gracePeriodSeconds: int | None = None  # noqa: N815
    dryRun: list[str] | None = None  # noqa: N815


decode_event = Decoder(AuditEvent).decode
decode_body = Decoder(Body).decode
decode_spec = Decoder(WithSpec).decode
decode_options = Decoder(DeleteOptions).decode
