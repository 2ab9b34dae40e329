"""From a pod of the cluster to what is written on it: owners, webhook, patches."""

from __future__ import annotations

import asyncio
import copy
import ssl
from base64 import b64decode
from collections.abc import Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
import jsonpatch
import msgspec
import pytest

from skel.client.request import Response
from skel.cluster.pki import make_pki
from skel.replay.births import Births
from skel.replay.injecting import PODS, Injection, injecting
from skel.replay.lifetimes import LifetimeBook
from skel.replay.namespaces import Namespaces
from skel.replay.owners import Owners
from skel.replay.pod_marks import COMPLETE, COMPLETE_TIME, LIFETIME, NUMBER, SPEC_HASH, Delays, Marks, Ours, end_marks
from skel.replay.virtual import Simulation
from skel.replay.webhook import CONFIGURATIONS, Reach, Webhook, configuration, serving
from skel.trace.model import Lifecycles
from skel.trace.pod_hash import pod_spec_hash
from tests.replay.fake_cluster import FakeCluster, owned, pod, pod_path, reference, until

Json = Any
T = TypeVar("T")
NOW = datetime(2024, 5, 6, 7, 8, 9, 500_000, tzinfo=UTC)
SIMULATION = Simulation("sim-1", Namespaces())
HASH = pod_spec_hash(pod("a")["spec"])
WEB = ("apps/v1.Deployment", "shop/web")


def finished(*seconds: int) -> list[Json]:
    return [{"Finished": [100, 100 + each]} for each in seconds]


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


def with_web(cluster: FakeCluster) -> Json:
    """A Deployment and its ReplicaSet; gives the reference to the latter."""
    deployment = owned("Deployment", "web", {**reference(owned("PriorityClass", "sim-1")), "controller": False})
    replicas = owned("ReplicaSet", "web-1", reference(deployment))
    base = "/apis/apps/v1/namespaces/virtual-shop"
    cluster.put(f"{base}/deployments/web", deployment)
    cluster.put(f"{base}/replicasets/web-1", replicas)
    return reference(replicas)


def births_of(cluster: FakeCluster, lifecycles: Lifecycles, speed: float | None = 2.0) -> Births:
    owners = Owners(cluster.send, Ours(SIMULATION.namespaces))
    return Births(LifetimeBook(lifecycles), owners, "sim-1", speed)


def test_the_chain_of_owners_ends_with_the_pod_and_leaves_the_root_out() -> None:
    cluster = FakeCluster()
    one = pod("web-1-x", owner=with_web(cluster))
    owners = Owners(cluster.send, Ours(SIMULATION.namespaces))
    chain = run(owners.chain(one))
    assert chain == (("apps/v1.ReplicaSet", "shop/web-1"), WEB, ("v1.Pod", "shop/web-1-x"))
    assert run(owners.top(one)) == "Deployment/web"
    assert run(owners.top(pod("bare"))) == "Pod/bare"


def test_each_owner_is_asked_for_once() -> None:
    cluster = FakeCluster()
    owner = with_web(cluster)
    owners = Owners(cluster.send, Ours(SIMULATION.namespaces))
    for number in range(5):
        run(owners.chain(pod(f"web-1-{number}", owner=owner)))
    assert set(cluster.asked.values()) == {1}


def test_an_owner_that_can_not_be_asked_for_is_asked_for_again() -> None:
    cluster = FakeCluster()
    one = pod("web-1-x", owner=with_web(cluster))
    cluster.answers["GET /apis/apps/v1/namespaces/virtual-shop/replicasets/web-1"] = [Response(500, None)]
    owners = Owners(cluster.send, Ours(SIMULATION.namespaces))
    assert len(run(owners.chain(one))) == 2
    assert len(run(owners.chain(one))) == 3


def test_an_owner_that_is_gone_ends_the_chain() -> None:
    gone = reference(owned("ReplicaSet", "old"))
    unknown = reference(owned("Robot", "r", api_version="example.com/v1"))
    owners = Owners(FakeCluster().send, Ours(SIMULATION.namespaces))
    assert run(owners.chain(pod("a", owner=gone))) == (("apps/v1.ReplicaSet", "shop/old"), ("v1.Pod", "shop/a"))
    assert run(owners.top(pod("a", owner=unknown))) == "Robot/r"


