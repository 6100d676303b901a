/// Received bytes at a fixed address, so that decoded changes can point into them until they are applied.
final class PayloadBuffer: @unchecked Sendable {
    // Written once in the initialiser and only read afterwards: safe to share.
    let bytes: UnsafeRawBufferPointer
    private let allocation: UnsafeMutableRawBufferPointer

    init(copying source: UnsafeRawBufferPointer) {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, source.count), alignment: 16)
        copy.copyMemory(from: source)
        bytes = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(copy)[0..<source.count])
        allocation = copy
    }

    deinit { allocation.deallocate() }
}
