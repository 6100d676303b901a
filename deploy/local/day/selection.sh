# The yearly selection. Sourced by day.sh.

selection() {
    local id=south:round:day entries=() entry park list hash closes first
    say "   the yearly selection of South: one ranking on six nodes"
    sctl south exec "INSERT INTO item (id, kind, name_zh, name_en, owner_id, capacity, approval, detail) VALUES ('$id',
        'round', '年度企业遴选（演示）', 'Selection of the Year (Demo)', 'south:organisation:office', 1, 'person',
        json_object('year', 2026, 'tier', 'high_growth', 'closes_at', '$(day 30)', 'publicity_days', 0,
            'weights', '1 -1 2 1000000 50000000'))" >/dev/null
    everywhere "SELECT count(*) FROM item WHERE id = '$id'" "the round has not reached all parks"
    entries+=("$(enter west "$id" 900000000 700000000 80000000 60 4)")
    entries+=("$(enter bio-city "$id" 500000000 200000000 90000000 45 9)")
    entries+=("$(enter airport "$id" 700000000 650000000 30000000 80 2)")
    for entry in "${entries[@]}"; do reaches "$entry" asked "an entry has not reached South"; done
    closes=$(date -u -d '+2 seconds' +%Y-%m-%dT%H:%M:%SZ)
    sctl south exec "UPDATE item SET detail = json_set(detail, '\$.closes_at', '$closes') WHERE id = '$id'" >/dev/null
    for entry in "${entries[@]}"; do reaches "$entry" scored "the round has ended, and an entry is not scored"; done
    list=$(sctl south selection "$id" --json | member rounds 0 document)
    hash=$(printf '%s\n' "$list" | sha256sum | cut -c1-64)
    for park in "${PARKS[@]}"; do
        [ "$(sctl "$park" selection "$id" --json | member rounds 0 sha256)" = "$hash" ] ||
            fail "$park computes another ranking than South"
    done
    sctl jingrong-town selection "$id" --lang en
    echo "the same hash at all six parks"
    publish_list "$id" wrong "$(printf 'another list' | sha256sum | cut -c1-64)" 12
    publish_list "$id" right "$hash" "$(printf '%s\n' "$list" | wc -c)"
    decide_in_vain bad_hash "another list than the ranking was publicised" \
        south "${entries[0]}" listed --document south:document:list-wrong --set count=3
    for entry in "${entries[@]}"; do
        decide south "$entry" listed --document south:document:list-right --set count=3
    done
    everywhere "SELECT count(*) = 3 AND sum(state = 'selected') = 1 AND sum(state = 'not_selected') = 2
        FROM place WHERE subject_id = '$id'" "not exactly one of three is selected"
    first=$(sctl west selection "$id" --json | member rounds 0 ranking 0 entry request_id)
    everywhere "SELECT request_id = '$first' FROM place WHERE subject_id = '$id' AND state = 'selected'" \
        "who is selected is not the first of the ranking"
}
# enter PARK ROUND REVENUE BEFORE R&D STAFF PATENTS
enter() {
    ask "$1" "$2" --set revenue="$3" --set revenue_before="$4" --set rd_spend="$5" --set staff="$6" --set patents="$7"
}
# publish_list ROUND NAME SHA256 BYTES
publish_list() {
    sctl south exec "INSERT INTO document (id, about_id, kind, version, name_zh, sha256, media_type, bytes, at) VALUES
        ('south:document:list-$2', '$1', 'list', 1, '遴选名单（演示）', '$3', 'text/plain', $4, '$(now)')" >/dev/null
}
