import Foundation
import ParkSyncCore
import ParkSyncReports

/// Finds out what has changed between two looks at the node's own status, and says it as events.
/// Owns no clock.
struct StatusWatch {
    /// A peer's clock that is as far off is spoken of; below the second bound it is right again.
    static let clockOffMilliseconds: UInt64 = 30_000
    static let clockRightMilliseconds: UInt64 = 20_000

    private var stuck: [String: NodeStatus.Stuck] = [:]
    private var forks: Set<String> = []
    private var clocksOff: Set<String> = []
    private var different: Set<String> = []
    private var fenced: Set<String> = []
    private var fencing: Set<String> = []
    private var archiveFaults: Set<String> = []
    private var certificates: [String: CertificateStatus.Standing] = [:]
    /// The causes for which an operator has to act, and since when, in Unix milliseconds of the
    /// status.
    private var broken: [BrokenCause: UInt64] = [:]
    private var database = DatabaseWatch()
    /// When the damage was found.
    private var damage: UInt64?
    /// The newest captured write that was refused, by its time and number: numbers come again when
    /// all were dropped.
    private var refused: (at: UInt64, id: Int64) = (0, 0)

    /// - Returns: in the order in which an operator wants to read them.
    mutating func look(at status: NodeStatus) -> [Event] {
        damage(status) + certificates(status) + (status.database.map { database.look(at: $0, now: status.now) } ?? [])
            + forks(status) + stuck(status)
            + status.peers.flatMap { peer($0, isForked: !status.openForks(at: $0.agreementVector).isEmpty) }
            + retention(status) + refused(status)
            + verdict(status)
    }

    /// Each cause for which an operator has to act is told when it appears and when it ends,
    /// whatever else is broken meanwhile.
    private mutating func verdict(_ status: NodeStatus) -> [Event] {
        let reasons = Verdict.judge(status).reasons.filter { $0.level == .broken }
        let before = broken
        broken = [:]
        var events: [Event] = []
        for reason in reasons {
            let cause = BrokenCause(reason)
            guard broken.updateValue(before[cause] ?? status.now, forKey: cause) == nil, before[cause] == nil else {
                continue
            }
            events.append(.broken(cause.name, subject: cause.place, reasons: reasons.count, reason.text))
        }
        let over = before.filter { broken[$0.key] == nil }.sorted { $0.key < $1.key }
        return events
            + over.map {
                .mended(
                    $0.key.name, subject: $0.key.place, afterMilliseconds: status.now - min(status.now, $0.value),
                    left: broken.count)
            }
    }

    private mutating func damage(_ status: NodeStatus) -> [Event] {
        let before = damage
        damage = status.damage?.since
        guard before != damage else { return [] }
        return [status.damage.map { .databaseDamaged($0.cause, $0.remedy) } ?? .databaseSound]
    }

    private mutating func refused(_ status: NodeStatus) -> [Event] {
        let known = refused
        let news = (status.refusedRows?.newest ?? []).filter { ($0.foundAt, $0.id) > known }
        if let newest = news.map({ ($0.foundAt, $0.id) }).max(by: <) { refused = newest }
        return news.reversed().map { .rowRefused($0) }
    }

    private mutating func forks(_ status: NodeStatus) -> [Event] {
        status.openForks.filter { forks.insert("\($0.origin):\($0.seq)").inserted }.map {
            .forked($0.origin, seq: $0.seq, remedy: $0.remedy)
        }
    }

    private mutating func stuck(_ status: NodeStatus) -> [Event] {
        var now: [String: NodeStatus.Stuck] = [:]
        for entry in status.stuck where entry.state != .leftOut { now[Self.name(entry)] = entry }
        let before = stuck
        stuck = now
        // The cause may change while an entry waits (a schema that is missing, then a dependency):
        // that is told.
        let news = status.stuck.filter { entry in
            if entry.state == .leftOut { return false }
            let known = before[Self.name(entry)]
            // Of many, one is told: the newest changes with each.
            if entry.count != nil { return known == nil }
            return known?.state != entry.state || known?.code != entry.code || known?.subject != entry.subject
        }
        let many = Set(status.stuck.filter { $0.count != nil }.map(\.origin))
        let gone = before.filter {
            now[$0.key] == nil && !(many.contains($0.value.origin) && $0.value.state == .quarantined)
        }.sorted {
            $0.key < $1.key
        }.map(\.value)
        return news.map { .stuck($0) } + gone.map { .released($0) }
    }