def test_owners_that_own_each_other_end() -> None:
    cluster = FakeCluster()
    first = owned("ReplicaSet", "a")
    second = owned("ReplicaSet", "b", reference(first))
    first["metadata"]["ownerReferences"] = [reference(second)]
    for thing in (first, second):
        cluster.put(f"/apis/apps/v1/namespaces/virtual-shop/replicasets/{thing['metadata']['name']}", thing)
    assert len(run(Owners(cluster.send, Ours(SIMULATION.namespaces)).chain(pod("p", owner=reference(first))))) < 12


def review(thing: Json, operation: str = "CREATE", **more: Json) -> Json:
    request = {"uid": "u-1", "operation": operation, "namespace": "virtual-shop", "object": thing, **more}
    return {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}


def patched(webhook: Webhook, asked: Json) -> Json:
    """The pod of a review after the patch of its answer; the pod itself without one."""
    answer = msgspec.json.decode(run(webhook.answer(msgspec.json.encode(asked))))
    assert answer["response"]["allowed"] is True
    assert answer["response"]["uid"] == "u-1"
    patch = answer["response"].get("patch")
    thing = copy.deepcopy(asked["request"]["object"])
    return jsonpatch.apply_patch(thing, b64decode(patch).decode()) if patch else thing


def test_a_new_pod_is_told_its_lifetime_and_where_to_go() -> None:
    cluster = FakeCluster()
    webhook = Webhook(births_of(cluster, {WEB: {HASH: finished(30, 60)}}))
    fresh = pod("x", owner=with_web(cluster))
    # The API server asks before it gives a namespace and a name.
    del fresh["metadata"]["namespace"], fresh["metadata"]["name"]
    fresh["metadata"]["annotations"] = None
    made = [patched(webhook, review(fresh)) for _ in range(2)]
    assert [each["metadata"]["annotations"] for each in made] == [
        {SPEC_HASH: str(HASH), NUMBER: "0", LIFETIME: "15.000s"},
        {SPEC_HASH: str(HASH), NUMBER: "1", LIFETIME: "30.000s"},
    ]
    assert made[0]["metadata"]["labels"] == {"simkube.io/simulation": "sim-1"}
    assert made[0]["spec"]["nodeSelector"] == {"type": "virtual"}
    assert made[0]["spec"]["tolerations"] == [{"key": "kwok-provider", "operator": "Exists", "effect": "NoSchedule"}]


def test_what_a_template_says_already_is_not_said_again() -> None:
    there = pod("x")
    toleration = {"key": "kwok-provider", "operator": "Exists", "effect": "NoSchedule"}
    there["spec"] |= {"nodeSelector": {"type": "virtual", "disk": "fast"}, "tolerations": [toleration]}
    made = patched(Webhook(births_of(FakeCluster(), {})), review(there))
    assert made["spec"] == there["spec"]


def test_a_pod_that_begins_to_run_is_told_its_end_once() -> None:
    webhook = Webhook(births_of(FakeCluster(), {("v1.Pod", "shop/x"): {1: finished(3)}}), lambda: NOW)
    made = patched(webhook, review(pod("x")))
    assert patched(webhook, review(made, "UPDATE")) == made
    made["status"]["phase"] = "Running"
    running = patched(webhook, review(made, "UPDATE"))
    assert running["metadata"]["labels"][COMPLETE] == "true"
    assert running["metadata"]["annotations"][COMPLETE_TIME] == "2024-05-06T07:08:11.000Z"
    assert patched(webhook, review(running, "UPDATE")) == running
    assert patched(webhook, review(running)) == running, "a pod has one birth"


def test_what_is_only_tried_takes_no_lifetime() -> None:
    webhook = Webhook(births_of(FakeCluster(), {("v1.Pod", "shop/x"): {1: finished(3)}}))
    assert patched(webhook, review(pod("x"), dryRun=True)) == pod("x")
    assert patched(webhook, review(pod("x")))["metadata"]["annotations"][NUMBER] == "0"


