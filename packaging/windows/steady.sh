#!/usr/bin/env bash
# Runs a command, and again when it failed while the machine stood still: a virtual machine that is kept off its processors for seconds
# lets anything time out. What is repeated is said. On a machine that did not stand still a failure is a failure.
#
#   steady.sh COMMAND...
set -uo pipefail
stood=$(mktemp)
# A tenth of a second that takes more than one, on any of the processors.
python3 -c '
import os, sys, threading, time
def watch(processor):
    os.sched_setaffinity(0, {processor})
    last = time.monotonic()
    while True:
        time.sleep(0.1)
        now = time.monotonic()
        if now - last > 1:
            with open(sys.argv[1], "a") as out:
                print(f"{now - last:.1f}", file=out)
        last = now
for processor in os.sched_getaffinity(0):
    threading.Thread(target=watch, args=[processor]).start()
' "$stood" </dev/null &
watch=$!
trap 'kill "$watch" 2>/dev/null; rm -f "$stood"' EXIT
for attempt in 1 2 3; do
    : >"$stood"
    "$@"
    status=$?
    longest=$(sort -n "$stood" | tail -1)
    if [ "$status" -eq 0 ] || [ -z "$longest" ] || [ "$attempt" -eq 3 ]; then exit "$status"; fi
    echo "The machine stood still for $longest s meanwhile, so once more: $*" >&2
done
