import Foundation
import Inference

/// A model file's bytes at an address that fits them, which the calibrator may change in place.
package final class ModelBytes: @unchecked Sendable {
    package let bytes: UnsafeMutableRawBufferPointer

    package init(_ content: [UInt8]) {
        bytes = .allocate(byteCount: content.count, alignment: 64)
        bytes.copyBytes(from: content)
    }

    deinit { bytes.deallocate() }
}

/// An int8 network with an arena of its own, for the workstation: runs the steps that the board runs.
package final class IntegerRunner: @unchecked Sendable {
    package let network: Network
    private let model: ModelBytes
    private let arena: Arena

    package init(_ model: ModelBytes, kernels: KernelSet? = nil, threads: Int = 1) throws {
        self.model = model
        let view = try Model(bytes: UnsafeRawBufferPointer(model.bytes))
        arena = try Arena(byteCount: view.arenaByteCount)
        guard let kernels = kernels ?? KernelSet.chosen() else { throw KernelChoiceError() }
        network = try Network(model: view, arena: arena.bytes, kernels: kernels, threads: threads)
    }

    /// Puts a picture into the input tensor, border included.
    package func load(_ input: NetworkInput, preprocessing: Preprocessing) {
        let target = network.input
        let colour = preprocessing.paddingColour.map { Int8(truncatingIfNeeded: Int($0) - 128) } + [0]
        for row in -target.border.top..<(target.height + target.border.bottom) {
            let line = target.pixels + row * target.rowStride
            for column in -target.border.left..<(target.width + target.border.right) {
                let isInside = (0..<target.height).contains(row) && (0..<target.width).contains(column)
                for channel in 0..<4 {
                    line[4 * column + channel] = isInside ? input.pixels[4 * (row * input.width + column) + channel] : colour[channel]
                }
            }
        }
    }

    package func run(_ map: DetectionMap = .probability) { network.run(map) }

    /// The logits of the map, row by row.
    package func logits(of map: DetectionMap = .probability) -> UnsafeBufferPointer<Int16> {
        UnsafeBufferPointer(start: network.logits(of: map), count: network.model.inputWidth * network.model.inputHeight)
    }
}

/// `TEXTPIN_KERNELS` names kernels that this CPU cannot run.
public struct KernelChoiceError: Error, CustomStringConvertible {
    public init() {}

    public var description: String {
        let names = (0...).lazy.map { KernelSet(rank: $0) }.prefix { $0 != nil }.compactMap { $0.map { String(cString: $0.name) } }
        let asked = ProcessInfo.processInfo.environment["TEXTPIN_KERNELS"] ?? ""
        return "TEXTPIN_KERNELS names \(asked), which this CPU cannot run; it can run \(names.joined(separator: ", "))"
    }
}
