#!/usr/bin/env bash
# Stands in for pcscd in tests: the one of the system Wine lives in, which speaks the language of Wine's card bridge. Becomes it, with
# the socket it was given.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
previous='' folder=/tmp
for word in "$@"; do
    [ "$previous" != --config ] || folder=$(dirname "$word")
    previous=$word
done
if [ -d "$folder/run" ]; then export ZHIJIE_WINE_RUN=$folder/run; fi
export ZHIJIE_WINE_PASS="LISTEN_PID LISTEN_FDS PCSCLITE_HP_DROPDIR"
cd /tmp
exec "$here/wine.sh" --linux /usr/sbin/pcscd "$@"
