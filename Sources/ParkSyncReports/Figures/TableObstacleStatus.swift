/// Part of `GET /v1/status`: why entries cannot be applied to a shared table. Absent while they can
/// be to all.
package struct TableObstacleStatus: Codable, Hashable, Sendable {
    package var table: String
    package var cause: String
    package var remedy: String

    package init(table: String, cause: String, remedy: String) {
        (self.table, self.cause, self.remedy) = (table, cause, remedy)
    }
}
