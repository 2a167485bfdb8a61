"""Pictures of verbs and projects: first as data (`picture`), then written as Mermaid, DOT, SVG or PNG."""
