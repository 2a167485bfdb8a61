"""What editors are given: the extension for VS Code, and word lists made from the grammar."""
