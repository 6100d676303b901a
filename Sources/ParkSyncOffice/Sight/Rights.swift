/// What can be done in the office, and by which roles. Whether somebody may do it to this very
/// request is for its arbiter to say, by the rules that all parks share.
package enum Deed: String, CaseIterable, Hashable, Sendable {
    case read, ask, act, decide, meter, enter

    package var roles: Set<Viewer.Role> {
        switch self {
        case .read: Set(Viewer.Role.allCases)
        case .ask, .act: [.member, .manager, .officer]
        case .decide, .meter, .enter: [.manager, .officer]
        }
    }
}

extension Viewer {
    package func may(_ deed: Deed) -> Bool { !roles.isDisjoint(with: deed.roles) }
}

extension Office {
    func check(_ deed: Deed) throws(OfficeFault) {
        if viewer.may(deed) { return }
        throw OfficeFault(
            .forbidden, "not_allowed", nil, Wording("没有权限", "your roles do not include it"),
            Wording("请由有权限的人员办理，或向管理员申请", "Have somebody do it who may, or ask the operator for it"))
    }

    /// - Throws: the fault if the viewer reads nothing.
    package func mayRead() throws(OfficeFault) { try check(.read) }

    /// The person in whose name something is done: of this park, since a park speaks for its own
    /// people alone.
    func actor(for deed: Deed) throws(OfficeFault) -> String {
        try check(deed)
        let field = OfficeField("by_id", "经办人", "who does it")
        guard let person = viewer.person else {
            throw OfficeFault(
                .forbidden, "unknown_party", field, Wording("没有填写经办人", "nobody is named who does it"),
                Wording("填写本园区人员的编号", "Name a person of this park"))
        }
        return try Given.ofPark(person, park, field)
    }
}
