"""Plans as files: JSON, the same bytes for the same plan on every machine, a line for each step and column.

A plan's hash is the SHA-256 of its file without the line of the hash, so `sed '/^"hash":/d' PLAN | sha256sum` shows
it. When a plan is read, its layout does not matter: the hash is that of the bytes that `encode` makes of its content.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any, NoReturn

from actionlang.diagnostics.catalogue import plans as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Code, Diagnostic
from actionlang.plan.decoding import Mismatch, decode_node
from actionlang.plan.encoding import MAXIMUM_DEPTH, NestedTooDeepError, encode_plan
from actionlang.plan.plan import FORMAT, StepPlan

MAXIMUM_BYTES = 16 * 1024 * 1024
"""Largest plan that is read."""

COMPILE_AGAIN = "Compile the verb again from its script."


def encode(plan: StepPlan) -> bytes:
    """A plan as the bytes of its file.

    Raises ActionLangError when the plan is nested too deeply to be read back, ValueError when a constant in it is not
    of its type.
    """
    head, tail = _encoded(plan)
    return b'%b"hash":"%b",\n%b' % (head, _hash(head, tail).encode(), tail)


def plan_hash(plan: StepPlan) -> str:
    """The content hash that `encode` writes into a plan: `sha256:` and 64 hexadecimal digits.

    Raises what `encode` raises.
    """
    return _hash(*_encoded(plan))


def _encoded(plan: StepPlan) -> tuple[bytes, bytes]:
    try:
        head, tail = encode_plan(plan)
    except (NestedTooDeepError, RecursionError):
        _too_deeply_nested(f"The plan of {plan.entry}")
    return head.encode(), tail.encode()


def _hash(head: bytes, tail: bytes) -> str:
    return "sha256:" + sha256(head + tail).hexdigest()


def decode(data: bytes) -> StepPlan:
    """The plan in a file's bytes. It follows the schema and is what was written, but is not verified yet (see `verify`).

    Raises ActionLangError when the bytes are too many, no JSON, of another format, nested too deeply, not what the schema
    says, or altered since the plan was compiled.
    """
    if len(data) > MAXIMUM_BYTES:
        _refuse(
            codes.PLAN_TOO_LARGE,
            f"The plan has {len(data):,} bytes; at most {MAXIMUM_BYTES:,} are read.",
            None,
        )
    try:
        content, stated = _content(_parse(data))
        plan = decode_node(StepPlan, content)
        content_hash = plan_hash(plan)
    except Mismatch as mismatch:
        _refuse(
            codes.MALFORMED_PLAN,
            f"The plan does not follow its schema at {mismatch.place}: {mismatch.reason}.",
        )
    except RecursionError:
        _too_deeply_nested("The plan")
    except UnicodeEncodeError:
        _refuse(codes.MALFORMED_PLAN, "The plan has half of a surrogate pair in a text, which UTF-8 can not hold.")
    if stated != content_hash:
        message = f"The plan of {plan.entry} was altered: its content has another hash than the one it states."
        _refuse(codes.ALTERED_PLAN, message)
    return plan


def _refuse(code: Code, message: str, hint: str | None = COMPILE_AGAIN) -> NoReturn:
    raise ActionLangError(Diagnostic(code, message, hint=hint)) from None


def _too_deeply_nested(what: str) -> NoReturn:
    message = f"{what} is nested more than {MAXIMUM_DEPTH} levels deep."
    hint = "Give parts of expressions names with let, or move steps into a verb of their own."
    _refuse(codes.PLAN_TOO_DEEP, message, hint)


# ----------------------------------------------------------------------------------------------------------- reading


def _parse(data: bytes) -> object:
    try:
        found: object = json.loads(data.decode(), object_pairs_hook=_object_of, parse_constant=_no_number)
    except UnicodeDecodeError:
        _refuse(codes.NOT_A_PLAN, "This is not a plan: it is not UTF-8 text.", None)
    except json.JSONDecodeError as error:
        message = f"This is not a plan: line {error.lineno}, column {error.colno} is not JSON ({error.msg})."
        _refuse(codes.NOT_A_PLAN, message, None)
    except ValueError as error:
        _refuse(codes.NOT_A_PLAN, f"This is not a plan: {error}.", None)
    if _too_deep(found):
        _too_deeply_nested("The plan")
    return found


def _object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the member {twice!r} stands twice in one object")
    return found


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")


def _too_deep(data: object) -> bool:
    """Whether lists and objects stand more than MAXIMUM_DEPTH deep in one another."""
    level = [data]
    for _ in range(MAXIMUM_DEPTH + 1):
        containers = [item for item in level if isinstance(item, dict | list)]
        level = [item for each in containers for item in (each.values() if isinstance(each, dict) else each)]
        if not level:
            return False
    return True


def _content(found: object) -> tuple[dict[str, Any], str]:
    """A plan's members without format and hash, and the hash."""
    if not isinstance(found, dict) or "format" not in found:
        _refuse(codes.WRONG_FORMAT, "This is not a plan: it does not state its format.", None)
    stated = found.pop("format")
    if stated != FORMAT:
        shown = stated if isinstance(stated, str) and len(stated) < 60 else "another one"
        hint = "Compile the verb again with this version of ActionLang."
        _refuse(codes.WRONG_FORMAT, f"The plan's format is {shown}; this version reads {FORMAT}.", hint)
    content_hash = found.pop("hash", None)
    if not isinstance(content_hash, str):
        raise Mismatch("the member hash is missing" if content_hash is None else "the hash is not text")
    return found, content_hash
