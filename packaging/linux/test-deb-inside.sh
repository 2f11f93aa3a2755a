#!/usr/bin/env bash
# Runs inside the test system; see test-deb.sh. One `ok` line a check.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
ok() { echo "ok $1"; }
fail() {
    echo "NOT OK $1" >&2
    systemctl status zhijie --no-pager >&2 || true
    journalctl -u zhijie --no-pager -n 40 >&2 || true
    exit 1
}
expect() { # expect NAME COMMAND...
    local name=$1
    shift
    "$@" || fail "$name"
    ok "$name"
}
member() { sed -n "s/^ *\"$1\": \"\\{0,1\\}\\([^\",]*\\)\"\\{0,1\\},\\{0,1\\}\$/\\1/p" | head -1; }
as_cashier() { setpriv --reuid=cashier --regid=cashier --init-groups "$@"; }

# A province beside the agent, on loopback.
zhijie-sandbox certs --out /root/certs >/dev/null
mkdir /root/province
province() {
    zhijie-sandbox serve --certs /root/certs --data /root/province --listen 127.0.0.1:8443 --admin 127.0.0.1:8444 \
        >/root/province.log 2>&1 &
    province_pid=$!
    for _ in $(seq 200); do
        if (exec 3<>/dev/tcp/127.0.0.1/8443) 2>/dev/null; then return; fi
        sleep 0.1
    done
    fail "the province does not listen"
}
province

dpkg -i /root/old.deb >/root/install.log 2>&1 || { cat /root/install.log >&2; fail "install"; }
ok "installed"
expect "user and group are there" bash -c 'getent passwd zhijie >/dev/null && getent group zhijie >/dev/null'
expect "an unfilled configuration is not started" bash -c '! systemctl is-active -q zhijie'
expect "the keys' folder is root's alone" test "$(stat -c '%a %U' /etc/zhijie/keys)" = "700 root"

install -m 0600 /root/certs/client.key /etc/zhijie/keys/client.key
install -D -m 0644 -t /etc/zhijie/tls /root/certs/ca.pem /root/certs/client.pem
sed -i -e 's/^card = true.*/card = false/' -e 's/^allowed = false.*/allowed = true/' /etc/zhijie/agent.toml
echo '# changed by hand' >>/etc/zhijie/agent.toml
systemctl enable -q --now zhijie || fail "start"
expect "the service is active" systemctl is-active -q zhijie
expect "systemd shows what is open" bash -c 'systemctl show -p StatusText zhijie | grep -q "待查 in doubt 0\|正常"'
if [ "$(systemctl --version | sed -n '1s/^systemd \([0-9]*\).*/\1/p')" -ge 250 ]; then
    expect "the unit verifies without a word" bash -c 'test -z "$(systemd-analyze verify zhijie.service 2>&1 | grep -v man)"'
    expect "exposure at most 1.2" bash -c 'systemd-analyze security --threshold=12 --no-pager zhijie.service >/dev/null'
fi
expect "the ledger is the agent's alone" test "$(stat -c '%a %U' /var/lib/zhijie)" = "700 zhijie"

useradd cashier
useradd stranger
usermod -aG zhijie cashier
expect "a stranger may not use the desk socket" bash -c '! setpriv --reuid=stranger --regid=stranger --clear-groups zhijie status >/dev/null 2>&1'
as_cashier zhijie status >/root/status || fail "status"
ok "a cashier may"

expect "the keys are lent to the agent" test -s /run/credentials/zhijie.service/keys_client.key
expect "and to no cashier" bash -c '! setpriv --reuid=cashier --regid=cashier --init-groups cat /run/credentials/zhijie.service/keys_client.key >/dev/null 2>&1'

