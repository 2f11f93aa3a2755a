#!/usr/bin/env bash
# Stories written for this system, played with the agent built for Windows: zhijie.exe and zhijie-devices.exe run in Wine, the
# province, the card, the scanner and the desk program beside it. The ledger it writes is read and verified by this system's zhijie.
#
#   test-suites.sh FOLDER [FILTER...]     FOLDER holds the programs for Windows; the tests' own programs are cargo's
#
# Without filters: all that tests/windows.list names. What cannot be told of a process in Wine is not in there: signals, system calls,
# Unix permissions.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export ZHIJIE_WINE_PROGRAMS
ZHIJIE_WINE_PROGRAMS=$(realpath "$1")
shift
wine=$PWD/packaging/windows/wine.sh
export ZHIJIE_TEST_AGENT=$PWD/packaging/windows/wine-agent.sh
export ZHIJIE_TEST_PCSCD=$PWD/packaging/windows/wine-pcscd.sh
out=${CARGO_TARGET_DIR:-target}/windows-suites.log

ZHIJIE_WINE_RELAY=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
export ZHIJIE_WINE_RELAY
"$wine" --setup
"$wine" wineboot.exe >/dev/null 2>&1 || true # starts the server that stays
"$wine" --become "$ZHIJIE_WINE_PROGRAMS/zhijie-sandbox.exe" relay --listen "127.0.0.1:$ZHIJIE_WINE_RELAY" </dev/null >/dev/null 2>&1 &
relay=$!
trap 'kill "$relay" 2>/dev/null || true; "$wine" --stop' EXIT
for _ in $(seq 200); do
    if (exec 3<>"/dev/tcp/127.0.0.1/$ZHIJIE_WINE_RELAY") 2>/dev/null; then break; fi
    sleep 0.1
done

status=0
: >"$out"
while read -r suite filters; do
    case $suite in '' | \#*) continue ;; esac
    [ $# -eq 0 ] || filters="$*"
    # shellcheck disable=SC2086 # the filters are words
    cargo test --quiet --locked -p zhijie-tests --test "$suite" -- --test-threads 2 $filters >>"$out" 2>&1 </dev/null || status=1
done <tests/windows.list
awk '/^test result/ { passed += $4; failed += $6 } END { printf "suites in Wine: %d passed, %d failed\n", passed, failed }' "$out"
[ "$status" -eq 0 ] || { grep -aE '^test .*FAILED|^    [a-z_:]+$|panicked|Error:' "$out" | sort -u | head -40 >&2; exit 1; }
