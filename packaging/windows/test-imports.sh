#!/usr/bin/env bash
# What programs for Windows 7 ask of the system when they are loaded must be there. MinGW's headers know of most
# functions since which Windows they exist: one they declare for Windows 10 and not for Windows 7 is missing there, and the program
# would not start. What a program looks for while it runs is not seen here.
#
#   test-imports.sh FOLDER...     every .exe and .dll in the folders
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
headers='winsock2.h ws2tcpip.h mswsock.h windows.h winternl.h bcrypt.h ntsecapi.h iphlpapi.h psapi.h userenv.h winscard.h shlobj.h synchapi.h
    processthreadsapi.h sysinfoapi.h setupapi.h cfgmgr32.h msi.h evntprov.h tlhelp32.h dbghelp.h sddl.h
    aclapi.h math.h process.h signal.h stdio.h'

# Of Windows 8 and later, though the headers declare them for every Windows.
later='GetSystemTimePreciseAsFileTime ProcessPrng WaitOnAddress WakeByAddressAll WakeByAddressSingle'

# declared VERSION: those of the functions in $work/functions that the headers declare for that Windows
declared() {
    { for header in $headers; do echo "#include <$header>"; done
        awk '{ printf "#line %d \"asked\"\n__typeof__(%s) *asked_%d;\n", NR, $1, NR }' "$work/functions"; } >"$work/asked.c"
    x86_64-w64-mingw32-gcc "-D_WIN32_WINNT=$1" "-DWINVER=$1" -w -fmax-errors=0 -fsyntax-only "$work/asked.c" 2>"$work/errors" || true
    grep -v '^asked:.*undeclared' "$work/errors" | grep -m 1 'error' >&2 && { echo "the headers cannot be asked" >&2; exit 1; }
    sed -n 's/^asked:\([0-9]*\):.*undeclared.*/\1/p' "$work/errors" | sort -u >"$work/undeclared"
    awk 'NR == FNR { undeclared[$1]; next } !(FNR in undeclared)' "$work/undeclared" "$work/functions"
}

shopt -s nullglob
status=0 count=0
for folder in "$@"; do
    for program in "$folder"/*.exe "$folder"/*.dll; do
        count=$((count + 1))
        x86_64-w64-mingw32-objdump -p "$program" | tr -d '\r' >"$work/headers"
        sed -n 's/^\tDLL Name: //p' "$work/headers" | grep -i '^api-ms-\|^ext-ms-\|^bcryptprimitives' | sort -u | sed "s#^#$program needs #" && status=1
        awk '/^\tDLL Name:/ { on = 1; next } /^The / { on = 0 } on && NF == 3 && $2 ~ /^[0-9]+$/ && $NF ~ /^[A-Za-z_][A-Za-z0-9_]*$/ { print $NF }' "$work/headers" | sort -u >"$work/functions"
        [ -s "$work/functions" ] || { echo "$program asks for nothing?" >&2; exit 1; }
        declared 0x0A00 >"$work/ten"
        declared 0x0601 >"$work/seven"
        [ -s "$work/seven" ] || { echo "the headers know nothing" >&2; exit 1; }
        comm -23 <(sort "$work/functions") <(sort "$work/ten") >>"$work/unjudged"
        { comm -23 <(sort "$work/ten") <(sort "$work/seven"); tr ' ' '\n' <<<"$later" | grep -Fxf "$work/functions" || true; } >"$work/later"
        [ ! -s "$work/later" ] || { sed "s#^#$program needs, of a later Windows: #" "$work/later"; status=1; }
    done
done
[ "$count" -gt 0 ] || { echo "no program there" >&2; exit 1; }
[ "$status" -ne 0 ] || echo "imports: $count programs ask for nothing that is known to be missing in Windows 7; not known to the headers:" \
    "$(sort -u "$work/unjudged" | xargs)"
exit "$status"
