import Calibration

/// The arena as a drawing: steps from left to right, addresses from bottom to top, a rectangle per tensor.
struct PlanDrawing {
    private let summary: PlanSummary
    private let width = 1200.0
    private let height = 700.0
    private let margin = 60.0

    init(_ summary: PlanSummary) {
        self.summary = summary
    }

    var text: String {
        let steps = Double(summary.steps.count + 1)
        let bytes = Double(max(summary.activationBytes, 1))
        var lines = [
            #"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \#(Int(width + 2 * margin)) \#(Int(height + 2 * margin))" font-family="sans-serif" font-size="12">"#,
            #"<rect width="100%" height="100%" fill="white"/>"#,
            #"<text x="\#(margin)" y="24" font-size="16">Arena: \#(summary.activationBytes) bytes of activations over \#(summary.steps.count) steps; no plan needs less than \#(summary.lowerBound)</text>"#,
        ]
        for (index, block) in summary.blocks.enumerated() {
            let x = margin + Double(block.lifetime.lowerBound) / steps * width
            let w = Double(block.lifetime.count) / steps * width
            let h = Double(block.byteCount) / bytes * height
            let y = margin + height - Double(block.offset) / bytes * height - h
            let title =
                "\(block.name): \(block.byteCount) bytes at \(block.offset), steps \(block.lifetime.lowerBound) to \(block.lifetime.upperBound)"
            lines.append(
                #"<rect x="\#(rounded(x))" y="\#(rounded(y))" width="\#(rounded(w))" height="\#(rounded(h))" fill="hsl(\#(index * 47 % 360),60%,70%)" stroke="black" stroke-width="0.5"><title>\#(escaped(title))</title></rect>"#
            )
        }
        for tick in stride(from: 0, through: summary.steps.count, by: 10) {
            let x = margin + Double(tick) / steps * width
            lines.append(#"<text x="\#(rounded(x))" y="\#(margin + height + 18)">\#(tick)</text>"#)
        }
        for part in 0...4 {
            let y = margin + height - Double(part) / 4 * height
            lines.append(#"<text x="4" y="\#(rounded(y))">\#(summary.activationBytes * part / 4 / 1024) K</text>"#)
        }
        lines.append(#"<text x="\#(margin + width / 2)" y="\#(margin + height + 40)">step</text>"#)
        return (lines + ["</svg>", ""]).joined(separator: "\n")
    }

    private func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }

    private func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
    }
}
