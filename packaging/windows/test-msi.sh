#!/usr/bin/env bash
# Installs the package in a Windows of its own (Wine), upgrades it over an edited configuration, refuses the older one, removes it.
#
#   test-msi.sh OLD.msi NEW.msi
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
old=$(realpath "$1") new=$(realpath "$2")
wine=$PWD/packaging/windows/wine.sh
sandbox=${CARGO_TARGET_DIR:-target}/debug/zhijie-sandbox
export ZHIJIE_WINE_SECONDS=180
prefix=${ZHIJIE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/zhijie}/wine/root/prefix/drive_c
data=$prefix/ProgramData/Zhijie
work=$(mktemp -d)
trap '"$wine" --stop; rm -rf "$work"' EXIT
checks=0
fail() {
    echo "NOT OK $1" >&2
    cat "$data/last-start-error.txt" "$data"/log/* 2>/dev/null | tail -20 >&2
    exit 1
}
expect() { # expect NAME COMMAND...
    local name=$1
    shift
    "$@" >"$work/out" 2>&1 || { cat "$work/out" >&2; fail "$name"; }
    checks=$((checks + 1))
    echo "ok $name"
}
zhijie() { "$wine" 'C:\Program Files\Zhijie\zhijie.exe' "$@"; }
msi() { "$wine" msiexec.exe "$@" /qn; }

cp "$old" "$work/old.msi"
cp "$new" "$work/new.msi"
"$wine" --fresh
expect "the package installs without a question" msi /i "Z:${work//\//\\}\\old.msi"
expect "the programs are there" zhijie --version
expect "the service is registered" bash -c "'$wine' sc.exe query Zhijie | grep -q WIN32_OWN_PROCESS"
expect "the profiles are there" test -s "$prefix/Program Files/Zhijie/provinces/sandbox.toml"
expect "the configuration is the example" grep -q 'code = "H31010100001"' "$data/agent.toml"

"$sandbox" certs --out "$work/certs" >/dev/null
mkdir -p "$data/tls"
cp "$work"/certs/ca.pem "$work"/certs/client.pem "$work"/certs/client.key "$data/tls/"
sed -i -e 's/^card = true.*/card = false/' "$data/agent.toml"
echo '# changed by hand' >>"$data/agent.toml"
expect "the filled configuration is checked" zhijie check
expect "the service starts" zhijie service start
expect "it answers" zhijie status

expect "a newer package goes over it" msi /i "Z:${work//\//\\}\\new.msi"
expect "the edited configuration is kept" grep -q 'changed by hand' "$data/agent.toml"
expect "the new one runs" bash -c "for _ in \$(seq 60); do '$wine' 'C:\Program Files\Zhijie\zhijie.exe' status && exit 0; sleep 0.5; done; exit 1"
"$wine" reg.exe query 'HKLM\Software\Microsoft\Windows\CurrentVersion\Uninstall' /s >"$work/list" 2>&1 || true
expect "one entry is in the list of programs" test "$(tr -d '\000' <"$work/list" | grep -c 'DisplayName.*Zhijie')" = 1
expect "an older package is refused" bash -c "! '$wine' msiexec.exe /i 'Z:${work//\//\\}\\old.msi' /qn"
expect "the newer one still runs" zhijie status

expect "the package is removed" msi /x "Z:${work//\//\\}\\new.msi"
expect "no program is left" test ! -e "$prefix/Program Files/Zhijie/zhijie.exe"
expect "no service is left" bash -c "! '$wine' sc.exe query Zhijie | grep -q WIN32_OWN_PROCESS"
expect "ledger and configuration are left" test -s "$data/ledger.db" -a -s "$data/agent.toml"
echo "msi: $checks checks ok"
