import Foundation
import SwiftProtobuf

/// What an ONNX file holds: the network, and what its exporter noted beside it.
public struct ImportedNetwork: Sendable {
    public var graph: Graph
    /// The model's `metadata_props`: whatever the exporter wrote, such as the licence or the preprocessing.
    public var metadata: [String: String]
    /// The program that wrote the file; often empty.
    public var producerName: String

    public init(graph: Graph, metadata: [String: String], producerName: String) {
        self.graph = graph
        self.metadata = metadata
        self.producerName = producerName
    }
}

/// Reads a trained DBNet from an ONNX file, for one input size.
///
/// Constants are folded wherever the exporter hid them; batch norm, biases and scalings go into the convolutions; the many spellings of an
/// activation become one `ScalarFunction`; the last sigmoids are left out. Everything that does not end up in the maps is dropped.
///
/// - Parameters:
///   - model: the bytes of the file; nothing about them is trusted.
///   - inputHeight: in pixels, a multiple of 32.
///   - inputWidth: in pixels, a multiple of 32.
/// - Throws: `ImportError`, naming the node or tensor to blame.
public func importONNX(_ model: Data, inputHeight: Int, inputWidth: Int) throws(ImportError) -> ImportedNetwork {
    let (pixels, overflow) = inputHeight.multipliedReportingOverflow(by: inputWidth)
    guard inputHeight > 0, inputWidth > 0, inputHeight.isMultiple(of: 32), inputWidth.isMultiple(of: 32), !overflow,
        pixels <= Lowering.largestTensor
    else { throw .inputSize(height: inputHeight, width: inputWidth) }

    let decoded: ONNXModel
    do {
        decoded = try ONNXModel(serializedBytes: model)
    } catch {
        throw .notAModel(reason: "its protocol buffer is damaged or cut short (\(error))")
    }
    guard decoded.hasGraph, !decoded.graph.node.isEmpty else { throw .notAModel(reason: "it has no graph") }

    var lowering = try Lowering(decoded, inputHeight: inputHeight, inputWidth: inputWidth)
    var graph = try lowering.lowered()
    graph.foldAffines()
    graph.removeUnused()
    try graph.checkNumbers()
    return ImportedNetwork(
        graph: graph,
        metadata: Dictionary(decoded.metadataProps.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first }),
        producerName: decoded.producerName)
}
