#!/usr/bin/env bash
# Installs what building, packaging and trying the Windows programs needs, from the distribution. Asks nothing.
# The compiler's part is toolchain.sh, Wine's is wine.sh.
set -euo pipefail
missing=()
need() { command -v "$2" >/dev/null || missing+=("$1"); }
PATH=$PATH:/usr/sbin:/sbin
need gcc-mingw-w64-x86-64-win32 x86_64-w64-mingw32-gcc
need g++-mingw-w64-x86-64-win32 x86_64-w64-mingw32-g++
need gcc-mingw-w64-i686-win32 i686-w64-mingw32-gcc
need g++-mingw-w64-i686-win32 i686-w64-mingw32-g++
need wixl wixl
need msitools msibuild
need osslsigncode osslsigncode
need debootstrap debootstrap
need openssl openssl
need python3 python3
[ ${#missing[@]} -eq 0 ] && exit 0
echo "Installing from the distribution: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
apt-get -q -y update </dev/null
apt-get -q -y install --no-install-recommends "${missing[@]}" </dev/null
