import Foundation

/// Wall and processor time of a piece of work, in seconds.
struct Cost {
    var wall: Double
    var cpu: Double

    static func of(_ body: () async throws -> Void) async throws -> Cost {
        let cpu = processorSeconds()
        let start = Stopwatch()
        try await body()
        return Cost(wall: start.seconds, cpu: processorSeconds() - cpu)
    }

    private static func processorSeconds() -> Double {
        var usage = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &usage)
        return Double(usage.tv_sec) + Double(usage.tv_nsec) / 1e9
    }
}

/// Time since it was made.
struct Stopwatch: Sendable {
    let start = DispatchTime.now().uptimeNanoseconds
    var nanoseconds: UInt64 { DispatchTime.now().uptimeNanoseconds - start }
    var seconds: Double { Double(nanoseconds) / 1e9 }
    var milliseconds: Double { Double(nanoseconds) / 1e6 }
}

/// What one sync of the disk costs here: a page is written and `fdatasync` called.
enum BareSync {
    static let pageBytes = 4_096

    /// - Returns: milliseconds of each of `count` syncs in `folder`.
    static func milliseconds(in folder: String, count: Int) throws -> [Double] {
        let path = folder + "/sync-probe"
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw BenchFailure("\(path): \(String(cString: strerror(errno)))", remedy: "Choose another TMPDIR.")
        }
        defer {
            close(descriptor)
            unlink(path)
        }
        let page = [UInt8](repeating: 7, count: pageBytes)
        return try (0..<count).map { index in
            let watch = Stopwatch()
            guard pwrite(descriptor, page, page.count, off_t(index * pageBytes)) == page.count,
                fdatasync(descriptor) == 0
            else {
                throw BenchFailure("\(path): \(String(cString: strerror(errno)))", remedy: "Free disk space.")
            }
            return watch.milliseconds
        }
    }
}

/// Why a measurement did not come about, and what to do.
struct BenchFailure: Error, CustomStringConvertible {
    var description: String
    init(_ reason: String, remedy: String) { description = "\(reason). \(remedy)" }
}
