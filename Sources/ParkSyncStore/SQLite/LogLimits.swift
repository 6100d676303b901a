/// Bounds of the write-ahead log's file. Units are in each name.
package enum LogLimits {
    /// A log that is written back is cut to this length.
    package static let logBytesKept = 64 << 20
    /// From here on it is said who keeps the log from beginning anew.
    package static let logBytesWarned = 256 << 20
    /// From here on the node writes nothing that it need not write, while somebody keeps the log
    /// from beginning anew.
    package static let logBytesMax = 4 << 30
}
