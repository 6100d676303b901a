import Foundation
import ParkSyncCore

/// What people write, looked at before anything is sent.
package enum Given {
    /// An id as rows have it: `south:instrument:0001`.
    ///
    /// - Throws: the fault that names the field. SQLite compares bytes: an id whose letters are
    ///   taken apart (é as e and an accent) looks like another one and is none.
    package static func id(_ text: String, _ field: OfficeField) throws(OfficeFault) -> String {
        let composed = text.precomposedStringWithCanonicalMapping
        guard composed.isExactly(text) else {
            throw OfficeFault(
                .input, "bad_unicode", field, Wording("编号含有分解形式的字符", "the id has decomposed characters"),
                Wording("请使用规范编号 \(composed)", "Use the composed form, \(composed)"))
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count >= 2, parts.allSatisfy({ !$0.isEmpty }), text.first?.isLowercase == true,
            !text.contains(where: \.isWhitespace), text.utf8.count <= idBytesMax
        else {
            throw OfficeFault(
                .input, "bad_id", field, Wording("“\(text.prefix(64))”不是编号", "\(text.prefix(64)) is no id"),
                Wording("编号形如 south:instrument:0001，可在目录中查找", "Ids look like south:instrument:0001; look it up"))
        }
        return text
    }

    /// Longer ids are nobody's.
    package static let idBytesMax = 512

    /// A park speaks for its own people and organisations alone.
    package static func ofPark(_ id: String, _ park: String, _ field: OfficeField) throws(OfficeFault) -> String {
        let id = try Given.id(id, field)
        if id.beginsExactly(with: "\(park):") { return id }
        throw OfficeFault(
            .forbidden, "not_party", field,
            Wording("“\(id)”不属于本园区（\(park)）", "\(id) is not of this park (\(park))"),
            Wording("填写本园区的单位或人员，或到其园区的节点办理", "Name one of this park, or go to the node of theirs"))
    }

    /// The park of an id.
    package static func home(of id: String) -> String { String(id.prefix { $0 != ":" }) }

    /// `90`, `90m`, `2h`, `1h30m`, `3d`.
    package static func minutes(_ text: String, _ field: OfficeField) throws(OfficeFault) -> Int64 {
        let pattern = /(?:([0-9]{1,4})d)?(?:([0-9]{1,5})h)?(?:([0-9]{1,7})m?)?/
        if !text.isEmpty, let match = text.wholeMatch(of: pattern) {
            let parts = [match.1, match.2, match.3].map { $0.flatMap { Int64($0) } ?? 0 }
            let sum = parts[0] * 1_440 + parts[1] * 60 + parts[2]
            if sum > 0 { return sum }
        }
        throw OfficeFault(
            .input, "bad_length", field, Wording("“\(text)”不是时长", "\(text) is no length of time"),
            Wording("请填写分钟数，或如 2h、1h30m、3d", "Give minutes, or as in 2h, 1h30m, 3d"))
    }

    /// The last part of a new id.
    ///
    /// - Parameter number: drawn at random, so that nobody else has it.
    package static func tail(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// For LIKE, with what is special to it meant as it stands.
    package static func pattern(_ text: String) -> String {
        let escaped = text.precomposedStringWithCanonicalMapping.unicodeScalars.reduce(into: "") { result, scalar in
            if "\\%_".unicodeScalars.contains(scalar) { result.append("\\") }
            result.unicodeScalars.append(scalar)
        }
        return "%\(escaped)%"
    }
}
