import Foundation

/// Reading a value from a JSON file whose content is not trusted.
package enum JSONFile {
    package static func read<Value: Decodable>(_ type: Value.Type, from path: String, limit: Int) throws(JSONFileError) -> Value {
        let bytes: [UInt8]
        do { bytes = try WholeFile.read(path, limit: limit) } catch { throw .file(error) }
        return try decode(type, from: Data(bytes), of: path)
    }

    /// A value from JSON that stands inside another file; `path` is that file's, for errors.
    package static func decode<Value: Decodable>(_ type: Value.Type, from json: Data, of path: String) throws(JSONFileError) -> Value {
        do {
            return try JSONDecoder().decode(Value.self, from: json)
        } catch {
            throw JSONFileError(decoding: error, path: path)
        }
    }
}

/// Why a JSON file could not be used, as one sentence with the file's name and the place in it.
public enum JSONFileError: Error, Sendable, Equatable {
    case file(FileError)
    case notJSON(path: String)
    /// `place` as in `images[3].polygons[0].points`; `reason` without a full stop.
    case invalid(path: String, place: String, reason: String)

    /// 66 for a missing file, 65 for bad data.
    public var exitStatus: Int32 {
        switch self {
        case .file(let error): error.exitStatus
        case .notJSON, .invalid: 65
        }
    }
}

extension JSONFileError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .file(let error): error.description
        case .notJSON(let path): "\(path) is not JSON, or was cut short."
        case .invalid(let path, let place, let reason): "\(path) is wrong at \(place): \(reason)."
        }
    }
}

extension JSONFileError {
    /// What a decoder threw, in our words: its own differ between versions of Foundation.
    fileprivate init(decoding error: any Error, path: String) {
        switch error as? DecodingError {
        case .keyNotFound(let key, let context):
            self = .invalid(path: path, place: Self.place(context.codingPath), reason: "\"\(key.stringValue)\" is missing")
        case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
            self = .invalid(path: path, place: Self.place(context.codingPath), reason: "\(Self.name(of: type)) was expected")
        case .dataCorrupted(let context) where !context.codingPath.isEmpty:
            self = .invalid(path: path, place: Self.place(context.codingPath), reason: "its value cannot be used")
        default:
            self = .notJSON(path: path)
        }
    }

    private static func place(_ path: [any CodingKey]) -> String {
        let place = path.reduce("") { place, key in
            if let index = key.intValue { return place + "[\(index)]" }
            return place.isEmpty ? key.stringValue : place + "." + key.stringValue
        }
        return place.isEmpty ? "the outermost level" : place
    }

    private static func name(of type: any Any.Type) -> String {
        switch type {
        case is String.Type: "a text"
        case is Bool.Type: "true or false"
        case is Int.Type: "a whole number"
        case is Double.Type: "a number"
        case is [String: Any].Type: "an object"
        default: "a list"
        }
    }
}
