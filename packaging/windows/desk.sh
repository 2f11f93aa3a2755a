# What the tests in Wine share: checks, a province beside Wine, and a desk that asks the agent. Sourced, from the repository's folder.
# shellcheck shell=bash
wine=$PWD/packaging/windows/wine.sh
sandbox=${CARGO_TARGET_DIR:-target}/debug/zhijie-sandbox
prefix=${ZHIJIE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/zhijie}/wine/root/prefix/drive_c
data=$prefix/ProgramData/Zhijie
home='C:\Program Files\Zhijie'
work=$(mktemp -d)
province_pid=
checks=0
clean() {
    [ -z "$province_pid" ] || kill "$province_pid" 2>/dev/null || true
    "$wine" --stop
    rm -rf "$work"
}
trap clean EXIT

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
# Until the command succeeds; a minute or two.
await() {
    for _ in $(seq 240); do
        if "$@" >/dev/null 2>&1; then return 0; fi
        sleep 0.5
    done
    return 1
}
listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

province() {
    port=${port:-$(free_port)} admin=${admin:-$(free_port)}
    [ -d "$work/certs" ] || "$sandbox" certs --out "$work/certs" >/dev/null
    mkdir -p "$work/province"
    "$sandbox" serve --certs "$work/certs" --data "$work/province" --listen "127.0.0.1:$port" --admin "127.0.0.1:$admin" \
        >>"$work/province.log" 2>&1 &
    province_pid=$!
    await listens "$port" || fail "the province does not listen"
}
no_province() {
    kill "$province_pid"
    wait "$province_pid" 2>/dev/null || true
    province_pid=
}
goes_wrong() { # goes_wrong KIND [MILLISECONDS]: the next settlement
    "$sandbox" fault --admin "http://127.0.0.1:$admin" --infno 2207 --kind "$1" --ms "${2:-0}" >/dev/null || fail "no fault could be set"
}

settle() { # settle NUMBER [MODE] -> outcome
    local identity quote cash number=$1 visit bill
    identity=$(zhijie call identity.read '{"source":"id_number","id_number":"341200195803120026"}' | member identity_id)
    visit="\"visit\":{\"number\":\"$number\",\"kind\":\"11\",\"began\":\"$(date +%Y-%m-%dT%H:%M:%S%:z)\",\"doctor\":{\"code\":\"D310101000231\",\"name\":\"周文\"},\"department\":{\"code\":\"0301\",\"name\":\"消化内科\",\"category\":\"A03\"},\"diagnoses\":[{\"code\":\"K29.500\",\"name\":\"慢性胃炎\"}]}"
    bill='"bill":{"batch":"B1","total_fen":13300,"lines":[{"serial":"1","national_code":"XA02BCA217A012010100483","own_code":"Y1187","name":"奥美拉唑肠溶胶囊","quantity":"140","unit_price":"0.95","amount_fen":13300}]}'
    if [ "${2:-online}" = deferred ]; then
        zhijie call visit.settle "{\"request_id\":\"s-$number\",\"bill_id\":\"H31010100001/$number/B1\",\"total_fen\":13300,\"mode\":\"deferred\",\"deferred\":{\"identity_id\":\"$identity\",$visit,$bill,\"deposit_fen\":13300,\"consent\":true}}" | member outcome
        return
    fi
    zhijie call visit.quote "{\"request_id\":\"q-$number\",\"identity_id\":\"$identity\",$visit,$bill}" >"$work/quote"
    quote=$(member quote_id <"$work/quote")
    cash=$(member cash_fen <"$work/quote")
    zhijie call visit.settle "{\"request_id\":\"s-$number\",\"bill_id\":\"H31010100001/$number/B1\",\"quote_id\":\"$quote\",\"cash_fen\":$cash,\"total_fen\":13300,\"mode\":\"online\"}" | member outcome
}
confirm() { # confirm NUMBER: the hospital has booked it
    local settlement
    settlement=$(zhijie call visit.status "{\"bill_id\":\"H31010100001/$1/B1\"}" | member settlement_id)
    zhijie call visit.confirm "{\"request_id\":\"c-$1\",\"bill_id\":\"H31010100001/$1/B1\",\"settlement_id\":\"$settlement\",\"booked\":true}"
}
is_settled() { [ "$(zhijie call visit.status "{\"bill_id\":\"H31010100001/$1/B1\"}" 2>/dev/null | member state)" = settled ]; }
