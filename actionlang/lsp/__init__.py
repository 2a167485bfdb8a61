"""The language server: what editors ask about a project, answered from the unsaved text."""
