# Functions for running a whole zone on this machine. Sourced by run.sh and demo.sh; needs bash.
#
# ZONE     folder of the zone: keys, configurations, databases, logs
# PORT     where the first park's local API is over TCP; the others follow
# BIN      folder with parksyncd and syncctl
# PARKS    the parks, in the order of their ports

PARKS=(south west bio-city airport science-city jingrong-town)
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BIN=${BIN:-$ROOT/.build/${CONFIG:-debug}}
declare -A PID=()

say() { printf '\n== %s\n' "$*"; }

fail() {
    printf 'FAILED: %s\n' "$*" >&2
    exit 1
}

# The client of one park's node: sctl south status
sctl() {
    local park=$1
    shift
    "$BIN/syncctl" "$@" --socket "$ZONE/$park/control.sock"
}

# A query whose single value is printed.
value() {
    local park=$1
    shift
    sctl "$park" query --json "$@" | python3 -c '
import json, sys
rows = [json.loads(line) for line in sys.stdin if line.strip()]
rows = [row for row in rows if isinstance(row, list)]
print(rows[0][0] if rows else "")'
}

make_zone() {
    local port=$1
    if [ -e "$ZONE/zone-ca.crt" ]; then
        [ -e "$ZONE/${PARKS[0]}/http.token" ] ||
            fail "the zone in $ZONE was made by an earlier version:" \
                "remove it, or make its tokens (syncctl init --token)"
        return
    fi
    "$BIN/syncctl" init "$ZONE" --loopback-port "$port" --parks "$(IFS=,; echo "${PARKS[*]}")"
}

# member NAME...: prints a member of the JSON on standard input; a number is a place in a list.
member() {
    python3 -c '
import json, sys
value = json.load(sys.stdin)
for name in sys.argv[1:]:
    value = value[int(name)] if isinstance(value, list) else value[name]
print(value)' "$@"
}

# Where a park's local API is over TCP; who has the park's token may read and write there.
http_address() {
    local index
    for index in "${!PARKS[@]}"; do
        if [ "${PARKS[$index]}" = "$1" ]; then echo "127.0.0.1:$((PORT + index))"; fi
    done
}
token_file() { echo "$ZONE/$1/http.token"; }

# The client of one park's node over TCP: tctl south status
tctl() {
    local park=$1
    shift
    "$BIN/syncctl" "$@" --url "http://$(http_address "$park")" --token-file "$(token_file "$park")"
}

# Fails unless the node is there over TCP, and shut to whoever has no token.
check_http() {
    local park status answer
    for park in "$@"; do
        for status in 200:healthz 401:v1/status; do
            answer=$(curl -s -o /dev/null -w '%{http_code}' "http://$(http_address "$park")/${status#*:}") || true
            [ "$answer" = "${status%%:*}" ] ||
                fail "$park does not answer ${status#*:} with ${status%%:*} over TCP"
        done
        tctl "$park" query "SELECT 1" >/dev/null || fail "the token of $park does not let its client in"
    done
}

# start PARK [NAME=VALUE...]: starts a node, with environment variables that override its
# configuration.
start() {
    local park=$1
    shift
    env PARKSYNC_LOCAL_HTTP="$(http_address "$park")" "$@" "$BIN/parksyncd" run --config "$ZONE/$park/parksyncd.yaml" \
        >>"$ZONE/$park/parksyncd.log" 2>&1 &
    PID[$park]=$!
}

# Waits until the nodes accept writes.
wait_ready() { "$BIN/syncctl" wait --timeout 60 $(sockets "$@"); }

# Waits until the nodes hold the same tables: one vector, one digest.
wait_same() { "$BIN/syncctl" wait --same --timeout 120 $(sockets "$@"); }

# Waits until the nodes have heard the same from all their peers.
wait_good() { "$BIN/syncctl" wait --good --timeout 120 $(sockets "$@"); }

sockets() {
    local park
    for park in "$@"; do printf -- '--socket %s ' "$ZONE/$park/control.sock"; done
}

# Stops nodes in good order; each must end with status 0.
stop() {
    local park
    for park in "$@"; do kill -TERM "${PID[$park]}"; done
    for park in "$@"; do
        wait "${PID[$park]}" || fail "$park did not stop in good order; see $ZONE/$park/parksyncd.log"
        unset "PID[$park]"
    done
}

# Kills a node without any warning.
crash() {
    local park=$1
    kill -KILL "${PID[$park]}"
    # The shell reports the kill; that is expected here.
    wait "${PID[$park]}" 2>/dev/null || :
    unset "PID[$park]"
}

# Nothing started here survives the script.
stop_all_at_exit() {
    local park
    for park in "${!PID[@]}"; do kill -TERM "${PID[$park]}" 2>/dev/null || :; done
    wait
}

# Loads what all parks have, phase after phase: each refers to what the others have loaded in those
# before. The data has answers of its own, given before any arbiter was there: it needs nodes that
# run without.
load_demo() {
    local phase park
    for phase in cards terms requests acts steps payments; do
        say "each park loads its $phase"
        for park in "${PARKS[@]}"; do
            "$BIN/parksyncd" demo-data --park "$park" --seed "${SEED:-1}" --phase "$phase" |
                sctl "$park" exec --file - --author demo --note "demo data, $phase" >/dev/null
        done
        wait_same "${PARKS[@]}"
    done
}
