#!/usr/bin/env bash
# Stands in for `zhijie` in tests that were written for this system: `wine-agent.sh run --config FILE` becomes zhijie.exe in Wine
# with the same configuration, and the desk's socket is carried to its pipe. See test-suites.sh.
#
# ZHIJIE_WINE_PROGRAMS  folder with zhijie.exe and zhijie-devices.exe
# ZHIJIE_WINE_RELAY     port of `zhijie-sandbox.exe relay`
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ "$1" = run ] && [ "$2" = --config ] || { echo "this stands in for zhijie run only" >&2; exit 2; }
config=$3 folder=$(dirname "$3")
pipe="\\\\.\\pipe\\$(basename "$folder")"
dosdevices=${ZHIJIE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/zhijie}/wine/root/prefix/dosdevices

# The pipe in place of the socket, a serial port in place of the terminal, the DLL in place of the library.
port=$(sed -n 's#^scanner = "/dev/pts/\([0-9]*\)"#\1#p' "$config")
[ -z "$port" ] || ln -sfn "/dev/pts/$port" "$dosdevices/com$((port + 20))"
sed -e "s#^socket = .*#socket = '${pipe//\\/\\\\}'#" -e "s#^scanner = \"/dev/pts/.*#scanner = \"COM$((${port:-0} + 20))\"#" \
    -e "s#^library = \".*/libzhijie_twin_vendor.so\"#library = '$ZHIJIE_WINE_PROGRAMS/zhijie_twin_vendor.dll'#" \
    "$config" >"$folder/agent.wine.toml"
python3 "$here/bridge.py" "$folder/desk.sock" "$pipe" "$ZHIJIE_WINE_RELAY" $$ </dev/null >/dev/null 2>&1 &
cd "$folder"
export ZHIJIE_WINE_PASS="PCSCLITE_CSOCK_NAME ZHIJIE_TWIN_VENDOR"
exec "$here/wine.sh" --become "$ZHIJIE_WINE_PROGRAMS/zhijie.exe" run --config "$folder/agent.wine.toml"