settle() { # settle NUMBER MODE -> outcome
    local identity quote cash number=$1
    identity=$(as_cashier zhijie call identity.read '{"source":"id_number","id_number":"341200195803120026"}' | member identity_id)
    visit="\"visit\":{\"number\":\"$number\",\"kind\":\"11\",\"began\":\"$(date +%Y-%m-%dT%H:%M:%S%:z)\",\"doctor\":{\"code\":\"D310101000231\",\"name\":\"周文\"},\"department\":{\"code\":\"0301\",\"name\":\"消化内科\",\"category\":\"A03\"},\"diagnoses\":[{\"code\":\"K29.500\",\"name\":\"慢性胃炎\"}]}"
    bill='"bill":{"batch":"B1","total_fen":13300,"lines":[{"serial":"1","national_code":"XA02BCA217A012010100483","own_code":"Y1187","name":"奥美拉唑肠溶胶囊","quantity":"140","unit_price":"0.95","amount_fen":13300}]}'
    if [ "$2" = deferred ]; then
        as_cashier zhijie call visit.settle "{\"request_id\":\"s-$number\",\"bill_id\":\"H31010100001/$number/B1\",\"total_fen\":13300,\"mode\":\"deferred\",\"deferred\":{\"identity_id\":\"$identity\",$visit,$bill,\"deposit_fen\":13300,\"consent\":true}}" | member outcome
        return
    fi
    as_cashier zhijie call visit.quote "{\"request_id\":\"q-$number\",\"identity_id\":\"$identity\",$visit,$bill}" >/root/quote
    quote=$(member quote_id </root/quote)
    cash=$(member cash_fen </root/quote)
    as_cashier zhijie call visit.settle "{\"request_id\":\"s-$number\",\"bill_id\":\"H31010100001/$number/B1\",\"quote_id\":\"$quote\",\"cash_fen\":$cash,\"total_fen\":13300,\"mode\":\"online\"}" | member outcome
}
expect "a bill is settled through the installed service" test "$(settle MZ1 online)" = done
expect "killed, it comes back" bash -c 'kill -9 "$(systemctl show -p MainPID --value zhijie)"; for _ in $(seq 100); do systemctl is-active -q zhijie && zhijie status >/dev/null 2>&1 && exit 0; sleep 0.2; done; exit 1'

# An answer is lost, and a bill waits for the line.
zhijie-sandbox fault --admin http://127.0.0.1:8444 --infno 2207 --kind drop-after-commit >/dev/null || fail "no fault could be set"
expect "a lost answer is not known" test "$(settle MZ2 online)" = not_known
kill "$province_pid"
wait "$province_pid" 2>/dev/null || true
expect "a bill is deferred while nothing gets through" test "$(settle MZ3 deferred)" = deferred

before=$(zhijie ledger verify --ledger /var/lib/zhijie/ledger.sqlite | head -1)
if dpkg -i /root/new.deb >/root/upgrade.log 2>&1; then fail "an upgrade over a waiting bill is refused"; fi
expect "an upgrade over a waiting bill is refused, with the reason" grep -q '待结算' /root/upgrade.log
expect "the old one works on" systemctl is-active -q zhijie
ZHIJIE_ANYWAY=yes dpkg -i /root/new.deb >/root/upgrade.log 2>&1 || { cat /root/upgrade.log >&2; fail "upgrade on purpose"; }
ok "upgraded on purpose"
expect "the new version runs" bash -c 'for _ in $(seq 100); do zhijie status >/dev/null 2>&1 && exit 0; sleep 0.2; done; exit 1'
expect "the edited configuration is kept" grep -q 'changed by hand' /etc/zhijie/agent.toml
expect "the ledger verifies" bash -c 'zhijie ledger verify --ledger /var/lib/zhijie/ledger.sqlite >/dev/null'
province
state() { as_cashier zhijie call visit.status "{\"bill_id\":\"H31010100001/$1/B1\"}" 2>/dev/null | member state; }
for _ in $(seq 600); do
    zhijie queue run >/dev/null 2>&1 || true
    if [ "$(state MZ2)" = settled ] && [ "$(state MZ3)" = settled ]; then break; fi
    sleep 0.5
done
expect "the doubt ended with the truth after the upgrade" test "$(state MZ2)" = settled
expect "the deferred bill was settled after the upgrade" test "$(state MZ3)" = settled
echo "ledger before the upgrade: $before"

for bill in MZ1 MZ2 MZ3; do
    settlement=$(as_cashier zhijie call visit.status "{\"bill_id\":\"H31010100001/$bill/B1\"}" | member settlement_id)
    as_cashier zhijie call visit.confirm "{\"request_id\":\"c-$bill\",\"bill_id\":\"H31010100001/$bill/B1\",\"settlement_id\":\"$settlement\",\"booked\":true}" >/root/confirm 2>&1 || { cat /root/confirm >&2; fail "confirm $bill"; }
done
dpkg -r zhijie >/root/remove.log 2>&1 || { cat /root/remove.log >&2; fail "removal"; }
ok "removed"
expect "no program is left" bash -c '! command -v zhijie'
expect "no service is left" bash -c '! systemctl cat -q zhijie >/dev/null 2>&1'
expect "no agent is left" bash -c '! ps -C zhijie >/dev/null 2>&1'
expect "the ledger is left" test -s /var/lib/zhijie/ledger.sqlite
expect "and its place was told" grep -q /var/lib/zhijie /root/remove.log
dpkg -P zhijie >/root/purge.log 2>&1 || fail "purge"
expect "nothing of the service is left" bash -c "! test -e /usr/lib/systemd/system/zhijie.service.d"
expect "a purge leaves the ledger too" test -s /var/lib/zhijie/ledger.sqlite
kill "$province_pid"
echo "all ok"
