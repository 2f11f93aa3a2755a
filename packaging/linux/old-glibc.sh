#!/usr/bin/env bash
# cargo build against an old C library, so that the programs run on the desktops hospitals have: glibc 2.28 (Debian 10,
# openEuler 20.03, UOS 20). Arguments are those of `cargo build`; programs land in target/ARCH-unknown-linux-gnu.
#
# The linker is Zig's, which knows the symbols of every glibc. The card service's library of this machine is too new to link
# against, so a stub with the same names and no content stands in for it; on the desk the real one is loaded.
set -euo pipefail
glibc=2.28
cargo_zigbuild=0.24.1
ziglang=0.17.1
arch=$(uname -m)
target=$arch-unknown-linux-gnu
cache=${XDG_CACHE_HOME:-$HOME/.cache}/zhijie/old-glibc-$cargo_zigbuild-$ziglang
mkdir -p "$(dirname "$cache")"
exec 9>"$cache.lock"
flock 9
if [ ! -e "$cache/done" ]; then
    rm -rf "$cache"
    python3 -m venv "$cache/venv"
    "$cache/venv/bin/pip" install --quiet --no-input "cargo-zigbuild==$cargo_zigbuild" "ziglang==$ziglang" </dev/null
    mkdir "$cache/stub"
    real=$(ldconfig -p | sed -n 's/.*libpcsclite\.so\.1 .* => //p' | head -n 1)
    [ -n "$real" ] || { echo "libpcsclite.so.1 is missing: install libpcsclite-dev" >&2; exit 1; }
    nm -D --defined-only "$real" | awk '$2 == "T" && $3 !~ /^_/ { sub(/@.*/, "", $3); print "void " $3 "(void) {}" }
        ($2 == "R" || $2 == "D" || $2 == "B") && $3 ~ /^g_rgSCard/ { sub(/@.*/, "", $3); print "const char " $3 "[24] = {0};" }' | sort -u >"$cache/stub/pcsclite.c"
    "$cache/venv/bin/python" -m ziglang cc -target "$arch-linux-gnu.$glibc" -shared -Wl,-soname,libpcsclite.so.1 \
        -o "$cache/stub/libpcsclite.so" "$cache/stub/pcsclite.c"
    touch "$cache/done"
fi
exec 9>&-
PATH=$cache/venv/bin:$PATH PCSC_LIB_DIR=$cache/stub cargo zigbuild --target "$target.$glibc" "$@"
