#!/usr/bin/env bash
# Stories written for this system, played with the agent built for Windows: zhijie.exe and zhijie-devices.exe run in Wine, the
# province, the card service, the scanner's line and the desk program beside it. The ledger it writes is read and verified by this
# system's zhijie. At the end the demo.
#
#   test-suites.sh FOLDER [FILTER...]     FOLDER holds the programs for Windows; FILTERs are of cargo test, none for all stories
#
# tests/windows.list names what is left out, and why.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export ZHIJIE_WINE_PROGRAMS
ZHIJIE_WINE_PROGRAMS=$(realpath "$1")
shift
export ZHIJIE_WINE_SECONDS=120
source packaging/windows/desk.sh
export ZHIJIE_TEST_AGENT=$PWD/packaging/windows/wine-agent.sh
export ZHIJIE_TEST_PCSCD=$PWD/packaging/windows/wine-pcscd.sh
ZHIJIE_WINE_RELAY=$(free_port)
export ZHIJIE_WINE_RELAY
out=${CARGO_TARGET_DIR:-target}/windows-suites.log

cargo test --quiet --locked -p zhijie-tests --test scenario --no-run
"$wine" --setup
"$wine" wineboot.exe >/dev/null 2>&1 || true # the server that stays
"$wine" --become "$ZHIJIE_WINE_PROGRAMS/zhijie-sandbox.exe" relay --listen "127.0.0.1:$ZHIJIE_WINE_RELAY" </dev/null >/dev/null 2>&1 &
await listens "$ZHIJIE_WINE_RELAY" || fail "nothing carries the pipe"

left_out=()
while read -r name _; do
    case $name in '' | \#*) continue ;; esac
    left_out+=(--skip "$name")
done <tests/windows.list
status=0
RUST_BACKTRACE=0 cargo test --quiet --locked -p zhijie-tests --test scenario -- --test-threads 2 "${left_out[@]}" "$@" >"$out" 2>&1 </dev/null || status=$?
awk '/^test result/ { passed += $4; failed += $6 } END { printf "stories in Wine: %d passed, %d failed\n", passed, failed }' "$out"
[ "$status" -eq 0 ] || { tail -60 "$out" >&2; exit 1; }
expect "the demo is played in Wine" cargo run --quiet --locked -p zhijie-tests --bin zhijie-demo
