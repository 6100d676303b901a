/// Requests whose answers cannot be written, each by its name, so that no other waits for them.
///
/// An arbiter that cannot write its answers together writes them one by one, notes here the one
/// that fails, and decides anew without it. What was set aside is tried again later and later: what
/// hinders it, a trigger of a program say, may be gone by then.
///
/// Times are milliseconds of a clock that is never set back.
package struct SetAside<Name: Hashable & Comparable & Sendable>: Sendable {
    package struct Obstacle: Hashable, Sendable {
        package var cause: String
        package var tries: Int
        package var nextTryAt: UInt64
    }

    package private(set) var found: [Name: Obstacle] = [:]

    /// The time to the second try; each further one takes twice as long.
    package static var firstDelayMilliseconds: UInt64 { 5_000 }
    package static var delayMillisecondsMax: UInt64 { 600_000 }
    /// Names that are kept at most: beyond that the one that is due next gives way, and is found
    /// once more.
    package static var namesMax: Int { 1_000 }

    package init() {}

    /// The one to be named first.
    package var first: (name: Name, obstacle: Obstacle)? { found.min { $0.key < $1.key }.map { ($0.key, $0.value) } }
    /// Whether one more would make another forgotten, which would be found once more.
    package var isFull: Bool { found.count >= Self.namesMax }
    package var nextTryAt: UInt64? { found.values.map(\.nextTryAt).min() }

    package func waits(_ name: Name, now: UInt64) -> Bool { found[name].map { $0.nextTryAt > now } ?? false }

    /// Those whose time has come.
    package func due(now: UInt64) -> [Name] { found.filter { $0.value.nextTryAt <= now }.keys.sorted() }

    package mutating func note(_ name: Name, cause: String, now: UInt64) {
        let tries = min((found[name]?.tries ?? 0) + 1, Self.triesCountedMax)
        let delay = min(Self.delayMillisecondsMax, Self.firstDelayMilliseconds << UInt64(tries - 1))
        if found[name] == nil, found.count >= Self.namesMax,
            let next = found.min(by: { ($0.value.nextTryAt, $0.key) < ($1.value.nextTryAt, $1.key) })
        {
            found[next.key] = nil
        }
        found[name] = Obstacle(cause: cause, tries: tries, nextTryAt: now &+ delay)
    }

    package mutating func forget(where isGone: (Name) -> Bool) { found = found.filter { !isGone($0.key) } }

    /// The delay is at its greatest long before.
    private static var triesCountedMax: Int { 16 }
}
