#!/usr/bin/env bash
# Builds the .msi from programs that are built already, and signs it.
#
#   build-msi.sh BIN_DIR BIN_DIR_32 OUT_DIR [VERSION]
#
# BIN_DIR holds zhijie.exe, zhijie-devices.exe and zhijie_dropin.dll, BIN_DIR_32 the last two for 32 bits. VERSION is the workspace's when left out; tests of upgrades give a later one.
# Needs wixl, msitools and osslsigncode.
# ZHIJIE_WINDOWS=7  the programs are built for Windows 7: the package lets itself be installed there, and says so in its name
# ZHIJIE_SIGN_CERT, ZHIJIE_SIGN_KEY  PEM files; without them a certificate is made for this one package, which proves nothing to
#                                    a desk but shows that signing works
set -euo pipefail
bin=$(realpath "$1")
bin32=$(realpath "$2")
mkdir -p "$3"
out=$(realpath "$3")
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
version=${4:-$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' "$root/Cargo.toml")}
# The installer knows no later number than that of Windows 8.1.
for_windows='' oldest=603 needed='需要 Windows 10 或更新的系统；Windows 7 请用 windows7 安装包。 Windows 10 or later is needed; for Windows 7 take the package named windows7.'
if [ "${ZHIJIE_WINDOWS:-}" = 7 ]; then
    for_windows=windows7- oldest=601 needed='需要 Windows 7 或更新的系统。 Windows 7 or later is needed.'
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

programs=$work/programs
mkdir -p "$programs/x64" "$programs/x86"
cp "$bin/zhijie.exe" "$bin/zhijie-devices.exe" "$programs/"
cp "$bin32/zhijie-devices.exe" "$programs/zhijie-devices-32.exe"
cp "$bin/zhijie_dropin.dll" "$programs/x64/SSCardDriver.dll"
cp "$bin32/zhijie_dropin.dll" "$programs/x86/SSCardDriver.dll"
x86_64-w64-mingw32-strip "$programs"/*.exe "$programs"/x*/*.dll
x86_64-w64-mingw32-gcc -Wall -Wextra -Werror -Os -s -shared -municode -o "$work/waiting.dll" "$root/packaging/windows/waiting.c" -lmsi

certificate=${ZHIJIE_SIGN_CERT:-} key=${ZHIJIE_SIGN_KEY:-}
if [ -z "$certificate" ]; then
    certificate=$work/sign.pem key=$work/sign.key
    openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj '/CN=Zhijie self-made' -addext 'extendedKeyUsage=codeSigning' \
        -keyout "$key" -out "$certificate" 2>/dev/null
fi
sign() { # sign FILE
    osslsigncode sign -certs "$certificate" -key "$key" -h sha256 -n Zhijie -in "$1" -out "$1.signed" >"$work/sign.log" 2>&1 \
        || { cat "$work/sign.log" >&2; exit 1; }
    mv "$1.signed" "$1"
}
for program in "$programs"/*.exe "$programs"/x*/*.dll "$work/waiting.dll"; do sign "$program"; done

# The example configuration, with the folders of Windows.
sed -e "s#\"provinces/\(.*\)\"#'C:\\\\Program Files\\\\Zhijie\\\\provinces\\\\\1'#" -e "s#\"tls/\(.*\)\"#'tls\\\\\1'#" \
    -e '/^socket = /d' -e '/^socket_group = /d' -e 's#^path = .*ledger.*#path = "ledger.db"#' \
    -e 's#Copy to /etc/zhijie/agent.toml#It lies in C:\\ProgramData\\Zhijie#' \
    "$root/config/agent.example.toml" | sed 's/$/\r/' >"$work/agent.toml"

profiles='' references='' number=200
for profile in "$root"/config/provinces/*.toml; do
    number=$((number + 1))
    name=$(basename "$profile")
    cp "$profile" "$work/"
    profiles+="<Component Id=\"Profile$number\" Guid=\"0E1C3A4D-64A5-4A7D-8E10-6A4DE3F2C$number\"><File Id=\"Profile$number.toml\" Name=\"$name\" Source=\"$name\" KeyPath=\"yes\" /></Component>"
    references+="<ComponentRef Id=\"Profile$number\" />"
done
awk -v profiles="$profiles" -v references="$references" -v oldest="$oldest" '
    /<!-- PROFILES -->/ { print profiles; next }
    /<!-- PROFILE REFERENCES -->/ { print references; next }
    { sub(/OLDEST/, oldest); print }' "$root/packaging/windows/zhijie.wxs" >"$work/zhijie.wxs"

msi=$out/zhijie-$version-${for_windows}x64.msi
# It takes files by relative names only.
(cd "$work" && LC_ALL=C.UTF-8 wixl -a x64 -D Version="$version" -o "$msi" zhijie.wxs) >"$work/wixl.log" 2>&1 || { cat "$work/wixl.log" >&2; exit 1; }
change() { LC_ALL=C.UTF-8 msibuild "$msi" -q "$1"; }
# Simplified Chinese: without a code page every text that is not ASCII is lost.
printf '\r\n\r\n936\t_ForceCodepage\r\n' >"$work/_ForceCodepage.idt"
msibuild "$msi" -i "$work/_ForceCodepage.idt"
change "UPDATE LaunchCondition SET Description = '已安装更新的版本，不能退回旧版本。 A newer version is installed; an older one is not put over it.' WHERE Condition = 'NOT WIX_DOWNGRADE_DETECTED'"
change "UPDATE LaunchCondition SET Description = '$needed' WHERE Condition = 'Installed OR VersionNT >= $oldest'"
change "UPDATE ServiceInstall SET DisplayName = '直结医保结算终端 (Zhijie)' WHERE ServiceInstall = 'Service'"
# 16: stays when the program goes; 128: never written over; 256: of the 64-bit part of the registry.
change "UPDATE Component SET Attributes = 400, Condition = 'NOT (INSTITUTION OR PROVISION)' WHERE Component = 'Configuration'"
change "UPDATE Component SET Attributes = 272 WHERE Component = 'Data'"
# Expanded where it is read.
change "UPDATE Registry SET Value = '#%%SystemRoot%\\System32\\EventCreate.exe' WHERE Name = 'EventMessageFile'"
# wixl does not keep the order it is told. The question comes before anything is changed; the old version goes inside the
# transaction, so that Windows puts it back when the new one fails; configuration and rights come between a service's entry and start.
at() { change "UPDATE InstallExecuteSequence SET Sequence = $2 WHERE Action = '$1'"; }
at AskWaiting 1050
at RemoveExistingProducts 1501
at WriteFirst 5810
at Prepare 5820
at SayRemains 6610
# Let through from the command line to the part that runs with an administrator's rights.
words='ANYWAY;INSTITUTION;INSTITUTIONNAME;AREA;SLOT;OPERATORCODE;OPERATORNAME;PROFILE;PLATFORM;CARD;SCANNER;PROVISION'
change "UPDATE Property SET Value = 'WIX_UPGRADE_DETECTED;WIX_DOWNGRADE_DETECTED;$words' WHERE Property = 'SecureCustomProperties'"
sign "$msi"
# A certificate nobody vouches for is no failure here; a changed file is.
osslsigncode verify -in "$msi" >"$work/verify.log" 2>&1 || grep -q 'Signature CRL\|self.signed\|unable to get local issuer\|Signature verification: ok' "$work/verify.log" \
    || { cat "$work/verify.log" >&2; exit 1; }
echo "$msi"
