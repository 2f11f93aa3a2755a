#!/usr/bin/env bash
# Runs a Windows program in a Wine of its own: Debian 13's Wine 10 in a folder of the cache, made at the first call (1.4 GB).
#
#   wine.sh PROGRAM.exe ARGUMENT...   run it, in the current folder; the exit code is the program's
#   wine.sh --become PROGRAM.exe ...  the same, but this process becomes the program and nothing is kept of its output; Wine's
#                                     server runs already
#   wine.sh --linux PROGRAM ...       becomes a program of the system Wine lives in
#   wine.sh --setup                   only make everything ready
#   wine.sh --fresh                   the same, with a Windows as it was when it was new
#   wine.sh --stop                    end what still runs there
#
# As a runner of cargo: CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER=packaging/windows/wine.sh
# Needs root (chroot, mounts in a namespace of its own). The machine's own Wine, if any, is not touched.
# ZHIJIE_CACHE         where it is kept (default: ~/.cache/zhijie)
# ZHIJIE_WINE_SECONDS  how long a program may take (default: 900)
# ZHIJIE_WINE_RUN      a folder that is /run there
# ZHIJIE_WINDOWS       the Windows it says it is: 10 (default) or 7; heard by --setup and --fresh
# ZHIJIE_WINE_PASS     names of variables the program gets, separated by spaces
set -euo pipefail

cache=${ZHIJIE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/zhijie}
root=$cache/wine
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
mirror() {
    local found
    found=$(sed -n 's/^URIs: *//p' /etc/apt/sources.list.d/*.sources 2>/dev/null | head -1)
    [ -n "$found" ] || found=$(sed -n 's/^deb \(\[[^]]*\] \)\?\([^ ]*\).*/\2/p' /etc/apt/sources.list | head -1)
    echo "$found"
}

# A command of the system in there, as it installs itself.
within() {
    unshare --mount --propagation private sh -euc 'mount -t proc proc "$1/proc"; mount --rbind /dev "$1/dev"
        exec chroot "$1" env -i PATH=/usr/bin:/bin:/usr/sbin:/sbin DEBIAN_FRONTEND=noninteractive sh -euc "$2"' sh "$root" "$1" </dev/null
}

setup() {
    mkdir -p "$cache"
    exec 8>"$cache/wine.lock"
    flock 8
    if [ ! -f "$root/.made" ]; then
        command -v debootstrap >/dev/null \
            || DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends debootstrap </dev/null >&2
        rm -rf "$root"
        # debootstrap does not choose between alternatives, so the rest is installed by the system inside.
        {
            debootstrap --variant=minbase --include=ca-certificates trixie "$root" "$(mirror)"
            cp /etc/hosts "$root/etc/hosts"
            printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d" # nothing is started in there
            chmod +x "$root/usr/sbin/policy-rc.d"
            within 'apt-get -q -y install --no-install-recommends wine wine64 libpcsclite1 pcscd vsmartcard-vpcd'
        } >"$cache/wine.log" 2>&1 || { tail -20 "$cache/wine.log" >&2; exit 1; }
        touch "$root/.made"
    fi
    # Programs of 32 bits, for the libraries of readers' makers.
    if [ ! -f "$root/.made-32" ]; then
        within 'dpkg --add-architecture i386 && apt-get -q update && apt-get -q -y install --no-install-recommends wine32:i386' \
            >>"$cache/wine.log" 2>&1 || { tail -20 "$cache/wine.log" >&2; exit 1; }
        rm -rf "$root/root/prefix" # one of 64 bits alone runs no other program
        touch "$root/.made-32"
    fi
    rm -rf "$root/var/cache/apt/archives/"*.deb "$root/var/lib/apt/lists/"*
    cp /etc/hosts "$root/etc/hosts" # without it localhost has no address there
    flock -u 8
}

# Everything that runs in there; mounts live in this namespace alone and go with it.
inside() {
    mkdir -p "$root$repository" "$root$cache"
    ${become:-} unshare --mount --propagation private bash -euo pipefail -c '
        root=$1 repository=$2 here=$3
        shift 3
        mount -t proc proc "$root/proc"
        mount --rbind /dev "$root/dev"
        mount --bind /tmp "$root/tmp"
        mkdir -p "$root$repository"
        mount --bind "$repository" "$root$repository"
        [ -z "${ZHIJIE_WINE_RUN:-}" ] || mount --bind "$ZHIJIE_WINE_RUN" "$root/run"
        if [ -n "${CARGO_TARGET_DIR:-}" ]; then
            mkdir -p "$CARGO_TARGET_DIR" "$root$CARGO_TARGET_DIR"
            mount --bind "$CARGO_TARGET_DIR" "$root$CARGO_TARGET_DIR"
        fi
        passed=()
        for name in RUST_BACKTRACE ${ZHIJIE_WINE_PASS:-}; do
            [ -z "${!name:-}" ] || passed+=("$name=${!name}")
        done
        exec chroot "$root" env -i HOME=/root XDG_RUNTIME_DIR=/tmp PATH=/usr/bin:/bin:/usr/sbin LANG=C.UTF-8 WINEPREFIX=/root/prefix WINEDEBUG=-all \
            WINEDLLOVERRIDES="mscoree,mshtml=" "${passed[@]}" sh -c '\''cd "$0" && exec "$@"'\'' "$here" "$@"
    ' inside "$root" "$repository" "$PWD" "$@"
}

boot() {
    inside wineboot -i >/dev/null 2>&1 </dev/null
    inside wine reg.exe add 'HKCU\Software\Wine' /v Version /d "win${ZHIJIE_WINDOWS:-10}" /f >/dev/null 2>&1 </dev/null
    inside wineserver -k >/dev/null 2>&1 </dev/null || true # one that stays is started with the first program
}

case ${1:-} in
--become)
    shift
    become=exec
    inside wine "$@"
    ;;
--linux)
    shift
    become=exec
    inside "$@"
    ;;
--setup)
    setup
    boot
    exit 0
    ;;
--fresh)
    setup
    inside wineserver -k >/dev/null 2>&1 </dev/null || true
    rm -rf "$root/root/prefix"
    boot
    exit 0
    ;;
--stop)
    [ ! -f "$root/.made" ] || inside wineserver -k >/dev/null 2>&1 </dev/null || true
    exit 0
    ;;
'')
    echo "usage: wine.sh PROGRAM.exe ARGUMENT... | --setup | --fresh | --stop" >&2
    exit 2
    ;;
esac
[ -f "$root/.made-32" ] || setup
# A file, not a pipe: Wine's own server would keep a pipe open and nobody would ever see its end.
output=$(mktemp)
trap 'rm -f "$output"' EXIT
status=0
# Its server stays: every start of it is a start of the PC, with the services that start by themselves.
inside wineserver -p >/dev/null 2>&1 </dev/null || true
inside timeout "${ZHIJIE_WINE_SECONDS:-900}" wine "$@" >"$output" 2>&1 </dev/null || status=$?
cat "$output"
exit "$status"
