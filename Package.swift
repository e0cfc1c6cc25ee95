// swift-tools-version: 6.1
import PackageDescription

/// Set in the environment, this builds the board-safe modules as Embedded Swift, where the compiler refuses any code that could touch the
/// heap. Off by default: it needs unsafe flags, which would forbid the package as a dependency.
let embedded = Context.environment["TEXTPIN_EMBEDDED"] != nil

let boardSafe: [SwiftSetting] =
    embedded
    ? [.enableExperimentalFeature("Embedded"), .unsafeFlags(["-wmo", "-Xfrontend", "-no-allocations"])]
    : []
/// C that is not run for each pixel.
let boardSmall: [CSetting] = embedded ? [.unsafeFlags(["-Oz"])] : []

var package = Package(
    name: "textpin",
    products: [
        .library(name: "TextDetection", targets: ["TextDetection"]),
        .executable(name: "textpin-board", targets: ["textpin-board"]),
    ],
    targets: [
        .target(name: "CKernels", exclude: ["README.md"]),
        .target(name: "CDevices", cSettings: boardSmall),
        .target(name: "CModelFile", cSettings: boardSmall),
        .target(name: "Inference", dependencies: ["CKernels", "CDevices", "CModelFile"], swiftSettings: boardSafe),
        .target(name: "TextDetection", dependencies: ["Inference", "CKernels", "CDevices", "CModelFile"], swiftSettings: boardSafe),
        // Boards read JPEG alone, so theirs needs no libpng.
        .target(
            name: "CPictures", dependencies: ["CDevices"], exclude: embedded ? ["png.c"] : [], cSettings: boardSmall,
            linkerSettings: [.linkedLibrary("turbojpeg")] + (embedded ? [] : [.linkedLibrary("png")])),
        .target(name: "PictureFiles", swiftSettings: boardSafe),
        .target(name: "BoardFile", swiftSettings: boardSafe),
        .target(
            name: "CSelfCheck", dependencies: ["CKernels", "CModelFile"], exclude: ["make-golden-vectors"], cSettings: boardSmall),
        .target(name: "CPreview", dependencies: ["CDevices"], exclude: ["page"], cSettings: boardSmall),
        .target(name: "Messages", dependencies: ["TextDetection", "Inference", "CDevices"], swiftSettings: boardSafe),
        .target(
            name: "Watch",
            dependencies: [
                "TextDetection", "Inference", "CDevices", "CModelFile", "CPictures", "CPreview", "PictureFiles", "BoardFile", "Messages",
            ],
            swiftSettings: boardSafe),
        .executableTarget(
            name: "textpin-board",
            dependencies: [
                "Watch", "TextDetection", "Inference", "PictureFiles", "CDevices", "CModelFile", "CPictures", "CSelfCheck", "BoardFile",
                "Messages",
            ],
            swiftSettings: boardSafe),
    ],
    swiftLanguageModes: [.v6]
)

if !embedded {
    package.products += [
        .library(name: "Calibration", targets: ["Calibration"]),
        .executable(name: "textpin", targets: ["textpin"]),
    ]
    package.dependencies += [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        // No traits: nothing here needs them, and SwiftPM passes two or more in an order that changes, so that it compiles the package again.
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0", traits: []),
    ]
    package.targets += [
        .target(
            name: "Calibration",
            dependencies: [
                "Inference", "TextDetection", "Messages", "CKernels", "CModelFile", "CPictures", "PictureFiles",
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ],
            exclude: ["ONNX/onnx.proto"]),
        .executableTarget(
            name: "textpin",
            dependencies: [
                "Calibration", "Watch", "Messages", "TextDetection", "Inference", "CDevices",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        // What tests share.
        .target(name: "TestNetworks", dependencies: ["Calibration"], path: "Tests/Support/TestNetworks"),
        .target(name: "CountedHeap", path: "Tests/Support/CountedHeap"),
        .target(name: "FakeCamera", dependencies: ["CDevices"], path: "Tests/Support/FakeCamera"),
        .target(name: "FakeLines", dependencies: ["CDevices"], path: "Tests/Support/FakeLines"),
        .testTarget(name: "CDevicesTests", dependencies: ["CDevices", "FakeCamera", "FakeLines"]),
        .testTarget(
            name: "WatchTests",
            dependencies: [
                "Watch", "TextDetection", "Inference", "Messages", "CDevices", "CPictures", "CSelfCheck", "FakeCamera", "FakeLines",
                "CountedHeap",
            ]),
        .testTarget(name: "CKernelsTests", dependencies: ["CKernels"]),
        .testTarget(
            name: "InferenceTests",
            dependencies: ["Inference", "TextDetection", "Calibration", "CDevices", "CKernels", "CModelFile", "CSelfCheck", "TestNetworks"]),
        .testTarget(
            name: "PreviewTests", dependencies: ["Watch", "Calibration", "TextDetection", "Inference", "Messages", "TestNetworks"]),
        .testTarget(name: "BoardFileTests", dependencies: ["BoardFile"]),
        .testTarget(name: "TextDetectionTests", dependencies: ["TextDetection", "Inference"]),
        .testTarget(name: "WatchRulesTests", dependencies: ["Watch", "BoardFile", "TextDetection"]),
        .testTarget(name: "CalibrationTests", dependencies: ["Calibration", "TestNetworks"]),
        .testTarget(
            name: "AcceptanceTests", dependencies: ["Calibration", "TextDetection", "Inference", "TestNetworks", "CountedHeap"]),
    ]
}
