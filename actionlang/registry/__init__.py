"""Verbs in use: published versions, which of them is active, and calling them by name."""
