import ParkSyncReports
import Testing

@testable import parksyncd

/// Which events come of a status that has changed.
@Suite struct StatusWatchTests {
    private static let day: UInt64 = 86_400_000
    private static let now: UInt64 = 1_000 * day

    /// A node that is well, with one peer.
    private static func status(_ change: (inout NodeStatus) -> Void = { _ in }) -> NodeStatus {
        var peer = NodeStatus.Peer(park: "west", url: "", link: .following, agreement: .same)
        (peer.weNeed, peer.theyNeed, peer.lastContactAt, peer.agreementVector) = (0, 0, now, "south:1")
        var status = NodeStatus(
            park: "south", origin: "south", phase: .ready, version: "", schemaNumber: 1, schemaHash: "",
            applied: "south:1", logged: "south:1",
            unsealedRows: 0, conflicts: 0, tables: [], digestVector: "south:1", digest: "", stuck: [], peers: [peer],
            databaseBytes: 0, now: now)
        change(&status)
        return status
    }

    private static func codes(_ events: [Event]) -> [EventCode] { events.map(\.code) }

    @Test func aNodeThatIsWellSaysNothing() {
        var watch = StatusWatch()
        #expect(watch.look(at: Self.status()).isEmpty)
        #expect(watch.look(at: Self.status()).isEmpty)
    }

