#!/usr/bin/env bash
# Installs the package in a Windows of its own (Wine) with the first configuration on its command line, settles, goes over it with a newer
# one while bills wait and one is in doubt, refuses the older one, removes it.
#
#   test-msi.sh OLD.msi NEW.msi
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export ZHIJIE_WINE_SECONDS=180
cp_old=$(realpath "$1") cp_new=$(realpath "$2")
source packaging/windows/desk.sh
cp "$cp_old" "$work/old.msi"
cp "$cp_new" "$work/new.msi"
msi() { # msi ARGUMENT... without a question, with a log in $work/msi.log
    rm -f "$work/msi.log"
    "$wine" msiexec.exe "$@" /qn /l*v "Z:${work//\//\\}\\msi.log"
}
old="Z:${work//\//\\}\\old.msi" new="Z:${work//\//\\}\\new.msi"
logged() { tr -d '\000' <"$work/msi.log" | grep -aq "$1"; }
entries() { "$wine" uninstaller.exe --list | grep -c '|||Zhijie'; }

"$wine" --fresh
province
began=${EPOCHREALTIME/./}
expect "the package installs without a question, and is told whose desk it is" msi /i "$old" INSTITUTION=H31010100001 \
    "INSTITUTIONNAME=上海市示范医院" AREA=310000 SLOT=7 OPERATORCODE=0031 OPERATORNAME=陈晓 PROFILE=sandbox \
    "PLATFORM=https://127.0.0.1:$port" CARD=false SCANNER=none
echo "   installed after $(((${EPOCHREALTIME/./} - began) / 1000)) ms"
expect "the programs are there" zhijie --version
expect "the helper of 32 bits runs" "$wine" "$home\\zhijie-devices-32.exe" --version
expect "the service is registered" bash -c "'$wine' sc.exe query Zhijie | grep -q WIN32_OWN_PROCESS"
expect "it starts with the PC, later than the rest" bash -c "'$wine' reg.exe query 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\Zhijie' /v DelayedAutoStart | grep -q 0x1"
expect "the event log knows it" "$wine" reg.exe query 'HKLM\SYSTEM\CurrentControlSet\Services\EventLog\Application\Zhijie' /v EventMessageFile
expect "the profiles are there" test -s "$prefix/Program Files/Zhijie/provinces/sandbox.toml"
expect "the configuration says what the command line said" bash -c "grep -q '^slot = 7' '$data/agent.toml' && grep -q '上海市示范医院' '$data/agent.toml'"
mkdir -p "$data/tls"
cp "$work"/certs/ca.pem "$work"/certs/client.pem "$work"/certs/client.key "$data/tls/"
sed -i -e 's/^allowed = false.*/allowed = true/' "$data/agent.toml"
echo '# changed by hand' >>"$data/agent.toml"
expect "the configuration is complete" zhijie check
expect "the service starts" zhijie service start
expect "a bill is settled through the installed service" test "$(settle MZ1)" = done

# An answer is lost, and a bill waits for the line.
goes_wrong drop-after-commit
expect "a lost answer is not known" test "$(settle MZ2)" = not_known
no_province
expect "a bill is deferred while nothing gets through" test "$(settle MZ3 deferred)" = deferred

expect "a newer package is not put over waiting bills" bash -c "! '$wine' msiexec.exe /i '$new' /qn /l*v 'Z:${work//\//\\}\\msi.log'"
expect "and says why" logged 'queue list'
expect "the failed installation left the old one working" zhijie status
expect "with one entry in the list of programs" test "$(entries)" = 1
expect "on purpose it goes over it" msi /i "$new" ANYWAY=yes SLOT=9
expect "the edited configuration is kept" bash -c "grep -q 'changed by hand' '$data/agent.toml' && grep -q '^slot = 7' '$data/agent.toml'"
expect "the new one runs" await zhijie status
expect "one entry is in the list of programs" test "$(entries)" = 1
province
both() {
    zhijie queue run || true
    is_settled MZ2 && is_settled MZ3
}
expect "doubt and waiting bill ended with the truth after the upgrade" await both
expect "an older package is refused" bash -c "! '$wine' msiexec.exe /i '$old' /qn"
expect "the newer one still runs" zhijie status

expect "a deferred bill that is not booked yet keeps the package" bash -c "! '$wine' msiexec.exe /x '$new' /qn"
expect "the bills are booked" confirm MZ3
expect "the package is removed" msi /x "$new"
expect "and says where the ledger is" logged 'ProgramData.Zhijie'
expect "no program is left" test ! -e "$prefix/Program Files/Zhijie/zhijie.exe"
expect "no service is left" bash -c "! '$wine' sc.exe query Zhijie | grep -q WIN32_OWN_PROCESS"
expect "no agent is left" bash -c "! '$wine' tasklist.exe | grep -qi zhijie"
expect "the event log knows it no longer" bash -c "! '$wine' reg.exe query 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\EventLog\\Application\\Zhijie'"
expect "ledger and configuration are left" test -s "$data/ledger.db" -a -s "$data/agent.toml"
if [ "${ZHIJIE_WINDOWS:-10}" = 10 ]; then
    "$wine" reg.exe add 'HKCU\Software\Wine' /v Version /d win7 /f >/dev/null
    # In silence Wine keeps the words of a refusal to itself.
    expect "Windows 7 is refused" bash -c "! '$wine' msiexec.exe /i '$new' /qn"
    expect "with words that name the other package" bash -c "msiinfo export '$work/new.msi' LaunchCondition | grep -q 'VersionNT >= 603.*windows7'"
    expect "nothing was installed" test ! -e "$prefix/Program Files/Zhijie/zhijie.exe"
fi
echo "msi: $checks checks ok"
