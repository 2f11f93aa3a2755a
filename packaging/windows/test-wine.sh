#!/usr/bin/env bash
# The agent built for Windows as a service, in Wine: its pipe, a settlement through it, a death in the middle of one, a stop in the
# middle of one, and its removal. The province runs beside it on this system. One `ok` line a check.
#
#   test-wine.sh FOLDER     FOLDER holds zhijie.exe and zhijie-devices.exe; zhijie-sandbox is taken from target/debug
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
programs=$(realpath "$1")
export ZHIJIE_WINE_SECONDS=120
source packaging/windows/desk.sh

"$wine" --fresh
mkdir -p "$data/tls" "$data/keys" "$data/provinces" "$prefix/Program Files/Zhijie"
cp "$programs/zhijie.exe" "$programs/zhijie-devices.exe" "$prefix/Program Files/Zhijie/"
province
cp "$work/certs/ca.pem" "$work/certs/client.pem" "$data/tls/"
cp "$work/certs/client.key" "$data/keys/"
cp config/provinces/sandbox.toml "$data/provinces/"
cat >"$data/agent.toml" <<CONFIG
[institution]
code = "H31010100001"
name = "上海市示范医院"
area = "310000"

[desk]
slot = 1
operator_code = "0031"
operator_name = "陈晓"

[platform]
profile = 'provinces\\sandbox.toml'
url = "https://127.0.0.1:$port"
ca = 'tls\\ca.pem'
client_certificate = 'tls\\client.pem'
client_key = 'keys\\client.key'

[ledger]
path = "ledger.db"

[devices]
card = false
CONFIG

expect "the configuration is checked" zhijie check
code=0
zhijie service status >"$work/out" 2>&1 || code=$?
expect "a service that is not there is told by its exit code" test "$code" = 4
expect "the service is installed" zhijie service install
source_of_events='HKLM\SYSTEM\CurrentControlSet\Services\EventLog\Application\Zhijie'
expect "the event log knows it" "$wine" reg.exe query "$source_of_events" /v EventMessageFile
expect "it starts with the PC, later than the rest" bash -c "'$wine' reg.exe query 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\Zhijie' /v DelayedAutoStart | grep -q 0x1"
expect "the service starts and is ready for the desk" zhijie service start
expect "its state is told" zhijie service status
expect "the pipe answers" zhijie status
expect "another agent is not let in" bash -c "! '$wine' '$home\\zhijie.exe' run"
expect "a bill is settled through the service" test "$(settle MZ1)" = done

goes_wrong drop-after-commit
expect "a lost answer is not known" test "$(settle MZ2)" = not_known
# Dead from one instruction to the next, as after a blue screen; then the PC comes up again.
"$wine" taskkill.exe /f /im zhijie.exe >/dev/null 2>&1 || true
"$wine" --stop
# Windows starts a delayed service two minutes after the PC; here it is started by hand.
expect "after the start of the PC the service starts over the same ledger" zhijie service start
expect "the doubt ended with the truth" await is_settled MZ2

# A stop in the middle of a settlement: its answer comes later than the stop.
goes_wrong delay-after-commit 20000
settle MZ3 >"$work/outcome" &
desk=$!
expect "a settlement is under way" await bash -c "[ \$('$sandbox' settlements --admin 'http://127.0.0.1:$admin' --visit MZ3 | wc -l) -gt 1 ]"
began=$(date +%s)
expect "the service stops in the middle of a settlement" zhijie service stop
expect "without waiting for the answer" test "$(($(date +%s) - began))" -lt 20
wait "$desk" || true
expect "the desk was not told that it is done" bash -c "! grep -q '^done' '$work/outcome'"
expect "the ledger verifies after that" zhijie ledger verify --ledger 'C:\ProgramData\Zhijie\ledger.db'
expect "the service starts again" zhijie service start
expect "the settlement of the stop ended with the truth" await is_settled MZ3

expect "the service stops when it is told to" zhijie service stop
code=0
zhijie service status >"$work/out" 2>&1 || code=$?
expect "a service that stands still is told by its exit code" test "$code" = 3
expect "the ledger verifies" zhijie ledger verify --ledger 'C:\ProgramData\Zhijie\ledger.db'
expect "the log names nobody" bash -c "! grep -rq '341200195803120026\|张' '$data/log'"
expect "the service is removed" zhijie service remove
expect "the event log knows it no longer" bash -c "! '$wine' reg.exe query '$source_of_events'"
expect "the ledger is left" test -s "$data/ledger.db"
echo "windows: $checks checks ok"
