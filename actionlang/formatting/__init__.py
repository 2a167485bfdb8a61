"""The one canonical way to write a script: from text to text, with every comment kept."""

from actionlang.formatting.formatter import format_source

__all__ = ["format_source"]
