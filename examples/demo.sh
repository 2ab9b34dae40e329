#!/usr/bin/env bash
# A first look: one hour of a small shop, recorded on Kubernetes 1.21, moves to the APIs of 1.25.
set -euo pipefail
cd "$(dirname "$0")/.."
out=build/demo
mkdir -p "$out"

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
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

say "5. Each change with its reason, as JSON Patch (RFC 6902):"
skel transform examples/traces/shop.sktrace examples/upgrade.skel -o "$out/shop-1.25.sktrace" \
    --patches "$out/changes.jsonl" 2>/dev/null >/dev/null
printf '\n$ head -n 2 %s\n' "$out/changes.jsonl"
head -n 2 "$out/changes.jsonl"

say "6. A typo does no harm:"
printf '\n$ skel transform shop.sktrace -e %s\n' "'delete(kind = \"CronJob\");'"
skel transform examples/traces/shop.sktrace -e 'delete(kind = "CronJob");' --diff || true

say "Next: docs/getting-started.md, or your own rule in examples/upgrade.skel."
