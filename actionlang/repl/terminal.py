"""The prompt on a terminal: editing of many lines, colours, completion, history."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from prompt_toolkit import PromptSession
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.lexers import PygmentsLexer
from prompt_toolkit.shortcuts import CompleteStyle

from actionlang.diagnostics.catalogue.database import INTERRUPTED
from actionlang.diagnostics.diagnostic import Diagnostic
from actionlang.highlighting.lexer import ActionLangLexer
from actionlang.repl.commands import complete_command
from actionlang.repl.completion import complete
from actionlang.repl.cursor import WORD
from actionlang.repl.evaluator import Evaluator
from actionlang.repl.history import open_history
from actionlang.repl.splitting import split_entries
from actionlang.runtime.result import RunInterrupted

NAME = "<input>"
INDENT = 2
PROMPT, PROMPT_PENDING, MORE = "actionlang> ", "actionlang* ", "........... "

Ask = Callable[[str], str]


def converse(evaluator: Evaluator) -> None:
    """Read and answer until somebody leaves."""
    prompt = _session(evaluator)
    leaving = False
    while not leaving:
        try:
            text = prompt.prompt(PROMPT_PENDING if evaluator.work.pending else PROMPT)
        except KeyboardInterrupt:
            continue
        except EOFError:
            leaving = True
        else:
            leaving = not _answer_or_stop(text, evaluator)
        if leaving:
            leaving = may_leave(evaluator, lambda question: PromptSession[str]().prompt(question))


def is_complete(text: str) -> bool:
    """Whether Enter ends the text rather than beginning a new line in it."""
    entries = list(split_entries(text.splitlines(keepends=True), NAME))
    return not entries or entries[-1].complete


def may_leave(evaluator: Evaluator, ask: Ask) -> bool:
    """Ask what is to become of changes that were not kept; whether to leave now."""
    if not evaluator.work.pending:
        return True
    question = f"{evaluator.pending_words()} not kept. Keep? [yes/no/stay] "
    while True:
        try:
            answer = ask(question).strip().lower()
        except KeyboardInterrupt:
            return False
        except EOFError:
            answer = "no"
        if answer and "yes".startswith(answer):
            return evaluator.try_to(evaluator.commit)
        if answer and "no".startswith(answer):
            evaluator.say_undone()
            return True
        if answer and "stay".startswith(answer):
            return False


def _answer_or_stop(text: str, evaluator: Evaluator) -> bool:
    """Answer what was typed until Ctrl-C; False when it says to leave."""
    try:
        return _answer(text, evaluator)
    except RunInterrupted as interrupt:
        evaluator.screen.complain(interrupt.diagnostic)
    except KeyboardInterrupt:
        evaluator.screen.complain(Diagnostic(INTERRUPTED, "Interrupted."))
    return True


def _answer(text: str, evaluator: Evaluator) -> bool:
    """Answer what was typed or pasted, up to the first thing that fails; False when it says to leave."""
    for entry in split_entries(text.splitlines(keepends=True), NAME):
        answer = evaluator.evaluate(entry)
        if answer.leaves:
            return False
        if not answer.well:
            break
    return True


def _session(evaluator: Evaluator) -> PromptSession[str]:
    return PromptSession(
        history=open_history(),
        lexer=PygmentsLexer(ActionLangLexer),
        completer=_Completer(evaluator),
        complete_while_typing=False,
        complete_style=CompleteStyle.COLUMN,
        multiline=True,
        key_bindings=_keys(),
        prompt_continuation=_continuation,
        enable_open_in_editor=True,
    )


def _continuation(width: int, line: int, wrapped: int) -> str:
    """What stands before a further line; nothing but blanks where a long line only goes on."""
    return " " * width if wrapped else MORE


class _Completer(Completer):
    """Offers what fits at the cursor."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """What could stand in the place of the word at the cursor."""
        before = document.text_before_cursor
        if before.lstrip().startswith(":"):
            word, found = complete_command(before, self._evaluator)
        else:
            match = WORD.search(before)
            word, found = match[0] if match else "", complete(before, self._evaluator.scene())
        return [Completion(each.text, -len(word), display_meta=each.what) for each in found]


def _keys() -> KeyBindings:
    keys = KeyBindings()

    @keys.add("enter")
    def _(event: KeyPressEvent) -> None:
        """Take what is chosen in the menu, end what is complete, or begin a line."""
        buffer = event.current_buffer
        if buffer.complete_state is not None and buffer.complete_state.current_completion is not None:
            buffer.complete_state = None
        elif (
            buffer.document.is_cursor_at_the_end_of_line
            and "\n" not in buffer.document.text_after_cursor
            and is_complete(buffer.text)
        ):
            buffer.validate_and_handle()
        else:
            _new_line(buffer)

    @keys.add("escape", "enter")
    def _(event: KeyPressEvent) -> None:
        """Begin a line whatever stands there."""
        _new_line(event.current_buffer)

    return keys


def _new_line(buffer: Buffer) -> None:
    """Begin a line, set in as far as the one before, and further behind what opens a block or a parenthesis."""
    line = buffer.document.current_line_before_cursor
    indent = len(line) - len(line.lstrip())
    if line.rstrip().endswith(("<", "(")):
        indent += INDENT
    buffer.insert_text("\n" + " " * indent)