    /// Those that are told together have one name.
    private static func name(_ entry: NodeStatus.Stuck) -> String {
        "\(entry.origin):\(entry.count == nil ? "\(entry.seq)" : "many")"
    }

    /// - Parameter isForked: whether a fork that is proven explains other tables at the vector that
    ///   was compared.
    private mutating func peer(_ peer: NodeStatus.Peer, isForked: Bool) -> [Event] {
        var events: [Event] = []
        if let offset = peer.clockOffsetMilliseconds, peer.link == .following || peer.link == .catchingUp {
            if offset.magnitude > Self.clockOffMilliseconds {
                if clocksOff.insert(peer.park).inserted { events.append(.clockOff(peer.park, milliseconds: offset)) }
            } else if offset.magnitude < Self.clockRightMilliseconds, clocksOff.remove(peer.park) != nil {
                events.append(.clockRight(peer.park, milliseconds: offset))
            }
        }
        let vector = peer.agreementVector ?? ""
        switch peer.agreement {
        // Where a third park has forked, that one is named.
        case .different where isForked: break
        case .different: if different.insert(peer.park).inserted { events.append(.differ(peer.park, vector: vector)) }
        case .same: if different.remove(peer.park) != nil { events.append(.same(peer.park, vector: vector)) }
        case .unknown: break
        }
        return events
    }

    private mutating func retention(_ status: NodeStatus) -> [Event] {
        guard let retention = status.retention else { return [] }
        let begun = retention.fencing.filter { fencing.insert($0).inserted }
        let complete = retention.fenced.filter { fenced.insert($0).inserted }
        let faults = retention.archiveFaults.filter { !archiveFaults.contains($0) }
        archiveFaults = Set(retention.archiveFaults)
        return begun.map { .fenced($0, isComplete: false) } + complete.map { .fenced($0, isComplete: true) }
            + faults.map { .archiveDamaged($0) }
    }

    private mutating func certificates(_ status: NodeStatus) -> [Event] {
        status.certificates.compactMap { certificate in
            let standing = certificate.standing(at: status.now)
            let before = certificates.updateValue(standing, forKey: certificate.role)
            guard before != standing else { return nil }
            let (file, end) = (certificate.file, Self.day(certificate.validUntil))
            switch standing {
            case .ended: return .certificateEnded(file, end: end)
            case .early: return .certificateEarly(file, begin: Self.day(certificate.validFrom))
            case .ending: return .certificateEnding(file, days: certificate.daysLeft(at: status.now), end: end)
            // A sound certificate at the start is no news.
            case .valid:
                return before.map { _ in .certificateRenewed(file, days: certificate.daysLeft(at: status.now)) }
            }
        }
    }

    /// As in `2026-12-01`.
    private static func day(_ milliseconds: UInt64) -> String {
        Date(timeIntervalSince1970: Double(milliseconds / 1_000)).formatted(.iso8601.year().month().day())
    }
}

/// What a reason of the verdict is about, whatever its words say of it now.
private struct BrokenCause: Hashable, Comparable {
    var name: String
    var park: String
    var subject: String

    init(_ reason: Verdict.Reason) {
        (name, park, subject) = (reason.cause.rawValue, reason.park ?? "", reason.subject ?? "")
    }

    /// As people would name it; `node` if it is about the node as a whole.
    var place: String {
        let parts = [park, subject].filter { !$0.isEmpty }
        return parts.isEmpty ? "node" : parts.joined(separator: " ")
    }

    static func < (a: Self, b: Self) -> Bool { (a.name, a.park, a.subject) < (b.name, b.park, b.subject) }
}
