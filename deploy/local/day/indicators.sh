# What the zone comes to. Sourced by day.sh.

indicators() {
    local park figures first=
    say "   the indicators add up, and count nothing twice"
    everywhere "SELECT value = $GRANTED + 2 FROM indicator_zone WHERE indicator = 'patents_granted'" \
        "the two records of one patent have not reached all parks"
    everywhere "SELECT count(*) FROM item_duplicate WHERE id = 'science-city:patent:day'
        AND counted_id = 'bio-city:patent:day'" "one patent was entered twice, and nobody is told"
    sctl science-city duplicates --lang en
    sctl science-city duplicates --link bio-city:patent:day science-city:patent:day \
        --by science-city:person:officer --lang en
    everywhere "SELECT value = $GRANTED + 1 FROM indicator_zone WHERE indicator = 'patents_granted'" \
        "a patent that two parks have entered is not counted once"
    everywhere "SELECT count(*) = 0 FROM (
            SELECT indicator, year, sum(value) AS value FROM indicator_park GROUP BY indicator, year) AS p
        JOIN indicator_zone AS z ON z.indicator = p.indicator AND z.year = p.year WHERE z.value <> p.value" \
        "the figures of the zone are not the sums of those of its parks"
    everywhere "SELECT (SELECT count(DISTINCT ifnull((SELECT object_id FROM link WHERE subject_id = o.id
            AND relation = 'same_as'), o.id)) FROM organisation AS o WHERE kind = 'enterprise' AND state = 'active')
        = (SELECT value FROM indicator_zone WHERE indicator = 'enterprises')" "enterprises are not counted once each"
    wait_same "${PARKS[@]}"
    for park in "${PARKS[@]}"; do
        figures=$(sctl "$park" indicators --json | python3 -c '
import json, sys
shown = json.load(sys.stdin)
print(json.dumps([shown["targets"], shown["values"]], sort_keys=True))' | sha256sum)
        first=${first:-$figures}
        [ "$figures" = "$first" ] || fail "$park computes other indicators than ${PARKS[0]}"
        sctl "$park" accounts check --lang en >"$ZONE/$park.accounts" ||
            fail "the accounts do not agree at $park: $(cat "$ZONE/$park.accounts")"
    done
    sctl south indicators --lang en
    cat "$ZONE/south.accounts"
}
