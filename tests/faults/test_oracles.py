"""Each invariant: a history that breaks it, and the nearest one that does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from skel.faults.oracles.cron_jobs import period
from skel.faults.oracles.known import KNOWN, OracleError, is_known, oracles
from skel.faults.oracles.owned_pods import share
from tests.faults.making import added, broken, changed, deleted, ended, going, pod, ready, thing, with_spec

OWNED = "owned-pods<=replicas+surge"
SET = thing("ReplicaSet", "rs", {"replicas": 2})
PODS = [pod(f"p{number}", SET) for number in range(1, 6)]


def test_one_pod_too_many_is_told_once_with_its_revision() -> None:
    (found,) = broken(OWNED, added(SET, *PODS))
    assert (found.object, found.revision, found.message) == ("ReplicaSet/rs", 4, "3 active pods, where 2 are wanted")


def test_as_many_pods_as_wanted_are_fine() -> None:
    assert not broken(OWNED, added(SET, *PODS[:2]))


def test_a_pod_on_its_way_out_or_finished_does_not_count() -> None:
    assert not broken(OWNED, added(SET, *PODS[:2]), changed(going(PODS[0]), ended(PODS[1])), added(*PODS[2:4]))


def test_pods_that_are_more_than_wanted_after_scaling_down_are_no_violation() -> None:
    assert not broken(OWNED, added(SET, *PODS[:2]), changed(with_spec(SET, 2, 2, replicas=1)))


def test_until_the_controller_saw_the_smaller_number_the_larger_is_as_good() -> None:
    unseen, seen = with_spec(SET, 2, 1, replicas=1), with_spec(SET, 2, 2, replicas=1)
    assert not broken(OWNED, added(SET, PODS[0]), changed(unseen), added(PODS[1]))
    assert broken(OWNED, added(SET, PODS[0]), changed(seen), added(PODS[1]))


def test_replicasets_of_a_deployment_may_want_its_replicas_and_the_surge() -> None:
    web = thing("Deployment", "web", {"replicas": 4})
    old, new = (thing("ReplicaSet", name, {"replicas": count}, over=web) for name, count in (("old", 4), ("new", 1)))
    assert not broken(OWNED, added(web, old, new))
    assert broken(OWNED, added(web, old, new), changed(with_spec(new, replicas=2)))
    recreate = thing("Deployment", "web", {"replicas": 4, "strategy": {"type": "Recreate"}})
    assert broken(OWNED, added(recreate, old, new))


@pytest.mark.parametrize(
    ("said", "up", "expected"), [(2, True, 2), ("25%", True, 2), ("25%", False, 1), ("0%", True, 0)]
)
def test_a_share_is_rounded_as_the_controllers_do(said: int | str, up: bool, expected: int) -> None:
    assert share(said, 5, up=up) == expected


def test_a_deployment_has_no_two_replicasets_of_one_template() -> None:
    web = thing("Deployment", "web")
    template = {"metadata": {"labels": {"app": "web", "pod-template-hash": "abc"}}, "spec": {"containers": []}}
    one = thing("ReplicaSet", "web-1", {"template": template}, over=web)
    other = thing("ReplicaSet", "web-2", {"template": {**template, "metadata": {"labels": {"app": "web"}}}}, over=web)
    different = thing("ReplicaSet", "web-3", {"template": {"spec": {"containers": [{"name": "c"}]}}}, over=web)
    assert broken("one-replicaset-a-template", added(web, one, other))
    assert not broken("one-replicaset-a-template", added(web, one, different))


def test_a_job_runs_no_more_than_its_parallelism_and_completions() -> None:
    job = thing("Job", "work", {"parallelism": 2, "completions": 3})
    pods = [pod(f"p{number}", job) for number in range(1, 6)]
    name = "job-pods<=parallelism"
    assert not broken(name, added(job, *pods[:2]))
    assert broken(name, added(job, *pods[:3]))
    done = changed(ended(pods[0]), ended(pods[1]))
    assert not broken(name, added(job, *pods[:2]), done, added(pods[2]))
    assert broken(name, added(job, *pods[:2]), done, added(*pods[2:4]))
    # A pod that is cleaned up after its success is still counted by the status.
    counted = changed({**job, "status": {"succeeded": 2}})
    assert broken(name, added(job, *pods[:2]), done, counted, deleted(*pods[:2]), added(*pods[2:4]))


def test_a_job_has_no_two_pods_of_one_index() -> None:
    job = thing("Job", "work", {"parallelism": 2, "completions": 2, "completionMode": "Indexed"})
    index = {"batch.kubernetes.io/job-completion-index": "0"}
    pods = [pod(f"p{number}", job) for number in (1, 2)]
    for it in pods:
        it["metadata"]["annotations"] = index
    assert broken("job-pods<=parallelism", added(job, *pods))


def test_forbid_excludes_two_jobs_at_once() -> None:
    cron = thing("CronJob", "backup", {"concurrencyPolicy": "Forbid"})
    first, second = (thing("Job", f"backup-{number}", over=cron) for number in (1, 2))
    done = {**first, "status": {"conditions": [{"type": "Complete", "status": "True"}]}}
    assert broken("cronjob-forbid", added(cron, first, second))
    assert not broken("cronjob-forbid", added(cron, first), changed(done), added(second))
    assert not broken("cronjob-forbid", added(thing("CronJob", "backup"), first, second))


def test_a_time_has_one_job() -> None:
    cron = thing("CronJob", "backup")
    job = thing("Job", "backup-28", over=cron)
    assert broken("cronjob-once", added(cron, job), deleted(job), added(job))
    assert not broken("cronjob-once", added(cron, job, thing("Job", "backup-29", over=cron)))


def test_a_cronjob_starts_when_its_time_has_come() -> None:
    cron = thing("CronJob", "backup", {"schedule": "* * * * *"})
    late = thing("Node", "n")
    name = "cronjob-starts"
    waited = added(cron) + changed(*[late] * 200)
    assert broken(name, waited)
    assert not broken(name, added(cron, thing("Job", "backup-1", over=cron)), waited[1:])
    assert not broken(name, added(cron), changed(*[late] * 50))


@pytest.mark.parametrize(
    ("schedule", "seconds"),
    [
        ("* * * * *", 60),
        ("*/5 * * * *", 300),
        ("7 * * * *", 3600),
        ("0 3 * * *", 86400),
        ("0 3 * * 1", 0),
        ("@daily", 0),
    ],
)
def test_the_period_of_a_schedule(schedule: str, seconds: int) -> None:
    assert period(schedule) == seconds


def test_a_statefulset_makes_its_pods_in_order() -> None:
    whole = thing("StatefulSet", "db", {"replicas": 3})
    pods = [pod(f"db-{number}", whole) for number in range(4)]
    name = "statefulset-order"
    assert broken(name, added(whole, *pods[:2]))
    assert not broken(name, added(whole, pods[0]), changed(ready(pods[0])), added(pods[1]))
    # It was ready once: that it is not any more may be news that the controller does not have.
    assert not broken(name, added(whole, pods[0]), changed(ready(pods[0]), pods[0]), added(pods[1]))
    parallel = with_spec(whole, podManagementPolicy="Parallel")
    assert not broken(name, added(parallel, *pods[:3]))
    assert broken(name, added(parallel, pods[3]))


def test_a_node_has_one_pod_of_a_daemonset() -> None:
    agent = thing("DaemonSet", "agent")
    field = {"key": "metadata.name", "operator": "In", "values": ["n1"]}
    terms = {"nodeSelectorTerms": [{"matchFields": [field]}]}
    affinity = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}}
    first, second = (pod(f"agent-{number}", agent, affinity=affinity) for number in (1, 2))
    name = "one-daemon-pod-a-node"
    assert broken(name, added(agent, first, second))
    assert not broken(name, added(agent, first, pod("agent-3", agent, nodeName="n2")))
    surging = with_spec(agent, updateStrategy={"rollingUpdate": {"maxSurge": 1}})
    assert not broken(name, added(surging, first, second))


def test_a_budget_is_asked_when_an_eviction_is_allowed() -> None:
    labelled = [ready(pod(f"p{number}")) for number in (1, 2, 3)]
    for it in labelled:
        it["metadata"]["labels"] = {"app": "web"}
    budget = thing("PodDisruptionBudget", "budget", {"minAvailable": 2, "selector": {"matchLabels": {"app": "web"}}})
    allowed = {**budget, "status": {"disruptedPods": {"p1": "2024-01-01T00:00:00Z"}, "expectedPods": 3}}
    name = "disruption-budget"
    assert not broken(name, added(*labelled, budget), changed(allowed))
    assert broken(name, added(*labelled, budget), changed(ended(labelled[1], "Failed")), changed(allowed))


def test_a_node_has_no_more_than_it_can_give() -> None:
    node = thing("Node", "n1", status={"allocatable": {"cpu": "2", "pods": "10"}})
    asks = [{"resources": {"requests": {"cpu": "1500m"}}}]
    free = [pod(f"p{number}", containers=asks) for number in (1, 2)]
    bound = [with_spec(it, nodeName="n1") for it in free]
    name = "node-capacity"
    assert not broken(name, added(node, *free), changed(bound[0]))
    assert broken(name, added(node, *free), changed(*bound))
    assert not broken(name, added(node, *free), changed(bound[0], ended(bound[0])), changed(bound[1]))
    assert broken("bound-once", added(free[0]), changed(bound[0], with_spec(free[0], nodeName="n2")))


def test_a_node_is_not_lost_while_its_lease_is_renewed() -> None:
    node = ready(thing("Node", "n1"))
    lost = {**node, "status": {"conditions": [{"type": "Ready", "status": "Unknown"}]}}
    leases = [thing("Lease", "n1", {"renewTime": str(number)}) for number in (1, 2)]
    assert broken("node-not-lost", added(node, leases[0]), changed(leases[1], lost))
    assert not broken("node-not-lost", added(node, leases[0]), changed(lost))


def test_what_is_left_of_a_controller_that_is_gone_is_an_orphan() -> None:
    assert broken("no-orphans", added(SET, PODS[0]), deleted(SET))
    assert not broken("no-orphans", added(SET, PODS[0]), deleted(SET, PODS[0]))
    assert not broken("no-orphans", added(PODS[0]), deleted(PODS[0]))


def test_at_rest_everything_is_as_wanted() -> None:
    assert broken("converges", added(SET, PODS[0]))
    assert not broken("converges", added(SET, *PODS[:2]))
    (found,) = broken("converges<60s", added(SET))
    assert (found.revision, found.message) == (0, "0 active pods, where 2 are wanted")
    assert oracles(["converges<2m"])[0].patience == 120


def test_every_oracle_has_a_name_and_a_sentence() -> None:
    assert len({oracle.name for oracle in KNOWN}) == len(KNOWN)
    assert all(oracle.name and oracle.about for oracle in KNOWN)
    assert is_known("converges<90s")
    assert not is_known("converges<soon")


def test_an_unknown_oracle_is_refused_with_the_nearest() -> None:
    with pytest.raises(OracleError) as caught:
        oracles(["no-orphan"])
    assert caught.value.hint == "did you mean `no-orphans`?"


def test_an_oracle_of_a_user_is_a_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(
        "from skel.faults.oracles.oracle import Broken, Oracle\n"
        "class Mine(Oracle):\n"
        "    name = 'mine'\n"
        "    def see(self, change, state):\n"
        "        yield Broken(change.object, 'never')\n",
        "utf-8",
    )
    (mine,) = oracles(["no-orphans"], [file])[1:]
    assert mine.name == "mine"


@pytest.mark.parametrize("text", ["raise ValueError('x')", "import nothing_of_this_name", "x = 1", "class ("])
def test_a_file_without_an_oracle_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "mine.py"
    file.write_text(text, "utf-8")
    with pytest.raises(OracleError):
        oracles((), [file])
