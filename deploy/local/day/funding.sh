# A budget and a patent, neither of which is given twice. Sourced by day.sh.

programme() {
    local id=jingrong-town:programme:day fund=jingrong-town:account:fund first second said
    say "   a programme in Jingrong Town pays within its budget"
    sctl jingrong-town exec "INSERT INTO item
            (id, kind, name_zh, name_en, owner_id, account_id, capacity, approval, detail)
        VALUES ('$id', 'programme', '中试资助（演示）', 'Pilot Grants (Demo)', 'jingrong-town:organisation:office',
            '$fund', 100000000, 'person', json_object('instrument', 'pre_funding', 'budget', 100000000,
            'account_id', '$fund', 'publicity_days', 0))" >/dev/null
    sctl jingrong-town exec "INSERT INTO link (subject_id, relation, object_id)
        VALUES ('$id', 'reviewer', 'science-city:person:reviewer-2')" >/dev/null
    everywhere "SELECT count(*) FROM link WHERE subject_id = '$id'" "the programme has not reached all parks"
    first=$(apply airport "$id")
    second=$(apply south "$id")
    for_review "$first"
    for_review "$second"
    # The list is publicised for no day here.
    decide jingrong-town "$first" publicised
    reaches "$first" awarded "the first application is not awarded"
    act airport staff "$first" agree
    reaches "$first" contracted "the award has no contract"
    pay jingrong-town $fund day-1 airport:account:0001 30000000 "$first" 首期拨款 || fail "the programme does not pay"
    if said=$(pay jingrong-town $fund day-2 airport:account:0001 40000000 "$first" 二期拨款 2>&1); then
        fail "the programme pays more than the contract says"
    fi
    [[ $said == *"no contract of an award covers this"* ]] ||
        fail "it is not said why the programme does not pay: $said"
    echo "refused: more than the contract says"
    decide_in_vain over_budget "a second application is not refused for being beyond the budget" \
        jingrong-town "$second" publicised
    reaches "$second" review "a second application was awarded beyond the budget"
    everywhere "SELECT budget = 100000000 AND reserved = 60000000 AND paid = 30000000 FROM programme_budget
        WHERE programme_id = '$id'" "the budget is not what was reserved and paid of it"
    sctl jingrong-town query "SELECT name_en, budget, reserved, paid FROM programme_budget WHERE programme_id = '$id'"
}
# apply PARK PROGRAMME: for 600,000 yuan.
apply() {
    ask "$1" "$2" --kind grant_application --weight 60000000 --account "$1:account:0001" --set project_zh=中试验证
}
for_review() {
    reaches "$1" formality "an application is not taken up"
    decide jingrong-town "$1" review
    reaches "$1" review "an application is not under review"
    act science-city reviewer-2 "$1" score
}

pledge() {
    local patent first second
    say "   a patent cannot be pledged twice"
    patent=$(value south "SELECT min(id) FROM item AS i WHERE kind = 'patent' AND id GLOB 'south:*'
        AND NOT EXISTS (SELECT 1 FROM request WHERE subject_id = i.id)")
    first=$(ask south "$patent" --set lender_id=south:organisation:0023 --set loan=30000000)
    second=$(ask west "$patent" --set lender_id=west:organisation:0015 --set loan=20000000)
    reaches "$first" asked "a pledge is not taken up"
    reaches "$second" asked "a second pledge is not taken up"
    decide south "$first" pledged
    reaches "$first" pledged "the patent is not pledged"
    decide_in_vain no_room "a second pledge of the patent is not refused" south "$second" pledged
    reaches "$second" asked "the patent was pledged twice"
    decide south "$second" decline
    reaches "$second" refused "the second pledge is not refused"
    sctl west query "SELECT party_id, state, state_zh FROM request_state WHERE subject_id = '$patent' ORDER BY asked_at"
}
