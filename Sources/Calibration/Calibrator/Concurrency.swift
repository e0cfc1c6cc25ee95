import Foundation

/// Runs `body` for each index on up to `threads` threads and returns when all are done.
package func concurrently(_ count: Int, threads: Int, _ body: @escaping @Sendable (Int) -> Void) {
    guard threads > 1, count > 1 else { return (0..<count).forEach(body) }
    let next = Counter()
    DispatchQueue.concurrentPerform(iterations: min(threads, count)) { _ in
        while let index = next.take(below: count) { body(index) }
    }
}

/// Hands out 0, 1, 2, … to whoever asks.
private final class Counter: @unchecked Sendable {
    private let lock = NSLock()
    private var next = 0

    func take(below limit: Int) -> Int? {
        lock.withLock {
            guard next < limit else { return nil }
            next += 1
            return next - 1
        }
    }
}

/// A place for each index's result, filled from any thread.
package final class ConcurrentResults<Value: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var results: [Result<Value, any Error>?]

    package init(count: Int) { results = Array(repeating: nil, count: count) }

    package func set(_ index: Int, _ result: Result<Value, any Error>) {
        lock.withLock { results[index] = result }
    }

    /// All values in order, or the first error.
    package func values() throws -> [Value] {
        try lock.withLock { try results.compactMap { try $0?.get() } }
    }
}
