"""A reference of a project's own verbs and tables, as a folder of pages that needs no server."""
