#!/usr/bin/env bash
# Gives the installed Rust compiler what it needs to build for Windows: MinGW's linker and a standard library, built once from
# the distribution's source package of exactly the same compiler version. Prints the folder whose bin/ holds that toolchain.
# Does the same for Linux of 32 bits (i686-unknown-linux-gnu), for packaging/linux/build-devices-32.sh.
#
#   PATH="$(packaging/windows/toolchain.sh)/bin:$PATH" cargo build --target x86_64-pc-windows-gnu
#   packaging/windows/toolchain.sh TARGET...      for other targets than that
#
# The compiler of this machine is not changed: the toolchain is a linked copy in the cache folder. Tried on Debian 12 and 13.
# ZHIJIE_CACHE       where the copy is kept (default: ~/.cache/zhijie)
# RUST_LIBRARY_TARBALL  a packed library/ folder of the compiler's sources, where the distribution no longer has that version
set -euo pipefail

if [ $# -gt 1 ]; then
    for one in "$@"; do made=$("$0" "$one"); done
    echo "$made"
    exit 0
fi
target=${1:-x86_64-pc-windows-gnu}
case $target in
x86_64-*) linker=x86_64-w64-mingw32-gcc mingw=(gcc-mingw-w64-x86-64-win32 g++-mingw-w64-x86-64-win32) ;;
i686-unknown-linux-gnu) linker=gcc mingw=(gcc-multilib libc6-dev) ;;
i686-*) linker=i686-w64-mingw32-gcc mingw=(gcc-mingw-w64-i686-win32 g++-mingw-w64-i686-win32) ;;
*)
    echo "No recipe for $target." >&2
    exit 2
    ;;
esac

cache=${ZHIJIE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/zhijie}
version=$(rustc -vV | sed -n 's/^release: //p')
host=$(rustc --print sysroot)
toolchain=$cache/rust-$version
work=$cache/build-$version
mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9 # two builds at once would make the same folders

has_linker() {
    command -v "$linker" >/dev/null && { [ "$linker" != gcc ] || echo 'int main;' | gcc -m32 -x c -o /dev/null - 2>/dev/null; }
}
if ! has_linker; then
    DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends "${mingw[@]}" </dev/null >&2 \
        || { apt-get -q update >&2 && DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends "${mingw[@]}" </dev/null >&2; }
fi
if [ ! -x "$toolchain/bin/rustc" ]; then
    rm -rf "$toolchain.new"
    cp -al "$host" "$toolchain.new" 2>/dev/null || { rm -rf "$toolchain.new" && cp -a "$host" "$toolchain.new"; }
    mv "$toolchain.new" "$toolchain"
fi

# A package list of its own: the machine's sources and lists stay as they are.
fetch_source() {
    local mirror
    mirror=$(sed -n 's/^URIs: *//p' /etc/apt/sources.list.d/*.sources 2>/dev/null | head -1)
    [ -n "$mirror" ] || mirror=$(sed -n 's/^deb \(\[[^]]*\] \)\?\([^ ]*\).*/\2/p' /etc/apt/sources.list | head -1)
    mkdir -p apt/state apt/lists/partial apt/cache/archives/partial
    cp /var/lib/dpkg/status apt/status
    for suite in trixie trixie-backports forky sid; do
        echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main"
    done >apt/sources.list
    cat >apt/apt.conf <<CONF
Dir::State "$work/apt/state";
Dir::State::lists "$work/apt/lists";
Dir::State::status "$work/apt/status";
Dir::Cache "$work/apt/cache";
Dir::Etc::sourcelist "$work/apt/sources.list";
Dir::Etc::sourceparts "-";
Acquire::Languages "none";
APT::Sandbox::User "root";
CONF
    export APT_CONFIG=$work/apt/apt.conf
    apt-get -qq update >&2
    local package
    package=$(apt-cache madison rust-src | awk -v v="$version" 'index($3, v "+") == 1 { print $3; exit }')
    if [ -z "$package" ]; then
        echo "The distribution has no sources of Rust $version. Set RUST_LIBRARY_TARBALL, or use a version it has:" >&2
        apt-cache madison rust-src >&2
        exit 3
    fi
    apt-get -qq download "rust-src=$package" >&2
    unset APT_CONFIG
    dpkg-deb -x rust-src_*.deb unpacked
    cp -r "unpacked/usr/src/rustc-$version/library" library
    rm -rf unpacked rust-src_*.deb
}

libraries=$toolchain/lib/rustlib/$target/lib
if [ ! -f "$libraries/.made" ]; then
    mkdir -p "$work"
    cd "$work"
    if [ ! -d library ]; then
        if [ -n "${RUST_LIBRARY_TARBALL:-}" ]; then tar xf "$RUST_LIBRARY_TARBALL"; else fetch_source; fi
        # As a DLL it does not link for 32 bits, and nobody needs it as one.
        sed -i 's/crate-type = \["dylib", "rlib"\]/crate-type = ["rlib"]/' library/std/Cargo.toml
    fi
    variable=CARGO_TARGET_$(tr 'a-z-' 'A-Z_' <<<"$target")_LINKER
    # The one place where the compiler's own unstable flags are allowed: it is the compiler's own library.
    (cd library && env -u RUSTC_WRAPPER "$variable=$linker" RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR="$work/target" \
        RUSTFLAGS="-Zforce-unstable-if-unmarked -Cembed-bitcode=yes" PATH="$toolchain/bin:$PATH" \
        cargo build --locked --release --quiet -p sysroot --target "$target" --features "panic-unwind backtrace" >&2)
    rm -rf "$libraries"
    mkdir -p "$libraries"
    cp "target/$target/release/deps/"*.rlib "$libraries/"
    case $target in *-windows-gnu) objects=(rsbegin rsend) ;; *) objects=() ;; esac
    for object in "${objects[@]}"; do
        RUSTC_BOOTSTRAP=1 "$toolchain/bin/rustc" --target "$target" --emit=obj -o "$libraries/$object.o" "library/rtstartup/$object.rs"
    done
    rm -rf target
    touch "$libraries/.made"
fi
echo "$toolchain"
