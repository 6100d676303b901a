/// Looks at the node's own status, and tells what has changed since the look before. When it looks,
/// `WatchSchedule` says.
actor StatusWatcher {
    private let status: StatusBuilder
    private let journal: Journal
    private var watch = StatusWatch()

    init(status: StatusBuilder, journal: Journal) { (self.status, self.journal) = (status, journal) }

    func look() async {
        guard let now = try? await status.build() else { return }
        for event in watch.look(at: now) { journal.write(event) }
    }
}
