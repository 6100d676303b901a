/// Makes a history that breaks a promise as short as it gets, by leaving steps out as long as the
/// same promise is broken.
///
/// Zeller & Hildebrandt, *Simplifying and Isolating Failure-Inducing Input*, 2002.
package struct Shrinker {
    /// Runs a history; nil if it keeps the promise.
    private let fails: (History) -> Bool
    private let isOver: () -> Bool
    package private(set) var runs = 0

    /// - Parameters:
    ///   - isOver: whether the time for it is up; asked before each run.
    ///   - fails: whether a history still breaks what the first one broke.
    package init(isOver: @escaping () -> Bool, fails: @escaping (History) -> Bool) {
        self.isOver = isOver
        self.fails = fails
    }

    package mutating func shrink(_ history: History) -> History {
        var best = history
        var size = max(1, best.steps.count / 2)
        while !isOver() {
            var hasShrunk = false
            var start = 0
            while start < best.steps.count, !isOver() {
                var smaller = best
                smaller.steps.removeSubrange(start..<min(start + size, smaller.steps.count))
                runs += 1
                if fails(smaller) {
                    best = smaller
                    hasShrunk = true
                } else {
                    start += size
                }
            }
            if size == 1, !hasShrunk { break }
            size = max(1, size / 2)
        }
        return best
    }
}
