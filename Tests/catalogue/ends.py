#!/usr/bin/env python3
"""Drives what docs/reference/coverage.md lists to an end in the catalogue's schema: each kind of request over each
kind of item that takes it to every end of its machine, and records to the views that count or list them. Ends with
status 1 at the first fault.

    python3 Tests/catalogue/ends.py                all; says nothing but that they hold
    python3 Tests/catalogue/ends.py indicators     those whose name contains it

What the arbiter decides is tried in Swift; here steps are written as an arbiter would, past the schema's guards.
"""

import json
import sys

from catalogue import NOW, World
from guards import hour, paths, reasons_of, undone, walk

FEN = "south:unit:fen"


def rows(w, sql, *values):
    return w.db.execute(sql, values).fetchall()


def first_subject(w, kind):
    return w.one("SELECT min(code) FROM code WHERE list = ?", "asks:" + kind)


def changed(w, kind, **detail):
    return json.dumps({**w.detail(kind), **detail})


def walked(w, request, *path):
    for to, act in path:
        w.step(request, to, act)
    return request


# Each kind of request, over each kind of item that it may be asked of, to each end of its machine.
def test_each_request_to_each_end():
    w = World()
    kinds = rows(w, "SELECT k.kind, k.machine, c.code FROM kind AS k JOIN code AS c ON c.list = 'asks:' || k.kind")
    assert {kind for kind, _, _ in kinds} == {row[0] for row in rows(w, "SELECT kind FROM kind WHERE of = 'request'")}
    ends = {machine: [(state, path) for state, path in paths(w, machine).items()
                      if w.one("SELECT ends FROM state WHERE machine = ? AND state = ?", machine, state)]
            for machine in {machine for _, machine, _ in kinds}}
    for kind, machine, subject in kinds:
        w.db.execute("SAVEPOINT kind")
        item = w.item(f"bio:{subject}:end", capacity=1000)
        assert len(ends[machine]) >= 2, machine
        for state, path in ends[machine]:
            request = w.ask(kind, item, starts_at=hour(10), ends_at=hour(12))
            walk(w, request, machine, path)
            seen = w.one(f"SELECT r.state, v.state FROM request_state AS r JOIN {kind} AS v ON v.id = r.id "
                         "WHERE r.id = ?", request)
            assert seen == (state, state), (kind, subject, state, seen)
        w.db.execute("ROLLBACK TO kind")
        w.db.execute("RELEASE kind")


# Each kind of item is written, listed, read through its own view, and ended.
def test_each_item_to_its_end():
    w = World()
    for kind, in rows(w, "SELECT kind FROM kind WHERE of = 'item'"):
        id = w.item(f"bio:{kind}:end")
        assert w.one("SELECT kind FROM item_list WHERE id = ?", id) == kind
        assert w.one(f"SELECT state FROM {kind} WHERE id = ?", id) == "active", kind
        w.db.execute("UPDATE item SET state = 'ended' WHERE id = ?", [id])
        assert w.one(f"SELECT state FROM {kind} WHERE id = ?", id) == "ended"
        assert not rows(w, "SELECT * FROM item_list WHERE id = ?", id)


# Each code of each list that a field takes is taken, and shown by the view of its kind.
def test_each_code_of_each_field():
    w = World()
    fields = rows(w, "SELECT f.kind, k.of, f.name, f.type, c.code FROM field AS f JOIN kind AS k ON k.kind = f.kind "
                     "JOIN code AS c ON c.list = f.list")
    for kind, of, name, type, code in fields:
        detail = changed(w, kind, **{name: [code] if type == "list" else code})
        with undone(w):
            if of == "item":
                id = w.item(f"bio:{kind}:code", detail=detail)
            else:
                id = w.ask(kind, w.item(f"bio:{first_subject(w, kind)}:code"), detail=detail)
            shown = w.one(f"SELECT {name} FROM {kind} WHERE id = ?", id)
            assert code in (json.loads(shown) if type == "list" else [shown]), (kind, name, code, shown)
    with_list = {row[0] for row in rows(w, "SELECT list FROM field WHERE list IS NOT NULL")}
    assert {"deal_form", "funding_instrument", "partnership_type", "policy_topic", "service_category"} <= with_list


