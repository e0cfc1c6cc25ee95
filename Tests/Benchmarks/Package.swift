// swift-tools-version: 6.1
import PackageDescription

// A package of its own, so that nobody who builds or uses TextPin needs what only its benchmarks do.
let package = Package(
    name: "Benchmarks",
    dependencies: [
        .package(name: "textpin", path: "../.."),
        .package(url: "https://github.com/google/swift-benchmark", from: "0.1.2"),
    ],
    targets: [
        .executableTarget(
            name: "Benchmarks",
            dependencies: [.product(name: "TextDetection", package: "textpin"), .product(name: "Benchmark", package: "swift-benchmark")])
    ],
    swiftLanguageModes: [.v6]
)
