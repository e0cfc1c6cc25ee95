import Foundation

/// Memory whose last byte lies at the end of a page that nothing follows: to touch what comes after ends the process. What lies between is filled
/// with a pattern that `isIntact` looks for.
final class GuardedMemory {
    let bytes: UnsafeMutableRawBufferPointer
    private let region: UnsafeMutableRawPointer
    private let regionBytes: Int
    private static let page = 4096
    private static let canary: UInt8 = 0xA5

    /// `count` bytes that start on a multiple of 64; nil where the system has no room.
    init?(count: Int) {
        let pages = (count + Self.page - 1) / Self.page + 1
        regionBytes = (pages + 2) * Self.page
        guard let region = mmap(nil, regionBytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0), region != MAP_FAILED,
            mprotect(region + Self.page, pages * Self.page, PROT_READ | PROT_WRITE) == 0
        else { return nil }
        self.region = region
        let end = (pages + 1) * Self.page
        let start = (end - count) / 64 * 64
        bytes = UnsafeMutableRawBufferPointer(start: region + start, count: count)
        for range in gaps {
            region.advanced(by: range.lowerBound).initializeMemory(as: UInt8.self, repeating: Self.canary, count: range.count)
        }
    }

    convenience init?(_ content: [UInt8]) {
        self.init(count: content.count)
        bytes.copyBytes(from: content)
    }

    deinit { munmap(region, regionBytes) }

    /// Up to a page ahead of the bytes, and the few behind them.
    private var gaps: [Range<Int>] {
        guard let first = bytes.baseAddress else { return [] }
        let start = first - region
        return [max(Self.page, start - Self.page)..<start, (start + bytes.count)..<(regionBytes - Self.page)]
    }

    var isIntact: Bool {
        gaps.allSatisfy { range in
            UnsafeRawBufferPointer(start: region + range.lowerBound, count: range.count).allSatisfy { $0 == Self.canary }
        }
    }
}
