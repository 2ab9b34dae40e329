#!/usr/bin/env bash
# A first look: one hour of a small shop, recorded on Kubernetes 1.21, moves to the APIs of 1.25.
set -euo pipefail
cd "$(dirname "$0")/.."
out=build/demo
mkdir -p "$out"

bold='' plain=''
if [[ -t 1 && -z "${NO_COLOR:-}" ]]; then bold=$'\033[1m' plain=$'\033[0m'; fi
say() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
run() { printf '\n$ %s\n' "$*"; "$@"; }

say "1. The recording holds objects that Kubernetes 1.25 does not serve any more."
run skel query examples/traces/shop.sktrace '$.apiVersion' --kind CronJob

say "2. A rule says what becomes of them, and why."
sed -n '/^rule "cronjob/,/^}/p' examples/upgrade.skel

say "3. What would change, before anything is written:"
run skel transform examples/traces/shop.sktrace examples/upgrade.skel --diff | head -n 40
echo "..."

say "4. The migrated trace, and which rule changed how much:"
run skel transform examples/traces/shop.sktrace examples/upgrade.skel -o "$out/shop-1.25.sktrace"

say "5. What belongs to the CronJob moved with it: what is tracked, the index, the recorded lifetimes of its pods."
for trace in examples/traces/shop.sktrace "$out/shop-1.25.sktrace"; do
    printf '\n$ skel trace convert %s | grep batch/.*CronJob\n' "$trace"
    skel trace convert "$trace" | grep 'batch/.*CronJob'
done

say "6. Each change with its reason, as JSON Patch (RFC 6902):"
run skel transform examples/traces/shop.sktrace examples/upgrade.skel --patches "$out/changes.jsonl" --summary none
printf '\n$ grep CronJob %s | head -n 1\n' "$out/changes.jsonl"
grep CronJob "$out/changes.jsonl" | head -n 1

say "7. A typo does no harm:"
printf '\n$ skel transform shop.sktrace -e %s\n' "'delete(kind = \"CronJob\");'"
skel transform examples/traces/shop.sktrace -e 'delete(kind = "CronJob");' --diff || true

say "Next: docs/getting-started.md, or your own rule in examples/upgrade.skel."
