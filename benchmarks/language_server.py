"""The language server: how long does an editor wait for an answer?

A project of 20,000 lines, and in it a script of 2,000 lines that is open and being edited, in a server of its own that is spoken to
over standard input and output. Each request is asked at many places of the script while nothing changes, and as the first one after a
key was pressed, when the script has to be checked anew. What is told is the median and the slowest but one of fifteen answers.
"""

from __future__ import annotations

import asyncio
import random
import re
import statistics
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import attrs
from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient

from actionlang.lsp.positions import Lines
from benchmarks.generated_project import sources, write_project

LINES, EDITED = 20_000, 2_000
ROUNDS = 15
BAR = 100.0
ACTIONLANG = str(Path(sys.executable).with_name("actionlang"))
NAME = re.compile(r"(?<=[ .(])[a-z_]{4,}(?=[ .;)])")

Ask = Callable[[lsp.Position], Awaitable[Any]]


def edited_script(lines: int = EDITED) -> str:
    """A script of about so many lines, of the same kind as the project's others."""
    found = sources(lines)
    parts = [text.replace('import "base.act";\n', "") for name, text in found.items() if name != "base.act"]
    return 'import "base.act";\n' + "\n".join(parts)


@attrs.frozen
class Measured:
    """Seconds until the script was checked at first; milliseconds of each request, while nothing changes and after a key; those
    from a key to the problems."""

    opened: float
    requests: dict[str, tuple[list[float], list[float]]]
    problems: list[float]


class Session:
    """A server, and the script that is open in it."""

    def __init__(self, folder: Path, text: str) -> None:
        self.client = LanguageClient("benchmark", "1")
        self.path = folder / "edited.act"
        self.document = lsp.TextDocumentIdentifier(self.path.as_uri())
        self.text, self.version = text, 1
        self.lines = Lines(text)
        self.checked = asyncio.Event()
        self.places = random.Random(7)

        @self.client.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)  # type: ignore[untyped-decorator]
        def published(params: lsp.PublishDiagnosticsParams) -> None:
            if params.uri == self.document.uri and params.version == self.version:
                assert not params.diagnostics, params.diagnostics[0].message
                self.checked.set()

    async def start(self) -> float:
        """Open the project and the script; seconds until that was checked."""
        await self.client.start_io(ACTIONLANG, "lsp")
        folder = lsp.WorkspaceFolder(self.path.parent.as_uri(), "project")
        await self.client.initialize_async(lsp.InitializeParams(lsp.ClientCapabilities(), workspace_folders=[folder]))
        begun = perf_counter()
        self.client.initialized(lsp.InitializedParams())
        item = lsp.TextDocumentItem(self.document.uri, "actionlang", 1, self.text)
        self.client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))
        await self.checked.wait()
        taken = perf_counter() - begun
        await self.client.workspace_symbol_async(lsp.WorkspaceSymbolParams("nothing"))
        return taken

    def press(self) -> None:
        """Type a blank into a verb in the middle."""
        at = len(self.text) // 2 + self.text[len(self.text) // 2 :].index("let ")
        place = self.lines.range(at, at)
        self.version += 1
        self.text = f"{self.text[:at]} {self.text[at:]}"
        self.lines = Lines(self.text)
        self.checked.clear()
        self.client.text_document_did_change(
            lsp.DidChangeTextDocumentParams(
                lsp.VersionedTextDocumentIdentifier(self.version, self.document.uri),
                [lsp.TextDocumentContentChangePartial(range=place, text=" ")],
            )
        )

    def somewhere(self) -> lsp.Position:
        """A place in a name."""
        names = list(NAME.finditer(self.text, self.text.index("action "), len(self.text)))
        return self.lines.position(self.places.choice(names).start() + 1)

    def requests(self) -> dict[str, Ask]:
        """What an editor asks, by what that is for."""
        client, document = self.client, self.document
        whole = lsp.Range(lsp.Position(0, 0), lsp.Position(EDITED * 2, 0))

        def part(place: lsp.Position) -> lsp.Range:
            return lsp.Range(lsp.Position(place.line, 0), lsp.Position(place.line + 60, 0))

        context = lsp.ReferenceContext(include_declaration=True)
        options = lsp.FormattingOptions(2, True)
        return {
            "completion": lambda at: client.text_document_completion_async(lsp.CompletionParams(document, at)),
            "signature help": lambda at: client.text_document_signature_help_async(
                lsp.SignatureHelpParams(document, at)
            ),
            "hover": lambda at: client.text_document_hover_async(lsp.HoverParams(document, at)),
            "definition": lambda at: client.text_document_definition_async(lsp.DefinitionParams(document, at)),
            "references": lambda at: client.text_document_references_async(lsp.ReferenceParams(context, document, at)),
            "highlights": lambda at: client.text_document_document_highlight_async(
                lsp.DocumentHighlightParams(document, at)
            ),
            "prepare rename": lambda at: client.text_document_prepare_rename_async(
                lsp.PrepareRenameParams(document, self.a_value())
            ),
            "rename of a value": lambda at: client.text_document_rename_async(
                lsp.RenameParams(document, self.a_value(), "named_otherwise")
            ),
            "code actions": lambda at: client.text_document_code_action_async(
                lsp.CodeActionParams(document, part(at), lsp.CodeActionContext([]))
            ),
            "semantic tokens of the part that is seen": lambda at: client.text_document_semantic_tokens_range_async(
                lsp.SemanticTokensRangeParams(document, part(at))
            ),
            "semantic tokens of all": lambda _: client.text_document_semantic_tokens_full_async(
                lsp.SemanticTokensParams(document)
            ),
            "inlay hints of the part that is seen": lambda at: client.text_document_inlay_hint_async(
                lsp.InlayHintParams(document, part(at))
            ),
            "inlay hints of all": lambda _: client.text_document_inlay_hint_async(lsp.InlayHintParams(document, whole)),
            "folding": lambda _: client.text_document_folding_range_async(lsp.FoldingRangeParams(document)),
            "selection": lambda at: client.text_document_selection_range_async(
                lsp.SelectionRangeParams(document, [at])
            ),
            "symbols of the script": lambda _: client.text_document_document_symbol_async(
                lsp.DocumentSymbolParams(document)
            ),
            "symbols of the project": lambda _: client.workspace_symbol_async(lsp.WorkspaceSymbolParams("agree")),
            "code lenses": lambda _: client.text_document_code_lens_async(lsp.CodeLensParams(document)),
            "formatting": lambda _: client.text_document_formatting_async(
                lsp.DocumentFormattingParams(document, options)
            ),
        }

    def a_value(self) -> lsp.Position:
        """The place of a name that `let` gives."""
        names = [found.end() for found in re.finditer(r"let ", self.text)]
        return self.lines.position(self.places.choice(names) + 1)

    async def asked(self, ask: Ask, rounds: int, after_a_key: bool) -> list[float]:
        """Milliseconds of some answers."""
        taken = []
        for _ in range(rounds):
            place = self.somewhere()
            if after_a_key:
                self.press()
            begun = perf_counter()
            await ask(place)
            taken.append((perf_counter() - begun) * 1000)
            if after_a_key:
                await self.checked.wait()
        return taken

    async def problems(self, rounds: int) -> list[float]:
        """Milliseconds from a key to the problems, the pause for more keys included."""
        taken = []
        for _ in range(rounds):
            begun = perf_counter()
            self.press()
            await self.checked.wait()
            taken.append((perf_counter() - begun) * 1000)
        return taken

    async def stop(self) -> None:
        """End the server."""
        await self.client.shutdown_async(None)
        self.client.exit(None)
        await self.client.stop()  # type: ignore[no-untyped-call]


