#!/usr/bin/env bash
# Installs the .deb in a booted system of its own, settles through the installed service, upgrades with a deferred bill and
# an open doubt in the ledger, and removes it. The system is a folder started by systemd-nspawn without network.
#
#   test-deb.sh OLD.deb NEW.deb SANDBOX_PROGRAM
#
# ZHIJIE_TEST_SUITE names another release of the distribution than this machine has, `bullseye` say; ZHIJIE_TEST_MIRROR the archive of
# another distribution, which is then believed without its key.
# Needs root, debootstrap, systemd-nspawn and nsenter. Ends with a line `packages: deb ...`.
set -euo pipefail
old=$(realpath "$1")
new=$(realpath "$2")
sandbox=$(realpath "$3")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
base=${ZHIJIE_TEST_SYSTEM:-/var/cache/zhijie-test-system${ZHIJIE_TEST_SUITE:+-$ZHIJIE_TEST_SUITE}}
work=$(mktemp -d)
system=$work/system
nspawn=
checks=0

end() {
    status=$?
    if [ -n "$nspawn" ]; then
        kill "$nspawn" 2>/dev/null || true
        wait "$nspawn" 2>/dev/null || true
    fi
    [ $status -eq 0 ] || { echo "packages: deb FAILED after $checks checks" >&2; tail -n 60 "$work/log" >&2 || true; }
    rm -rf --one-file-system "$work"
}
trap end EXIT

if [ ! -e "$base/.complete" ]; then
    echo "Making a system to install into (once): $base"
    suite=${ZHIJIE_TEST_SUITE:-$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)}
    mirror=$(sed -n 's/^URIs: //p' /etc/apt/sources.list.d/*.sources 2>/dev/null | head -1)
    mirror=${mirror:-$(sed -n 's/^deb \(\[[^]]*\] \)\?\([^ ]*\) .*/\2/p' /etc/apt/sources.list | head -1)}
    unknown=${ZHIJIE_TEST_MIRROR:+--no-check-gpg}
    rm -rf "$base"
    # shellcheck disable=SC2086
    debootstrap $unknown --variant=minbase --include=systemd,systemd-sysv,dbus,libpcsclite1,ca-certificates "$suite" "$base" "${ZHIJIE_TEST_MIRROR:-$mirror}" >"$work/log" 2>&1
    touch "$base/.complete"
fi
cp -a "$base" "$system"
install -m 0755 "$sandbox" "$system/usr/local/bin/zhijie-sandbox"
cp "$old" "$system/root/old.deb"
cp "$new" "$system/root/new.deb"
cp "$here/test-deb-inside.sh" "$system/root/"
SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 systemd-nspawn -q -D "$system" --boot --register=no --keep-unit --private-network \
    --console=pipe </dev/null >"$work/log" 2>&1 &
nspawn=$!

inside() { nsenter -t "$init" -a env -i PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 "$@"; }
init=
for _ in $(seq 600); do
    init=$(ps --ppid "$nspawn" -o pid= 2>/dev/null | head -1 | tr -d ' ' || true)
    if [ -n "$init" ] && inside systemctl is-system-running 2>/dev/null | grep -qE 'running|degraded'; then break; fi
    kill -0 "$nspawn"
    sleep 0.1
done

inside bash /root/test-deb-inside.sh 2>&1 | tee "$work/inside"
checks=$(grep -c '^ok ' "$work/inside" || true)
grep -q '^all ok$' "$work/inside"
echo "packages: deb $checks checks, 0 failed"
