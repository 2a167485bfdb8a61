"""A site of a project's own verbs and tables."""
