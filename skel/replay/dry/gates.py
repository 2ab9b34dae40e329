"""Fields behind feature gates: while the gate is off, the API server drops the field before it looks at it.

From `pkg/features/kube_features.go` of each minor; listed is the first minor in which the gate is on by default.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_NEVER = 1000

ON_SINCE: Mapping[tuple[str, str], int] = MappingProxyType(
    {
        ("apps.v1.RollingUpdateStatefulSetStrategy", "maxUnavailable"): _NEVER,
        ("apps.v1.StatefulSetSpec", "ordinals"): 27,
        ("apps.v1.StatefulSetSpec", "persistentVolumeClaimRetentionPolicy"): 27,
        ("autoscaling.v2.MetricSpec", "containerResource"): 27,
        ("autoscaling.v2beta2.MetricSpec", "containerResource"): 27,
        ("batch.v1.CronJobSpec", "timeZone"): 25,
        ("batch.v1beta1.CronJobSpec", "timeZone"): 25,
        ("batch.v1.JobSpec", "backoffLimitPerIndex"): 29,
        ("batch.v1.JobSpec", "managedBy"): 32,
        ("batch.v1.JobSpec", "maxFailedIndexes"): 29,
        ("batch.v1.JobSpec", "podFailurePolicy"): 26,
        ("batch.v1.JobSpec", "podReplacementPolicy"): 29,
        ("batch.v1.JobSpec", "successPolicy"): 31,
        ("core.v1.Container", "resizePolicy"): 33,
        ("core.v1.Container", "restartPolicy"): 29,
        ("core.v1.Container", "restartPolicyRules"): 35,
        ("core.v1.LifecycleHandler", "sleep"): 30,
        ("core.v1.PodSecurityContext", "appArmorProfile"): 30,
        ("core.v1.PodSpec", "hostUsers"): 33,
        ("core.v1.PodSpec", "resourceClaims"): 34,
        ("core.v1.PodSpec", "resources"): 34,
        ("core.v1.PodSpec", "schedulingGates"): 27,
        ("core.v1.Probe", "grpc"): 24,
        ("core.v1.ResourceRequirements", "claims"): 34,
        ("core.v1.SecurityContext", "appArmorProfile"): 30,
        ("core.v1.TopologySpreadConstraint", "matchLabelKeys"): 27,
        ("core.v1.TopologySpreadConstraint", "minDomains"): 27,
        ("core.v1.TopologySpreadConstraint", "nodeAffinityPolicy"): 26,
        ("core.v1.TopologySpreadConstraint", "nodeTaintsPolicy"): 26,
        ("core.v1.Volume", "image"): 35,
    }
)


def off_in(definition: str, minor: int) -> frozenset[str]:
    """The fields of a definition that 1.`minor` drops."""
    return frozenset(name for (owner, name), since in ON_SINCE.items() if owner == definition and minor < since)
