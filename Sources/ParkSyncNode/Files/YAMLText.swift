import Configuration

/// The keys of a YAML text that has been read already.
struct YAMLText: ConfigProvider {
    let providerName: String
    private let keys: YAMLSnapshot

    /// - Parameter file: where the text is from, for errors.
    /// - Throws: `ConfigurationError` if it is no YAML mapping.
    init(_ text: String, file: String) throws {
        providerName = file
        let bytes = Array(text.utf8)
        do { keys = try YAMLSnapshot(data: bytes.span.bytes, providerName: file, parsingOptions: .default) } catch {
            throw ConfigurationError("", "\(file): \(error)", remedy: "Correct the file.")
        }
    }

    func value(forKey key: AbsoluteConfigKey, type: ConfigType) throws -> LookupResult {
        try keys.value(forKey: key, type: type)
    }

    func fetchValue(forKey key: AbsoluteConfigKey, type: ConfigType) async throws -> LookupResult {
        try value(forKey: key, type: type)
    }

    func snapshot() -> any ConfigSnapshot { keys }

    nonisolated(nonsending) func watchValue<Return: ~Copyable>(
        forKey key: AbsoluteConfigKey, type: ConfigType,
        updatesHandler:
            nonisolated(nonsending) (ConfigUpdatesAsyncSequence<Result<LookupResult, any Error>, Never>) async throws ->
            Return
    ) async throws -> Return { try await watchValueFromValue(forKey: key, type: type, updatesHandler: updatesHandler) }

    nonisolated(nonsending) func watchSnapshot<Return: ~Copyable>(
        updatesHandler:
            nonisolated(nonsending) (ConfigUpdatesAsyncSequence<any ConfigSnapshot, Never>) async throws -> Return
    ) async throws -> Return { try await watchSnapshotFromSnapshot(updatesHandler: updatesHandler) }
}
