#!/usr/bin/env bash
# Builds the .msi from programs that are built already, and signs it.
#
#   build-msi.sh BIN_DIR OUT_DIR [VERSION]
#
# BIN_DIR holds zhijie.exe and zhijie-devices.exe. VERSION is the workspace's when left out; tests of upgrades give a later one.
# Needs wixl, msitools and osslsigncode.
# ZHIJIE_SIGN_CERT, ZHIJIE_SIGN_KEY  PEM files; without them a certificate is made for this one package, which proves nothing to
#                                    a desk but shows that signing works
set -euo pipefail
bin=$(realpath "$1")
mkdir -p "$2"
out=$(realpath "$2")
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
version=${3:-$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' "$root/Cargo.toml")}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir "$work/programs"
for program in zhijie zhijie-devices; do
    cp "$bin/$program.exe" "$work/programs/"
    x86_64-w64-mingw32-strip "$work/programs/$program.exe"
done

certificate=${ZHIJIE_SIGN_CERT:-} key=${ZHIJIE_SIGN_KEY:-}
if [ -z "$certificate" ]; then
    certificate=$work/sign.pem key=$work/sign.key
    openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj '/CN=Zhijie self-made' -addext 'extendedKeyUsage=codeSigning' \
        -keyout "$key" -out "$certificate" 2>/dev/null
fi
sign() { # sign FILE
    osslsigncode sign -certs "$certificate" -key "$key" -h sha256 -n Zhijie -in "$1" -out "$1.signed" >"$work/sign.log" 2>&1 \
        || { cat "$work/sign.log" >&2; exit 1; }
    mv "$1.signed" "$1"
}
sign "$work/programs/zhijie.exe"
sign "$work/programs/zhijie-devices.exe"

# The example configuration, with the folders of Windows.
sed -e "s#\"provinces/\(.*\)\"#'C:\\\\Program Files\\\\Zhijie\\\\provinces\\\\\1'#" -e "s#\"tls/\(.*\)\"#'tls\\\\\1'#" \
    -e '/^socket = /d' -e '/^socket_group = /d' -e 's#^path = .*ledger.*#path = "ledger.db"#' \
    -e 's#Copy to /etc/zhijie/agent.toml#It lies in C:\\ProgramData\\Zhijie#' \
    "$root/config/agent.example.toml" | sed 's/$/\r/' >"$work/agent.toml"

profiles='' references='' number=200
for profile in "$root"/config/provinces/*.toml; do
    number=$((number + 1))
    name=$(basename "$profile")
    cp "$profile" "$work/"
    profiles+="<Component Id=\"Profile$number\" Guid=\"0E1C3A4D-64A5-4A7D-8E10-6A4DE3F2C$number\"><File Id=\"Profile$number.toml\" Name=\"$name\" Source=\"$name\" KeyPath=\"yes\" /></Component>"
    references+="<ComponentRef Id=\"Profile$number\" />"
done
awk -v profiles="$profiles" -v references="$references" '
    /<!-- PROFILES -->/ { print profiles; next }
    /<!-- PROFILE REFERENCES -->/ { print references; next }
    { print }' "$root/packaging/windows/zhijie.wxs" >"$work/zhijie.wxs"

msi=$out/zhijie-$version-x64.msi
# It takes files by relative names only.
(cd "$work" && wixl -a x64 -D Version="$version" -o "$msi" zhijie.wxs) >"$work/wixl.log" 2>&1 || { cat "$work/wixl.log" >&2; exit 1; }
# 16: stays when the program goes; 128: never written over; 256: of the 64-bit part of the registry.
msibuild "$msi" -q "UPDATE Component SET Attributes = 400 WHERE Component = 'Configuration'"
sign "$msi"
# A certificate nobody vouches for is no failure here; a changed file is.
osslsigncode verify -in "$msi" >"$work/verify.log" 2>&1 || grep -q 'Signature CRL\|self.signed\|unable to get local issuer\|Signature verification: ok' "$work/verify.log" \
    || { cat "$work/verify.log" >&2; exit 1; }
echo "$msi"
