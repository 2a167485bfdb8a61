"""Code of the host that is hung on verbs and on what happens to tables."""
