"""Kubernetes objects as a busy cluster has them, drawn from a seeded random source: same seed, same objects."""

from __future__ import annotations

from random import Random
from typing import Any

Json = Any
Fields = dict[str, Json]

NAMESPACES = (
    "default",
    "payments",
    "search",
    "frontend",
    "data-platform",
    "batch-jobs",
    "observability",
    "testing",
)
APPS = (
    "api",
    "gateway",
    "checkout",
    "indexer",
    "ranker",
    "webhooks",
    "mailer",
    "ledger",
    "sessions",
    "profile",
    "media",
    "cache",
    "feeder",
    "reports",
)
VARIABLES = (
    "LOG_LEVEL",
    "DB_HOST",
    "DB_PASSWORD",
    "FEATURE_FLAGS",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "AWS_REGION",
    "CACHE_TTL",
    "POD_IP",
    "SERVICE_URL",
    "TOKEN",
)
DOWNWARD = ("metadata.namespace", "status.podIP", "spec.nodeName")

# apiVersion, kind and how many of a hundred objects are of it.
KINDS = (
    ("apps/v1", "Deployment", 45),
    ("batch/v1beta1", "CronJob", 10),
    ("batch/v1", "CronJob", 10),
    ("apps/v1", "StatefulSet", 12),
    ("batch/v1", "Job", 10),
    ("v1", "ServiceAccount", 5),
    ("v1", "ConfigMap", 8),
)


