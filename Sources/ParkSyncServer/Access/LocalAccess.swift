import Dispatch

/// Who is at the other end of a local connection, as the kernel vouches for it.
package enum LocalCaller: Hashable, Sendable {
    /// The effective user and group of the process that opened the connection.
    case account(user: UInt32, group: UInt32)
    /// Whoever has this token, over TCP on a loopback address.
    case token(name: String)
    /// A TCP connection on a loopback address without a token: any account of the machine.
    case unknown
}

/// Decides what a caller may do.
package struct LocalAccess: Sendable {
    /// Whose members steer the node, besides root and the node's own user; nil for nobody else.
    package struct Group: Hashable, Sendable {
        package var name: String
        package var id: UInt32
        package init(name: String, id: UInt32) { (self.name, self.id) = (name, id) }
    }

    package var nodeUser: UInt32
    /// The node's park: accounts and tokens are those of its machine.
    package var park: String
    package var operators: Group?
    package var accounts: any AccountDirectory

    package init(nodeUser: UInt32, park: String, operators: Group? = nil, accounts: any AccountDirectory) {
        (self.nodeUser, self.park, self.operators, self.accounts) = (nodeUser, park, operators, accounts)
    }

    func right(of caller: LocalCaller) -> LocalRight {
        switch caller {
        case .unknown: return .watch
        case .token: return .use
        case .account(let user, let group):
            if user == 0 || user == nodeUser { return .operate }
            guard let operators else { return .use }
            return group == operators.id || accounts.groups(of: user, with: group).contains(operators.id)
                ? .operate : .use
        }
    }

    /// As in `li (1001)`.
    func name(of caller: LocalCaller) -> String {
        switch caller {
        case .unknown: "a program on a loopback address"
        case .token(let name): "who has the token \(name)"
        case .account(let user, _): accounts.name(of: user).map { "\($0) (\(user))" } ?? "the user \(user)"
        }
    }

    func remedy(for caller: LocalCaller) -> String {
        let user = accounts.name(of: nodeUser) ?? "\(nodeUser)"
        // The node may run as root itself.
        var whose = nodeUser == 0 ? ["root"] : ["root", "the node's user \(user)"]
        if let operators { whose.append("a member of the group \(operators.name) (adduser USER \(operators.name))") }
        let last = whose.removeLast()
        let who = whose.isEmpty ? last : "\(whose.joined(separator: ", ")) or \(last)"
        if case .account = caller { return "Give the command as \(who)." }
        return "Give the command over the node's Unix socket, which shows who calls, as \(who)."
    }
}

/// The machine's accounts. May ask the network (LDAP), so not to be called on an event loop.
package protocol AccountDirectory: Sendable {
    func name(of user: UInt32) -> String?
    /// All groups of an account, with the one that is given.
    func groups(of user: UInt32, with group: UInt32) -> [UInt32]
}

extension LocalAccess {
    private static let queue = DispatchQueue(label: "parksync.accounts", attributes: .concurrent)

    /// Runs what may ask the machine's account services off the event loop.
    func lookingUp<T: Sendable>(_ body: @escaping @Sendable (LocalAccess) -> T) async -> T {
        await withCheckedContinuation { continuation in Self.queue.async { continuation.resume(returning: body(self)) }
        }
    }
}
