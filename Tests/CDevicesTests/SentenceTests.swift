import CDevices
import Testing

@Suite("Sentences")
struct SentenceTests {
    @Test("a thread's sentence lasts until the eighth after it")
    func lasting() {
        let kept = (0..<8).map { keep("sentence \($0)") }
        #expect(kept.map { String(decoding: $0, as: UTF8.self) } == (0..<8).map { "sentence \($0)" })
    }

    @Test("the longest sentence is kept whole")
    func longest() {
        let longest = String(repeating: "ä", count: Int(TEXTPIN_SENTENCE_BYTES) / 2)
        let kept = keep(longest)
        _ = keep("another")
        #expect(String(decoding: kept, as: UTF8.self) == longest)
    }

    private func keep(_ text: String) -> UnsafeBufferPointer<UInt8> {
        let count = text.utf8.count
        return UnsafeBufferPointer(start: textpin_keep_sentence(text, count), count: count)
    }
}
