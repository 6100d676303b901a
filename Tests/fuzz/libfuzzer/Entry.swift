import Foundation
import ParkSyncFuzz

/// Which code the inputs are for: the environment's PARKSYNC_FUZZ_TARGET. With PARKSYNC_FUZZ_SEEDS, that folder gets the target's own
/// inputs, and that is all.
private let chosen: FuzzTarget = {
    let environment = ProcessInfo.processInfo.environment
    let name = environment["PARKSYNC_FUZZ_TARGET"] ?? ""
    guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
        print("PARKSYNC_FUZZ_TARGET is none of \(FuzzTarget.all.map(\.name).joined(separator: ", "))")
        exit(64)
    }
    guard let folder = environment["PARKSYNC_FUZZ_SEEDS"] else { return target }
    do {
        for (index, input) in try target.seeds().enumerated() { try Data(input).write(to: URL(fileURLWithPath: "\(folder)/own-\(index)")) }
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
        try chosen.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
    } catch let breach as FuzzBreach {
        print(breach)
        abort()
    } catch {
        // A refusal.
    }
    return 0
}

/// libFuzzer's own loop (compiler-rt, FuzzerInterface.h): it watches which branches an input reaches, and goes on from those that reach
/// new ones.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
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
