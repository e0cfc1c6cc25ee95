import CPreview
import Messages

// What is answered without looking at a frame.
extension textpin_preview_answer {
    init(status: UInt32) {
        self.init()
        self.status = status
    }

    init(_ refusal: ViewerGate.Refusal) {
        switch refusal {
        case .foreignHost:
            self = .sentence(403, "Ask for this page by the machine's numeric address, by its own name, or by localhost.\n")
        case .foreignOrigin: self = .sentence(403, "Other pages may not ask here.\n")
        case .method:
            self = .sentence(405, "This is for looking only: GET and HEAD.\n")
            setField("Allow", "GET, HEAD")
        case .noToken:
            self = .sentence(401, "The preview's token is needed, as the password; the name does not matter.\n")
            setField("WWW-Authenticate", "Basic realm=\"TextPin\", charset=\"UTF-8\"")
        case .tooManyFailures:
            self = .sentence(429, "Too many wrong tokens came from your address: wait a minute.\n")
            setField("Retry-After", "60")
        }
    }

    static var notFound: Self { sentence(404, "There is nothing of that name.\n") }

    /// There is no frame yet, or no memory for it.
    static var unavailable: Self {
        var answer = sentence(503, "There is no picture at the moment: ask again in a second.\n")
        answer.setField("Retry-After", "1")
        return answer
    }

    static func sentence(_ status: UInt32, _ sentence: StaticString) -> Self {
        var answer = Self(status: status)
        answer.type = ("text/plain; charset=utf-8" as StaticString).cString
        answer.bytes = sentence.utf8Start
        answer.count = sentence.utf8CodeUnitCount
        answer.is_constant = true
        return answer
    }

    static func body(_ status: UInt32, _ type: StaticString, _ bytes: UnsafeMutableRawBufferPointer, count: Int) -> Self {
        var answer = Self(status: status)
        answer.type = type.cString
        answer.bytes = UnsafePointer(bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
        answer.count = count
        return answer
    }

    /// Nil if the page has no such file.
    static func pageFile(_ path: UnsafePointer<CChar>) -> Self? {
        var answer = Self(status: 200)
        guard textpin_preview_page_file(path, &answer.bytes, &answer.count, &answer.type, &answer.field_value) else { return nil }
        if answer.field_value != nil { answer.field = ("Content-Encoding" as StaticString).cString }
        answer.is_constant = true
        return answer
    }

    mutating func setField(_ name: StaticString, _ value: StaticString) {
        field = name.cString
        field_value = value.cString
    }
}

extension textpin_preview_request {
    /// The value of a query's argument, zero-terminated; nil if it has none of that name.
    func argument(_ name: StaticString) -> UnsafePointer<CChar>? {
        withUnsafePointer(to: self) { textpin_preview_argument($0, name.cString) }
    }
}
