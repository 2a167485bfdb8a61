"""Colours for scripts: a lexer for Pygments. Needs Pygments, which the extras `repl` and `docs` bring."""
