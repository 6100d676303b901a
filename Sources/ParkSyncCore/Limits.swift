/// Every bound of the log format and of the merge, in one place. Units are the last word of each
/// name.
///
/// A value read from outside is compared with these before anything is allocated for it.
package enum CoreLimits {
    /// Longest park identifier, so that an origin with an incarnation suffix (`~99`) still fits
    /// `OriginID`'s 16 bytes.
    package static let parkNameBytesMax = 13
    /// Longest origin identifier: a park identifier and its incarnation suffix.
    package static let originNameBytesMax = 16
    /// Highest number of an entry (2^40 - 1); at 1,000 entries a second an origin gets there in 34
    /// years. Numbers that are read from outside are compared with it where they are decoded, so
    /// that what counts with them cannot overflow.
    package static let entryNumberMax: UInt64 = 1_099_511_627_775
    /// Most origins a vector may name.
    package static let vectorOriginsMax = 1024
    /// Most non-key columns of a shared table: a column set is one 64-bit mask and SQLite's
    /// integers are signed.
    package static let columnsPerTableMax = 63
    /// Most columns of a shared table's primary key.
    package static let keyColumnsMax = 8
    /// Longest encoded primary key.
    package static let keyBytesMax = 4_096
    /// Most bytes that the keys of one entry may have, written out: keys travel as what differs
    /// from the one before.
    package static let keyBytesPerEntryMax = 512 << 20
    /// Most tables one schema may share.
    package static let sharedTablesMax = 1_024
    /// Longest table or column name.
    package static let identifierBytesMax = 128
    /// Most rows of one table that a transaction may touch; the capture triggers refuse the next
    /// one at write time.
    package static let changesPerTableMax = 200_000
    /// Rows whose texts and blobs are shorter than this in total are not metered by the capture
    /// triggers one by one.
    package static let unmeteredRowBytesMax = 256
    /// Longest payload of an entry that any node may be configured to take, and that is read from a
    /// log or file.
    package static let payloadBytesMax = 448 << 20
    /// Longest payload of an entry that a node takes and makes, unless it is configured otherwise.
    /// What the capture triggers let through fits it; so do the keys of an entry, written out.
    package static let payloadBytesDefault = 32 << 20
    /// Least that it may be configured to.
    package static let payloadBytesLeast = 4 << 20
    /// An entry of so many bytes may have one change: each takes memory of its own when it is
    /// applied, however short it is.
    package static let payloadBytesPerChange = 256
    /// Longest author of an entry.
    package static let authorBytesMax = 256
    /// Longest note of an entry.
    package static let noteBytesMax = 4_096
    /// Most bytes of another branch of the own log that are kept beside it until all of the branch
    /// is there.
    package static let branchBytesMax: UInt64 = 1 << 30
    /// How far an entry's stamp may lie ahead of the local wall clock before the entry is held.
    package static let clockAheadMillisecondsMax: UInt64 = 60_000
    /// By how much one entry can raise a row's causal length: each of the captured rows of a table,
    /// of which there are at most `changesPerTableMax`, is a birth or a death, or both: twice that
    /// many. An entry with a causal length that all entries before it could not have brought about
    /// is quarantined: at the highest length a row could not be deleted or revived any more.
    package static let causalLengthPerEntryMax = 400_000
    /// Most control records of an entry: far more than an honest park has to say at a time, and few
    /// enough to be judged one by one.
    package static let controlRecordsPerEntryMax = 256
    /// Most votes among them: there are not so many parks.
    package static let votesPerEntryMax = 64
    /// Most votes of a log. They decide for ever, so they are kept for ever; no park says so much
    /// of others.
    package static let votesPerLogMax = 1_024
    /// Highest causal length that is accepted; a row cannot be deleted and revived this often by
    /// honest work.
    package static let causalLengthMax: UInt64 = 1 << 48
}