def test_a_pod_without_an_end_runs_on() -> None:
    webhook = Webhook(births_of(FakeCluster(), {("v1.Pod", "shop/x"): {1: [{"Running": 5}]}}))
    made = patched(webhook, review(pod("x", "Running")))
    assert LIFETIME not in made["metadata"]["annotations"]
    assert patched(webhook, review(made, "UPDATE")) == made


@pytest.mark.parametrize("text", ["", "x", "-3s", "1e9s", "NaNs", "9" * 40 + "s"])
def test_nonsense_on_a_pod_ends_nothing(text: str) -> None:
    odd = pod("x", "Running")
    odd["metadata"]["annotations"][LIFETIME] = text
    assert not end_marks(odd, NOW)


def test_as_fast_as_it_goes_pods_end_at_once() -> None:
    webhook = Webhook(births_of(FakeCluster(), {("v1.Pod", "shop/x"): {1: finished(3)}}, speed=None))
    assert patched(webhook, review(pod("x")))["metadata"]["annotations"][LIFETIME] == "0.000s"


def test_numbers_follow_the_order_in_which_pods_come() -> None:
    cluster = FakeCluster()
    births = births_of(cluster, {WEB: {HASH: finished(*range(9))}})
    owner = with_web(cluster)

    async def at_once() -> list[str]:
        made = await asyncio.gather(*(births.marks(pod(f"p{number}", owner=owner)) for number in range(9)))
        return [marks.annotations[NUMBER] for marks in made]

    assert run(at_once()) == [str(number) for number in range(9)]


@pytest.fixture
def reach(tmp_path: Path) -> Reach:
    make_pki(tmp_path)
    return Reach(tmp_path / "server.crt", tmp_path / "server.key", tmp_path / "ca.crt")


async def posted(url: str, ca: Path, body: bytes) -> tuple[int, bytes]:
    context = ssl.create_default_context(cafile=str(ca))
    async with aiohttp.ClientSession() as session, session.post(url, data=body, ssl=context) as answer:
        return answer.status, await answer.read()


def test_the_webhook_answers_whoever_trusts_the_authority(reach: Reach) -> None:
    webhook = Webhook(births_of(FakeCluster(), {("v1.Pod", "shop/x"): {1: finished(3)}}))

    async def call() -> None:
        async with serving(webhook, reach) as url:
            status, body = await posted(url, reach.ca, msgspec.json.encode(review(pod("x"))))
            assert status == 200
            assert msgspec.json.decode(body)["response"]["patchType"] == "JSONPatch"
            for nonsense in (b"", b"[]", b"{}", b'{"request": 3}', b'{"request": {"object": null}}'):
                assert (await posted(url, reach.ca, nonsense))[0] == 400, nonsense
            assert (await posted(url.rpartition("/")[0] + "/guess", reach.ca, b"{}"))[0] == 404

    run(call())


def test_the_api_server_is_told_to_call_for_our_pods_alone() -> None:
    owner = {"kind": "PriorityClass", "name": "sim-1", "uid": "7"}
    [hook] = configuration(Simulation("sim-1", Namespaces(), owner), "https://x", b"ca")["webhooks"]
    assert hook["namespaceSelector"] == {"matchLabels": {"simkube.io/simulation": "sim-1"}}
    assert hook["failurePolicy"] == "Ignore", "a simulation must not stop a cluster"
    [bare] = configuration(Simulation("sim-1", Namespaces("")), "https://x", b"ca")["webhooks"]
    assert "kube-system" in bare["namespaceSelector"]["matchExpressions"][0]["values"]


async def during(cluster: FakeCluster, lifecycles: Lifecycles, story: Any, **settings: Any) -> Injection:
    """Inject while a story goes on."""
    async with injecting(
        cluster, LifetimeBook(lifecycles), SIMULATION, **{"speed": 10.0, "delays": None, **settings}
    ) as injection:
        await until(lambda: cluster.watched(PODS))
        await story()
    return injection


