import ParkSyncCore
import ParkSyncReports

/// What has to be filled in for something, derived from the columns of its table and the rows of
/// `field`.
package struct Form: Hashable, Sendable {
    package struct Input: Hashable, Sendable {
        package var column: Column
        package var isRequired: Bool
        /// Of a coded value; empty for others.
        package var choices: [Vocabulary.Code]
    }

    package var name: String
    package var label: Wording
    package var inputs: [Input]

    package func input(_ name: String) -> Input? { inputs.first { $0.column.name.isExactly(name) } }

    /// - Parameter isChange: whether there is something already: what is not named stays, and what
    ///   is left empty is taken away.
    /// - Throws: all that is wrong with it, so that each field can be marked at once.
    package func check(
        _ entries: [ExactText: FormEntry], _ vocabulary: Vocabulary, isChange: Bool = false
    ) throws(FormFaults) -> FilledForm {
        var faults: [OfficeFault] = []
        var filled = FilledForm()
        for name in entries.keys.sorted() where input(name.text) == nil {
            faults.append(FormWords.unknown(name.text, among: inputs.map(\.column.name)))
        }
        for input in inputs {
            let name = ExactText(input.column.name)
            let entry = entries[name]
            guard let entry, !entry.isEmpty else {
                let isMissing = isChange ? entry != nil : true
                if input.isRequired, isMissing { faults.append(FormWords.required(input.column)) }
                if entry != nil { filled.cleared.append(input.column) }
                continue
            }
            do throws(OfficeFault) {
                let value = try TypedEntry(input.column, vocabulary).value(entry)
                filled.values[name] = value
                if let field = input.column.detailField { filled.fields[MemberName(stringLiteral: field)] = value }
            } catch { faults.append(error) }
        }
        if !faults.isEmpty { throw FormFaults(faults) }
        return filled
    }
}

/// A form without a fault.
package struct FilledForm: Hashable, Sendable {
    package fileprivate(set) var values: [ExactText: DetailValue] = [:]
    fileprivate var fields: [MemberName: DetailValue] = [:]
    /// What was left empty.
    package fileprivate(set) var cleared: [Column] = []

    package func text(_ name: ExactText) -> String? {
        if case .text(let text)? = values[name] { text } else { nil }
    }

    package func integer(_ name: ExactText) -> Int64? {
        if case .integer(let number)? = values[name] { number } else { nil }
    }

    /// The fields of the kind, as the column `detail` has them.
    package func detail() throws -> String { try RowCoding.jsonText(DetailObject(members: fields)) }

    /// What of a detail changes (RFC 7396): what was left empty is null; nil if nothing does.
    package func detailPatch() throws -> String? {
        let nulls = cleared.compactMap(\.detailField).map { MemberName(stringLiteral: $0) }
        if fields.isEmpty, nulls.isEmpty { return nil }
        return try RowCoding.jsonText(DetailObject(members: fields, nulls: nulls))
    }
}

/// An object with values of a detail.
struct DetailObject: Encodable {
    var members: [MemberName: DetailValue]
    var nulls: [MemberName] = []

    func encode(to encoder: any Encoder) throws {
        var object = encoder.container(keyedBy: MemberName.self)
        for (name, value) in members { try object.encode(value, forKey: name) }
        for name in nulls { try object.encodeNil(forKey: name) }
    }
}
