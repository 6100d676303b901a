import ParkSyncCore
import ParkSyncReports

extension NodeStatus {
    /// A status that has all of its members.
    package static func full() -> NodeStatus {
        var peer = NodeStatus.Peer(park: "west", url: "", link: .following)
        (peer.lastError, peer.lastErrorCode, peer.agreementVector) = ("", "", "")
        peer.lie = NodeStatus.Peer.Lie(kind: "", reason: "", count: 1)
        (peer.nextTryAt, peer.lastContactAt, peer.weNeed, peer.weNeedSince, peer.theyNeed, peer.theyNeedSince) = (
            1, 1, 1, 1, 1, 1
        )
        (peer.clockOffsetMilliseconds, peer.agreementAt, peer.version, peer.sqliteVersion) = (1, 1, "", "")
        var status = NodeStatus(
            park: "south", origin: "south", phase: .ready, version: "", schemaNumber: 1, schemaHash: "", applied: "",
            logged: "", unsealedRows: 0,
            conflicts: 0, tables: [.init(name: "", rows: 0, digest: RowDigest())], digestVector: "", digest: "",
            stuck: [.init(origin: "", seq: 1, state: .held, code: "", cause: "", remedy: "")], peers: [peer],
            databaseBytes: 0, now: 0)
        status.fence = ""
        status.retention = RetentionStatus(
            at: 0, frontier: "", heldBy: [], tombstoneRows: 0, tombstoneBytes: 0, droppableRows: 0, bytesPerDay: 0,
            diskFullAt: 0, fenced: [],
            fencing: [], archivedEntries: 0, archiveSegments: 0, archiveBytes: 0, archiveFaults: [])
        status.stuck = status.stuck.map {
            var stuck = $0
            stuck.count = 1
            return stuck
        }
        var arbiter = ArbiterStatus(since: 1, resources: 1, resource: "", error: "", isPassing: false, nextTryAt: 1)
        (arbiter.request, arbiter.unanswered, arbiter.isOfRequest) = ("", 1, true)
        status.arbiter = arbiter
        status.tableObstacles = [TableObstacleStatus(table: "", cause: "", remedy: "")]
        status.machine = MachineStatus(sqliteVersion: "", diskFreeBytes: 0, diskBytes: 0, lastBackupAt: 0)
        status.check = NodeStatus.Check(since: 1, heard: [], waitingFor: [], unreachable: [], cause: "", remedy: "")
        status.rows = RowsStatus(verifiedAt: 1, verifiedRows: 1, differing: 0, differences: [], suspected: [])
        status.rows?.failure = RowsStatus.Failure(cause: "", isOfFile: false)
        status.retention?.otherBranch = ["airport"]
        status.retention?.proposals = []
        status.futureStamps = OriginID("south").map {
            [FutureStampsStatus(origin: $0, first: 1, last: 2, aheadMilliseconds: 1)]
        }
        status.reissuePossibleAt = 1
        status.damage = DamageStatus(cause: "", remedy: "", since: 1)
        status.refusedRows = RefusedRowsStatus(
            count: 1, newest: [RefusedRowReport(id: 1, foundAt: 1, table: "", row: "", cause: "")])
        status.forks = [
            NodeStatus.Fork(origin: "", seq: 1, firstSeen: 1, remedy: "", waitsFor: [], alsoWrittenAt: 1)
        ]
        status.listeners = [ListenerStatus(interface: "", address: "", isListening: false, cause: "")]
        status.certificates = [CertificateStatus(role: "", file: "", validFrom: 0, validUntil: 0)]
        status.database = DatabaseStatus(
            sqliteVersion: "", isResetRaceFixed: false,
            log: .init(
                bytes: 0, frames: 0, writtenBackFrames: 0, isGuarded: false, unguardedSince: 1, heldBackSince: 1,
                heldBackBy: [], bytesMax: 0,
                repairs: 0,
                repairedAt: 1, failure: ""), writeLock: .init(since: 1, holders: []),
            transaction: .init(since: 1, deadline: 2, sql: ""))
        return status
    }
}
