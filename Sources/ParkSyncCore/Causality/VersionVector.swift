/// For each origin the highest entry applied; an origin that is not named stands at 0.
///
/// Kept as a sorted array: a federation has few origins, and a sorted array encodes, hashes and
/// prints the same everywhere.
package struct VersionVector: Hashable, Sendable {
    package struct Element: Hashable, Sendable {
        package var origin: OriginID
        package var seq: UInt64
        package init(origin: OriginID, seq: UInt64) {
            self.origin = origin
            self.seq = seq
        }
    }

    /// Sorted by origin; no element has `seq` 0.
    package private(set) var elements: [Element] = []

    package init() {}

    /// - Parameter elements: sorted by origin, each origin once, none at 0.
    init(ascending elements: [Element]) { self.elements = elements }

    package init(_ pairs: some Sequence<(OriginID, UInt64)>) {
        for (origin, seq) in pairs { self[origin] = max(self[origin], seq) }
    }

    package subscript(origin: OriginID) -> UInt64 {
        get {
            let index = position(of: origin)
            return index < elements.count && elements[index].origin == origin ? elements[index].seq : 0
        }
        set {
            let index = position(of: origin)
            let found = index < elements.count && elements[index].origin == origin
            switch (found, newValue) {
            case (true, 0): elements.remove(at: index)
            case (true, _): elements[index].seq = newValue
            case (false, 0): break
            case (false, _): elements.insert(Element(origin: origin, seq: newValue), at: index)
            }
        }
    }

    private func position(of origin: OriginID) -> Int {
        var low = 0
        var high = elements.count
        while low < high {
            let middle = (low + high) / 2
            if elements[middle].origin < origin { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The least vector that covers both.
    package func joined(_ other: VersionVector) -> VersionVector {
        var result = self
        for element in other.elements where element.seq > result[element.origin] {
            result[element.origin] = element.seq
        }
        return result
    }

    /// Whether every entry in `other` is in this vector.
    package func covers(_ other: VersionVector) -> Bool {
        other.elements.allSatisfy { self[$0.origin] >= $0.seq }
    }

    /// How many entries `other` has that this vector lacks.
    package func missing(from other: VersionVector) -> UInt64 {
        other.elements.reduce(0) { sum, element in
            let have = self[element.origin]
            return element.seq > have ? sum &+ (element.seq - have) : sum
        }
    }

    /// The elements in which this vector differs from `earlier`, which it covers: what an entry
    /// records of its causal past.
    package func difference(from earlier: VersionVector) -> [Element] {
        elements.filter { $0.seq != earlier[$0.origin] }
    }

    package func _checkInvariants() {
        assert(elements.allSatisfy { $0.seq > 0 }, "a vector names no origin at 0")
        assert(
            zip(elements, elements.dropFirst()).allSatisfy { $0.origin < $1.origin },
            "a vector is sorted, each origin once")
    }
}

extension VersionVector: CustomStringConvertible {
    /// As in `airport:12 south:40`; `-` when empty.
    package var description: String {
        elements.isEmpty ? "-" : elements.map { "\($0.origin):\($0.seq)" }.joined(separator: " ")
    }

    /// Reads what `description` writes, in any order of the origins. Nil when it is not such a
    /// text.
    package init?(parsing text: some StringProtocol) {
        self.init()
        if text == "-" || text.isEmpty { return }
        for word in text.split(separator: " ") {
            let parts = word.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, let origin = OriginID(parts[0]), let seq = UInt64(parts[1]),
                (1...CoreLimits.entryNumberMax).contains(seq),
                self[origin] == 0
            else { return nil }
            // Swift reads `+1` and `01` as well; nobody writes them.
            guard (0x31...0x39).contains(parts[1].utf8.first ?? 0) else { return nil }
            self[origin] = seq
        }
    }
}
