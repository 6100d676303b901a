#!/usr/bin/env bash
# The story of an outage, told on six nodes with real data. Ends with status 0 only if every claim
# holds.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

ZONE=${ZONE:-$ROOT/run/demo}
PORT=${PORT:-7650}
SCHEMA=$ROOT/Sources/ParkSyncCatalog/starter
WRITES=${WRITES:-20}
OTHERS=(south west bio-city science-city jingrong-town)
PROXY=

at_exit() {
    if [ -n "$PROXY" ]; then kill -TERM "$PROXY" 2>/dev/null || :; fi
    stop_all_at_exit
}
trap at_exit EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Port of a park's peer interface, and of the proxy that stands between it and Airport.
peer_port() {
    local index
    for index in "${!PARKS[@]}"; do
        if [ "${PARKS[$index]}" = "$1" ]; then echo $((PORT + 10 + index)); fi
    done
}
proxy_port() { echo $(($(peer_port "$1") + 10)); }

# Airport and the others see each other only through the proxy.
start_airport() {
    local park variables=()
    for park in "${OTHERS[@]}"; do
        variables+=("PARKSYNC_MEMBERS_$(echo "$park" | tr 'a-z-' 'A-Z_')_URL=https://127.0.0.1:$(proxy_port "$park")")
    done
    start airport "${variables[@]}"
}
start_other() { start "$1" "PARKSYNC_MEMBERS_AIRPORT_URL=https://127.0.0.1:$(proxy_port airport)"; }

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

# Each park writes a row of its own, adds to a counter that all share, and overwrites a text that
# all share. What was acknowledged is noted in a file.
write_some() {
    local park=$1 phase=$2 number id
    for ((number = 0; number < WRITES; number++)); do
        id="$park:organisation:demo-$phase-$number"
        sctl "$park" exec "INSERT INTO organisation (id, kind, name_zh) VALUES ('$id', 'enterprise', '演示企业')" >/dev/null
        echo "$id" >>"$ZONE/acknowledged"
    done
    sctl "$park" exec "UPDATE resource_profile SET views = views + 7, description_en = 'as $park sees it in $phase'
        WHERE resource_id = '$SHARED'" >/dev/null
    echo 7 >>"$ZONE/views"
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
        views=$(value "$park" "SELECT views FROM resource_profile WHERE resource_id = '$SHARED'") || true
        [ "$views" = "$(expected_views)" ] ||
            fail "the counter at $park is not the sum of what all parks added"
    done
    echo "$count acknowledged rows and the counter ($(expected_views)) are at all six parks"
}
expected_views() { echo $((VIEWS + $(paste -sd+ "$ZONE/views"))); }

# book PARK NUMBER: asks for the one slot that everybody wants.
book() {
    sctl "$1" exec "INSERT INTO booking_request
            (id, resource_id, organisation_id, starts_at, ends_at, purpose, requested_at)
        SELECT '$1:booking:demo-$2', '$INSTRUMENT', min(id),
            '2027-03-01T01:00:00Z', '2027-03-01T03:00:00Z', 'demo', '2026-12-01T00:00:00Z'
        FROM organisation WHERE id GLOB '$1:*'" >/dev/null
}

# The arbiter answers by entries of its own, so the nodes have to agree again afterwards.
check_booking() {
    local park confirmed
    "$BIN/syncctl" wait --timeout 60 --socket "$ZONE/south/control.sock" \
        --query "SELECT count(*) = 2 FROM booking_decision WHERE request_id GLOB '*:booking:demo-$1'"
    wait_same "${PARKS[@]}"
    for park in "${PARKS[@]}"; do
        [ "$(value "$park" "SELECT count(*) FROM double_booking")" = 0 ] || fail "a slot is booked twice at $park"
        confirmed=$(value "$park" "SELECT count(*) FROM booking_state
            WHERE state = 'confirmed' AND request_id GLOB '*:booking:demo-$1'") || true
        [ "$confirmed" = 1 ] ||
            fail "not exactly one of two requests for a slot is confirmed at $park"
    done
    echo "of two requests for one slot, one is confirmed and one refused, the same at all six parks"
}

rm -rf "$ZONE"
mkdir -p "$ZONE"
: >"$ZONE/acknowledged"
say "six parks come up and load their data; Airport is behind a link that can be cut"
make_zone "$PORT"
start_proxy
for park in "${OTHERS[@]}"; do start_other "$park"; done
start_airport
wait_ready "${PARKS[@]}"
for park in "${PARKS[@]}"; do load_demo "$park" --stage 1 --scale "${SCALE:-1}"; done
wait_same "${PARKS[@]}"
check_http "${PARKS[@]}"
SHARED=$(value south "SELECT min(resource_id) FROM resource_profile WHERE resource_id GLOB 'south:*'")
INSTRUMENT=$(value south "SELECT min(id) FROM resource
    WHERE id GLOB 'south:instrument:*' AND capacity = 1 AND status = 'open'")
VIEWS=$(value south "SELECT views FROM resource_profile WHERE resource_id = '$SHARED'")

say "1. Airport's process is killed; the others go on writing"
write_some airport before-kill
crash airport
for park in "${OTHERS[@]}"; do write_some "$park" kill; done
say "   Airport comes back and catches up"
start_airport
wait_ready airport
write_some airport after-kill
wait_same "${PARKS[@]}"
check_acknowledged

say "2. Airport's link is cut; both sides write, also into the same row, and ask for the same slot"
kill -USR1 "$PROXY"
expect_link cut
for park in "${PARKS[@]}"; do write_some "$park" cut; done
book airport 1
book west 1
sctl airport status && fail "Airport's status is good though its link is cut"
say "   the link is whole again"
kill -USR2 "$PROXY"
expect_link whole
wait_same "${PARKS[@]}"
check_acknowledged
check_booking 1
[ "$(sctl airport conflicts --json | python3 -c 'import json,sys; print(len(json.load(sys.stdin)) > 0)')" = True ] ||
    fail "texts were written at the same time, but the losers are not in the conflict inbox"
echo "overwritten texts are kept in the conflict inbox"

say "3. Airport's database is lost"
crash airport
rm "$ZONE"/airport/state/parksync.sqlite*
start_airport
wait_ready airport
wait_same "${PARKS[@]}"
check_acknowledged
write_some airport after-loss
wait_same "${PARKS[@]}"
check_acknowledged

say "4. The log alone gives the same tables"
"$BIN/syncctl" replay --database "$ZONE/airport/state/parksync.sqlite" --into "$ZONE/replayed.sqlite" \
    --members "$ZONE/airport/parksyncd.yaml"
sctl airport log verify
wait_good "${PARKS[@]}"
sctl airport status
stop "${PARKS[@]}"
say "every claim holds"