class Cluster:
    """Draws objects. All randomness comes from `random`, in a fixed order."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def hexadecimal(self, length: int) -> str:
        return "".join(self.random.choices("0123456789abcdef", k=length))

    def app(self) -> str:
        return self.random.choice(APPS)

    def object(self, api_version: str, kind: str, namespace: str, name: str) -> Fields:
        """A manifest of one of `KINDS`; with the same name again, another state of that object."""
        app = name.rsplit("-", 1)[0]
        manifest: Fields = {"apiVersion": api_version, "kind": kind, "metadata": self.metadata(name, namespace, app)}
        match kind:
            case "Deployment":
                manifest |= self.deployment(app, namespace)
            case "StatefulSet":
                manifest |= self.stateful_set(app, namespace)
            case "CronJob":
                manifest |= self.cron_job(app, namespace)
            case "Job":
                manifest |= self.job(manifest["metadata"], app, namespace)
            case "ServiceAccount":
                manifest |= {"automountServiceAccountToken": True, "secrets": [{"name": f"{name}-token"}]}
            case _:
                manifest["data"] = {f"key-{i}.yaml": self.text() for i in range(self.random.randint(1, 6))}
        return manifest

    def metadata(self, name: str, namespace: str, app: str) -> Fields:
        labels = {
            "app": app,
            "app.kubernetes.io/name": app,
            "app.kubernetes.io/managed-by": "Helm",
            "tier": self.random.choice(("gold", "silver", "bronze")),
        }
        annotations: Fields = {}
        if self.chance(0.5):
            annotations = {
                "deployment.kubernetes.io/revision": str(self.random.randint(1, 40)),
                "meta.helm.sh/release-name": app,
                "checksum/config": self.hexadecimal(64),
            }
        if self.chance(0.2):
            labels["simkube.dev/foo"] = "bar"
        return {"annotations": annotations, "labels": labels, "name": name, "namespace": namespace}

    def deployment(self, app: str, namespace: str) -> Fields:
        replicas = self.random.randint(0, 12)
        spec = {
            "progressDeadlineSeconds": 600,
            "replicas": replicas,
            "revisionHistoryLimit": 10,
            "selector": {"matchLabels": {"app": app}},
            "strategy": {"rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}, "type": "RollingUpdate"},
            "template": self.template(app, namespace, "Always"),
        }
        return {"spec": spec, **self.replica_status(replicas)}

    def stateful_set(self, app: str, namespace: str) -> Fields:
        replicas = self.random.randint(0, 12)
        claim = {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"creationTimestamp": None, "name": "data"},
            "spec": {
                "accessModes": ["ReadWriteOnce"],
                "resources": {"requests": {"storage": f"{self.random.randint(1, 500)}Gi"}},
                "volumeMode": "Filesystem",
            },
        }
        spec = {
            "podManagementPolicy": "OrderedReady",
            "replicas": replicas,
            "selector": {"matchLabels": {"app": app}},
            "serviceName": app,
            "template": self.template(app, namespace, "Always"),
            "updateStrategy": {"rollingUpdate": {"partition": 0}, "type": "RollingUpdate"},
            "volumeClaimTemplates": [claim],
        }
        return {"spec": spec, **self.replica_status(replicas)}

    def cron_job(self, app: str, namespace: str) -> Fields:
        spec = {
            "concurrencyPolicy": self.random.choice(("Allow", "Forbid", "Replace")),
            "failedJobsHistoryLimit": 1,
            "jobTemplate": {
                "metadata": {"creationTimestamp": None},
                "spec": {"backoffLimit": 6, "template": self.template(app, namespace, "OnFailure")},
            },
            "schedule": f"{self.random.randint(0, 59)} * * * *",
            "successfulJobsHistoryLimit": 3,
            "suspend": self.chance(0.1),
        }
        status = {"status": {"lastScheduleTime": "2024-02-29T21:18:00Z"}} if self.chance(0.4) else {}
        return {"spec": spec, **status}

    def job(self, metadata: Fields, app: str, namespace: str) -> Fields:
        if self.chance(0.3):
            owner = {
                "apiVersion": "batch/v1",
                "blockOwnerDeletion": True,
                "controller": True,
                "kind": "CronJob",
                "name": app,
                "uid": "-".join(self.hexadecimal(length) for length in (8, 4, 4, 4, 12)),
            }
            metadata["ownerReferences"] = [owner]
        return {
            "spec": {
                "backoffLimit": 6,
                "completions": self.random.randint(1, 5),
                "parallelism": self.random.randint(1, 5),
                "template": self.template(app, namespace, "Never"),
            }
        }

    def replica_status(self, replicas: int) -> Fields:
        if not self.chance(0.5):
            return {}
        condition = {
            "lastTransitionTime": "2024-02-29T21:18:05Z",
            "lastUpdateTime": "2024-02-29T21:18:05Z",
            "message": "Deployment has minimum availability.",
            "reason": "MinimumReplicasAvailable",
            "status": "True",
            "type": "Available",
        }
        return {
            "status": {
                "availableReplicas": replicas,
                "conditions": [condition],
                "observedGeneration": self.random.randint(1, 30),
                "readyReplicas": replicas,
                "replicas": replicas,
            }
        }

    def template(self, app: str, namespace: str, restart_policy: str) -> Fields:
        return {
            "metadata": {
                "annotations": {"prometheus.io/scrape": "true"},
                "creationTimestamp": None,
                "labels": {"app": app, "version": f"v{self.random.randint(1, 9)}"},
            },
            "spec": self.pod_spec(namespace, restart_policy),
        }

    def pod_spec(self, namespace: str, restart_policy: str) -> Fields:
        volumes = [{"name": f"vol-{i}", **self.volume_source()} for i in range(self.random.randint(0, 4))]
        count = self.random.choices((1, 2, 3), (6, 3, 1))[0]
        spec: Fields = {
            "containers": [self.container(number, namespace, volumes) for number in range(count)],
            "dnsPolicy": "ClusterFirst",
            "restartPolicy": restart_policy,
            "schedulerName": "default-scheduler",
            "securityContext": self.random.choice(({}, {"fsGroup": 2000, "runAsUser": 1000})),
            "terminationGracePeriodSeconds": self.random.choice((30, 60)),
        }
        if self.chance(0.2):
            spec["initContainers"] = [self.container(0, namespace, volumes)]
        if self.chance(0.5):
            spec["serviceAccount"] = spec["serviceAccountName"] = f"{self.app()}-sa"
        spec |= self.placement()
        if volumes:
            spec["volumes"] = volumes
        return spec

    def placement(self) -> Fields:
        found: Fields = {}
        if self.chance(0.4):
            found["nodeSelector"] = {"kubernetes.io/arch": "amd64"}
            if self.chance(0.5):
                found["nodeSelector"]["simkube.dev/foo"] = self.random.choice(("bar", "baz"))
        if self.chance(0.4):
            found["tolerations"] = [self.toleration() for _ in range(self.random.randint(1, 3))]
        if self.chance(0.3):
            selector = {"matchLabels": {"app": self.app()}}
            term = {"labelSelector": selector, "topologyKey": "kubernetes.io/hostname"}
            preferred = [{"podAffinityTerm": term, "weight": 100}]
            found["affinity"] = {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": preferred}}
        return found

    def toleration(self) -> Fields:
        toleration: Fields = {
            "effect": self.random.choice(("NoSchedule", "NoExecute")),
            "key": self.random.choice(("dedicated", "kwok-provider", "node.kubernetes.io/not-ready")),
            "operator": "Exists",
        }
        if self.chance(0.4):
            toleration["tolerationSeconds"] = 300
        return toleration

    def volume_source(self) -> Fields:
        match self.random.randrange(5):
            case 0:
                return {"emptyDir": {}}
            case 1:
                return {"secret": {"defaultMode": 420, "secretName": f"{self.app()}-secret"}}
            case 2:
                return {"configMap": {"defaultMode": 420, "name": f"{self.app()}-config"}}
            case 3:
                return {"persistentVolumeClaim": {"claimName": f"data-{self.hexadecimal(5)}"}}
            case _:
                token = {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}}
                root = {"configMap": {"items": [{"key": "ca.crt", "path": "ca.crt"}], "name": "kube-root-ca.crt"}}
                return {"projected": {"defaultMode": 420, "sources": [token, root]}}

    def container(self, number: int, namespace: str, volumes: list[Fields]) -> Fields:
        name = self.random.choice(("main", "server", "worker", "sidecar", "proxy")) + (str(number) if number else "")
        container: Fields = {"name": name, "image": self.image()}
        container["imagePullPolicy"] = self.random.choice(("IfNotPresent", "Always"))
        container |= self.command_line()
        container["env"] = [self.variable(i, namespace) for i in range(self.random.randint(2, 9))]
        if self.chance(0.3):
            container["envFrom"] = [self.environment_source()]
        names = self.random.sample(("http", "grpc", "metrics"), self.random.randint(1, 3))
        container["ports"] = [
            {"containerPort": self.random.randint(1024, 9999), "name": port, "protocol": "TCP"} for port in names
        ]
        container["resources"] = self.resources()
        container |= {probe: self.probe() for probe in ("livenessProbe", "readinessProbe") if self.chance(0.7)}
        if self.chance(0.4):
            container["securityContext"] = {
                "allowPrivilegeEscalation": False,
                "capabilities": {"drop": ["ALL"]},
                "readOnlyRootFilesystem": True,
                "runAsNonRoot": True,
                "runAsUser": 1000,
            }
        container |= {"terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File"}
        if volumes:
            container["volumeMounts"] = self.mounts(volumes)
        return container

    def image(self) -> str:
        version = (self.random.randint(0, 9), self.random.randint(0, 30), self.random.randint(0, 99))
        match self.random.randrange(5):
            case 0:
                return "nginx:1.14.2"
            case 1:
                return f"registry.example.com/team/{self.app()}:v{version[0]}.{version[1]}.{version[2]}"
            case 2:
                return f"ghcr.io/acme/{self.app()}:{version[0]}.{version[1]}.{version[2]}"
            case 3:
                return f"localhost:5000/{self.app()}:latest"
            case _:
                return "busybox:latest"

    def command_line(self) -> Fields:
        found: Fields = {}
        if self.chance(0.5):
            found["command"] = ["/bin/sh", "-c", f"exec /app/{self.app()} --port={self.random.randint(8000, 9999)}"]
        if self.chance(0.5):
            flags = ("verbose", "workers", "timeout", "shard")
            found["args"] = [
                f"--{self.random.choice(flags)}={self.random.randint(1, 60)}" for _ in range(self.random.randint(1, 5))
            ]
        return found

    def variable(self, number: int, namespace: str) -> Fields:
        name = f"{self.random.choice(VARIABLES)}_{number}"
        form = self.random.random()
        if form < 0.65:
            url = f"http://{self.app()}.{namespace}.svc.cluster.local:{self.random.randint(1024, 9999)}/v1"
            values = ("info", "debug", "true", "us-west-2", url, self.hexadecimal(24), "300")
            return {"name": name, "value": self.random.choice(values)}
        if form < 0.80:
            source = {"secretKeyRef": {"key": "password", "name": f"{self.app()}-secret"}}
        elif form < 0.92:
            source = {"configMapKeyRef": {"key": name.lower(), "name": f"{self.app()}-config"}}
        else:
            source = {"fieldRef": {"apiVersion": "v1", "fieldPath": self.random.choice(DOWNWARD)}}
        return {"name": name, "valueFrom": source}

    def environment_source(self) -> Fields:
        if self.chance(0.5):
            return {"configMapRef": {"name": f"{self.app()}-config"}}
        return {"secretRef": {"name": f"{self.app()}-secret", "optional": True}}

    def resources(self) -> Fields:
        cpu, memory = self.random.choice((50, 100, 250, 500, 1000)), self.random.choice((64, 128, 256, 512, 1024))
        return {
            "limits": {"cpu": f"{cpu * 2}m", "memory": f"{memory * 2}Mi"},
            "requests": {"cpu": f"{cpu}m", "memory": f"{memory}Mi"},
        }

    def probe(self) -> Fields:
        return {
            "failureThreshold": 3,
            "httpGet": {"path": "/healthz", "port": "http", "scheme": "HTTP"},
            "initialDelaySeconds": self.random.randint(1, 30),
            "periodSeconds": 10,
            "successThreshold": 1,
            "timeoutSeconds": self.random.randint(1, 5),
        }

    def mounts(self, volumes: list[Fields]) -> list[Fields]:
        chosen = self.random.sample(volumes, self.random.randint(1, len(volumes)))
        return [
            {"mountPath": f"/mnt/{volume['name']}", "name": volume["name"]}
            | ({"readOnly": True} if self.chance(0.5) else {})
            for volume in chosen
        ]

    def text(self) -> str:
        lines = range(self.random.randint(5, 25))
        return "\n".join(f"{self.app()}_{line}: {self.hexadecimal(self.random.randint(8, 40))}" for line in lines)
