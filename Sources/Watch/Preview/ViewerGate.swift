import CDevices
import CPreview
import Messages

/// Decides who may ask at all.
struct ViewerGate {
    /// Wrong tokens that a peer may give within `failureTime`; then it is refused for the rest of that time.
    static let mostFailures = 5
    static let failureTime: Int64 = 60_000_000_000
    private static let tokenLengths = 16...128

    private var token = InlineArray<128, UInt8>(repeating: 0)
    /// 0 where none is needed.
    private var tokenCount = 0
    private var peers = InlineArray<32, PeerFailures>(repeating: PeerFailures())

    private struct PeerFailures {
        var network: UInt64 = 0
        var host: UInt64 = 0
        var count = 0
        var start: Int64 = 0
    }

    enum Refusal {
        case foreignHost
        case foreignOrigin
        case method
        case noToken
        case tooManyFailures
    }

    init(token text: UnsafePointer<CChar>?) throws(Failure) {
        guard let text else { return }
        while text[tokenCount] != 0 {
            guard tokenCount < Self.tokenLengths.upperBound else { break }
            token[tokenCount] = UInt8(bitPattern: text[tokenCount])
            tokenCount += 1
        }
        guard Self.tokenLengths.contains(tokenCount), text[tokenCount] == 0 else {
            throw Failure("a preview's token has 16 to 128 characters, as head -c 18 /dev/urandom | base64 makes them", status: 64)
        }
    }

    /// Nil if the request may be answered.
    mutating func refusal(of request: textpin_preview_request, now: Int64) -> Refusal? {
        // A page of another site can reach this address under a name of its own, which its DNS turns to it (DNS rebinding).
        guard let host = request.host, textpin_preview_is_own_host(host) else { return .foreignHost }
        if let origin = request.origin, !Self.isOrigin(origin, of: host) { return .foreignOrigin }
        guard let method = request.method, isEqual(method, "GET") || isEqual(method, "HEAD") else { return .method }
        return tokenCount == 0 ? nil : tokenRefusal(of: request, now: now)
    }

    private static func isOrigin(_ origin: UnsafePointer<CChar>, of host: UnsafePointer<CChar>) -> Bool {
        let scheme: StaticString = "http://"
        guard hasPrefix(origin, scheme) else { return false }
        var index = 0
        let rest = origin + scheme.utf8CodeUnitCount
        while rest[index] != 0, rest[index] == host[index] { index += 1 }
        return rest[index] == host[index]
    }

    private mutating func tokenRefusal(of request: textpin_preview_request, now: Int64) -> Refusal? {
        let (network, host) = Self.names(of: request.peer)
        let place = place(network, host, now: now)
        if let place, peers[place].count >= Self.mostFailures { return .tooManyFailures }
        // A browser's first request has none, which is no guess.
        guard let authorization = request.authorization else { return .noToken }
        guard !isRight(authorization) else { return nil }
        if let place {
            peers[place].count += 1
        } else {
            peers[oldestPlace] = PeerFailures(network: network, host: host, count: 1, start: now)
        }
        return .noToken
    }

    /// An IPv6 network is its owner's, with as many hosts as they like, so there only the network counts.
    private static func names(of peer: PeerBytes) -> (network: UInt64, host: UInt64) {
        let (network, host) = unsafeBitCast(peer, to: (UInt64, UInt64).self)
        return (network, network == 0 ? host : 0)
    }

    /// Where a peer's failures of the last minute are counted; nil if there were none.
    private func place(_ network: UInt64, _ host: UInt64, now: Int64) -> Int? {
        for index in peers.indices
        where peers[index].count > 0 && peers[index].network == network && peers[index].host == host
            && now - peers[index].start < Self.failureTime
        { return index }
        return nil
    }

    private var oldestPlace: Int {
        var oldest = 0
        for index in peers.indices where peers[index].start < peers[oldest].start { oldest = index }
        return oldest
    }

    /// Whether the password of basic authentication (RFC 7617) is the token, in a time that does not tell how much of it is right.
    private func isRight(_ authorization: UnsafePointer<CChar>) -> Bool {
        let scheme: StaticString = "basic "
        for index in 0..<scheme.utf8CodeUnitCount
        where UInt8(bitPattern: authorization[index]) | 0x20 != scheme.utf8Start[index] | 0x20 { return false }
        var decoder = Base64Decoder(authorization + scheme.utf8CodeUnitCount)
        while let byte = decoder.next(), byte != UInt8(ascii: ":") {}
        var difference: UInt8 = 0
        var count = 0
        while let byte = decoder.next() {
            difference |= byte ^ token[count % tokenCount]
            count += 1
        }
        return difference == 0 && count == tokenCount
    }
}

typealias PeerBytes = (
    UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8
)

/// The bytes of a Base64 text (RFC 4648, section 4), up to its end or the first character that is none of it.
struct Base64Decoder {
    private var source: UnsafePointer<CChar>
    private var bits: UInt32 = 0
    private var bitCount: UInt32 = 0

    init(_ source: UnsafePointer<CChar>) { self.source = source }

    mutating func next() -> UInt8? {
        while bitCount < 8 {
            guard let value = Self.value(UInt8(bitPattern: source.pointee)) else { return nil }
            source += 1
            bits = bits << 6 | value
            bitCount += 6
        }
        bitCount -= 8
        return UInt8(truncatingIfNeeded: bits >> bitCount)
    }

    private static func value(_ character: UInt8) -> UInt32? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
