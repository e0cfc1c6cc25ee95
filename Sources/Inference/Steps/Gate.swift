import CDevices
import CKernels
import CModelFile

/// The parts of a gate tensor: scratch and result of squeeze-and-excitation, for `channels` channels.
struct GateLayout {
    let channels: Int

    /// Int32 sums, Int32 biases, Int16 weights, Int16 means, Int16 hidden values (at most as many as channels).
    var byteCount: Int { channels * 14 }
}

struct GateView {
    let channels: Int
    let sums: UnsafeMutablePointer<Int32>
    /// Of the combine step that reads the gate.
    let biases: UnsafeMutablePointer<Int32>
    let weights: UnsafeMutablePointer<Int16>
    let means: UnsafeMutablePointer<Int16>
    let hidden: UnsafeMutablePointer<Int16>

    init(start: UnsafeMutableRawPointer, channels: Int) {
        self.channels = channels
        sums = start.assumingMemoryBound(to: Int32.self)
        biases = (start + 4 * channels).assumingMemoryBound(to: Int32.self)
        weights = (start + 8 * channels).assumingMemoryBound(to: Int16.self)
        means = (start + 10 * channels).assumingMemoryBound(to: Int16.self)
        hidden = (start + 12 * channels).assumingMemoryBound(to: Int16.self)
    }
}

extension NetworkTask {
    func gate(_ tensor: UInt32) -> GateView {
        let record = model.tensors[Int(tensor)]
        return GateView(start: arena + Int(record.arena_offset), channels: Int(record.channels))
    }
}

/// Squeeze-and-excitation in integers (Hu et al. 2018): mean per channel, two small layers, and from the gates the weights and biases of
/// the combine step that scales the channels.
///
/// Means are in 1/128 of the input's step, at most 255 x 128 = 32640 in magnitude. A layer's accumulator stays below 2^32, which
/// validation checks, so its product with a 30-bit multiplier fits 64 bits. Gates are in 1/32768.
enum GateStep {
    static let one = 32768

    static func isWithinBounds(_ model: Model, _ step: textpin_model_step, channels: Int, hidden: Int) -> Bool {
        guard let weights = model.pointer(step.weights, as: Int8.self), let bias = model.pointer(step.bias, as: Int64.self),
            let multipliers = model.pointer(step.multipliers, as: Int32.self), let shifts = model.pointer(step.shifts, as: UInt8.self)
        else { return false }
        for row in 0..<(hidden + channels) {
            let columns = row < hidden ? channels : hidden
            let start = row < hidden ? row * channels : hidden * channels + (row - hidden) * hidden
            var sum = 0
            for k in 0..<columns { sum += Int(weights[start + k]).magnitudeAsInt }
            let limit = 1 << 32
            guard bias[row] > -Int64(limit), bias[row] < Int64(limit), sum * 32767 + Int(bias[row]).magnitudeAsInt < limit,
                multipliers[row] >= 0, multipliers[row] < TEXTPIN_MULTIPLIER_LIMIT, (1...62).contains(shifts[row])
            else { return false }
        }
        return true
    }
}

extension StepRun {
    func runGate() {
        let input = task.view(step.inputs.0)
        let gate = task.gate(step.output)
        // Every worker sums some of the channels; 64 at a time fill a vector and a cache line.
        let part = share.part(of: input.channels, grain: 64)
        if !part.isEmpty {
            (gate.sums + part.lowerBound).update(repeating: 0, count: part.count)
            for row in 0..<input.height {
                kernels.channel_sums(
                    input.pixel(row: row) + part.lowerBound, input.pixelStride, Int32(input.width), Int32(part.count),
                    gate.sums + part.lowerBound)
            }
        }
        textpin_workers_meet(task.workers)
        if share.worker == 0 { excite(input: input, gate: gate) }
    }

    private func excite(input: TensorView, gate: GateView) {
        guard let weights = task.model.pointer(step.weights, as: Int8.self), let bias = task.model.pointer(step.bias, as: Int64.self),
            let multipliers = task.model.pointer(step.multipliers, as: Int32.self),
            let shifts = task.model.pointer(step.shifts, as: UInt8.self)
        else { return }
        let pixels = input.width * input.height
        for channel in 0..<input.channels {
            let sum = Int(gate.sums[channel]) - pixels * Int(input.zeroPoint)
            gate.means[channel] = Int16(clamping: floorDivide(256 * sum + pixels, 2 * pixels))
        }
        let hidden = Int(step.hidden_channels)
        let squeeze = GateLayer(weights: weights, bias: bias, multipliers: multipliers, shifts: shifts, columns: input.channels)
        for row in 0..<hidden {
            gate.hidden[row] = Int16(clamping: max(0, squeeze.value(row: row, of: gate.means)))
        }
        let expand = GateLayer(
            weights: weights + hidden * input.channels, bias: bias + hidden, multipliers: multipliers + hidden, shifts: shifts + hidden,
            columns: hidden)
        for channel in 0..<input.channels {
            let value = min(max(expand.value(row: channel, of: gate.hidden), 0), GateStep.one) + Int(step.gate_offset) * GateStep.one
            let weight = Int16(clamping: (value * Int(step.gate_multiplier) + 1 << (Int(step.gate_shift) - 1)) >> Int(step.gate_shift))
            gate.weights[channel] = weight
            gate.biases[channel] = step.gate_bias - Int32(weight) * input.zeroPoint
        }
    }

    /// The quotient towards minus infinity; `divisor` is positive.
    private func floorDivide(_ dividend: Int, _ divisor: Int) -> Int {
        let quotient = dividend / divisor
        return dividend % divisor < 0 ? quotient - 1 : quotient
    }
}

/// One of the two layers of squeeze-and-excitation: int8 weights, [rows][columns].
private struct GateLayer {
    let weights: UnsafePointer<Int8>
    let bias: UnsafePointer<Int64>
    let multipliers: UnsafePointer<Int32>
    let shifts: UnsafePointer<UInt8>
    let columns: Int

    func value(row: Int, of input: UnsafePointer<Int16>) -> Int {
        var sum = Int(bias[row])
        let line = weights + row * columns
        for column in 0..<columns { sum += Int(line[column]) * Int(input[column]) }
        let shift = Int(shifts[row])
        return (sum * Int(multipliers[row]) + 1 << (shift - 1)) >> shift
    }
}
