#!/usr/bin/env bash
# Builds the .deb and the .rpm from programs that are built already.
#
#   build-packages.sh BIN_DIR OUT_DIR [VERSION]
#
# BIN_DIR holds zhijie, zhijie-devices and zhijie-pages (man pages and completions). VERSION is the workspace's when left
# out; tests of upgrades give a later one. Needs dpkg-deb, and rpmbuild for the .rpm (left out, with a word, without it).
set -euo pipefail
bin=$(realpath "$1")
mkdir -p "$2"
out=$(realpath "$2")
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
version=${3:-$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' "$root/Cargo.toml")}
here=$root/packaging/linux
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
staged=$work/staged

put() { install -D -m "$1" "$2" "$staged/$3"; }
put 0755 "$bin/zhijie" usr/lib/zhijie/zhijie
put 0755 "$bin/zhijie-devices" usr/lib/zhijie/zhijie-devices
strip "$staged/usr/lib/zhijie/zhijie" "$staged/usr/lib/zhijie/zhijie-devices"
mkdir -p "$staged/usr/bin"
ln -s ../lib/zhijie/zhijie "$staged/usr/bin/zhijie"
for part in lend-keys fit-systemd; do put 0755 "$here/systemd/$part" "usr/lib/zhijie/$part"; done
for limit in 247 250; do put 0644 "$here/systemd/systemd-before-$limit.conf" "usr/lib/zhijie/systemd-before-$limit.conf"; done
put 0644 "$here/systemd/zhijie.service" usr/lib/systemd/system/zhijie.service
put 0644 "$here/systemd/zhijie.sysusers" usr/lib/sysusers.d/zhijie.conf
put 0644 "$here/systemd/zhijie.tmpfiles" usr/lib/tmpfiles.d/zhijie.conf
put 0644 "$here/systemd/70-zhijie-scanner.rules" usr/lib/udev/rules.d/70-zhijie-scanner.rules
put 0644 "$here/systemd/zhijie-polkit.rules" usr/share/polkit-1/rules.d/50-zhijie.rules
for profile in "$root"/config/provinces/*.toml; do put 0644 "$profile" "usr/share/zhijie/provinces/$(basename "$profile")"; done
sed -e 's#"provinces/#"/usr/share/zhijie/provinces/#' -e 's#"tls/client.key"#"/run/credentials/zhijie.service/keys_client.key"#' \
    "$root/config/agent.example.toml" >"$work/agent.toml"
put 0640 "$work/agent.toml" etc/zhijie/agent.toml
put 0644 "$root/README.md" usr/share/doc/zhijie/README.md
put 0644 "$root/README.zh-CN.md" usr/share/doc/zhijie/README.zh-CN.md
for page in desk-api offline outages filing devices install; do
    [ ! -e "$root/docs/$page.md" ] || put 0644 "$root/docs/$page.md" "usr/share/doc/zhijie/$page.md"
done
for fault in "$root"/docs/faults/*.md; do put 0644 "$fault" "usr/share/doc/zhijie/faults/$(basename "$fault")"; done
put 0644 "$here/deb/copyright" usr/share/doc/zhijie/copyright
gzip -9nc "$root/CHANGELOG.md" >"$work/changelog.gz"
put 0644 "$work/changelog.gz" usr/share/doc/zhijie/CHANGELOG.md.gz
printf 'zhijie (%s) stable; urgency=medium\n\n  * See CHANGELOG.md.gz.\n\n -- The Zhijie developers <zhijie@users.noreply.example>  Thu, 01 Jan 2026 00:00:00 +0800\n' "$version" |
    gzip -9nc >"$work/debian-changelog.gz"
put 0644 "$work/debian-changelog.gz" usr/share/doc/zhijie/changelog.gz
"$bin/zhijie-pages" "$work/pages"
for page in "$work"/pages/*.1; do
    gzip -9n "$page"
    put 0644 "$page.gz" "usr/share/man/man1/$(basename "$page").gz"
done
put 0644 "$work/pages/zhijie.bash" usr/share/bash-completion/completions/zhijie
put 0644 "$work/pages/_zhijie" usr/share/zsh/vendor-completions/_zhijie
put 0644 "$work/pages/zhijie.fish" usr/share/fish/vendor_completions.d/zhijie.fish

# deb
architecture=$(dpkg --print-architecture)
debian=$work/deb
cp -a "$staged" "$debian"
mkdir -p "$debian/DEBIAN"
# The C library the programs ask for, which is older than this machine's when they were built so; dpkg-shlibdeps knows only the latter's
# and would refuse the desks they were built for.
glibc=$(objdump -T "$debian/usr/lib/zhijie/zhijie" "$debian/usr/lib/zhijie/zhijie-devices" | sed -n 's/.*(\{0,1\}GLIBC_\([0-9][0-9.]*\).*/\1/p' | sort -V | tail -n 1)
depends="libc6 (>= $glibc), libpcsclite1 (>= 1.8)"
sed -e "s/@VERSION@/$version/" -e "s/@ARCH@/$architecture/" -e "s/@DEPENDS@/$depends/" \
    "$here/deb/control.in" >"$debian/DEBIAN/control"
echo /etc/zhijie/agent.toml >"$debian/DEBIAN/conffiles"
for script in preinst postinst prerm postrm; do
    sed -e "/^#WAITING#/{r $here/deb/waiting.sh" -e 'd}' "$here/deb/$script" >"$debian/DEBIAN/$script"
    chmod 0755 "$debian/DEBIAN/$script"
done
(cd "$debian" && find . -type f ! -path './DEBIAN/*' -printf '%P\0' | sort -z | xargs -0 md5sum >DEBIAN/md5sums)
deb=$out/zhijie_${version}_$architecture.deb
dpkg-deb --root-owner-group -Zxz --build "$debian" "$deb" >/dev/null
echo "packages: $deb"

# rpm
if command -v rpmbuild >/dev/null; then
    rpmbuild -bb --quiet --define "_topdir $work/rpm" --define "staged $staged" --define "app_version $version" \
        "$here/rpm/zhijie.spec" 2>"$work/rpm.log" || { cat "$work/rpm.log" >&2; exit 1; }
    find "$work/rpm/RPMS" -name '*.rpm' -exec mv {} "$out/" \;
    echo "packages: $(find "$out" -name "zhijie-$version-1.*.rpm")"
else
    echo "packages: no .rpm, rpmbuild is not installed" >&2
fi
