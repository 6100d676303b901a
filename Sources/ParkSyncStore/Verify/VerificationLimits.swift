/// Bounds of the row verification.
package enum VerificationLimits {
    /// Rows that one piece reads, and that a verification on demand reads in one snapshot.
    package static let sliceRowsMax = 256
    package static let demandSliceRowsMax = 4_096
    /// A piece ends behind the row with which it has read so many bytes.
    package static let sliceBytesMax = 4 << 20
    /// Differences that are kept; more are only said to be more.
    package static let differencesMax = 1_000
    /// Differences that the status names.
    package static let namedDifferencesMax = 20
    /// Rows that one repair takes.
    package static let repairRowsMax = 1_000
    /// Most captured writes that were not signed and are kept to be looked at; the others are
    /// counted.
    package static let refusedRowsMax = 1_000
    /// Longest text that is kept of one.
    package static let refusedTextBytesMax = 1_024
}
