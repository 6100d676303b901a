import Foundation
import ParkSyncCore
import ParkSyncReports

/// Where a page ended: the last row's value of the column that is sorted by, and its key. Whoever
/// has it may write it himself: both are bound as parameters, and name no column.
struct PageCursor: Codable, Hashable {
    /// Of the request that it goes on with: the column, and the order.
    var sort: String
    var value: JSONValue
    var key: String

    enum CodingKeys: String, CodingKey, CaseIterable { case sort = "s", value = "v", key = "k" }

    static let bytesMax = 8 << 10

    /// For an address: base64 with its own letters (RFC 4648, 5), without padding.
    func text() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return try encoder.encode(self).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
            .replacing("=", with: "")
    }

    /// - Throws: the fault if it is none, or of another order.
    init(_ text: String, sort: String) throws(OfficeFault) {
        let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        let plain = text.replacing("-", with: "+").replacing("_", with: "/") + padding
        guard text.utf8.count <= Self.bytesMax, let data = Data(base64Encoded: plain),
            let cursor = try? JSONCoding.decodeStrictly(PageCursor.self, from: data, bytesMax: Self.bytesMax),
            cursor.sort.isExactly(sort)
        else {
            throw OfficeFault(
                .input, "bad_cursor", OfficeField("cursor", "翻页标记", "cursor"),
                Wording("翻页标记无效", "it is no cursor of this list"),
                Wording("从第一页重新查询", "Begin with the first page"))
        }
        self = cursor
    }

    init(sort: String, value: JSONValue, key: String) { (self.sort, self.value, self.key) = (sort, value, key) }
}
