/// Body of `POST /v1/bundles`: who is to import the bundle.
package struct BundleRequest: Codable, Hashable, Sendable {
    package var to: String
    /// What that park has, as a vector; without it, what this node heard of the park last.
    package var since: String?
    package init(to: String, since: String? = nil) {
        self.to = to
        self.since = since
    }
    enum CodingKeys: String, CodingKey, CaseIterable { case to, since }
}

/// Answer of `POST /v1/bundles`: a bundle that was made, and waits to be fetched.
package struct BundleReport: Codable, Hashable, Sendable {
    /// Names the file in `GET /v1/copies/{id}`; absent when `syncctl` made the file itself.
    package var id: String?
    package var from: String
    package var to: String
    /// What the receiver must have.
    package var before: String
    /// What it has afterwards.
    package var after: String
    package var entries: UInt64
    package var sections: Int
    package var schemaNumber: UInt64
    package var bytes: UInt64
    /// Of the file, hexadecimal.
    package var sha256: String
    package init(
        id: String?, from: String, to: String, before: String, after: String, entries: UInt64, sections: Int,
        schemaNumber: UInt64, bytes: UInt64,
        sha256: String
    ) {
        self.id = id
        self.from = from
        self.to = to
        self.before = before
        self.after = after
        self.entries = entries
        self.sections = sections
        self.schemaNumber = schemaNumber
        self.bytes = bytes
        self.sha256 = sha256
    }
    enum CodingKeys: String, CodingKey {
        case id, from, to, before, after, entries, sections, schemaNumber = "schema_number", bytes, sha256
    }
}

/// Answer of `POST /v1/imports/{id}`: the bundle was taken over.
package struct ImportReport: Codable, Hashable, Sendable {
    package var from: String
    package var to: String
    package var before: String
    package var after: String
    /// Entries in the bundle.
    package var entries: UInt64
    /// Entries that this node did not have before.
    package var newEntries: UInt64
    /// What is in the tables now.
    package var applied: String
    package init(
        from: String, to: String, before: String, after: String, entries: UInt64, newEntries: UInt64, applied: String
    ) {
        self.from = from
        self.to = to
        self.before = before
        self.after = after
        self.entries = entries
        self.newEntries = newEntries
        self.applied = applied
    }
    enum CodingKeys: String, CodingKey { case from, to, before, after, entries, newEntries = "new_entries", applied }
}

/// Body of `POST /v1/snapshot`: which park's snapshot to take.
package struct SnapshotRequest: Codable, Hashable, Sendable {
    package var from: String
    /// Where no other park confirms its tables, the word of that park is taken.
    package var withoutConfirmation: Bool?
    package init(from: String, withoutConfirmation: Bool? = nil) {
        (self.from, self.withoutConfirmation) = (from, withoutConfirmation)
    }
    enum CodingKeys: String, CodingKey, CaseIterable { case from, withoutConfirmation = "without_confirmation" }
}

/// Answer of `GET` and `POST /v1/snapshot`: how far taking a snapshot is.
package struct SnapshotProgress: Codable, Hashable, Sendable {
    package enum Phase: String, Codable, Hashable, Sendable {
        /// Nothing is under way; see `error` for how the last one ended.
        case idle
        /// The other park makes the snapshot.
        case asking
        case downloading
        /// Every byte is checked, and the new database is made.
        case verifying
        /// The node opens itself anew with it.
        case installing
    }
    package var phase: Phase
    package var from: String?
    package var bytes: UInt64?
    package var bytesTotal: UInt64?
    /// Why the last one was not taken.
    package var error: String?
    /// The vector of the snapshot that this database was made of, if any since the start.
    package var installed: String?
    package init(
        phase: Phase, from: String? = nil, bytes: UInt64? = nil, bytesTotal: UInt64? = nil, error: String? = nil,
        installed: String? = nil
    ) {
        self.phase = phase
        self.from = from
        self.bytes = bytes
        self.bytesTotal = bytesTotal
        self.error = error
        self.installed = installed
    }
    enum CodingKeys: String, CodingKey { case phase, from, bytes, bytesTotal = "bytes_total", error, installed }
}
