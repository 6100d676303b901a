/// Events by virtual time; those of one moment come in the order in which they were added.
package struct VirtualQueue<Event> {
    /// What the heap orders. The events lie elsewhere, because they are costly to move.
    private struct Item {
        var time: UInt64
        var order: UInt64
        var slot: Int
        func isBefore(_ other: Item) -> Bool { time == other.time ? order < other.order : time < other.time }
    }

    /// A binary heap.
    private var heap: [Item] = []
    private var slots: [Event?] = []
    private var free: [Int] = []
    private var order: UInt64 = 0

    package init() {}

    package var nextTime: UInt64? { heap.first?.time }

    package mutating func add(_ event: Event, at time: UInt64) {
        order += 1
        let slot = free.popLast() ?? slots.count
        if slot == slots.count { slots.append(event) } else { slots[slot] = event }
        heap.append(Item(time: time, order: order, slot: slot))
        var child = heap.count - 1
        while child > 0, heap[child].isBefore(heap[(child - 1) / 2]) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    package mutating func removeFirst() -> (time: UInt64, event: Event)? {
        guard let first = heap.first, let last = heap.popLast(), let event = slots[first.slot] else { return nil }
        slots[first.slot] = nil
        free.append(first.slot)
        if !heap.isEmpty {
            heap[0] = last
            var parent = 0
            while 2 * parent + 1 < heap.count {
                var least = 2 * parent + 1
                if least + 1 < heap.count, heap[least + 1].isBefore(heap[least]) { least += 1 }
                guard heap[least].isBefore(heap[parent]) else { break }
                heap.swapAt(least, parent)
                parent = least
            }
        }
        return (first.time, event)
    }
}
