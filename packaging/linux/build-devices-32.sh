#!/usr/bin/env bash
# Builds the device helper of 32 bits, for readers' libraries of 32 bits on a Linux of 64, and the library that stands in for such a
# one in tests. Prints the folder they are in. On Debian; the machine's sources, lists and architectures stay as they are.
#
#   packaging/linux/build-devices-32.sh [PROFILE]     a profile of cargo's, release when left out
set -euo pipefail

cd "$(dirname "$0")/../.."
profile=${1:-release}
target=i686-unknown-linux-gnu
toolchain=$(packaging/windows/toolchain.sh "$target")
cache=${ZHIJIE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/zhijie}
pcsc=$cache/pcsclite-i386

# The card service's library of 32 bits, unpacked and not installed: it is linked against, no more.
if [ ! -e "$pcsc/.made" ]; then
    rm -rf "$pcsc"
    mkdir -p "$pcsc"/apt/{state,lists/partial,cache/archives/partial}
    : >"$pcsc/apt/status"
    cat >"$pcsc/apt/apt.conf" <<CONF
APT::Architecture "i386";
APT::Architectures { "i386"; };
Dir::State "$pcsc/apt/state";
Dir::State::lists "$pcsc/apt/lists";
Dir::State::status "$pcsc/apt/status";
Dir::Cache "$pcsc/apt/cache";
Acquire::Languages "none";
APT::Sandbox::User "root";
CONF
    (
        cd "$pcsc"
        export APT_CONFIG=$pcsc/apt/apt.conf
        apt-get -qq update >&2 || echo "Not every package list could be fetched; the two packages may be in those that were." >&2
        apt-get -qq download libpcsclite1 libpcsclite-dev >&2
        for package in libpcsclite*.deb; do dpkg-deb -x "$package" .; done
        rm -rf apt ./*.deb
    )
    touch "$pcsc/.made"
fi

folder=$profile
[ "$profile" != dev ] || folder=debug
PATH="$toolchain/bin:$PATH" PCSC_LIB_DIR="$pcsc/usr/lib/i386-linux-gnu" PCSC_LIB_NAME=dylib=pcsclite \
    cargo build --quiet --locked --profile "$profile" --target "$target" -p zhijie-devices -p zhijie-twin-vendor >&2
echo "${CARGO_TARGET_DIR:-target}/$target/$folder"