    @Test func anEntryIsToldWhenItIsHeldWhenItsCauseChangesAndWhenItGoes() {
        var watch = StatusWatch()
        func look(_ state: NodeStatus.Stuck.State, _ code: String, _ subject: String = "", _ cause: String = "c")
            -> [EventCode]
        {
            let stuck = NodeStatus.Stuck(
                origin: "west", seq: 4, state: state, code: code, subject: subject, cause: cause, remedy: "r")
            return Self.codes(watch.look(at: Self.status { $0.stuck = [stuck] }))
        }
        #expect(look(.held, "newer-schema") == [.entryHeld])
        #expect(look(.held, "newer-schema") == [])
        #expect(look(.held, "dependency", "airport") == [.entryHeld])
        #expect(look(.held, "future", "", "its stamp is 90 s ahead") == [.entryHeld])
        #expect(look(.held, "future", "", "its stamp is one day ahead") == [], "words are no cause")
        #expect(look(.held, "table", "t1", "table is missing") == [.entryHeld])
        #expect(
            look(.held, "table", "t2", "table is missing") == [.entryHeld],
            "another table is another cause, in whatever words")
        // An entry that is set aside makes the node broken; an operator has to act.
        #expect(look(.quarantined, "refused") == [.entryQuarantined, .nodeBroken])
        #expect(Self.codes(watch.look(at: Self.status())) == [.entryReleased, .nodeMended])
    }

    /// Each cause has its line, whatever else is broken meanwhile, and whatever its words are.
    @Test func eachCauseIsToldWhenItAppearsAndWhenItEnds() {
        var watch = StatusWatch()
        func look(tables: [String], differs: Bool = true, words: String = "was renamed", at: UInt64 = 0) -> [Event] {
            watch.look(
                at: Self.status {
                    $0.now = Self.now + at
                    $0.peers[0].lastContactAt = $0.now
                    $0.peers[0].agreement = differs ? .different : .same
                    $0.tableObstacles = tables.map {
                        TableObstacleStatus(table: $0, cause: "table \($0) \(words)", remedy: "r")
                    }
                }
            ).filter { $0.code == .nodeBroken || $0.code == .nodeMended }
        }
        func lines(_ events: [Event]) -> [[String]] { events.map { [$0.code.rawValue] + $0.fields.map(\.value) } }
        #expect(lines(look(tables: [])) == [["node.broken", "tables-differ", "west", "1"]])
        #expect(lines(look(tables: ["h"])) == [["node.broken", "table-obstacle", "h", "2"]], "it was broken already")
        #expect(lines(look(tables: ["h"], words: "is gone", at: 1_000)) == [], "in other words")
        #expect(lines(look(tables: ["g", "h"], at: 2_000)) == [["node.broken", "table-obstacle", "g", "3"]])
        let mended = look(tables: ["g"], at: 7_500)
        #expect(lines(mended) == [["node.mended", "table-obstacle", "h", "7", "2"]])
        #expect(mended[0].text == "table-obstacle (h) is over; still broken for 2 other causes")
        // One cause in the place of another is not silence.
        #expect(
            lines(look(tables: ["h"], at: 8_000)) == [
                ["node.broken", "table-obstacle", "h", "2"], ["node.mended", "table-obstacle", "g", "6", "2"],
            ])
        let over = look(tables: [], differs: false, at: 9_000)
        #expect(
            lines(over) == [
                ["node.mended", "table-obstacle", "h", "1", "0"], ["node.mended", "tables-differ", "west", "9", "0"],
            ])
        #expect(over.last?.text == "tables-differ (west) is over; no longer broken")
    }

    /// A damaged database is one damage until it is mended, whatever is found of it next.
    @Test func damageIsToldOnce() {
        var watch = StatusWatch()
        func look(_ damage: DamageStatus?) -> [EventCode] {
            Self.codes(watch.look(at: Self.status { $0.damage = damage })).filter {
                $0 == .databaseDamaged || $0 == .databaseSound
            }
        }
        #expect(look(DamageStatus(cause: "a", remedy: "r", since: 5)) == [.databaseDamaged])
        #expect(look(DamageStatus(cause: "b", remedy: "r", since: 5)) == [])
        #expect(look(nil) == [.databaseSound] && look(nil) == [])
    }

    @Test func aClockIsOffUntilItIsRightAgain() {
        var watch = StatusWatch()
        func look(_ offset: Int64, _ link: NodeStatus.Peer.Link = .following) -> [EventCode] {
            let events = watch.look(
                at: Self.status {
                    $0.peers[0].clockOffsetMilliseconds = offset
                    $0.peers[0].link = link
                })
            return Self.codes(events).filter { $0 == .clockOff || $0 == .clockRight }
        }
        #expect(look(20_000) == [] && look(-40_000) == [.clockOff] && look(-40_000) == [])
        // Between the two bounds nothing is said, and a lost link says nothing at all.
        #expect(look(25_000) == [] && look(0, .waiting) == [] && look(1_000) == [.clockRight] && look(1_000) == [])
        #expect(look(.min) == [.clockOff])
    }

    @Test func differentTablesAreToldWithTheVector() {
        var watch = StatusWatch()
        let different = watch.look(at: Self.status { $0.peers[0].agreement = .different })
        #expect(Self.codes(different) == [.tablesDiffer, .nodeBroken])
        #expect(different[0].fields == [.init("peer", "west"), .init("vector", "south:1")])
        // Not known is not the same.
        #expect(watch.look(at: Self.status { $0.peers[0].agreement = .unknown }).map(\.code) == [.nodeMended])
        #expect(Self.codes(watch.look(at: Self.status())) == [.tablesSame])
    }

    @Test func forksAndFencesAreToldOnce() {
        var watch = StatusWatch()
        func look() -> [EventCode] {
            Self.codes(
                watch.look(
                    at: Self.status {
                        $0.forks = [NodeStatus.Fork(origin: "west", seq: 3, firstSeen: 1, remedy: "r")]
                        $0.retention = RetentionStatus(
                            at: Self.now, frontier: "", heldBy: [], tombstoneRows: 0, tombstoneBytes: 0,
                            droppableRows: 0, bytesPerDay: nil,
                            diskFullAt: nil, fenced: ["airport"], fencing: ["jingrong-town"], archivedEntries: 0,
                            archiveSegments: 0,
                            archiveBytes: 0, archiveFaults: ["segment 1 is missing"])
                    }))
        }
        #expect(look() == [.logForked, .parkFencing, .parkFenced, .archiveDamaged, .nodeBroken])
        #expect(look() == [])
    }

    /// A start tells nothing of what is history.
    @Test func aForkThatIsHistoryIsNotTold() {
        var watch = StatusWatch()
        func look(_ waitsFor: [String]?) -> [EventCode] {
            Self.codes(
                watch.look(
                    at: Self.status {
                        $0.forks = [
                            NodeStatus.Fork(origin: "west", seq: 3, firstSeen: 1, remedy: "r", waitsFor: waitsFor)
                        ]
                    }))
        }
        #expect(look([]) == [])
        #expect(look(nil) == [.logForked, .nodeBroken], "it was found anew")
        #expect(look(["west"]) == [.nodeMended])
    }

    @Test func certificatesAreToldThirtySevenAndOneDaysAheadAndTheExpiredOneFirst() {
        var watch = StatusWatch()
        func look(daysLeft: Double, from: UInt64 = 0) -> [Event] {
            watch.look(
                at: Self.status {
                    let end = Self.now + UInt64(max(0, daysLeft * Double(Self.day)))
                    $0.certificates = [
                        CertificateStatus(
                            role: "node", file: "/n.crt", validFrom: from, validUntil: daysLeft < 0 ? Self.now - 1 : end
                        )
                    ]
                    if daysLeft < 0 {
                        $0.stuck = [
                            NodeStatus.Stuck(
                                origin: "west", seq: 1, state: .quarantined, code: "refused", cause: "c", remedy: "r")
                        ]
                    }
                })
        }
        #expect(look(daysLeft: 400).isEmpty && look(daysLeft: 30.1).isEmpty)
        let thirty = look(daysLeft: 30)
        #expect(Self.codes(thirty) == [.certificateEnding] && thirty[0].fields.contains(.init("days", "30")))
        #expect(look(daysLeft: 29).isEmpty && look(daysLeft: 7.5).isEmpty)
        #expect(Self.codes(look(daysLeft: 7)) == [.certificateEnding] && look(daysLeft: 6).isEmpty)
        #expect(Self.codes(look(daysLeft: 1)) == [.certificateEnding, .nodeBroken])
        let ended = look(daysLeft: -1)
        #expect(Self.codes(ended) == [.certificateEnded, .entryQuarantined, .nodeBroken, .nodeBroken, .nodeMended])
        #expect(Self.codes(look(daysLeft: 100)) == [.certificateRenewed, .entryReleased, .nodeMended, .nodeMended])
        #expect(Self.codes(look(daysLeft: 100, from: Self.now + 1)) == [.certificateEarly, .nodeBroken])
    }

    @Test func theVerdictNamesAnExpiredCertificateBeforeWhatFailsBecauseOfIt() {
        let status = Self.status {
            $0.certificates = [CertificateStatus(role: "node", file: "/n.crt", validFrom: 0, validUntil: Self.now)]
            $0.peers[0].agreement = .different
            $0.stuck = [
                NodeStatus.Stuck(origin: "west", seq: 1, state: .quarantined, code: "refused", cause: "c", remedy: "r")
            ]
            $0.listeners = [
                ListenerStatus(
                    interface: "peer", address: "[::]:7700", isListening: false, cause: "Address already in use")
            ]
        }
        let verdict = Verdict.judge(status)
        #expect(verdict.level == .broken)
        #expect(verdict.reasons.map(\.cause) == [.certificateEnded, .notListening, .quarantined, .tablesDiffer])
    }

    @Test(
        arguments: [(0, 0), (1, 0), (86_399_999, 0), (86_400_000, 1), (-1, -1), (-86_400_000, -1), (-86_400_001, -2)]
            as [(Int64, Int64)])
    func daysAreCountedDown(left: Int64, days: Int64) {
        let certificate = CertificateStatus(
            role: "node", file: "", validFrom: 0, validUntil: UInt64(Int64(Self.now) + left))
        #expect(certificate.daysLeft(at: Self.now) == days)
        #expect(CertificateStatus(role: "", file: "", validFrom: 0, validUntil: .max).daysLeft(at: 0) > 0)
        #expect(CertificateStatus(role: "", file: "", validFrom: 0, validUntil: 0).daysLeft(at: .max) < 0)
    }
}
