"""`python -m editors` writes what is made from the grammar anew: the TextMate grammar, the word lists of the Pygments lexer, and
what the language's own lexer says of the script that both are tried on."""

from __future__ import annotations

from editors.made import made


def main() -> None:
    """Write each file that is not as it should be."""
    for file, text in made().items():
        if not file.exists() or file.read_text("utf-8") != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
