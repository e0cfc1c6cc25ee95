import Calibration
import CountedHeap
import Foundation
import Inference
import TestNetworks
import Testing
import TextDetection

/// Nothing is allocated per frame: the heap's calls on the detector's threads are counted.
@Suite(.serialized) struct HeapTests {
    @Test func theCounterCounts() {
        counted_heap_watch()
        counted_heap_start()
        var numbers: [Int] = []
        for number in 0..<100 { numbers.append(number) }
        let calls = counted_heap_stop()
        #expect(numbers.count == 100)
        // An array that grows to 100 numbers moves a few times.
        #expect(calls > 3)
    }

    @Test func theCounterSeesThreadsThatAWatchedOneStarts() {
        counted_heap_watch()
        counted_heap_start()
        var thread = pthread_t()
        let error = pthread_create(
            &thread, nil,
            { _ in
                free(malloc(100))
                return nil
            }, nil)
        pthread_join(thread, nil)
        #expect(error == 0)
        #expect(counted_heap_stop() >= 2)
    }

    @Test func aThousandFramesMakeNoCallOfTheHeap() throws {
        var boxes = 0
        for network in TestNetwork.all {
            let bytes = try network.calibrated(pictures: 2).bytes
            for threads in [1, 2] {
                let found = try HeapCalls.during(frames: 1000, bytes: bytes, threads: threads)
                #expect(found.calls == 0, "\(network), threads: \(threads)")
                boxes += found.boxes
            }
        }
        #expect(boxes > 10_000, "forming boxes must have been part of it")
    }

    @Test(.enabled("PP-OCRv3.onnx is not in ~/.cache/textpin/models") { TrainedModel.v3.isThere })
    func framesOfATrainedModelMakeNoCallOfTheHeap() throws {
        let bytes = try TrainedModel.v3.quicklyCalibrated(width: 320, height: 320)
        #expect(try HeapCalls.during(frames: 20, bytes: bytes, threads: 2).calls == 0)
    }
}

private enum HeapCalls {
    /// The heap's calls while a detector looks at frames, and the polygons that it finds.
    static func during(frames: Int, bytes: [UInt8], threads: Int) throws -> (calls: UInt64, boxes: Int) {
        let file = ModelBytes(bytes)
        let model = try Model(bytes: UnsafeRawBufferPointer(file.bytes))
        let arena = try Arena(byteCount: model.arenaByteCount)
        guard let kernels = KernelSet.chosen() else { throw KernelChoiceError() }
        var settings = BoxSettings(model)
        // Low limits, so that boxes are formed whatever the drawn weights find.
        settings.threshold = 0
        settings.minimumScore = 0
        settings.minimumSide = 1
        settings.minimumExpandedSide = 1
        settings.shape = .polygon
        // Workers start with the detector.
        counted_heap_watch()
        var detector = try TextDetector(model: model, arena: arena.bytes, kernels: kernels, threads: threads, settings: settings)
        let scenes = (0..<4).map { Picture.scene(width: 3 * model.inputWidth, height: 2 * model.inputHeight, seed: $0) }
        var boxes = 0
        var calls: UInt64 = 0
        // Nothing of the test's own may be given back while calls are counted.
        withExtendedLifetime((scenes, file, bytes)) {
            counted_heap_start()
            for frame in 0..<frames {
                let scene = scenes[frame % 4]
                scene.pixels.withUnsafeBufferPointer { pixels in
                    guard let start = pixels.baseAddress,
                        let view = FrameView(
                            pixels: start, width: scene.width, height: scene.height, rowStride: 3 * scene.width, format: .bgr)
                    else { return }
                    boxes += detector.detect(view).boxes.boxes.count
                }
            }
            calls = counted_heap_stop()
        }
        return (calls, boxes)
    }
}
