"""Who may do what: roles, what they allow, and plans held to it."""
