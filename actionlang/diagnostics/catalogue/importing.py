"""E09xx, first half: bringing metadata in from elsewhere."""

from actionlang.diagnostics.diagnostic import Code

NOTHING_TO_IMPORT = Code("E0917", "nothing to import")
NOT_UPDATABLE = Code("E0918", "file that an import can not update")
