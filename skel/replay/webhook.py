"""The mutating webhook: the API server shows each new pod of the simulation, and each that begins to run.

https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/
"""

from __future__ import annotations

import secrets
import ssl
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from aiohttp import web
from msgspec import Struct

from skel.client.discovery import Resource
from skel.patch.values import Json
from skel.replay.births import Births
from skel.replay.pod_marks import COMPLETE, end_marks, is_born, room_patch
from skel.replay.virtual import SIMULATION, Simulation

CONFIGURATIONS = Resource(
    "admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", "mutatingwebhookconfigurations", namespaced=False
)
SECONDS = 10
"""How long an API server waits for an answer. Without one the pod is made all the same, and is looked after later."""
_LARGEST = 8 << 20
_SYSTEM = ("kube-system", "kube-public", "kube-node-lease")


@dataclass(frozen=True, slots=True)
class Reach:
    """Where an API server can call us, and what we show it: files in PEM form."""

    certificate: Path
    key: Path
    ca: Path
    address: str = "127.0.0.1"


class AdmissionRequest(Struct, gc=False):
    """What is needed of a request; `object` is the pod, as it is to be."""

    object: dict[str, Json]
    uid: str = ""
    operation: str = ""
    namespace: str = ""
    dryRun: bool = False  # noqa: N815  (the name in the review)


class AdmissionReview(Struct, gc=False):
    request: AdmissionRequest
    apiVersion: str = "admission.k8s.io/v1"  # noqa: N815  (the same)
    kind: str = "AdmissionReview"


_decoder = msgspec.json.Decoder(AdmissionReview)


class Webhook:
    """Answers AdmissionReviews. A pod is never refused: at worst it runs without its recorded lifetime."""

    def __init__(self, births: Births, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._births = births
        self._now = now

    async def answer(self, body: bytes) -> bytes:
        """The review with a response. Raises msgspec.MsgspecError or ValueError for what is no review of a pod."""
        review = _decoder.decode(body)
        request = review.request
        response: dict[str, Json] = {"uid": request.uid, "allowed": True}
        # What is only tried must not take a lifetime.
        patch = [] if request.dryRun else await self._patch(request)
        if patch:
            response["patchType"] = "JSONPatch"
            response["patch"] = b64encode(msgspec.json.encode(patch)).decode()
        return msgspec.json.encode({"apiVersion": review.apiVersion, "kind": review.kind, "response": response})

    async def _patch(self, request: AdmissionRequest) -> list[dict[str, Json]]:
        pod = request.object
        if request.operation != "CREATE":
            return end_marks(pod, self._now()).json_patch(pod)
        if is_born(pod):
            return []
        marks = await self._births.marks(pod, request.namespace)
        return [*marks.json_patch(pod), *room_patch(pod)]


@asynccontextmanager
async def serving(webhook: Webhook, reach: Reach) -> AsyncIterator[str]:
    """Serve on a free port; gives the URL, which nobody can guess. Raises OSError or ssl.SSLError."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(reach.certificate, reach.key)
    path = f"/{secrets.token_urlsafe(16)}"
    application = web.Application(client_max_size=_LARGEST)
    application.router.add_post(path, _answering(webhook))
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, reach.address, 0, ssl_context=context)
        await site.start()
        port = runner.addresses[0][1]
        yield f"https://{reach.address}:{port}{path}"
    finally:
        await runner.cleanup()


def _answering(webhook: Webhook) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(request: web.Request) -> web.Response:
        try:
            answered = await webhook.answer(await request.read())
        except (msgspec.MsgspecError, ValueError) as error:
            return web.Response(status=400, text=str(error))
        return web.Response(body=answered, content_type="application/json")

    return answer


def configuration(simulation: Simulation, url: str, ca: bytes) -> dict[str, Json]:
    """The object that tells an API server to call us, for the pods of the simulation alone."""
    metadata: dict[str, Json] = {"name": simulation.name, "labels": {SIMULATION: simulation.name}}
    if simulation.owner is not None:
        metadata["ownerReferences"] = [dict(simulation.owner)]
    return {
        "apiVersion": CONFIGURATIONS.api_version,
        "kind": CONFIGURATIONS.kind,
        "metadata": metadata,
        "webhooks": [
            {
                "name": "pods.skel.simkube.io",
                "clientConfig": {"url": url, "caBundle": b64encode(ca).decode()},
                "rules": [_rule("pods", "CREATE"), _rule("pods/status", "UPDATE")],
                "namespaceSelector": _namespaces(simulation),
                "objectSelector": {"matchExpressions": [{"key": COMPLETE, "operator": "DoesNotExist"}]},
                "admissionReviewVersions": ["v1"],
                # What is counted are lifetimes, in this process; what is only tried counts nothing.
                "sideEffects": "NoneOnDryRun",
                "timeoutSeconds": SECONDS,
                # A simulation must not stop the cluster; pods that were missed are marked later.
                "failurePolicy": "Ignore",
                "matchPolicy": "Equivalent",
                "reinvocationPolicy": "Never",
            }
        ],
    }


def _rule(resource: str, operation: str) -> dict[str, Json]:
    return {
        "apiGroups": [""],
        "apiVersions": ["v1"],
        "resources": [resource],
        "operations": [operation],
        "scope": "Namespaced",
    }


def _namespaces(simulation: Simulation) -> dict[str, Json]:
    """The virtual namespaces bear a label; those that keep their names may have been there before."""
    if simulation.namespaces.prefix:
        return {"matchLabels": {SIMULATION: simulation.name}}
    return {"matchExpressions": [{"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": list(_SYSTEM)}]}
