#!/usr/bin/env bash
# Installs what building and testing the packages needs, from the distribution. Asks nothing.
set -euo pipefail
missing=()
need() { command -v "$2" >/dev/null || missing+=("$1"); }
PATH=$PATH:/usr/sbin:/sbin
need dpkg-dev dpkg-shlibdeps
need binutils strip
need rpm rpmbuild
need lintian lintian
need debootstrap debootstrap
need systemd-container systemd-nspawn
need systemd systemd-analyze
need procps ps
need util-linux nsenter
need python3 python3
python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
[ ${#missing[@]} -eq 0 ] && exit 0
echo "Installing from the distribution: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
apt-get -q -y update </dev/null
apt-get -q -y install --no-install-recommends "${missing[@]}" </dev/null
