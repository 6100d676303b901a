/// Lists of items and requests, and what is counted over a whole park or the zone.
extension CatalogueQueries {
    static let itemLists = [
        CatalogueQuery(
            .list, "items of a kind", "SELECT * FROM item_list WHERE kind = ?1 ORDER BY id LIMIT 50",
            "SELECT DISTINCT kind FROM item"),
        CatalogueQuery(
            .list, "items of a kind of a park",
            """
            SELECT * FROM item_list WHERE kind = 'instrument' AND id >= ?1 || ':' AND id < ?1 || ';'
            ORDER BY id LIMIT 50
            """,
            parks),
        CatalogueQuery(
            .list, "items of an organisation", "SELECT * FROM item_list WHERE owner_id = ?1 ORDER BY kind, id LIMIT 50",
            organisations),
        CatalogueQuery(
            .list, "rates of an item", "SELECT * FROM rate_valid WHERE item_id = ?1 ORDER BY class, valid_from",
            bookables),
        CatalogueQuery(
            .list, "certificates of a holder", "SELECT * FROM certificate WHERE holder_id = ?1", organisations),
        CatalogueQuery(
            .list, "people of an organisation", "SELECT id, name_zh, name_en FROM person WHERE organisation_id = ?1",
            organisations),
        CatalogueQuery(
            .list, "who and what is of a cluster",
            "SELECT * FROM cluster_part WHERE cluster = ?1 ORDER BY subject_id LIMIT 50",
            "SELECT DISTINCT object_id FROM link WHERE relation = 'cluster'"),
        CatalogueQuery(
            .list, "members of a group", "SELECT * FROM group_member WHERE group_id = ?1 ORDER BY member_id LIMIT 50",
            organisations),
        CatalogueQuery(
            .list, "organisations entered twice", "SELECT * FROM organisation_duplicate LIMIT 50"),
        CatalogueQuery(.list, "people entered twice", "SELECT * FROM person_duplicate LIMIT 50"),
        CatalogueQuery(
            .list, "items entered twice", "SELECT * FROM item_duplicate LIMIT 50", wholes: ["item_by_natural_key"]),
    ]

    static let requestLists = [
        CatalogueQuery(.list, "a request", "SELECT * FROM request_state WHERE id = ?1", requests),
        CatalogueQuery(
            .list, "history of a request", "SELECT * FROM request_history WHERE request_id = ?1 ORDER BY n", requests),
        CatalogueQuery(
            .list, "acts on a request without an answer", "SELECT * FROM act_unanswered WHERE request_id = ?1", requests
        ),
        CatalogueQuery(
            .list, "requests for an item",
            "SELECT * FROM request_state WHERE subject_id = ?1 ORDER BY asked_at DESC LIMIT 50", bookables),
        CatalogueQuery(
            .list, "requests of an organisation",
            "SELECT * FROM request_state WHERE party_id = ?1 ORDER BY asked_at DESC LIMIT 50", organisations),
        CatalogueQuery(
            .list, "use of an item", "SELECT * FROM usage WHERE item_id = ?1 ORDER BY started_at DESC LIMIT 50",
            bookables),
        CatalogueQuery(
            .list, "use by an organisation",
            "SELECT * FROM usage WHERE party_id = ?1 ORDER BY started_at DESC LIMIT 50",
            organisations),
        CatalogueQuery(
            .list, "what parks have made of a policy", "SELECT * FROM policy_status WHERE policy_id = ?1",
            some("id", of: "item", where: "kind = 'policy'")),
    ]

    /// Each counts all that there is of something.
    static let indicators = [
        CatalogueQuery(
            .indicator, "indicators by park", "SELECT * FROM indicator_park"),
        CatalogueQuery(
            .indicator, "indicators of the zone", "SELECT * FROM indicator_zone"),
        CatalogueQuery(
            .indicator, "targets", "SELECT * FROM target_progress"),
        CatalogueQuery(.indicator, "sharing by park", "SELECT * FROM sharing_park", wholes: ["usage"]),
        CatalogueQuery(.indicator, "sharing of the zone", "SELECT * FROM sharing_zone", wholes: ["usage"]),
        CatalogueQuery(
            .indicator, "instruments without use",
            "SELECT * FROM idle_instrument WHERE last_used_at < '2026-06-01' ORDER BY park, id"),
        CatalogueQuery(.indicator, "instruments registered late", "SELECT * FROM late_instrument"),
        CatalogueQuery(.indicator, "patents held", "SELECT * FROM patents_held"),
        CatalogueQuery(.indicator, "output of clusters", "SELECT * FROM cluster_output"),
        CatalogueQuery(.indicator, "talents by class", "SELECT * FROM talent_class_park"),
        CatalogueQuery(.indicator, "patents for a thousand staff", "SELECT * FROM ip_intensity"),
        CatalogueQuery(.indicator, "funds by project", "SELECT * FROM umbrella_budget"),
    ]
}
