/// The statements by which a home park's node finds requests and writes decisions.
package enum BookingSQL {
    /// Resources of the park `?1` with a request that is not answered, or whose answer does not fit
    /// it any more. Reads all requests of the park: for the start of a node. No id that is longer
    /// than a key may be is read whole.
    package static let openResources = """
        SELECT DISTINCT substr(r.resource_id, 1, 4097) FROM booking_request AS r
        LEFT JOIN booking_decision AS d ON d.resource_id = r.resource_id AND d.request_id = r.id AND d.revision = \
        r.revision
        WHERE r.resource_id >= ?1 || ':' AND r.resource_id < ?1 || ';' AND (
            (r.state = 'requested' AND d.request_id IS NULL)
            OR (r.state = 'cancelled' AND d.outcome IN ('held', 'confirmed', 'waitlisted'))
            OR d.outcome = 'waitlisted'
            OR EXISTS (SELECT 1 FROM booking_decision AS o WHERE o.resource_id = r.resource_id AND o.request_id = r.id
                AND o.revision < r.revision AND o.outcome IN ('held', 'confirmed', 'waitlisted')))
        ORDER BY 1
        """
    /// The resource that a request `?1` is for.
    package static let resourceOfRequest = "SELECT substr(resource_id, 1, 4097) FROM booking_request WHERE id = ?1"
    /// Capacity and status of resource `?1`.
    package static let resource = "SELECT capacity, status FROM resource WHERE id = ?1"
    /// All requests for resource `?1`. An instant has 20 characters; of what another park sends in
    /// its place, no more is read than shows that it is none.
    package static let requests = """
        SELECT id, revision, substr(starts_at, 1, 64), substr(ends_at, 1, 64), may_wait, substr(state, 1, 64), \
        substr(requested_at, 1, 64)
        FROM booking_request WHERE resource_id = ?1
        """
    /// All decisions on resource `?1`.
    package static let decisions = """
        SELECT request_id, revision, outcome, substr(starts_at, 1, 64), substr(ends_at, 1, 64) FROM booking_decision \
        WHERE resource_id = ?1
        """
    /// resource, request, revision, outcome, reason, start, end, now
    package static let insert = """
        INSERT INTO booking_decision (resource_id, request_id, revision, outcome, reason, starts_at, ends_at, \
        decided_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
        """
    /// resource, request, revision, outcome, reason, now
    package static let update = """
        UPDATE booking_decision SET outcome = ?4, reason = ?5, decided_at = ?6 WHERE resource_id = ?1 AND request_id \
        = ?2 AND revision = ?3
        """
}
