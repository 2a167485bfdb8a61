"""The file in which a project keeps what its verbs may do (see `actionlang.lint.agreed`)."""

from __future__ import annotations

from pathlib import Path

from actionlang.diagnostics.catalogue import project as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.lint.agreed import FILE_NAME, Agreed, read_agreement


def agreed_in(root: Path) -> Agreed:
    """What a project has agreed that its verbs may do; nothing of any verb where it has no such file.

    Raises ActionLangError when the file can not be read or understood.
    """
    file = root / FILE_NAME
    try:
        return read_agreement(file.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        message = f"{file} can not be read: {error.strerror}."
        raise ActionLangError(Diagnostic(codes.BAD_PROJECT_FILE, message)) from None
    except ValueError as error:
        what = "is not UTF-8 text" if isinstance(error, UnicodeError) else f"can not be understood in line {error}"
        hint = "actionlang check --agree writes it anew."
        raise ActionLangError(Diagnostic(codes.BAD_PROJECT_FILE, f"{file} {what}.", hint=hint)) from None
