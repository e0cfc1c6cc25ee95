/// Finds the JPEGs in bytes that come one after the other (ITU-T T.81, annex B): from the start marker, by the lengths of its segments, to the end
/// marker behind a scan. What stands between JPEGs, or is none, is passed over.
struct JPEGSplitter {
    private var start: Int?
    /// Up to where the bytes have been read.
    private var position = 0
    private var isInScan = false

    /// The first whole JPEG of `bytes`, which since the last call may have grown at their end. After one was found, a new splitter is needed.
    @inline(never)
    mutating func frame(in bytes: UnsafeRawBufferPointer) -> Range<Int>? {
        while true {
            guard let start else {
                guard findStart(bytes) else { return nil }
                continue
            }
            if isInScan {
                guard leaveScan(bytes) else { return nil }
                continue
            }
            guard position + 1 < bytes.count else { return nil }
            guard bytes[position] == 0xFF else {
                lose()
                continue
            }
            switch bytes[position + 1] {
            case 0xD9: return start..<(position + 2)
            // A fill byte; markers without a segment.
            case 0xFF: position += 1
            case 0x01, 0xD0...0xD7: position += 2
            // Another JPEG begins where this one should go on.
            case 0xD8: lose()
            case let marker:
                guard position + 3 < bytes.count else { return nil }
                let length = Int(bytes[position + 2]) << 8 | Int(bytes[position + 3])
                guard length >= 2, marker >= 0xC0 else {
                    lose()
                    continue
                }
                guard position + 2 + length <= bytes.count else { return nil }
                position += 2 + length
                isInScan = marker == 0xDA
            }
        }
    }

    private mutating func findStart(_ bytes: UnsafeRawBufferPointer) -> Bool {
        while position + 2 < bytes.count {
            if bytes[position] == 0xFF, bytes[position + 1] == 0xD8, bytes[position + 2] == 0xFF {
                start = position
                position += 2
                return true
            }
            position += 1
        }
        return false
    }

    /// Goes to the marker behind the scan's data, in which 0xFF is followed by 0 or a restart marker.
    private mutating func leaveScan(_ bytes: UnsafeRawBufferPointer) -> Bool {
        while position + 1 < bytes.count {
            if bytes[position] == 0xFF, bytes[position + 1] != 0, !(0xD0...0xD7).contains(bytes[position + 1]) {
                isInScan = false
                return true
            }
            position += 1
        }
        return false
    }

    /// Looks for the next start, from here on.
    private mutating func lose() { start = nil }
}
