"""E04xx, first half: documents that metadata is imported from."""

from actionlang.diagnostics.diagnostic import Code

NOT_XML = Code("E0431", "document that is not well-formed XML")
NOT_METADATA = Code("E0432", "XML that is no $metadata document")
XML_WITH_DTD = Code("E0433", "XML that declares a document type")
XML_TOO_LARGE = Code("E0434", "XML beyond a limit")
DAMAGED_ARCHIVE = Code("E0435", "compressed file that is damaged")
WRONG_METADATA = Code("E0436", "$metadata that contradicts itself")
