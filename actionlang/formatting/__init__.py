"""The one canonical way to write a script: from text to text, with every comment kept."""
