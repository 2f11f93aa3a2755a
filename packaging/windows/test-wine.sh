#!/usr/bin/env bash
# The agent built for Windows, in Wine: unit tests, then the service, its pipe, a settlement through it, a death in the middle
# of one, and its removal. The province runs beside it on this system. One `ok` line a check.
#
#   test-wine.sh FOLDER     FOLDER holds zhijie.exe and zhijie-devices.exe; zhijie-sandbox is taken from target/debug
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
programs=$(realpath "$1")
wine=$PWD/packaging/windows/wine.sh
sandbox=${CARGO_TARGET_DIR:-target}/debug/zhijie-sandbox
export ZHIJIE_WINE_SECONDS=120

prefix=${ZHIJIE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/zhijie}/wine/root/prefix/drive_c
data=$prefix/ProgramData/Zhijie
home='C:\Program Files\Zhijie'
work=$(mktemp -d)
province_pid=
clean() {
    [ -z "$province_pid" ] || kill "$province_pid" 2>/dev/null || true
    "$wine" --stop
    rm -rf "$work"
}
trap clean EXIT
checks=0
ok() {
    checks=$((checks + 1))
    echo "ok $1"
}
fail() {
    echo "NOT OK $1" >&2
    cat "$data/last-start-error.txt" "$data"/log/* 2>/dev/null | tail -40 >&2
    exit 1
}
expect() { # expect NAME COMMAND...
    local name=$1
    shift
    "$@" >"$work/out" 2>&1 || { cat "$work/out" >&2; fail "$name"; }
    ok "$name"
}
member() { sed -n "s/^ *\"$1\": \"\\{0,1\\}\\([^\",]*\\)\"\\{0,1\\},\\{0,1\\}\r*\$/\\1/p" | head -1; }
zhijie() { "$wine" "$home\\zhijie.exe" "$@"; }
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

"$wine" --fresh
mkdir -p "$data/tls" "$data/keys" "$data/provinces" "$prefix/Program Files/Zhijie"
cp "$programs/zhijie.exe" "$programs/zhijie-devices.exe" "$prefix/Program Files/Zhijie/"

"$sandbox" certs --out "$work/certs" >/dev/null
port=$(free_port) admin=$(free_port)
province() {
    "$sandbox" serve --certs "$work/certs" --data "$work/province" --listen "127.0.0.1:$port" --admin "127.0.0.1:$admin" \
        >"$work/province.log" 2>&1 &
    province_pid=$!
    for _ in $(seq 200); do
        if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then return; fi
        sleep 0.1
    done
    fail "the province does not listen"
}
mkdir "$work/province"
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
expect "the service starts and is ready for the desk" zhijie service start
expect "its state is told" zhijie service status
expect "the pipe answers" zhijie status
expect "another agent is not let in" bash -c "! '$wine' '$home\\zhijie.exe' run"

settle() { # settle NUMBER -> outcome
    local identity quote cash number=$1
    identity=$(zhijie call identity.read '{"source":"id_number","id_number":"341200195803120026"}' | member identity_id)
    visit="\"visit\":{\"number\":\"$number\",\"kind\":\"11\",\"began\":\"$(date +%Y-%m-%dT%H:%M:%S%:z)\",\"doctor\":{\"code\":\"D310101000231\",\"name\":\"周文\"},\"department\":{\"code\":\"0301\",\"name\":\"消化内科\",\"category\":\"A03\"},\"diagnoses\":[{\"code\":\"K29.500\",\"name\":\"慢性胃炎\"}]}"
    bill='"bill":{"batch":"B1","total_fen":13300,"lines":[{"serial":"1","national_code":"XA02BCA217A012010100483","own_code":"Y1187","name":"奥美拉唑肠溶胶囊","quantity":"140","unit_price":"0.95","amount_fen":13300}]}'
    zhijie call visit.quote "{\"request_id\":\"q-$number\",\"identity_id\":\"$identity\",$visit,$bill}" >"$work/quote"
    quote=$(member quote_id <"$work/quote")
    cash=$(member cash_fen <"$work/quote")
    zhijie call visit.settle "{\"request_id\":\"s-$number\",\"bill_id\":\"H31010100001/$number/B1\",\"quote_id\":\"$quote\",\"cash_fen\":$cash,\"total_fen\":13300,\"mode\":\"online\"}" | member outcome
}
state() { zhijie call visit.status "{\"bill_id\":\"H31010100001/$1/B1\"}" 2>/dev/null | member state; }
expect "a bill is settled through the service" test "$(settle MZ1)" = done

"$sandbox" fault --admin "http://127.0.0.1:$admin" --infno 2207 --kind drop-after-commit >/dev/null || fail "no fault could be set"
expect "a lost answer is not known" test "$(settle MZ2)" = not_known
# Dead from one instruction to the next, as after a blue screen; then the PC comes up again.
"$wine" taskkill.exe /f /im zhijie.exe >/dev/null 2>&1 || true
"$wine" --stop
# Windows starts a delayed service two minutes after the PC; here it is started by hand.
expect "after the start of the PC the service starts over the same ledger" zhijie service start
for _ in $(seq 240); do
    [ "$(state MZ2)" != settled ] || break
    sleep 0.5
done
expect "the doubt ended with the truth" test "$(state MZ2)" = settled

expect "the service stops when it is told to" zhijie service stop
code=0
zhijie service status >"$work/out" 2>&1 || code=$?
expect "a service that stands still is told by its exit code" test "$code" = 3
expect "the ledger verifies" zhijie ledger verify --ledger 'C:\ProgramData\Zhijie\ledger.db'
expect "the log names nobody" bash -c "! grep -rq '341200195803120026\|张' '$data/log'"
expect "the service is removed" zhijie service remove
expect "the ledger is left" test -s "$data/ledger.db"
echo "windows: $checks checks ok"
