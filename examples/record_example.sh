#!/usr/bin/env bash
# Records examples/traces/recorded-1.24.sktrace: six minutes of a small shop on a real control plane of Kubernetes 1.24.
# Each recording differs in its times, so the one that is checked in is made by hand: run this, and look at what came.
#
#   examples/record_example.sh [TRACE]      needs `skel` and `kubectl`; takes seven minutes
#
# Nothing runs in the pods of KWOK's nodes. What stands for their work is `work` below: it tells each pod of a Job when
# it has started how long it takes. That stays on the pods, which are no objects of the trace.
set -euo pipefail
cd "$(dirname "$0")"
trace=$(realpath -m "${1:-traces/recorded-1.24.sktrace}")
cluster=record-example
export TZ=UTC

work() {
    local seconds=(38 24 31 44 27 35 41) number=0 pod
    while sleep 0.5; do
        for pod in $(kubectl get pods --selector 'job-name,!work' --field-selector status.phase=Running --output name); do
            kubectl patch "$pod" --patch "{\"metadata\": {\"labels\": {\"work\": \"known\"}, \"annotations\":
                {\"simkube.io/kwok-stage-complete-delay\": \"${seconds[number++ % ${#seconds[@]}]}s\"}}}"
        done
    done
}

at() { # seconds of the recording, and what is done then
    local wait=$(($1 - (SECONDS - begin)))
    if ((wait > 0)); then sleep "$wait"; fi
    shift
    echo "$ $*" >&2
    "$@"
}

trap 'kill $(jobs -p) 2> /dev/null; skel cluster down "$cluster"' EXIT
skel cluster up "$cluster" --kubernetes 1.24 --nodes 10
KUBECONFIG=$(skel cluster kubeconfig "$cluster" --path)
export KUBECONFIG

kubectl create namespace shop
kubectl config set-context --current --namespace shop
kubectl apply --filename recorded/shop.yaml
kubectl wait --for condition=Available deployment --all
work &

rm -f "$trace"
begin=$SECONDS
skel record --output "$trace" --for 6m --namespace shop --kind batch/v1beta1.CronJob \
    --kind policy/v1beta1.PodDisruptionBudget --kind autoscaling/v2beta1.HorizontalPodAutoscaler &
recorder=$!

at 30 kubectl scale deployment web --replicas 5
at 70 kubectl set image deployment api api=registry.shop.example/api:2.3.1
at 100 kubectl apply --filename recorded/load-test.yaml
at 150 kubectl patch configmap settings --patch '{"data": {"currency": "USD"}}'
at 155 kubectl rollout restart deployment web
at 200 kubectl patch poddisruptionbudget web --patch '{"spec": {"minAvailable": 3}}'
at 240 kubectl delete job load-test
at 280 kubectl scale deployment web --replicas 4
wait "$recorder"
