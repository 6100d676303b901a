# What the people of a park do in the story, and how its claims are looked at. Sourced by day.sh.

now() { date -u +%Y-%m-%dT%H:%M:%SZ; }
# day N: the beginning of a day that many days from now.
day() { date -u -d "+$1 days" +%Y-%m-%dT00:00:00Z; }
# later INSTANT MINUTES
later() { date -u -d "@$(($(date -d "$1" +%s) + 60 * $2))" +%Y-%m-%dT%H:%M:%SZ; }

# everywhere QUERY CLAIM: waits until it holds at all six parks.
everywhere() { "$BIN/syncctl" wait --timeout 120 $(sockets "${PARKS[@]}") --query "$1" || fail "$2"; }
# reaches REQUEST STATE CLAIM: waits until all six parks know that it is in that state.
reaches() { everywhere "SELECT count(*) FROM request_state WHERE id = '$1' AND state = '$2'" "$3"; }
# empty CLAIM VIEW...: at all six parks.
empty() {
    local park view claim=$1
    shift
    for park in "${PARKS[@]}"; do
        for view in "$@"; do
            [ "$(value "$park" "SELECT count(*) FROM $view")" = 0 ] || fail "$claim: $view at $park"
        done
    done
}

# ask PARK ITEM OPTION...: asks for the park's first firm, and prints the request's id.
ask() {
    local park=$1 item=$2
    shift 2
    sctl "$park" ask "$item" --by "$park:person:staff" --json "$@" | member request id
}
# act PARK PERSON REQUEST ACT OPTION...: waits until it is answered, and not refused.
act() {
    local park=$1 person=$2 request=$3 what=$4
    shift 4
    sctl "$park" act "$request" "$what" --by "$park:person:$person" --wait 120 --lang en "$@" ||
        fail "$what of $request is refused, or not answered"
}
# decide PARK REQUEST DECISION OPTION...: by the officer of the park; it is carried out.
decide() { by_officer "$@" || fail "what an officer has decided is refused, or not answered"; }
# decide_in_vain CODE CLAIM PARK REQUEST DECISION OPTION...: it is refused, for that reason.
decide_in_vain() {
    local code=$1 claim=$2 said status=0
    shift 2
    said=$(by_officer "$@") || status=$?
    echo "$said"
    if [ "$status" != 4 ] || [[ $said != *"[$code]"* ]]; then fail "$claim"; fi
}
by_officer() {
    local park=$1 request=$2 decision=$3
    shift 3
    sctl "$park" decide "$request" "$decision" --by "$park:person:officer" --wait 120 --lang en "$@"
}
# pay PARK FROM ID TO AMOUNT BECAUSE NOTE
pay() {
    sctl "$1" exec "INSERT INTO transfer (from_id, id, to_id, unit_id, amount, because_id, reverses, by_id, note, at)
        VALUES ('$2', '$1:transfer:$3', '$4', '$DAY_UNIT', $5, '$6', 0, '$1:person:officer', '$7', '$(now)')" >/dev/null
}

# Waits until a park's node has noticed that it does not hear another one.
wait_lost() {
    local end=$((SECONDS + 60))
    until [ "$(link_of "$1" "$2")" != following ]; do
        [ "$SECONDS" -lt "$end" ] || fail "$1 does not notice that its link to $2 is cut"
    done
}
link_of() {
    sctl "$1" status --json | python3 -c '
import json, sys
print(next(peer["link"] for peer in json.load(sys.stdin)["status"]["peers"] if peer["park"] == sys.argv[1]))' "$2"
}
