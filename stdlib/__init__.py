"""The standard library: modules written in the language, imported by name (`import helpdesk;`)."""
