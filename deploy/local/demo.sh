#!/usr/bin/env bash
# The story of an outage and of a day in the zone, told on six nodes with real data. Ends with
# status 0 only if every claim holds.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
source "$(dirname "${BASH_SOURCE[0]}")/day.sh"

ZONE=${ZONE:-$ROOT/run/demo}
PORT=${PORT:-7650}
WRITES=${WRITES:-20}
# The park behind a link that can be cut: it and the others see each other only through the proxy.
BEHIND=airport
PROXY=

at_exit() {
    if [ -n "$PROXY" ]; then kill -TERM "$PROXY" 2>/dev/null || :; fi
    stop_all_at_exit
}
trap at_exit EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Port of a park's peer interface, and of the proxy that stands before it.
peer_port() {
    local index
    for index in "${!PARKS[@]}"; do
        if [ "${PARKS[$index]}" = "$1" ]; then echo $((PORT + 10 + index)); fi
    done
}
proxy_port() { echo $(($(peer_port "$1") + 10)); }

# start_node PARK [NAME=VALUE...]
start_node() {
    local park=$1 other name variables=()
    shift
    for other in "${PARKS[@]}"; do
        if [ "$other" != "$park" ] && { [ "$park" = "$BEHIND" ] || [ "$other" = "$BEHIND" ]; }; then
            name=$(echo "$other" | tr 'a-z-' 'A-Z_')
            variables+=("PARKSYNC_MEMBERS_${name}_URL=https://127.0.0.1:$(proxy_port "$other")")
        fi
    done
    start "$park" "${variables[@]}" "$@"
}
start_all() {
    local park
    for park in "${PARKS[@]}"; do start_node "$park" "$@"; done
    wait_ready "${PARKS[@]}"
}

start_proxy() {
    local park pairs=()
    for park in "${PARKS[@]}"; do pairs+=("$(proxy_port "$park"):$(peer_port "$park")"); done
    mkfifo "$ZONE/proxy.events"
    python3 "$ROOT/deploy/local/link-proxy.py" "${pairs[@]}" >"$ZONE/proxy.events" &
    PROXY=$!
    exec 3<"$ZONE/proxy.events"
    expect_link whole
}
expect_link() {
    local state
    read -r state <&3
    [ "$state" = "$1" ] || fail "the link is $state, not $1"
}
cut_link() {
    kill -USR1 "$PROXY"
    expect_link cut
}
heal_link() {
    kill -USR2 "$PROXY"
    expect_link whole
}

# Each park writes a row of its own, adds to a counter that all share, and overwrites a text that
# all share. What was acknowledged is noted in a file.
write_some() {
    local park=$1 phase=$2 number id
    for ((number = 0; number < WRITES; number++)); do
        id="$park:organisation:demo-$phase-$number"
        sctl "$park" exec "INSERT INTO organisation (id, kind, name_zh) VALUES ('$id', 'partner', '演示单位')" >/dev/null
        echo "$id" >>"$ZONE/acknowledged"
    done
    sctl "$park" exec "UPDATE counter SET n = n + 7 WHERE subject_id = '$SHARED' AND code = 'views'" >/dev/null
    echo 7 >>"$ZONE/views"
    sctl "$park" exec "UPDATE annotation SET text = 'as $park sees it in $phase'
        WHERE subject_id = '$SHARED' AND field = 'hint' AND lang = 'zh'" >/dev/null
}

