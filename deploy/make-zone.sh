#!/usr/bin/env bash
# Makes keys, certificates and configurations for the parks as system services.
#
# usage: make-zone.sh FOLDER [PARKS]     PARKS: a list like config/parks, which is the default
set -euo pipefail

folder=${1:?name the folder to make the zone in}
parks=${2:-$(dirname "${BASH_SOURCE[0]}")/config/parks}
addresses=()
while read -r park host port; do
    case $park in '' | '#'*) continue ;; esac
    addresses+=(--address "$park=$host:$port")
done <"$parks"
exec "${SYNCCTL:-syncctl}" init "$folder" --system --zone "${ZONE_NAME:-Chengdu}" "${addresses[@]}"