# Each field of each kind is taken, and shown by the view of the kind.
def test_each_field():
    w = World()
    for kind, of in rows(w, "SELECT kind, of FROM kind"):
        detail = w.detail(kind, is_full=True)
        with undone(w):
            if of == "item":
                id = w.item(f"bio:{kind}:full", detail=json.dumps(detail))
            else:
                id = w.ask(kind, w.item(f"bio:{first_subject(w, kind)}:full"), detail=json.dumps(detail))
            for name, value in detail.items():
                shown = w.one(f"SELECT {name} FROM {kind} WHERE id = ?", id)
                assert (json.loads(shown) if isinstance(value, list) else shown) == value, (kind, name, shown)


# Each kind of organisation, person and credential, and each class of talent.
def test_each_card():
    w = World()
    for n, (kind,) in enumerate(rows(w, "SELECT code FROM code WHERE list = 'organisation_kind'")):
        w.insert("organisation", id=f"bio:organisation:k{n}", kind=kind, name_zh="单位")
        w.insert("link", subject_id=f"bio:organisation:k{n}", relation="member", object_id="south:organisation:1",
                 from_on="2026-01-01")
        assert w.one("SELECT group_kind, member_park FROM group_member WHERE group_id = ?",
                     f"bio:organisation:k{n}") == (kind, "south")
    for n, (kind,) in enumerate(rows(w, "SELECT code FROM code WHERE list = 'credential_kind'")):
        w.insert("credential", id=f"bio:credential:{n}", holder_id="bio:organisation:1", kind=kind,
                 from_on="2026-01-01", until_on="2028-12-31")
        assert w.one("SELECT until_on FROM certificate WHERE holder_id = 'bio:organisation:1' AND kind = ?",
                     kind) == "2028-12-31"
        w.db.execute("UPDATE credential SET state = 'revoked' WHERE id = ?", [f"bio:credential:{n}"])
        assert not rows(w, "SELECT * FROM certificate WHERE kind = ?", kind)
    classes = rows(w, "SELECT code FROM code WHERE list = 'talent_class'")
    for n, (code,) in enumerate(classes):
        w.insert("person", id=f"bio:person:t{n}", kind="talent", name_zh="人才", talent_class=code)
    assert rows(w, "SELECT talent_class, talents FROM talent_class_park WHERE park = 'bio'") == sorted(
        (code, 1) for code, in classes)
    assert w.one("SELECT value FROM indicator_zone WHERE indicator = 'talents'") == len(classes) == 4


# The targets of 2020 and 2025, each beside what records of two parks come to.
def test_indicators():
    w = World()
    figure = dict(version=1, at=NOW)
    for park in ("bio", "south"):
        firm = f"{park}:organisation:1"
        for year in (2020, 2025):
            w.insert("figure", subject_id=firm, code="output", year=year, value=6 * 10**12, **figure)
        w.insert("figure", subject_id=f"{park}:park", code="population", year=2020, value=5000, **figure)
        w.insert("link", subject_id=firm, relation="cluster", object_id="biology")
        w.insert("person", id=f"{park}:person:t", kind="talent", name_zh="人才", talent_class="young_founder")
        for n in (1, 2):
            w.item(f"{park}:patent:{n}", owner_id=firm,
                   detail=changed(w, "patent", patent_type="invention", granted_on="2019-01-01"))
        w.item(f"{park}:patent:3", detail=changed(w, "patent", patent_type="invention"))
        w.item(f"{park}:project:1", detail=changed(w, "project", major=True, stage="running"))
        w.item(f"{park}:standard:1", detail=changed(w, "standard", published_on="2019-01-01"))
    expected = {"output": 12 * 10**12, "enterprises": 3, "talents": 2, "patents_granted": 4, "patents_held": 4,
                "projects": 2, "standards": 2}
    for indicator, value in expected.items():
        w.item(f"south:target:{indicator}",
               detail=changed(w, "target", indicator=indicator, year=2020, least=value, unit="count"))
    w.item("south:target:2025", detail=changed(w, "target", indicator="output", year=2025, least=10**14, unit="fen"))
    w.item("south:target:clusters",
           detail=changed(w, "target", indicator="large_clusters", year=2025, least=1, most=5, unit="count"))
    progress = {row[0]: row[1:] for row in rows(w, "SELECT target_id, value, is_reached FROM target_progress")}
    for indicator, value in expected.items():
        assert progress[f"south:target:{indicator}"] == (value, 1), (indicator, progress)
    assert progress["south:target:2025"] == (12 * 10**12, 0) and progress["south:target:clusters"] == (1, 1)
    assert w.one("SELECT fen FROM cluster_output WHERE cluster = 'biology' AND year = 2025") == 12 * 10**12
    w.item("south:milestone:1", detail=changed(w, "milestone", year=2020, reached_on="2020-12-01"))
    assert w.one("SELECT reached_on FROM milestone") == "2020-12-01"


