#!/usr/bin/env bash
# A first look: one hour of a small shop, recorded on Kubernetes 1.21, and its manifests, on their way to 1.25.
set -euo pipefail
cd "$(dirname "$0")/.."
out=build/demo
rm -rf "$out"
mkdir -p "$out"

bold='' plain=''
if [[ -t 1 && -z "${NO_COLOR:-}" ]]; then bold=$'\033[1m' plain=$'\033[0m'; fi
say() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
run() { printf '\n$ %s\n' "$*"; "$@"; }

say "1. Does this history still run on 1.25? Check, migrate, replay on both releases, compare; in this process, no cluster."
run skel rehearse examples/traces/shop.sktrace --from 1.21 --to 1.25 --report "$out/rehearsal.html" 2>/dev/null

say "2. Why, and what is done about it? Each rule has its page, with the cases that prove it."
run skel explain KU123 | sed -n '1,13p'
echo "..."

say "3. The repaired recording: what is tracked, the index and the recorded lifetimes of pods move along."
run skel migrate examples/traces/shop.sktrace --from 1.21 --to 1.25 -o "$out/shop-1.25.sktrace"

say "4. And on manifests, where comments and layout stay:"
cp -r examples/manifests "$out/manifests"
run skel migrate "$out/manifests" --from 1.21 --to 1.25 --diff
run skel migrate "$out/manifests" --from 1.21 --to 1.25 --write
run skel check "$out/manifests" --from 1.21 --to 1.25

say "5. A rule of your own, and each change with its reason, as JSON Patch (RFC 6902):"
rule='replace(podSpec.containers[*].image, "^registry\.shop\.example/", "mirror.example/shop/");'
run skel transform examples/traces/shop.sktrace -e "$rule" --patches "$out/changes.jsonl"
printf '\n$ head -n 1 %s\n' "$out/changes.jsonl"
head -n 1 "$out/changes.jsonl"

say "6. A typo does no harm:"
run skel transform examples/traces/shop.sktrace -e 'delete(kind = "CronJob");' --diff || true

say "The same with real control planes (built or fetched once): skel rehearse ... --on local"
say "Next: docs/getting-started.md, docs/upgrades.md, or \`skel check\` on manifests of your own."
