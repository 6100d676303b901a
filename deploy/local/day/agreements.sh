# A policy that another park adopts, and a deal over a technology. Sourced by day.sh.

policy() {
    local text="对向园区外开放的仪器，每服务一小时奖励一百元，单台每年不超过三十万元。" sha request
    local id=south:policy:day document=south:document:policy-day changes="单台每年不超过五十万元。"
    say "   South issues a policy; West adopts it with a change"
    sha=$(printf %s "$text" | sha256sum | cut -c1-64)
    sctl south exec "INSERT INTO item (id, kind, name_zh, name_en, owner_id, capacity, detail) VALUES ('$id', 'policy',
        '仪器共享奖励办法（演示）', 'Measure on Rewards for Sharing (Demo)', 'south:organisation:office', NULL,
        json_object('policy_type', 'measure', 'topic', 'sharing', 'issuer', '高新南区（演示）', 'version', 1))" >/dev/null
    sctl south exec "INSERT INTO document (id, about_id, kind, version, name_zh, sha256, media_type, bytes, at) VALUES
        ('$document', '$id', 'policy', 1, '仪器共享奖励办法（演示）', '$sha', 'text/plain; charset=utf-8',
        $(printf %s "$text" | wc -c), '$(now)')" >/dev/null
    everywhere "SELECT count(*) FROM document WHERE id = '$document'" "the policy has not reached all parks"
    request=$(ask west "$id" --document "$document" --set sha256="$sha" --set changes_zh="$changes" --wait 120)
    decide west "$request" adapted --note "council of West"
    reaches "$request" adapted "West has not adopted the policy with a change"
    everywhere "SELECT count(*) = 6 AND sum(state = 'issued' AND park_id = 'south:park') = 1
        AND sum(state = 'adapted' AND park_id = 'west:park') = 1 AND sum(state = 'none') = 4
        FROM policy_status WHERE policy_id = '$id'" "not all parks know who has made what of the policy"
    everywhere "SELECT json_extract(detail, '\$.changes_zh') = '$changes' FROM request WHERE id = '$request'" \
        "not all parks see what West has changed"
    sctl south query "SELECT park_id, state, state_zh FROM policy_status WHERE policy_id = '$id' ORDER BY park_id"
}

deal() {
    local listing payee request total=40000000
    say "   a technology on offer in South becomes a deal with a firm in West, paid in two instalments"
    listing=$(value south "SELECT min(id) FROM item WHERE kind = 'listing' AND id GLOB 'south:*' AND capacity IS NULL")
    payee=$(value south "SELECT account_id FROM item WHERE id = '$listing'")
    request=$(ask west "$listing" --kind technology_offer --amount $total --unit $DAY_UNIT \
        --account west:account:0001 --set deal_form=licence --set instalments=2)
    reaches "$request" asked "the offer has not reached South"
    decide south "$request" signed
    decide south "$request" registered
    reaches "$request" registered "the contract is not registered"
    pay west west:account:0001 day-1 "$payee" $((total / 2)) "$request" 首期款 || fail "the first instalment is not paid"
    act south officer "$request" finish
    reaches "$request" delivered "the technology is not delivered"
    pay west west:account:0001 day-2 "$payee" $((total / 2)) "$request" 尾款 || fail "the second instalment is not paid"
    act west staff "$request" confirm
    reaches "$request" performed "the contract is not performed"
    everywhere "SELECT count(*) = 2 AND sum(amount) = $total FROM transfer
        WHERE because_id = '$request' AND to_id = '$payee'" "the two instalments are not the price"
    sctl south query "SELECT id, amount, note FROM transfer WHERE because_id = '$request' ORDER BY id"
}
