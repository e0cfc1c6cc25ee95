/// A lowered network with all its numbers chosen: what the model file will hold.
package struct QuantizedNetwork: Sendable {
    package var lowered: LoweredNetwork
    /// One per tensor; logits and gates have the unit's.
    package var parameters: [QuantizationParameters]
    /// By tensor: what each channel's step is times the scale; nil where all are 1.
    package var channelFactors: [[Float]?]
    /// One per step.
    package var constants: [StepConstants]
}

/// The integers of a step.
package enum StepConstants: Sendable {
    case none
    case weights(WeightConstants)
    /// Without a gate, `weights` and `bias` have one entry per channel; with one, they are empty.
    case combine(weights: [Int16], bias: [Int32], weightB: Int32, shift: Int32, gate: GateFactor?)
    case gate(GateConstants)
    case lookup([Int8])
    /// Pairs of position and weight; see Inference's BilinearStep.
    case bilinear([Int16])

    package struct WeightConstants: Sendable {
        /// In the order of the model file: see textpin_weights, textpin_step_kind.
        package var weights: [Int8]
        package var bias: [Int32]
        package var multipliers: [Int32]
        package var shifts: [UInt8]
        package var table: [Int8]?
        package var hardSwish: HardSwishConstants?
        /// What the tensor that is added counts for (kernels' equation 8); 0 where there is none.
        package var addendMultiplier: Int32 = 0
        /// By row, the real value that the bias holds besides the layer's own: what the zero point of the tensor that is added comes to.
        package var biasOffsets: [Double]
        /// Whether accumulators are multiplied by TEXTPIN_FINE_SCALE first: logits, ahead of hard-swish and of an add.
        package var isFine: Bool
        /// The real value of one unit of each output channel's accumulator.
        package var accumulatorScales: [Double]
        /// What requantized values count from: the output's, or that of the table's index.
        package var zeroPoint: Int32
    }

    /// See struct textpin_hard_swish.
    package struct HardSwishConstants: Sendable {
        package var three: Int16
        package var slopeShift: Int16
        package var slope: Int16
        package var offset: Int16
        package var outputMultipliers: [Int16]
    }

    package struct GateConstants: Sendable {
        package var weights: [Int8]
        package var bias: [Int64]
        package var multipliers: [Int32]
        package var shifts: [UInt8]
        package var hiddenChannels: Int
    }

    /// How a gate step turns its gates into the combine step's weights and biases; written into the gate's record.
    package struct GateFactor: Sendable {
        package var multiplier: Int32
        package var shift: Int32
        package var bias: Int32
    }
}