# Figures of parks elsewhere, and enterprises with many patents for their staff.
def test_comparisons():
    w = World()
    figure = dict(version=1, at=NOW)
    w.insert("organisation", id="south:organisation:p", kind="partner", name_zh="对标园区")
    w.insert("figure", subject_id="south:organisation:1", code="output", year=2020, value=70, **figure)
    for code, value in (("benchmark_output", 90), ("benchmark_patents", 8)):
        w.insert("figure", subject_id="south:organisation:p", code=code, year=2020, value=value, **figure)
    for park, patents in (("bio", 4), ("south", 1)):
        w.insert("figure", subject_id=f"{park}:organisation:1", code="staff", year=2020, value=100, **figure)
        for n in range(patents):
            w.item(f"{park}:patent:{n}", owner_id=f"{park}:organisation:1",
                   detail=changed(w, "patent", patent_type="invention", granted_on="2019-01-01"))
    assert sorted(rows(w, "SELECT code, value, zone_value FROM benchmark")) == [
        ("benchmark_output", 90, 70), ("benchmark_patents", 8, 5)]
    assert rows(w, "SELECT organisation_id, per_1000, is_intensive FROM ip_intensity ORDER BY 1") == [
        ("bio:organisation:1", 40, 1), ("south:organisation:1", 10, 0)]
    for code in ("rd_spend", "rd_units", "own_brands"):
        w.insert("figure", subject_id="bio:organisation:1", code=code, year=2020, value=1, **figure)
        w.insert("figure", subject_id="bio:organisation:1", code=code, year=2020, value=2, version=2, at=NOW)
        assert w.one("SELECT value FROM figure_valid WHERE code = ?", code) == 2


# From a published price over metered use to a share rate, and what an audit asks for.
def test_open_sharing():
    w = World()
    for n in (1, 2):
        w.item(f"bio:instrument:{n}", owner_id="bio:organisation:1", account_id="bio:account:1",
               share_class="open", scope="public", detail=changed(
                   w, "instrument", effective_hours=10, commissioned_on="2025-01-01", registered_on="2025-03-01"))
    w.insert("rate", **{"id": "bio:rate:1", "item_id": "bio:instrument:1", "class": "external", "version": 1,
                        "unit": "hour", "unit_id": FEN, "fen": 300, "valid_from": "2026-01-01"})
    assert w.one("SELECT fen FROM rate_valid WHERE item_id = 'bio:instrument:1' AND class = 'external'") == 300
    w.pay(FEN, "south:account:1", 1000)
    request = walked(w, w.ask("booking", "bio:instrument:1", "south", hour(8), hour(10), account_id="south:account:1"),
                     ("asked", "ask"), ("confirmed", "ask"), ("in_use", "start"), ("used", "finish"))
    w.insert("usage", id="bio:usage:1", item_id="bio:instrument:1", request_id=request, party_id="south:organisation:1",
             started_at=hour(8), minutes=60, source="meter", is_external=1, at=hour(9))
    claim = w.step(request, "settled", "confirm", amount=300, unit_id=FEN, payer_id="south:account:1",
                   payee_id="bio:account:1")
    w.pay("south:account:1", "bio:account:1", 300, id=claim, because=request)
    assert rows(w, "SELECT amount FROM account_statement WHERE account_id = 'bio:account:1'") == [(300,)]
    assert not rows(w, "SELECT * FROM due") and not rows(w, "SELECT * FROM unbalanced")
    assert w.one("SELECT external_minutes, share_rate FROM sharing") == (60, 1000)
    assert w.one("SELECT share_rate FROM sharing_park WHERE park = 'bio'") == 1000
    assert w.one("SELECT share_rate FROM sharing_zone") == 1000
    assert rows(w, "SELECT id FROM idle_instrument WHERE last_used_at < '2026'") == [("bio:instrument:2",)]
    assert len(rows(w, "SELECT * FROM late_instrument")) == 2
    assert len(rows(w, "SELECT * FROM item_list WHERE scope = 'public'")) == 2


