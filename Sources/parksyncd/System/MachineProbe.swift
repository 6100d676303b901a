import Foundation
import ParkSyncFiles
import ParkSyncReports
import ParkSyncStore

/// Looks at the disk that the node writes to, and remembers its backups.
struct MachineProbe: Sendable {
    let statePath: String

    func look() -> MachineStatus {
        var status = MachineStatus(
            sqliteVersion: SQLiteLibrary.version, lastBackupAt: BackupMemory(statePath: statePath).lastAt)
        if let space = try? FileSystem.space(statePath) {
            (status.diskFreeBytes, status.diskBytes) = (Int64(clamping: space.free), Int64(clamping: space.all))
        }
        return status
    }
}
