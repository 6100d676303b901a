/// Rows of the constant tables.
extension Vocabulary {
    package struct Kind: Codable, Hashable, Sendable {
        package var kind: String
        /// `item` or `request`.
        package var of: String
        /// Of a request, how it goes on.
        package var machine: String?
        package var zh: String
        package var en: String

        package var isRequest: Bool { of == "request" }
        package var label: Wording { Wording(zh, en) }
    }

    package struct Field: Codable, Hashable, Sendable {
        package var kind: String
        package var name: String
        package var type: String
        package var required: Int64
        package var unit: String?
        package var list: String?
        package var zh: String
        package var en: String
        /// What a standard calls it.
        package var standard: String?

        package var label: Wording { Wording(zh, en) }
    }

    package struct Code: Codable, Hashable, Sendable {
        package var list: String
        package var code: String
        package var zh: String
        package var en: String

        package var label: Wording { Wording(zh, en) }
    }

    package struct Machine: Codable, Hashable, Sendable {
        package var machine: String
        /// `subject` or `asker`: whose park decides.
        package var arbiter: String
        package var zh: String
        package var en: String
    }

    package struct State: Codable, Hashable, Sendable {
        package var machine: String
        package var state: String
        package var occupies: Int64
        package var ends: Int64
        package var waitsFor: String?
        package var deadline: String?
        package var zh: String
        package var en: String

        enum CodingKeys: String, CodingKey {
            case machine, state, occupies, ends, waitsFor = "waits_for", deadline, zh, en
        }

        package var label: Wording { Wording(zh, en) }
    }

    package struct Move: Codable, Hashable, Sendable {
        package var machine: String
        /// Empty for what begins a request.
        package var fromState: String
        package var toState: String
        package var act: String
        package var byWhom: String

        enum CodingKeys: String, CodingKey {
            case machine, fromState = "from_state", toState = "to_state", act, byWhom = "by_whom"
        }
    }
}
