import Foundation

extension Picture {
    /// The paths of a folder's pictures by extension, sorted by name; those in folders inside it are left out.
    ///
    /// Names are compared byte by byte, so that every machine has the same order.
    public static func pictures(in folder: String) throws(PictureError) -> [String] {
        guard let stream = opendir(folder) else {
            switch errno {
            case ENOENT: throw .file(.missing(path: folder))
            case ENOTDIR: throw .file(.isNoFolder(path: folder))
            case let code: throw .file(.cannotRead(path: folder, reason: FileError.reason(code)))
            }
        }
        closedir(stream)
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            throw .file(.cannotRead(path: folder, reason: error.localizedDescription))
        }
        let start = folder.hasSuffix("/") ? folder : folder + "/"
        let paths =
            names
            .filter { name in !name.hasPrefix(".") && extensions.contains { name.lowercased().hasSuffix("." + $0) } }
            .map { start + $0 }
            .filter { isOrdinaryFile($0) }
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        guard !paths.isEmpty else { throw .noPictures(folder: folder) }
        return paths
    }

    /// A pipe or a device among them would be waited for without end.
    private static func isOrdinaryFile(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }
}
