import ParkSyncReplication

/// Something that happened, for the people who run the node: a stable name, the values that a
/// program may want, and one sentence.
///
/// All sentences stand in the extensions of this type, and nowhere else.
struct Event: Hashable, Sendable {
    struct Field: Hashable, Sendable {
        /// As in `retry_ms`.
        var name: String
        var value: String
        init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }
    }

    var code: EventCode
    var fields: [Field]
    var text: String
    /// Of the code, unless the event says otherwise.
    var priority: Priority

    init(_ code: EventCode, _ fields: [Field] = [], priority: Priority? = nil, _ text: String) {
        (self.code, self.fields, self.text) = (code, fields, text)
        self.priority = priority ?? code.priority
    }

    init(_ code: EventCode, _ text: String) { self.init(code, [], text) }

    /// What several events of one code have in common when they have one cause.
    var cause: String { ([code.rawValue] + fields.prefix(code.causeFields).map(\.value)).joined(separator: " ") }
}

/// An error as a sentence. Errors of libraries that have none are not printed as Swift values.
enum ErrorText {
    static func of(_ error: any Error) -> String { ErrorWords.of(error) }

    /// Details come with and without their full stop.
    static func sentence(_ text: String) -> String {
        guard let last = text.last, !".!?".contains(last) else { return text }
        return text + "."
    }
}
