/// Who is asking: known to whoever calls the office, never taken from what the caller was sent.
package struct Viewer: Hashable, Sendable {
    package enum Role: String, CaseIterable, Codable, Hashable, Sendable {
        /// Looks at the catalogue.
        case viewer
        /// Of an organisation: asks for it, and sees what it asked for.
        case member
        /// Of items: what is asked of them, and how they are used.
        case manager
        /// Of a park: all that is asked by it or of it.
        case officer
        /// Everything, and does nothing.
        case auditor
        /// The node; of requests no more than anybody.
        case `operator`
    }

    package var roles: Set<Role>
    /// The person who acts; nil: nobody of the catalogue.
    package var person: String?
    /// The organisation of that person.
    package var organisation: String?

    package init(roles: Set<Role>, person: String? = nil, organisation: String? = nil) {
        (self.roles, self.person, self.organisation) = (roles, person, organisation)
    }

    /// Whoever may open the node's file, and reads all of it anyway.
    package static let ofTheNode = Viewer(roles: Set(Role.allCases))

    /// The ids that stand for the viewer in rows.
    var ids: [String] { [person, organisation].compactMap { $0 } }
}
