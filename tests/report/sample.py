"""Findings with every feature: an upgrade, a lint, stale evidence, problems, what is suppressed or unused."""

from __future__ import annotations

from skel.findings.model import (
    Evidence,
    Finding,
    Findings,
    Fix,
    FoundObject,
    Location,
    NotChecked,
    Problem,
    Scanned,
    Suppressed,
    TextEdit,
)
from skel.findings.severity import Safety, Severity
from skel.patch.operations import Add, Remove, Replace

DOCS = "https://kubernetes.io/docs/reference/using-api/deprecation-guide"
NOON = 1_735_732_800.0
"""2025-01-01T12:00:00Z"""


def cronjob(name: str, event: int, **more: object) -> Finding:
    """A CronJob of a version that 1.25 does not serve."""
    settings: dict[str, object] = {
        "code": "KU112",
        "rule": "kubernetes/cronjob-batch-v1",
        "severity": Severity.ERROR,
        "title": "CronJob batch/v1beta1 is not served",
        "message": "batch/v1 has the same fields and is served since 1.21.",
        "location": Location(file="prod.sktrace", event=event, pointer="/apiVersion"),
        "object": FoundObject("batch/v1beta1", "CronJob", "shop", name),
        "hop": "1.25",
        "category": "removal",
        "url": f"{DOCS}/#cronjob-v125",
        "evidence": (Evidence("object", "", NOON),),
        "fix": Fix("Move to batch/v1", Safety.SAFE, (Replace(("apiVersion",), "batch/v1"),)),
        "labels": (("app", "shop"),),
    }
    return Finding(**{**settings, **more})  # type: ignore[arg-type]


def budget() -> Finding:
    return Finding(
        code="KU131",
        rule="kubernetes/budget-empty-selector",
        severity=Severity.WARNING,
        title="An empty selector of a PodDisruptionBudget selects every pod",
        message="In policy/v1beta1 `selector: {}` selects no pod, in policy/v1 every pod of the namespace.",
        location=Location(file="manifests/budget.yaml", line=9, column=3, end_line=9, pointer="/spec/selector"),
        object=FoundObject("policy/v1beta1", "PodDisruptionBudget", "shop", "web"),
        hop="1.25",
        category="behaviour",
        help="Say which pods you mean before you move on.",
        url=f"{DOCS}/#poddisruptionbudget-v125",
        fix=Fix(
            "Keep the meaning: select nothing",
            Safety.UNSAFE,
            (
                Replace(("apiVersion",), "policy/v1"),
                Remove(("spec", "selector", "matchLabels")),
                Add(("spec", "selector", "matchExpressions"), [{"key": "skel.dev/nothing", "operator": "Exists"}]),
                Add(("metadata", "annotations", "a/b"), "x" * 80),
                Remove(("metadata", "annotations", "c~d")),
            ),
        ),
    )


def autoscalers() -> tuple[Finding, ...]:
    """Two of a kind with a message of their own each; the evidence of the second is out of date."""
    stale = Evidence(
        "last-applied",
        "says autoscaling/v2beta2",
        NOON - 86_400 * 400,
        stale=True,
        clear="kubectl apply view-last-applied hpa/web -n shop, then apply the manifest of today",
    )
    newer = Evidence("managed-fields", "writes autoscaling/v2beta2", NOON, manager="helm")
    return tuple(
        Finding(
            code="KU140",
            rule="kubernetes/autoscaler-v2",
            severity=Severity.ERROR,
            title="HorizontalPodAutoscaler autoscaling/v2beta2 is not served",
            message=f"{name}: {count} of its metrics move into `metrics[].resource.target`.",
            location=Location(file="prod.sktrace", event=7, pointer="/spec/metrics"),
            object=FoundObject("autoscaling/v2beta2", "HorizontalPodAutoscaler", "shop", name),
            hop="1.26",
            category="removal",
            url=f"{DOCS}/#horizontalpodautoscaler-v126",
            evidence=evidence,
            fix=Fix(f"Move the metrics ({count})", Safety.SAFE, (Replace(("apiVersion",), "autoscaling/v2"),)),
            times=times,
        )
        for name, count, times, evidence in (("api", 2, 12, (newer,)), ("web", 1, 1, (stale,)))
    )


def policy() -> Finding:
    """Nothing can repair it."""
    return Finding(
        code="KU150",
        rule="kubernetes/pod-security-policy",
        severity=Severity.ERROR,
        title="PodSecurityPolicy is gone",
        message="Label the namespaces for Pod Security Admission, or install an admission webhook.",
        location=Location(file="manifests/psp.yaml", line=1, column=1),
        object=FoundObject("policy/v1beta1", "PodSecurityPolicy", "", "restricted"),
        hop="1.25",
        category="removal",
    )


def remark() -> Finding:
    return Finding(
        code="KU901",
        rule="kubernetes/label-master",
        severity=Severity.INFO,
        title="A selector names the old control-plane label",
        message="`node-role.kubernetes.io/master` is gone from new nodes.",
        location=Location(file="prod.sktrace", event=3, pointer="/spec/nodeSelector"),
        object=FoundObject("v1", "Pod", "kube-system", "probe"),
        category="behaviour",
    )


def lint() -> Finding:
    return Finding(
        code="L012",
        rule="removed-api-version",
        severity=Severity.WARNING,
        message="1.25 does not serve `batch/v1beta1`",
        location=Location(file="rules/old.skel", line=2, column=22, end_line=2, end_column=37),
        fix=Fix("write `batch/v1`", Safety.SAFE, edits=(TextEdit("rules/old.skel", 28, 41, "batch/v1"),)),
        help="the rule matches nothing on a cluster of this release",
    )


RULE = '# old\ndelete(apiVersion == "batch/v1beta1" && kind == "CronJob");\n'
"""What stands in rules/old.skel."""


def sample() -> Findings:
    return Findings(
        findings=(*autoscalers(), lint(), remark(), policy(), budget(), cronjob("report", 2), cronjob("backup", 1)),
        tool="check",
        scanned=Scanned(("prod.sktrace", "manifests"), files=14, objects=1_250, events=31, rules=96),
        source="1.24",
        target="1.26",
        data="1.13 to 1.36, checked 2025-01-01",
        not_checked=(
            NotChecked("cert-manager.io/v1 Certificate", 12, "no pack knows this group"),
            NotChecked("argoproj.io/v1alpha1 Application", 3, "no pack knows this group"),
        ),
        problems=(
            Problem(Location(file="manifests/broken.yaml", line=3, column=7), "expected a mapping, found a list"),
            Problem(Location(file="skel.toml"), "ignore 3 ended on 2024-12-31", is_error=False),
        ),
        suppressed=(
            Suppressed(cronjob("legacy", 5), "moves with the data centre", "skel.toml"),
            Suppressed(cronjob("old", 6), "known when the baseline was written", "baseline.json"),
        ),
        unused=("ignore 2 of skel.toml (code=KU999): covers nothing",),
    )