def test_where_nobody_can_call_us_pods_are_patched() -> None:
    cluster = FakeCluster()
    bare = {("v1.Pod", f"shop/{name}"): {1: finished(seconds)} for name, seconds in (("a", 30), ("b", 60))}

    async def story() -> None:
        for name in "ab":
            cluster.put(pod_path(name), pod(name))
            cluster.put(pod_path(name), pod(name, node="n"))
        cluster.put(pod_path("stranger", "default"), pod("stranger", "Running", namespace="default", annotations={}))
        cluster.put(pod_path("b"), pod("b", "Running", node="n"))
        await until(lambda: len(cluster.patches) == 1)
        cluster.put(pod_path("a"), pod("a", "Running", node="n"))
        await until(lambda: len(cluster.patches) == 2)
        await asyncio.sleep(0.05)

    injection = run(during(cluster, bare, story))
    assert [path for path, _ in cluster.patches] == [pod_path("b"), pod_path("a")], "one patch for a pod, when it runs"
    annotations = cluster.objects[pod_path("a")]["metadata"]["annotations"]
    assert annotations[LIFETIME] == "3.000s"
    assert annotations[COMPLETE_TIME].endswith("Z")
    assert cluster.objects[pod_path("a")]["metadata"]["labels"][COMPLETE] == "true"
    summary = injection.summary()
    assert (summary["way"], summary["pods"], summary["ending"]) == ("patch", 2, 2)
    assert injection.problems == []


def test_a_delay_stands_on_the_pod_before_it_runs() -> None:
    cluster = FakeCluster()

    async def story() -> None:
        cluster.put(pod_path("a"), pod("a"))
        await until(lambda: len(cluster.patches) == 1)
        there = copy.deepcopy(cluster.objects[pod_path("a")])
        there["status"]["phase"] = "Running"
        cluster.put(pod_path("a"), there)
        await until(lambda: len(cluster.patches) == 2)

    run(during(cluster, {("v1.Pod", "shop/a"): {1: finished(30)}}, story, delays=Delays(ready=500)))
    first, second = (body["metadata"] for _, body in cluster.patches)
    assert first["annotations"]["simkube.io/kwok-stage-ready-delay"] == "500ms"
    assert COMPLETE_TIME not in first["annotations"]
    assert list(second["annotations"]) == [COMPLETE_TIME]


def test_a_pod_that_is_to_end_and_was_not_recorded_gets_an_end() -> None:
    cluster = FakeCluster()
    work, serve = pod("work", "Running"), pod("serve", "Running")
    work["spec"]["restartPolicy"] = "Never"

    async def story() -> None:
        cluster.put(pod_path("work"), work)
        cluster.put(pod_path("serve"), serve)
        await until(lambda: len(cluster.patches) == 2)

    delays = Delays(complete=60_000, complete_jitter=120_000).scaled(60)
    injection = run(during(cluster, {}, story, delays=delays))
    bodies = {path: body["metadata"]["annotations"] for path, body in cluster.patches}
    assert 1.0 <= float(bodies[pod_path("work")][LIFETIME].removesuffix("s")) <= 2.0
    assert LIFETIME not in bodies[pod_path("serve")], "it is started again whenever it ends"
    assert injection.way == "patch"


def test_delays_are_of_simulated_time() -> None:
    given = Delays(create=6000, ready_jitter=600)
    assert given.scaled(60) == Delays(create=100, ready_jitter=10)
    assert given.scaled(None) == given
    assert not Delays()
    assert Delays(complete=1)
    assert (Delays(complete=1000, complete_jitter=3000).end(0.5), Delays(complete=1000).end(0.5)) == (2.0, 1.0)


