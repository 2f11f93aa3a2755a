# Deferred bills that wait are settled by this very program: neither upgrade nor removal while there are any.
refuse_while_bills_wait() {
    config=/etc/zhijie/agent.toml
    if [ "${ZHIJIE_ANYWAY:-}" = yes ] || [ ! -e "$config" ] || ! command -v zhijie >/dev/null; then return 0; fi
    status=0
    words=$(zhijie queue check --config "$config" 2>/dev/null) || status=$?
    if [ "$status" -eq 3 ]; then
        echo "$words" >&2
        echo "确需继续：ZHIJIE_ANYWAY=yes dpkg ...  (to go on all the same set ZHIJIE_ANYWAY=yes)" >&2
        exit 1
    fi
}