async def measure(lines: int, edited: int, rounds: int) -> Measured:
    """Ask everything of a project of so many lines, and of a script of so many in it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        write_project(folder, lines)
        text = edited_script(edited)
        (folder / "edited.act").write_text(text)
        session = Session(folder, text)
        opened = await session.start()
        found = {}
        for what, ask in session.requests().items():
            found[what] = (await session.asked(ask, rounds, False), await session.asked(ask, rounds, True))
        problems = await session.problems(rounds)
        await session.stop()
        return Measured(opened, found, problems)


def main() -> None:
    """Print the table."""
    found = asyncio.run(measure(LINES, EDITED, ROUNDS))
    print(f"A script of {EDITED:,} lines in a project of {LINES:,}; {ROUNDS} answers each, in milliseconds.\n")
    print("| | median | slowest but one | first after a key: median | slowest but one |")
    print("|---|---:|---:|---:|---:|")
    for what, times in found.requests.items():
        numbers = [f"{number:.1f}" for some in times for number in (statistics.median(some), sorted(some)[-2])]
        print(f"| {what} | {' | '.join(numbers)} |")
    everything = [time for settled, _ in found.requests.values() for time in settled]
    print(
        f"\nThe median of all answers while nothing changes: {statistics.median(everything):.1f} ms; the bar: {BAR:.0f} ms."
    )
    problems = statistics.median(found.problems)
    print(f"From a key to the problems, the server's pause of 150 ms included: {problems:.0f} ms.")
    print(f"From opening the project to the script's problems: {found.opened:.2f} s.")


if __name__ == "__main__":
    main()
