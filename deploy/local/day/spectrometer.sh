# An instrument of another park is found, booked, used and paid for. Sourced by day.sh.

spectrometer() {
    local item slot moved said request rival payee fen owed
    say "   a Bio City firm looks for a spectrometer in Science City, and for a time"
    sctl bio-city find spectrometer --home science-city --kind instrument --lang en
    item=$(sctl bio-city find spectrometer --home science-city --kind instrument --json | member 0 id) ||
        fail "Bio City finds no spectrometer in Science City"
    slot=$(sctl bio-city free "$item" --from "$(day 3)" --length 150m --limit 1 --json | member 0 starts_at) ||
        fail "$item is free at no time"
    payee=$(value bio-city "SELECT account_id FROM item WHERE id = '$item'")

    say "   the link to Science City is cut; it asks all the same"
    cut_link
    wait_lost bio-city science-city
    said=$(sctl bio-city ask "$item" --by bio-city:person:staff --account bio-city:account:0001 --starts "$slot" \
        --length 2h --set purpose_zh=蛋白质鉴定 --lang en) || fail "a request was not taken while the link was cut"
    echo "$said"
    [[ $said =~ "  asked; Science City".*" was last heard ".*" ago" ]] ||
        fail "it is not said that Science City is out of reach, and since when"
    request=${said%%  *}
    [ "$(value bio-city "SELECT state FROM request_state WHERE id = '$request'")" = sent ] ||
        fail "a request that Science City cannot know is more than sent"
    # Meanwhile both parks enter the same patent.
    enter_patent bio-city
    enter_patent science-city

    say "   the link is whole again, and Science City answers"
    heal_link
    reaches "$request" confirmed "the booking is not confirmed after the link came back"

    say "   the firm moves it by half an hour and keeps it; another firm does not get that time"
    moved=$(later "$slot" 30)
    act bio-city staff "$request" amend --starts "$moved" --length 2h
    everywhere "SELECT count(*) FROM place WHERE request_id = '$request' AND state = 'confirmed'
        AND starts_at = '$moved' AND ends_at = '$(later "$moved" 120)'" "the booking was not moved by half an hour"
    rival=$(ask west "$item" --kind booking --starts "$slot" --length 1h)
    reaches "$rival" refused "a time that overlaps with the moved booking was given to another firm"
    [ "$(value west "SELECT reasons FROM request_state WHERE id = '$rival'")" = '["no_room"]' ] ||
        fail "the other firm is not told that there is no room"

    # Nobody waits here for the day that was booked: the manager lets the firm in at once, and what
    # the meter says began two hours ago.
    say "   it is used; the meter says 90 minutes, with 15 before and after; the firm confirms that"
    act science-city manager "$request" start
    sctl science-city meter "$request" --starts "$(later "$(now)" -120)" --minutes 90 --preparation 10 --after 5 \
        --by science-city:person:manager --wait 120 --lang en || fail "the use was not recorded"
    reaches "$request" used "the metered use has not reached all parks"
    act bio-city staff "$request" confirm
    reaches "$request" settled "what the firm has confirmed is not settled"

    say "   the credit arrives"
    fen=$(value south "SELECT fen FROM rate WHERE item_id = '$item' AND class = 'zone'
        ORDER BY valid_from DESC LIMIT 1")
    owed=$((fen * 105 / 60))
    everywhere "SELECT count(*) = 1 FROM step AS s JOIN transfer AS t ON t.id = s.id WHERE s.request_id = '$request'
        AND t.from_id = 'bio-city:account:0001' AND t.to_id = '$payee' AND t.amount = s.amount AND t.amount = $owed" \
        "the price of 105 minutes, $owed fen, has not arrived at $payee"
    sctl science-city accounts balance "$payee" --lang en
}

enter_patent() {
    sctl "$1" exec "INSERT INTO item (id, kind, name_zh, name_en, capacity, natural_key, detail) VALUES
        ('$1:patent:day', 'patent', '一种质谱离子源（演示）', 'Ion Source (Demo)', 1, '202319990001.1',
        json_object('patent_type', 'invention', 'application_number', '202319990001.1', 'filed_on', '2023-03-01',
            'granted_on', '2025-03-01'))" >/dev/null
}
