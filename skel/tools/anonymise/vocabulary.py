"""Words that everybody's clusters have, so that they tell nothing: domains of projects, keys of labels, fields."""

from __future__ import annotations

from functools import cache, lru_cache

from skel.kube.release import is_builtin_group
from skel.kube.tables import kind_rows, load

_DOMAINS = """
    k8s.io kubernetes.io k8s.aws eks.amazonaws.com amazonaws.com cloud.google.com gke.io azure.com helm.sh simkube.io
    karpenter.sh cert-manager.io istio.io knative.dev keda.sh argoproj.io fluxcd.io crossplane.io linkerd.io tekton.dev
    kyverno.io gatekeeper.sh projectcalico.org cilium.io traefik.io konghq.com nginx.org external-secrets.io coreos.com
    openshift.io cattle.io rancher.io longhorn.io velero.io nvidia.com amd.com intel.com datadoghq.com elastic.co
    grafana.com jaegertracing.io opentelemetry.io cnpg.io strimzi.io spotahome.com rabbitmq.com zalan.do bitnami.com
    x-k8s.io operatorframework.io open-cluster-management.io volcano.sh ray.io kubeflow.org spinnaker.io
"""
_PUBLIC_DOMAINS = tuple(_DOMAINS.split())
"""Of projects whose code is public; that somebody uses them says little, and rules for upgrades look at them."""

_LABELS = """
    app k8s-app name component instance part-of managed-by version release chart heritage tier role track env
    environment stage team owner type service job-name controller-uid pod-template-hash controller-revision-hash
    statefulset.kubernetes.io/pod-name pod-template-generation run spot dedicated pool group app-name node zone region
"""
PUBLIC_LABELS = frozenset(_LABELS.split())
"""Keys of labels without a domain that say nothing of whoever uses them."""

_ROLES = frozenset({"", "control-plane", "master", "worker", "node", "infra", "etcd", "agent", "ingress", "edge"})
_PARTS = """
kube system kubernetes default public amazon google azure aws linux windows europe america asia africa pacific
australia atlantic indian north south east west central large medium small metal reserved demand spot
"""
ROLE_DOMAIN = "node-role.kubernetes.io"


def is_public_domain(domain: str) -> bool:
    """Whether a domain, or one above it, belongs to a project that everybody knows."""
    return any(domain == known or domain.endswith(f".{known}") for known in _PUBLIC_DOMAINS)


@lru_cache(maxsize=4096)
def is_own_group(group: str) -> bool:
    """Whether an API group is neither of Kubernetes nor of a known project."""
    return bool(group) and not is_builtin_group(f"{group}/v1") and not is_public_domain(group)


def is_role(name: str) -> bool:
    """Whether nodes have that role in other clusters too."""
    return name in _ROLES


@cache
def known_kinds() -> frozenset[str]:
    """The kinds of Kubernetes itself."""
    return frozenset(kind for _, kind in kind_rows())


@cache
def known_resources() -> frozenset[str]:
    """The names under which they are served."""
    return frozenset(row.resource for row in kind_rows().values())


@cache
def known_fields() -> frozenset[str]:
    """The names of all fields of all kinds of Kubernetes."""
    return frozenset(name for fields in load("fields.json").values() for name in fields if name)


def public_words() -> frozenset[str]:
    """Domains and keys of labels that everybody has, and what clusters call their own parts."""
    return PUBLIC_LABELS | _ROLES | frozenset(_PUBLIC_DOMAINS) | frozenset(_PARTS.split())
