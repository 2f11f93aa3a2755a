#!/usr/bin/env bash
# Installs the .rpm into an empty root without running its scripts, compares, upgrades with an edited configuration, erases.
#
#   test-rpm.sh OLD.rpm NEW.rpm
set -euo pipefail
old=$(realpath "$1")
new=$(realpath "$2")
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
checks=0
ok() { checks=$((checks + 1)); echo "ok $1"; }
ask_rpm() { rpm --root "$root" --dbpath /var/lib/rpm "$@"; }
rpm_in() { ask_rpm --nodeps --noscripts "$@" 2> >(grep -v '^rpm: ' >&2); }

rpm_in -i "$old"
for path in usr/bin/zhijie usr/lib/zhijie/zhijie-devices usr/lib/systemd/system/zhijie.service etc/zhijie/agent.toml \
    usr/share/man/man1/zhijie.1.gz usr/share/zhijie/provinces/sandbox.toml; do
    [ -e "$root/$path" ] || [ -L "$root/$path" ] || { echo "packages: rpm FAILED, no $path" >&2; exit 1; }
done
ok "everything is in its place"
"$root/usr/lib/zhijie/zhijie" --version >/dev/null
ok "the program starts"
echo '# changed by hand' >>"$root/etc/zhijie/agent.toml"
mkdir -p "$root/var/lib/zhijie"
echo evidence >"$root/var/lib/zhijie/ledger.sqlite"
rpm_in -U "$new"
grep -q 'changed by hand' "$root/etc/zhijie/agent.toml"
ok "an upgrade keeps the edited configuration"
[ "$(ask_rpm -q --qf '%{VERSION}\n' zhijie | wc -l)" = 1 ]
ok "one version is left"
for word in 'queue check' systemd-sysusers; do rpm -qp --scripts "$new" | grep -q "$word"; done
ok "its scripts ask for waiting bills and make the user"
rpm_in -e zhijie
[ ! -e "$root/usr/lib/zhijie" ] && [ ! -e "$root/usr/bin/zhijie" ]
ok "no program is left"
[ "$(cat "$root/var/lib/zhijie/ledger.sqlite")" = evidence ]
ok "the ledger is left"
ls "$root"/etc/zhijie/agent.toml* >/dev/null
ok "the configuration is kept aside"
echo "packages: rpm $checks checks, 0 failed"
