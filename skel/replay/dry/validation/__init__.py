"""What API servers check of each kind beyond its types: one file a topic, one function a kind.

A new kind is a function `(clean object, minor) -> causes` in the file of its topic and a line in the table below.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from skel.patch.values import Json
from skel.replay.dry.cause import Cause, Causes
from skel.replay.dry.validation import (
    autoscaling,
    claims,
    cluster,
    config,
    definitions,
    flow_control,
    ingress,
    jobs,
    limits,
    network_policies,
    pods,
    roles,
    services,
    storage,
    webhooks,
    workloads,
)

Check = Callable[[Json, int], Causes]


def nothing(found: Json, minor: int) -> Iterator[Cause]:
    """For kinds of which the server checks nothing but metadata."""
    del found, minor
    return iter(())


_RBAC = "rbac.authorization.k8s.io"
_WEBHOOKS = "admissionregistration.k8s.io"

# By group and kind; all versions of a group are checked alike.
_BY_GROUP: Mapping[tuple[str, str], Check] = MappingProxyType(
    {
        ("", "ConfigMap"): config.config_map,
        ("", "Endpoints"): services.endpoints,
        ("", "Event"): cluster.event,
        ("", "LimitRange"): limits.limit_range,
        ("", "Namespace"): cluster.namespace,
        ("", "Node"): cluster.node,
        ("", "PersistentVolume"): storage.persistent_volume,
        ("", "PersistentVolumeClaim"): claims.claim,
        ("", "Pod"): pods.pod,
        ("", "PodTemplate"): pods.pod_template,
        ("", "ReplicationController"): workloads.replication_controller,
        ("", "ResourceQuota"): limits.resource_quota,
        ("", "Secret"): config.secret,
        ("", "Service"): services.service,
        ("", "ServiceAccount"): nothing,
        (_WEBHOOKS, "MutatingWebhookConfiguration"): webhooks.webhooks,
        (_WEBHOOKS, "ValidatingWebhookConfiguration"): webhooks.webhooks,
        ("apiextensions.k8s.io", "CustomResourceDefinition"): definitions.definition,
        ("apiregistration.k8s.io", "APIService"): cluster.api_service,
        ("apps", "ControllerRevision"): workloads.controller_revision,
        ("apps", "DaemonSet"): workloads.daemon_set,
        ("apps", "Deployment"): workloads.deployment,
        ("apps", "ReplicaSet"): workloads.replica_set,
        ("apps", "StatefulSet"): workloads.stateful_set,
        ("autoscaling", "HorizontalPodAutoscaler"): autoscaling.autoscaler,
        ("batch", "CronJob"): jobs.cron_job,
        ("batch", "Job"): jobs.job,
        ("certificates.k8s.io", "CertificateSigningRequest"): cluster.certificate_request,
        ("coordination.k8s.io", "Lease"): cluster.lease,
        ("discovery.k8s.io", "EndpointSlice"): services.endpoint_slice,
        ("events.k8s.io", "Event"): cluster.new_event,
        ("flowcontrol.apiserver.k8s.io", "FlowSchema"): flow_control.flow_schema,
        ("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration"): flow_control.priority_level,
        ("networking.k8s.io", "Ingress"): ingress.ingress,
        ("networking.k8s.io", "IngressClass"): ingress.ingress_class,
        ("networking.k8s.io", "NetworkPolicy"): network_policies.network_policy,
        ("node.k8s.io", "RuntimeClass"): cluster.runtime_class,
        ("policy", "PodDisruptionBudget"): autoscaling.disruption_budget,
        (_RBAC, "ClusterRole"): roles.cluster_role,
        (_RBAC, "ClusterRoleBinding"): roles.cluster_role_binding,
        (_RBAC, "Role"): roles.role,
        (_RBAC, "RoleBinding"): roles.role_binding,
        ("scheduling.k8s.io", "PriorityClass"): cluster.priority_class,
        ("storage.k8s.io", "CSIDriver"): storage.csi_driver,
        ("storage.k8s.io", "CSINode"): storage.csi_node,
        ("storage.k8s.io", "CSIStorageCapacity"): storage.storage_capacity,
        ("storage.k8s.io", "StorageClass"): storage.storage_class,
        ("storage.k8s.io", "VolumeAttachment"): storage.volume_attachment,
    }
)

# Versions whose objects have another form. None: nobody has modelled them, what they accept is not known.
_BY_VERSION: Mapping[tuple[str, str], Check | None] = MappingProxyType(
    {
        ("admissionregistration.k8s.io/v1beta1", "MutatingWebhookConfiguration"): None,
        ("admissionregistration.k8s.io/v1beta1", "ValidatingWebhookConfiguration"): None,
        ("apiextensions.k8s.io/v1beta1", "CustomResourceDefinition"): None,
        ("apps/v1beta1", "Deployment"): None,
        ("apps/v1beta1", "StatefulSet"): None,
        ("autoscaling/v1", "HorizontalPodAutoscaler"): autoscaling.simple_autoscaler,
        ("autoscaling/v2beta1", "HorizontalPodAutoscaler"): autoscaling.beta_autoscaler,
        ("extensions/v1beta1", "Ingress"): ingress.old_ingress,
        ("networking.k8s.io/v1beta1", "Ingress"): ingress.old_ingress,
        ("node.k8s.io/v1alpha1", "RuntimeClass"): None,
    }
)


def check_for(api_version: str, kind: str) -> Check | None:
    """The check of a kind, None if what its server checks is not known."""
    if (api_version, kind) in _BY_VERSION:
        return _BY_VERSION[api_version, kind]
    group, slash, _ = api_version.rpartition("/")
    return _BY_GROUP.get((group if slash else "", kind))