def test_pods_that_are_there_already_keep_their_numbers() -> None:
    cluster = FakeCluster()
    owner = with_web(cluster)
    marks = {SPEC_HASH: str(HASH), NUMBER: "1", LIFETIME: "1.000s", "static.simkube.io/original-namespace": "shop"}
    cluster.put(pod_path("old"), pod("old", "Running", owner=owner, annotations=marks))

    async def story() -> None:
        cluster.put(pod_path("new"), pod("new", "Running", owner=owner))
        await until(lambda: len(cluster.patches) == 2)

    run(during(cluster, {WEB: {HASH: finished(1, 2, 3)}}, story))
    bodies = dict(cluster.patches)
    assert bodies[pod_path("new")]["metadata"]["annotations"][NUMBER] == "2"
    assert list(bodies[pod_path("old")]["metadata"]["annotations"]) == [COMPLETE_TIME], "what a dead run left is ended"


def test_a_patch_is_repeated_and_what_fails_for_good_is_told() -> None:
    cluster = FakeCluster()
    cluster.answers[f"PATCH {pod_path('a')}"] = [Response(0, None), Response(429, None, retry_after=0.01)]
    cluster.answers[f"PATCH {pod_path('b')}"] = [Response(403, None)]
    bare: Lifecycles = {("v1.Pod", f"shop/{name}"): {1: finished(9)} for name in "ab"}

    async def story() -> None:
        for name in "ab":
            cluster.put(pod_path(name), pod(name, "Running"))
        await until(lambda: len(cluster.patches) == 1)

    injection = run(during(cluster, bare, story))
    assert [path for path, _ in cluster.patches] == [pod_path("a")]
    assert injection.problems == ["1 pods could not be given their lifetimes"]


def test_what_changed_while_nobody_looked_is_seen() -> None:
    cluster = FakeCluster()

    async def story() -> None:
        cluster.put(pod_path("a"), pod("a"))
        await asyncio.sleep(0.05)
        cluster.forget()
        cluster.objects[pod_path("a")]["status"]["phase"] = "Running"
        await until(lambda: len(cluster.patches) == 1)

    injection = run(during(cluster, {("v1.Pod", "shop/a"): {1: finished(9)}}, story))
    assert injection.summary()["pods"] == 1, "listed anew is not born anew"


def test_nothing_recorded_nothing_done() -> None:
    async def story() -> Injection:
        async with injecting(FakeCluster(), LifetimeBook({}), SIMULATION, speed=1.0) as injection:
            return injection

    assert run(story()).summary()["way"] == "none"


def test_the_configuration_of_the_webhook_comes_and_goes(reach: Reach) -> None:
    cluster = FakeCluster()
    path = CONFIGURATIONS.path("", "sim-1")

    async def story() -> None:
        [hook] = cluster.objects[path]["webhooks"]
        status, _ = await posted(hook["clientConfig"]["url"], reach.ca, msgspec.json.encode(review(pod("x"))))
        assert status == 200

    injection = run(during(cluster, {("v1.Pod", "shop/x"): {1: finished(9)}}, story, reach=reach))
    assert (injection.way, injection.problems) == ("webhook", [])
    assert path not in cluster.objects


def test_what_may_not_be_configured_is_patched(reach: Reach) -> None:
    cluster = FakeCluster()
    path = CONFIGURATIONS.path("", "sim-1")
    cluster.answers[f"PATCH {path}"] = [Response(403, {"message": "no"})]

    async def story() -> None:
        cluster.put(pod_path("a"), pod("a", "Running"))
        await until(lambda: len(cluster.patches) == 1)

    injection = run(during(cluster, {("v1.Pod", "shop/a"): {1: finished(9)}}, story, reach=reach))
    assert injection.way == "patch"
    assert injection.problems == ["no webhook for recorded lifetimes, pods are patched instead: 403 no"]


def test_a_watch_that_breaks_does_not_end_the_replay(monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(births: Births, thing: Json, namespace: str = "") -> Marks:
        raise LookupError("odd")

    monkeypatch.setattr(Births, "marks", broken)
    cluster = FakeCluster()

    async def story() -> None:
        cluster.put(pod_path("a"), pod("a"))
        await asyncio.sleep(0.05)

    [problem] = run(during(cluster, {("v1.Pod", "shop/a"): {1: finished(9)}}, story)).problems
    assert "the watch for recorded lifetimes broke" in problem
    assert "odd" in problem
