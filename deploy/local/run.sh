#!/usr/bin/env bash
# Runs six parks on this machine with demo data until it is interrupted; with ONCE=1 it ends when
# all six agree.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

ZONE=${ZONE:-$ROOT/run/zone}
PORT=${PORT:-7600}
trap stop_all_at_exit EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

say "zone in $ZONE"
is_new=true
if [ -e "$ZONE/zone-ca.crt" ]; then is_new=false; fi
make_zone "$PORT"

if $is_new; then
    say "starting six nodes without arbiters"
    for park in "${PARKS[@]}"; do start "$park" PARKSYNC_ARBITER=false; done
    wait_ready "${PARKS[@]}"
    load_demo
    stop "${PARKS[@]}"
fi

say "starting six nodes"
for park in "${PARKS[@]}"; do start "$park"; done
wait_ready "${PARKS[@]}"
say "all six hold the same tables"
wait_same "${PARKS[@]}"
wait_good "${PARKS[@]}"

say "status of ${PARKS[0]}"
sctl "${PARKS[0]}" status
say "addresses"
check_http "${PARKS[@]}"
for park in "${PARKS[@]}"; do
    printf '%-14s http://%s/v1/status   socket %s   database %s\n' \
        "$park" "$(http_address "$park")" "$ZONE/$park/control.sock" "$ZONE/$park/state/parksync.sqlite"
done
printf '\nOver TCP with the token of the park, as in\n'
printf '  curl -H "Authorization: Bearer $(cut -d" " -f2 %s)" http://%s/v1/status\n' \
    "$(token_file "${PARKS[0]}")" "$(http_address "${PARKS[0]}")"

if [ "${ONCE:-0}" = 1 ]; then
    stop "${PARKS[@]}"
    say "stopped in good order"
else
    say "what to try first, as a person of ${PARKS[2]} in another terminal"
    printf '  %s\n' "export PATH=$BIN:\$PATH PARKSYNC_SOCKET=$ZONE/${PARKS[2]}/control.sock" \
        "export PARKSYNC_PERSON=${PARKS[2]}:person:officer" \
        'syncctl find 质谱 --lang zh' 'syncctl inbox --lang zh' 'syncctl selection 2026' 'syncctl accounts check' \
        'syncctl report use --quarter 2026-Q4' 'syncctl indicators --lang zh' 'syncctl ask --help'
    say "running; stop with Ctrl-C"
    wait
fi
