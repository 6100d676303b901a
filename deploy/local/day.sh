# A day in the zone, each step of which is a claim that is looked at. Sourced by demo.sh, which has
# six nodes with the demo data, and Science City behind a link that can be cut.

DAY_UNIT=south:unit:fen

for part in steps spectrometer agreements funding selection indicators; do
    source "$ROOT/deploy/local/day/$part.sh"
done

day_in_the_zone() {
    GRANTED=$(value south "SELECT value FROM indicator_zone WHERE indicator = 'patents_granted'")
    spectrometer
    policy
    deal
    programme
    pledge
    selection
    indicators
    empty "decisions do not hold together" over_capacity stray_step stray_act broken_chain forked_chain place_mismatch \
        request_unanswered act_unanswered
    empty "the sums do not agree" overdrawn unbalanced account_mismatch
}