# Vouchers are issued, spent and listed; programmes of each named project, and what they paid.
def test_funds():
    w = World()
    w.item("south:unit:voucher", capacity=None, detail=changed(w, "unit", unit="fen", valid_until="2027-12-31"))
    for park in ("south", "bio"):
        w.item(f"{park}:account:v", capacity=None, owner_id=f"{park}:organisation:1",
               detail='{"account_type":"voucher"}')
    w.pay("south:unit:voucher", "south:account:v", 500, "south:unit:voucher")
    w.pay("south:account:v", "bio:account:v", 200, "south:unit:voucher")
    assert rows(w, "SELECT owner_id, amount, valid_until FROM entitlement ORDER BY owner_id") == [
        ("bio:organisation:1", 200, "2027-12-31"), ("south:organisation:1", 300, "2027-12-31")]
    w.pay(FEN, "south:account:1", 10_000)
    path = ("asked", "ask"), ("formality", "ask"), ("review", "decide"), ("publicised", "decide"), ("awarded", "clock")
    umbrellas = rows(w, "SELECT code FROM code WHERE list = 'umbrella' ORDER BY code")
    for code, in umbrellas:
        fund = w.item(f"south:programme:{code}", capacity=1000, detail=changed(w, "programme", umbrella=code))
        award = walked(w, w.ask("grant_application", fund, "bio", weight=500), *path, ("contracted", "agree"))
        w.pay("south:account:1", "bio:account:1", 300, because=award)
        walked(w, award, ("acceptance", "finish"), ("accepted", "decide"))
    assert rows(w, "SELECT umbrella, budget, reserved, paid FROM umbrella_budget ORDER BY umbrella") == [
        (code, 1000, 500, 300) for code, in umbrellas]
    assert {row for row in rows(w, "SELECT budget, reserved, paid FROM programme_budget")} == {(1000, 500, 300)}


# What backers commit counts against what a crowdfunding programme asks for, until it is released.
def test_crowdfunding():
    w = World()
    fund = w.item("south:programme:1", capacity=1000, detail=changed(w, "programme", instrument="crowdfunding"))
    first, second = (w.ask("backing", fund, park, weight=600) for park in ("bio", "west"))
    walked(w, first, ("asked", "ask"), ("pledged", "ask"))
    walked(w, second, ("asked", "ask"))
    w.refused("no room", w.step, second, "pledged", "ask")
    assert w.one("SELECT reserved FROM programme_budget") == 600
    walked(w, first, ("released", "agree"))
    walked(w, second, ("pledged", "ask"))
    assert w.one("SELECT reserved FROM programme_budget") == 600


# A policy of one park beside all parks: issued here, adopted there, not yet elsewhere.
def test_policies():
    w = World()
    w.item("south:policy:1", capacity=None, detail=changed(
        w, "policy", policy_type="regulation", origin="zhongguancun", origin_number=3))
    adopted = walked(w, w.ask("policy_adoption", "south:policy:1", "bio"), ("asked", "ask"))
    w.step(adopted, "adapted", "decide")
    status = "SELECT park_id, state, origin_number FROM policy_status ORDER BY park_id"
    assert rows(w, status) == [("bio:park", "adapted", 3), ("south:park", "issued", 3), ("west:park", "none", 3)]
    assert w.one("SELECT park, state FROM policy_adopted") == ("bio", "adapted")


