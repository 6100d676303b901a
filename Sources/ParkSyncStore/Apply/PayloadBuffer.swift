/// Received bytes at a fixed address, so that decoded changes can point into them until they are
/// applied.
package final class PayloadBuffer: @unchecked Sendable {
    // Written before it is shared, and only read afterwards: safe to share.
    package let bytes: UnsafeRawBufferPointer
    /// Memory of its own; nil for an array's.
    let allocation: UnsafeMutableRawBufferPointer?
    private let array: [UInt8]

    package init(copying source: UnsafeRawBufferPointer) {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, source.count), alignment: 16)
        copy.copyMemory(from: source)
        bytes = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(copy)[0..<source.count])
        (allocation, array) = (copy, [])
    }

    /// To be filled by whoever makes it.
    init(count: Int) {
        let made = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, count), alignment: 16)
        bytes = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(made)[0..<count])
        (allocation, array) = (made, [])
    }

    /// Keeps the array instead of copying it: one entry can have as many bytes as a node has to
    /// spare. A native array's elements stay where they are as long as anybody holds it and nobody
    /// writes to it, and this holds it and does not.
    init(keeping array: [UInt8]) {
        self.array = array
        bytes = array.withUnsafeBytes { $0 }
        allocation = nil
    }

    deinit { allocation?.deallocate() }
}
