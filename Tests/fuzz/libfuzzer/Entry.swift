import Dispatch
import Foundation
import ParkSyncFuzz
import Synchronization

/// Which code the inputs are for: the environment's PARKSYNC_FUZZ_TARGET. With PARKSYNC_FUZZ_SEEDS,
/// that folder gets the target's own inputs, and that is all.
private let chosen: FuzzTarget = {
    let environment = ProcessInfo.processInfo.environment
    let name = environment["PARKSYNC_FUZZ_TARGET"] ?? ""
    guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
        print("PARKSYNC_FUZZ_TARGET is none of \(FuzzTarget.all.map(\.name).joined(separator: ", "))")
        exit(64)
    }
    guard let folder = environment["PARKSYNC_FUZZ_SEEDS"] else { return target }
    do {
        for (index, input) in try target.seeds().enumerated() {
            try Data(input).write(to: URL(fileURLWithPath: "\(folder)/own-\(index)"))
        }
        exit(0)
    } catch {
        print("\(folder): \(error)")
        exit(73)
    }
}()

/// What libFuzzer calls with each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    do {
        let input = Array(UnsafeBufferPointer(start: bytes, count: count))
        switch chosen.code {
        case .immediate(let run): try run(input)
        case .asynchronous(let run): try waiting { try await run(input) }
        }
    } catch let breach as FuzzBreach {
        print(breach)
        abort()
    } catch {
        // A refusal.
    }
    return 0
}

/// The loop knows no other way than to wait; the work is done by other threads.
private func waiting(_ body: @escaping @Sendable () async throws -> Void) throws {
    let done = DispatchSemaphore(value: 0)
    let outcome = Mutex<Result<Void, any Error>>(.success(()))
    Task {
        do { try await body() } catch { outcome.withLock { $0 = .failure(error) } }
        done.signal()
    }
    done.wait()
    try outcome.withLock { $0 }.get()
}

/// libFuzzer's own loop (compiler-rt, FuzzerInterface.h): it watches which branches an input
/// reaches, and goes on from those that reach new ones.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ testOneInput: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

@main enum LibFuzzer {
    static func main() {
        // Before the loop: it takes an end of the process for a fault.
        _ = chosen.name
        var (count, arguments) = (CommandLine.argc, CommandLine.unsafeArgv)
        exit(runDriver(&count, &arguments) { testOneInput($0, $1) })
    }
}
