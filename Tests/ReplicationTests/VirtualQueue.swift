/// Events by virtual time; those of one moment come in the order in which they were added.
struct VirtualQueue<Event> {
    private struct Item {
        var time: UInt64
        var order: UInt64
        var event: Event
        func isBefore(_ other: Item) -> Bool { time == other.time ? order < other.order : time < other.time }
    }

    private var heap: [Item] = []
    private var order: UInt64 = 0

    var nextTime: UInt64? { heap.first?.time }

    mutating func add(_ event: Event, at time: UInt64) {
        order += 1
        heap.append(Item(time: time, order: order, event: event))
        var child = heap.count - 1
        while child > 0, heap[child].isBefore(heap[(child - 1) / 2]) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func removeFirst() -> (time: UInt64, event: Event)? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        if !heap.isEmpty {
            heap[0] = last
            var parent = 0
            while true {
                let children = [2 * parent + 1, 2 * parent + 2].filter { $0 < heap.count }
                guard let least = children.min(by: { heap[$0].isBefore(heap[$1]) }), heap[least].isBefore(heap[parent]) else { break }
                heap.swapAt(least, parent)
                parent = least
            }
        }
        return (first.time, first.event)
    }
}
