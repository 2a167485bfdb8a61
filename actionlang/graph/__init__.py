"""Pictures: a verb as a flow of steps, a project as verbs and tables."""
