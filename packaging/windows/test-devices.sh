#!/usr/bin/env bash
# Libraries of card readers in Wine, of 32 and of 64 bits: a vendor's (the kit's, which behaves like one) in the device helper of its
# word size, and our own SSCardDriver.dll in a desk program in C of either size, which asks the agent for the card.
#
#   test-devices.sh FOLDER FOLDER_32     both hold the programs and libraries of their word size
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
programs=$(realpath "$1") programs_32=$(realpath "$2")
export ZHIJIE_WINE_SECONDS=120
source packaging/windows/desk.sh

"$wine" --fresh
place="$prefix/Program Files/Zhijie"
mkdir -p "$data/tls" "$place" "$prefix/desk/32" "$prefix/desk/64"
cp "$programs/zhijie.exe" "$programs/zhijie-devices.exe" "$place/"
cp "$programs_32/zhijie-devices.exe" "$place/zhijie-devices-32.exe"
cp config/provinces/sandbox.toml "$data/"
for bits in 64 32; do
    from=$programs compiler=x86_64-w64-mingw32-gcc
    [ "$bits" = 64 ] || from=$programs_32 compiler=i686-w64-mingw32-gcc
    cp "$from/zhijie_dropin.dll" "$prefix/desk/$bits/SSCardDriver.dll"
    cp "$from/zhijie_twin_vendor.dll" "$prefix/desk/$bits/vendor.dll"
    "$compiler" -Wall -Wextra -Werror -o "$prefix/desk/$bits/desk.exe" tests/dropin/desk.c
done
province
cp "$work"/certs/ca.pem "$work"/certs/client.pem "$work"/certs/client.key "$data/tls/"

# The person of the kit's library, in the bytes of the interface.
card=$(python3 -c 'print("341200|34120019680214002X|K12345677|341200D15600000500004711FFFFFFFF|王秀兰|00815300018660341200004711|2.00|20200101|20991231|000000000000||".encode("gbk").hex().upper())')
reads() { # reads BITS: the desk program of that size reads the card through the agent
    "$wine" "C:\\desk\\$1\\desk.exe" "C:\\desk\\$1\\SSCardDriver.dll" iReadCardBas | tr -d '\r' >"$work/read"
    test "$(cat "$work/read")" = "0 $card"
}
refuses() { # refuses BITS NUMBER
    "$wine" "C:\\desk\\$1\\desk.exe" "C:\\desk\\$1\\SSCardDriver.dll" iReadCardBas | tr -d '\r' | grep -q "^$2 "
}
for vendor in 32 64; do
    cat >"$data/agent.toml" <<CONFIG
[institution]
code = "H31010100001"
name = "上海市示范医院"
area = "310000"
[desk]
slot = 1
operator_code = "0031"
operator_name = "陈晓"
[platform]
profile = 'sandbox.toml'
url = "https://127.0.0.1:$port"
ca = 'tls\\ca.pem'
client_certificate = 'tls\\client.pem'
client_key = 'tls\\client.key'
[ledger]
path = "ledger.db"
[devices.vendor]
library = 'C:\\desk\\$vendor\\vendor.dll'
CONFIG
    "$wine" wineboot.exe >/dev/null 2>&1 || true # the server that stays
    "$wine" --become "$home\\zhijie.exe" run </dev/null >"$work/agent.log" 2>&1 &
    agent=$!
    expect "the agent runs with a library of $vendor bits" await zhijie status
    if [ "$vendor" = 32 ]; then helper=zhijie-devices-32.exe; else helper=zhijie-devices.exe; fi
    expect "in the helper of its size" await bash -c "'$wine' tasklist.exe | grep -qi '^$helper'"
    for bits in 32 64; do
        expect "a desk program of $bits bits reads the card" await reads "$bits"
    done
    kill -9 "$agent"
    wait "$agent" 2>/dev/null || true
    "$wine" --stop
done
expect "without an agent it is told so (32 bits)" refuses 32 -11
expect "without an agent it is told so (64 bits)" refuses 64 -11
mv "$place/zhijie-devices-32.exe" "$place/elsewhere.exe"
sed -i 's#desk.64.vendor#desk\\32\\vendor#' "$data/agent.toml"
expect "a missing helper of 32 bits is named" bash -c "'$wine' '$home\\zhijie.exe' check | grep -q 'zhijie-devices-32.exe'"
echo "devices: $checks checks ok"
