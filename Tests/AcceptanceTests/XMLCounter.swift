import Foundation

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// Whether a drawing is well-formed XML, and how many rectangles it has.
final class XMLCounter: NSObject, XMLParserDelegate {
    private(set) var isWellFormed = false
    private(set) var rectangles = 0

    init(data: Data) {
        super.init()
        let parser = XMLParser(data: data)
        parser.delegate = self
        isWellFormed = parser.parse()
    }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?, attributes: [String: String] = [:]
    ) {
        if name == "rect" { rectangles += 1 }
    }
}
