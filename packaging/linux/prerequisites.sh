#!/usr/bin/env bash
# Installs what building and testing Zhijie needs on a development machine, from the distribution only.
# Tried on Debian 12 and 13; the names are the same on Ubuntu 22.04 and 24.04. Asks nothing; does nothing when everything is there.
#
#   prerequisites.sh           install what is missing
#   prerequisites.sh --list    print the packages that are missing and stop (exit 1 when any is)
#
# The tests start a smart-card service of their own in a private namespace. The system's pcscd is neither
# configured, restarted nor stopped here; on a machine with systemd the package may enable pcscd.socket, which
# sleeps until a program asks for a card. The virtual reader is a development tool: do not install it on a desk.
set -euo pipefail

missing=()
need() { # need PACKAGE TEST...
    local package=$1
    shift
    "$@" >/dev/null 2>&1 || missing+=("$package")
}
have() { command -v "$1"; }
have_c_library() { [ -e /usr/include/stdlib.h ]; }
have_reader_driver() { compgen -G '/usr/lib/pcsc/drivers/serial/libifdvpcd*' || compgen -G '/usr/lib/*/pcsc/drivers/serial/libifdvpcd*'; }

PATH=$PATH:/usr/sbin:/sbin
need gcc have cc
need libc6-dev have_c_library
need python3 have python3
need make have make
need pkg-config have pkg-config
need libpcsclite-dev pkg-config --exists libpcsclite
need pcscd have pcscd
need vsmartcard-vpcd have_reader_driver
need util-linux have unshare
need strace have strace
need mount have mount
need openssl have openssl # the signer's tests check it against another implementation
need ca-certificates test -s /etc/ssl/certs/ca-certificates.crt

if [ "${1:-}" = --list ]; then
    [ ${#missing[@]} -eq 0 ] || { printf '%s\n' "${missing[@]}"; exit 1; }
    exit 0
fi

if [ ${#missing[@]} -gt 0 ]; then
    echo "Installing from the distribution: ${missing[*]}"
    if ! have apt-get >/dev/null; then
        echo "This machine has no apt-get. Install what provides the packages named above, then run this again." >&2
        exit 1
    fi
    root=()
    if [ "$(id -u)" -ne 0 ]; then
        if have sudo >/dev/null && sudo -n true 2>/dev/null; then
            root=(sudo -n)
        else
            echo "Installing packages needs root, and sudo is missing or would ask for a password. Run once as root:" >&2
            echo "    apt-get update && apt-get install --no-install-recommends ${missing[*]}" >&2
            exit 1
        fi
    fi
    apt=("${root[@]}" env DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l
        apt-get -q -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3)
    "${apt[@]}" update </dev/null
    if ! "${apt[@]}" install --no-install-recommends "${missing[@]}" </dev/null; then
        echo "apt-get failed. On Ubuntu, vsmartcard-vpcd comes from the component 'universe': is it enabled?" >&2
        exit 1
    fi
fi

if ! have cargo >/dev/null; then
    echo "cargo is not on the PATH. Install Rust 1.95 or newer (https://www.rust-lang.org/tools/install)." >&2
    exit 1
fi
