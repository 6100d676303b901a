// swift-tools-version: 6.2
import PackageDescription

// Every target is compiled in the Swift 6 language mode (complete concurrency checking) and treats
// warnings as errors.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let hummingbird: [Target.Dependency] = [
    .product(name: "Hummingbird", package: "hummingbird"),
    .product(name: "HummingbirdCore", package: "hummingbird"),
    .product(name: "HummingbirdTLS", package: "hummingbird"),
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
    .product(name: "NIOTLS", package: "swift-nio"),
    .product(name: "NIOSSL", package: "swift-nio-ssl"),
    .product(name: "HTTPTypes", package: "swift-http-types"),
]

let package = Package(
    name: "parksync",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "parksyncd", targets: ["parksyncd"]),
        .executable(name: "syncctl", targets: ["syncctl"]),
        .executable(name: "parksync-bench", targets: ["parksync-bench"]),
        .executable(name: "parksync-sim", targets: ["parksync-sim"]),
        .executable(name: "parksync-fuzz", targets: ["parksync-fuzz"]),
        .executable(name: "parksync-liar", targets: ["parksync-liar"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1", exact: "1.7.4"),
        .package(url: "https://github.com/apple/swift-certificates", exact: "1.21.1"),
        .package(
            url: "https://github.com/apple/swift-configuration", exact: "1.4.0",
            traits: ["YAML", "CommandLineArguments"]),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    ],
    targets: [
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),

        .systemLibrary(name: "CMalloc"),
        .systemLibrary(name: "CProcess"),
        .target(name: "CSQLiteSwitches", linkerSettings: [.linkedLibrary("sqlite3")]),
        .target(name: "CFaultVFS", dependencies: ["CSQLiteSwitches"], linkerSettings: [.linkedLibrary("sqlite3")]),

        .target(name: "ParkSyncCore", swiftSettings: strict),
        .target(
            name: "ParkSyncCatalog", dependencies: ["ParkSyncCore"],
            resources: [
                "schema/001-catalogue", "schema/002-fields", "schema/003-tables", "schema/004-guards",
                "schema/005-views", "schema/006-indicators", "schema/007-kinds",
            ]
            .map { .embedInCode("\($0).sql") }, swiftSettings: strict),
        .target(name: "ParkSyncReports", dependencies: ["ParkSyncCore"], swiftSettings: strict),
        .target(
            name: "ParkSyncOffice", dependencies: ["ParkSyncCore", "ParkSyncCatalog", "ParkSyncReports"],
            swiftSettings: strict),
        .target(name: "ParkSyncWire", dependencies: ["ParkSyncCore"], swiftSettings: strict),
        .target(name: "ParkSyncReplication", dependencies: ["ParkSyncCore", "ParkSyncWire"], swiftSettings: strict),
        .target(
            name: "ParkSyncStore",
            dependencies: [
                "CSQLite", "CSQLiteSwitches", "CZstd", "ParkSyncCore", "ParkSyncReports", "ParkSyncReplication", crypto,
            ],
            swiftSettings: strict),
        .target(
            name: "ParkSyncFiles",
            dependencies: [
                "CSQLite", "CSQLiteSwitches", "ParkSyncCore", "ParkSyncReports", "ParkSyncReplication", "ParkSyncStore",
                crypto,
            ],
            swiftSettings: strict),
        .target(
            name: "ParkSyncCurl",
            dependencies: ["CCurl", "CZstd", "ParkSyncCore", "ParkSyncReports", "ParkSyncWire", "ParkSyncReplication"],
            swiftSettings: strict),
        .target(
            name: "ParkSyncServer",
            dependencies: [
                "CZstd", "ParkSyncCore", "ParkSyncCatalog", "ParkSyncReports", "ParkSyncOffice", "ParkSyncWire",
                "ParkSyncReplication", crypto, logging, lifecycle,
            ] + hummingbird,
            swiftSettings: strict),

        .target(
            name: "ParkSyncNode",
            dependencies: [
                "ParkSyncCore", "ParkSyncCatalog", "ParkSyncReports", "ParkSyncReplication", "ParkSyncStore", crypto,
                logging,
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Yams", package: "Yams"),
            ], swiftSettings: strict),

        .target(
            name: "ParkSyncSimulation",
            dependencies: [
                "CFaultVFS", "CSQLite", "CZstd", "ParkSyncCore", "ParkSyncCatalog", "ParkSyncReports", "ParkSyncWire",
                "ParkSyncReplication", "ParkSyncStore", "ParkSyncFiles", "ParkSyncNode", crypto,
            ],
            swiftSettings: strict),

        .executableTarget(
            name: "parksyncd",
            dependencies: [
                "CProcess", "CMalloc", "ParkSyncCore", "ParkSyncCatalog", "ParkSyncReports", "ParkSyncWire",
                "ParkSyncReplication",
                "ParkSyncStore", "ParkSyncFiles", "ParkSyncNode", "ParkSyncCurl", "ParkSyncServer", arguments, logging,
                lifecycle,
                crypto,
            ], swiftSettings: strict),
        .executableTarget(
            name: "syncctl",
            dependencies: [
                "CProcess", "ParkSyncCore", "ParkSyncCatalog", "ParkSyncReports", "ParkSyncWire", "ParkSyncReplication",
                "ParkSyncStore", "ParkSyncFiles", "ParkSyncCurl", arguments, crypto,
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "X509", package: "swift-certificates"),
            ], swiftSettings: strict),
        .executableTarget(
            name: "parksync-bench",
            dependencies: [
                "CSQLite", "ParkSyncCore", "ParkSyncCatalog", "ParkSyncReports", "ParkSyncWire", "ParkSyncReplication",
                "ParkSyncStore", "ParkSyncCurl", "ParkSyncSimulation", arguments, crypto,
            ], swiftSettings: strict),

        .executableTarget(
            name: "parksync-sim", dependencies: ["ParkSyncReports", "ParkSyncSimulation", arguments],
            swiftSettings: strict),

        .target(
            name: "ParkSyncFuzz",
            dependencies: [
                "ParkSyncCore", "ParkSyncCatalog", "ParkSyncReports", "ParkSyncWire", "ParkSyncReplication",
                "ParkSyncStore",
                "ParkSyncFiles", "ParkSyncNode", "ParkSyncServer", crypto, logging,
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ], swiftSettings: strict),
        .executableTarget(name: "parksync-fuzz", dependencies: ["ParkSyncFuzz", arguments], swiftSettings: strict),

        .executableTarget(
            name: "parksync-liar",
            dependencies: [
                "CZstd", "ParkSyncCore", "ParkSyncReports", "ParkSyncWire", arguments, crypto, lifecycle, logging,
            ] + hummingbird,
            swiftSettings: strict),

        // What several targets of tests need. No product has it.
        .target(
            name: "DaemonFixtures", dependencies: ["ParkSyncCore", "ParkSyncReports", "ParkSyncWire"],
            path: "Tests/DaemonFixtures", exclude: ["Starter"], swiftSettings: strict),
        .target(
            name: "ServerFixtures",
            dependencies: [
                "DaemonFixtures", "ParkSyncCore", "ParkSyncReports", "ParkSyncReplication", "ParkSyncStore",
                "ParkSyncServer", logging, lifecycle,
            ],
            path: "Tests/ServerFixtures", swiftSettings: strict),

        .testTarget(name: "CoreTests", dependencies: ["ParkSyncCore"], swiftSettings: strict),
        .testTarget(
            name: "CatalogTests", dependencies: ["CSQLite", "ParkSyncCore", "ParkSyncCatalog"], swiftSettings: strict),
        .testTarget(
            name: "OfficeTests",
            dependencies: [
                "CSQLite", "ParkSyncCore", "ParkSyncCatalog", "ParkSyncReports", "ParkSyncOffice", "ParkSyncServer",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ReplicationTests",
            dependencies: ["ParkSyncCore", "ParkSyncWire", "ParkSyncReplication", "ParkSyncSimulation"],
            swiftSettings: strict),
        .testTarget(
            name: "SimulationTests",
            dependencies: [
                "CSQLite", "CSQLiteSwitches", "ParkSyncCore", "ParkSyncReports", "ParkSyncReplication", "ParkSyncStore",
                "ParkSyncFiles", "ParkSyncSimulation", crypto,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "StoreTests",
            dependencies: [
                "CFaultVFS", "CSQLite", "ParkSyncCore", "ParkSyncCatalog", "ParkSyncReports", "ParkSyncWire",
                "ParkSyncReplication", "ParkSyncStore", "ParkSyncFiles", "ParkSyncNode", crypto,
            ],
            exclude: ["Fixtures"], swiftSettings: strict),
        .testTarget(
            name: "NodeScheduleTests",
            dependencies: ["ParkSyncCore", "ParkSyncReports", "ParkSyncReplication", "ParkSyncStore", "ParkSyncNode"],
            swiftSettings: strict),
        .testTarget(name: "FuzzTests", dependencies: ["ParkSyncFuzz"], exclude: ["Corpus"], swiftSettings: strict),
        .testTarget(
            name: "ReportTests", dependencies: ["DaemonFixtures", "ParkSyncCore", "ParkSyncReports"],
            swiftSettings: strict),
        .testTarget(
            name: "CurlTests",
            dependencies: [
                "DaemonFixtures", "ServerFixtures", "ParkSyncReports", "ParkSyncReplication", "ParkSyncCurl",
                "ParkSyncServer",
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ServerTests",
            dependencies: [
                "DaemonFixtures", "ServerFixtures", "ParkSyncCore", "ParkSyncReports", "ParkSyncWire",
                "ParkSyncReplication", "ParkSyncServer", logging, lifecycle,
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ParksyncdTests",
            dependencies: [
                "DaemonFixtures", "ParkSyncCore", "ParkSyncReports", "ParkSyncWire", "ParkSyncReplication",
                "ParkSyncStore", "ParkSyncFiles", "ParkSyncCurl", "ParkSyncServer", "parksyncd", arguments, crypto,
                logging,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "SyncctlTests",
            dependencies: [
                "DaemonFixtures", "ServerFixtures", "ParkSyncCore", "ParkSyncCatalog", "ParkSyncReports", "syncctl",
                arguments,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "DaemonTests",
            dependencies: [
                "DaemonFixtures", "ParkSyncCore", "ParkSyncCatalog", "ParkSyncReports", "ParkSyncWire", "ParkSyncStore",
                "ParkSyncFiles", "ParkSyncServer", "parksyncd", "syncctl", "parksync-bench",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "LiarTests",
            dependencies: [
                "DaemonFixtures", "ServerFixtures", "ParkSyncCore", "ParkSyncReports", "ParkSyncWire", "ParkSyncStore",
                "ParkSyncFiles", "ParkSyncCurl", "ParkSyncServer", "parksync-liar", crypto,
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: strict),
    ]
)

// Its loop is libFuzzer's, which is there only under `-sanitize=fuzzer`: see `make fuzz`.
if Context.environment["PARKSYNC_LIBFUZZER"] != nil {
    package.products.append(.executable(name: "parksync-libfuzzer", targets: ["parksync-libfuzzer"]))
    package.targets.append(
        .executableTarget(
            name: "parksync-libfuzzer", dependencies: ["ParkSyncFuzz"], path: "Tests/fuzz/libfuzzer",
            swiftSettings: strict))
}
