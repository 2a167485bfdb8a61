"""Where a secret is read from. Only that is ever stored or shown, never the secret."""

from __future__ import annotations

import os
from pathlib import Path

import attrs

from actionlang.diagnostics.catalogue import delivery as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic

FROM = ("env", "file")


@attrs.frozen
class SecretPlace:
    """An environment variable (`env`) or a file (`file`) that holds a secret."""

    kind: str = attrs.field(validator=attrs.validators.in_(FROM))
    name: str

    def __str__(self) -> str:
        return f"the environment variable {self.name}" if self.kind == "env" else f"the file {self.name}"

    def read(self) -> str:
        """The secret, as it is now. Raises ActionLangError when there is none."""
        if self.kind == "env":
            found = os.environ.get(self.name, "")
        else:
            try:
                found = Path(self.name).read_text("utf-8")
            except (OSError, UnicodeDecodeError) as error:
                why = error.strerror if isinstance(error, OSError) and error.strerror else "it is no text"
                raise self.unusable(f"can not be read: {why}") from None
        if not found.strip():
            raise self.unusable("is not set" if self.kind == "env" else "is empty")
        return found.strip()

    def unusable(self, why: str) -> ActionLangError:
        """The error that a secret can not be used; `why` must not tell anything of it."""
        hint = (
            "set it where actionlang deliver is started"
            if self.kind == "env"
            else "see that whoever runs actionlang deliver may read it"
        )
        return ActionLangError(Diagnostic(codes.NO_SECRET, f"The secret in {self} {why}.", hint=hint))