# A deal with a partner elsewhere, in its money, and a project that shares output and taxes.
def test_partners():
    w = World()
    partner = "south:organisation:p"
    w.insert("organisation", id=partner, kind="partner", name_zh="合作方")
    offer = w.ask("technology_offer", w.item("bio:listing:1"), party_id=partner, detail=changed(
        w, "technology_offer", country="IL", currency="EUR", deal_form="licence"), **{"class": "partner"})
    walk(w, offer, "offer", paths(w, "offer")["performed"])
    assert w.one("SELECT state, country, currency, party_id FROM technology_offer") == (
        "performed", "IL", "EUR", partner)
    enclave = w.item("south:partnership:1", detail=changed(
        w, "partnership", partnership_type="enclave", partner_id=partner, region="mianyang", share=3000))
    project = w.ask("partner_project", enclave, detail=changed(
        w, "partner_project", partner_id=partner, output_share=3000, tax_share=4000))
    walked(w, project, ("asked", "ask"), ("assigned", "decide"), ("done", "finish"), ("solved", "confirm"))
    assert w.one("SELECT state, output_share, tax_share FROM partner_project") == ("solved", 3000, 4000)
    w.item("south:site:1", detail=changed(w, "site", site_type="international_park", region="korea"))
    w.insert("link", subject_id="south:organisation:1", relation="site", object_id="south:site:1")
    assert w.one("SELECT count(*) FROM link AS l JOIN site AS s ON s.id = l.object_id WHERE s.region = 'korea'") == 1


# What belongs to a cluster or serves it, and courses that earn credits.
def test_chains_and_courses():
    w = World()
    w.item("bio:service:1", detail=changed(w, "service", category="bio_cro"))
    w.insert("link", subject_id="bio:service:1", relation="serves", object_id="biology")
    w.insert("link", subject_id="south:organisation:1", relation="cluster", object_id="biology")
    assert rows(w, "SELECT relation, park, kind FROM cluster_part WHERE cluster = 'biology' ORDER BY 1") == [
        ("cluster", "south", "enterprise"), ("serves", "bio", "service")]
    for n, credits in ((1, 2), (2, 3)):
        w.item(f"bio:course:{n}", capacity=30, detail=changed(w, "course", credits=credits))
        walked(w, w.ask("course_signup", f"bio:course:{n}", detail='{"student_id":"south:person:1"}'),
               ("asked", "ask"), ("admitted", "ask"), ("attended", "start"), ("certified", "decide"))
    assert rows(w, "SELECT student_id, courses, credits FROM study_credit") == [("south:person:1", 2, 5)]


# An issue is solved, and a park's own report for its yearly evaluation ends with a grade.
def test_evaluation():
    w = World()
    yearly = w.item("south:evaluation:1", detail=changed(
        w, "evaluation", evaluation_type="park", evaluated_id="bio:park", year=2026))
    report = walked(w, w.ask("evaluation_report", yearly, "bio"), ("asked", "ask"), ("assigned", "decide"))
    assert w.one("SELECT waits_for FROM request_state WHERE id = ?", report) == "party"
    walked(w, report, ("done", "finish"), ("solved", "confirm"))
    w.db.execute("UPDATE item SET detail = json_set(detail, '$.grade', 'good') WHERE id = ?", [yearly])
    assert w.one("SELECT grade FROM evaluation") == "good"
    w.item("south:register:1", capacity=None, detail=changed(w, "register", responsible_id="south:organisation:1"))
    issue = walked(w, w.ask("issue", "south:register:1", "bio"), ("asked", "ask"), ("assigned", "decide"))
    walked(w, issue, ("done", "finish"), ("solved", "confirm"))
    assert w.one("SELECT responsible_id FROM register") == "south:organisation:1"
    assert w.one("SELECT state FROM issue WHERE id = ?", issue) == "solved"


def main():
    tests = [(name, test) for name, test in globals().items()
             if name.startswith("test_") and all(word in name for word in sys.argv[1:])]
    for _, test in tests:
        test()
    print(f"ends: {len(tests)} tests, no faults")


if __name__ == "__main__":
    main()