# Nothing that was acknowledged may be missing, at any park.
check_acknowledged() {
    local park missing count views
    count=$(wc -l <"$ZONE/acknowledged")
    for park in "${PARKS[@]}"; do
        missing=$(sctl "$park" query --json "SELECT id FROM organisation WHERE id GLOB '*:organisation:demo-*'" |
            python3 -c '
import json, sys
rows = [json.loads(line) for line in sys.stdin if line.strip()]
held = {row[0] for row in rows if isinstance(row, list)}
print(sum(1 for line in open(sys.argv[1]) if line.strip() not in held))' "$ZONE/acknowledged")
        [ "$missing" = 0 ] || fail "$missing of $count acknowledged writes are missing at $park"
        views=$(value "$park" "SELECT n FROM counter WHERE subject_id = '$SHARED' AND code = 'views'") || true
        [ "$views" = "$(expected_views)" ] ||
            fail "the counter at $park is not the sum of what all parks added"
    done
    echo "$count acknowledged rows and the counter ($(expected_views)) are at all six parks"
}
expected_views() { echo $((VIEWS + $(paste -sd+ "$ZONE/views"))); }

# book PARK: asks for the one time that everybody wants, and prints the request's id.
book() { ask "$1" "$INSTRUMENT" --kind booking --starts "$SLOT" --length 2h; }

# The arbiter answers by entries of its own, so the nodes have to agree again afterwards.
check_booking() {
    local park answered="state IN ('confirmed', 'refused') AND id IN ('$1', '$2')"
    everywhere "SELECT count(*) = 2 FROM request_state WHERE $answered" "two requests for a time are not both answered"
    wait_same "${PARKS[@]}"
    for park in "${PARKS[@]}"; do
        [ "$(value "$park" "SELECT count(*) FROM over_capacity")" = 0 ] || fail "a time is given twice at $park"
        [ "$(value "$park" "SELECT sum(state = 'confirmed') FROM request_state WHERE $answered")" = 1 ] ||
            fail "not exactly one of two requests for a time is confirmed at $park"
    done
    echo "of two requests for one time, one is confirmed and one refused, the same at all six parks"
}

rm -rf "$ZONE"
mkdir -p "$ZONE"
: >"$ZONE/acknowledged"
say "six parks come up and load their data; Airport is behind a link that can be cut"
make_zone "$PORT"
start_proxy
start_all PARKSYNC_ARBITER=false
load_demo
check_http "${PARKS[@]}"
stop "${PARKS[@]}"
say "from now on each park answers what is asked of it"
start_all
everywhere "SELECT NOT EXISTS (SELECT 1 FROM request_unanswered) AND NOT EXISTS (SELECT 1 FROM place
    WHERE machine = 'booking' AND state = 'asked')" "some request of the demo data is not answered"
wait_same "${PARKS[@]}"
SHARED=$(value south "SELECT min(a.subject_id) FROM annotation AS a
    JOIN counter AS c ON c.subject_id = a.subject_id AND c.code = 'views'
    WHERE a.subject_id GLOB 'south:*' AND a.field = 'hint' AND a.lang = 'zh'")
VIEWS=$(value south "SELECT n FROM counter WHERE subject_id = '$SHARED' AND code = 'views'")
INSTRUMENT=$(value south "SELECT min(id) FROM item WHERE kind = 'instrument' AND id GLOB 'south:*' AND capacity = 1
    AND approval = 'automatic' AND share_class = 'zone' AND training_code IS NULL")
SLOT=$(sctl south free "$INSTRUMENT" --from "$(day 3)" --length 2h --limit 1 --json | member 0 starts_at) ||
    fail "$INSTRUMENT is free at no time"

say "1. Airport's process is killed; the others go on writing"
write_some airport before-kill
crash airport
for park in "${PARKS[@]}"; do [ "$park" = airport ] || write_some "$park" kill; done
say "   Airport comes back and catches up"
start_node airport
wait_ready airport
write_some airport after-kill
wait_same "${PARKS[@]}"
check_acknowledged

say "2. Airport's link is cut; both sides write, also into the same row, and ask for the same time"
cut_link
for park in "${PARKS[@]}"; do write_some "$park" cut; done
ONE=$(book airport)
OTHER=$(book west)
sctl airport status && fail "Airport's status is good though its link is cut"
say "   the link is whole again"
heal_link
wait_same "${PARKS[@]}"
check_acknowledged
check_booking "$ONE" "$OTHER"
[ "$(sctl airport conflicts --json | python3 -c 'import json,sys; print(len(json.load(sys.stdin)) > 0)')" = True ] ||
    fail "texts were written at the same time, but the losers are not in the conflict inbox"
echo "overwritten texts are kept in the conflict inbox"

say "3. Airport's database is lost"
crash airport
rm "$ZONE"/airport/state/parksync.sqlite*
start_node airport
wait_ready airport
wait_same "${PARKS[@]}"
check_acknowledged
write_some airport after-loss
wait_same "${PARKS[@]}"
check_acknowledged
stop "${PARKS[@]}"

say "4. A day in the zone; now Science City is behind the link that can be cut"
BEHIND=science-city
start_all
wait_same "${PARKS[@]}"
day_in_the_zone

say "5. The log alone gives the same tables"
wait_same "${PARKS[@]}"
"$BIN/syncctl" replay --database "$ZONE/airport/state/parksync.sqlite" --into "$ZONE/replayed.sqlite" \
    --members "$ZONE/airport/parksyncd.yaml"
sctl airport log verify
wait_good "${PARKS[@]}"
sctl airport status
stop "${PARKS[@]}"
say "every claim holds"
