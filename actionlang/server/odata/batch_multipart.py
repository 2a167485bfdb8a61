"""Batches as multipart/mixed: requests as application/http, change sets as multiparts of their own (OData Protocol 4.01, 11.7.7).

Lines may end in CRLF or LF. What is between delimiters is found here in one pass, whatever is nested in what; headers are read
by the standard library's parser.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.errors import MessageError
from email.message import Message
from email.parser import BytesHeaderParser
from http import HTTPStatus
from uuid import uuid4

from starlette.datastructures import Headers

from actionlang.server.messages import Response
from actionlang.server.odata.batch_parts import (
    Batch,
    ChangeSetPart,
    Counting,
    Done,
    DoneChangeSet,
    Part,
    bad_batch,
)

KIND = "multipart/mixed"
APPLICATION_HTTP = "application/http"

BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]")
"""RFC 2046, 5.1.1."""

END_OF_HEAD = re.compile(rb"(?:\A|\r?\n)\r?\n")
REQUEST_LINE = re.compile(rb"([A-Za-z]{1,20})[ \t]+(\S(?:.*\S)?)[ \t]+HTTP/[0-9](?:\.[0-9])?[ \t]*\r?", re.IGNORECASE)
ID = re.compile(r"[!-~]{1,100}")
HEADER_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,100}")
ENCODINGS = frozenset({"", "binary", "8bit", "7bit"})

PHRASES = {each.value: each.phrase for each in HTTPStatus}
LARGEST_HEAD = 64 * 1024
LONGEST_TYPE = 1_000
"""Characters of a Content-Type in which a boundary is looked for: the library takes the square of their number in time."""

MOST_HEADERS = 100

_parser = BytesHeaderParser()


def read_multipart(content_type: str, body: bytes, most: int) -> Batch:
    """A batch from its body. Raises Refusal."""
    counting = Counting(most)
    head = _head(b"Content-Type: " + content_type.encode("latin-1", "replace"))
    return tuple(_item(content, counting) for content in _contents(body, _boundary(head), "the batch"))


def _boundary(head: Message) -> str:
    is_short = len(str(head.get("content-type", ""))) <= LONGEST_TYPE
    boundary = head.get_boundary() if is_short else None
    if boundary is None or not BOUNDARY.fullmatch(boundary):
        hint = "write Content-Type: multipart/mixed; boundary=batch_1, and --batch_1 before each part"
        raise bad_batch("The Content-Type of a multipart has no boundary, or one that may not be.", hint)
    return boundary


def _contents(body: bytes, boundary: str, what: str) -> Iterator[bytes]:
    """What stands between the delimiters of a multipart."""
    delimiter = re.compile(rb"(?:\A|\r?\n)--" + re.escape(boundary.encode()) + rb"(--)?[ \t]*(?=\r?\n|\Z)")
    begin: int | None = None
    for found in delimiter.finditer(body):
        if begin is not None:
            yield _without_line_end(body[begin : found.start()])
        if found[1]:
            return
        begin = found.end()
    if begin is None:
        raise bad_batch(f"There is no line --{boundary} in {what}.", "see that boundary and delimiters are the same")
    raise bad_batch(f"There is no line --{boundary}-- at the end of {what}: it may have been cut off.")


def _without_line_end(content: bytes) -> bytes:
    """A part without the end of its delimiter's line. Delimiters own the end of the line before them."""
    return content[2:] if content.startswith(b"\r\n") else content[1:]


def _item(content: bytes, counting: Counting) -> Part | ChangeSetPart:
    head, body = _split(content)
    if head.get_content_type() != KIND:
        return _part(head, body, counting)
    contents = _contents(body, _boundary(head), "a change set")
    parts = tuple(_part(*_split(each), counting) for each in contents)
    return ChangeSetPart(_id(head), parts)


def _part(head: Message, body: bytes, counting: Counting) -> Part:
    """A request."""
    counting.one_more()
    kind = head.get_content_type()
    if kind != APPLICATION_HTTP:
        message = "A change set holds no other change sets." if kind == KIND else f"A part of the batch is {kind[:60]}."
        raise bad_batch(message, f"each part is {APPLICATION_HTTP}, or a change set of such parts")
    if str(head.get("content-transfer-encoding", "")).strip().lower() not in ENCODINGS:
        raise bad_batch("A part of the batch has a Content-Transfer-Encoding that is not spoken here.", "use binary")
    line, _, rest = body.lstrip(b"\r\n").partition(b"\n")
    asked = REQUEST_LINE.fullmatch(line, 0, LARGEST_HEAD)
    if asked is None:
        raise bad_batch("A part of the batch has no line such as POST cases(number='CAS-1')/Escalate HTTP/1.1.")
    request, data = _split(b"\n" + rest if rest.startswith((b"\n", b"\r\n")) else rest)
    headers = _headers(request)
    id_ = _id(head) or _id(request)
    return Part(id_, asked[1].decode().upper(), _url(asked[2]), headers, data if data.strip() else b"")


def _url(text: bytes) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError:
        raise bad_batch("The address of a part of the batch is not in UTF-8.") from None


def _id(head: Message) -> str | None:
    found = head.get("content-id")
    if found is None:
        return None
    id_ = str(found).strip()
    if not ID.fullmatch(id_):
        raise bad_batch("A Content-ID of the batch is none.", "write a short one, for example Content-ID: 1")
    return id_


def _split(content: bytes) -> tuple[Message, bytes]:
    """Headers, and what stands behind the empty line below them."""
    end = END_OF_HEAD.search(content, 0, LARGEST_HEAD)
    if end is None and len(content) > LARGEST_HEAD:
        raise bad_batch("The headers of a part of the batch are too long.")
    return (_head(content), b"") if end is None else (_head(content[: end.start()]), content[end.end() :])


def _head(text: bytes) -> Message:
    try:
        head = _parser.parsebytes(text.strip(b"\r\n") + b"\r\n\r\n")
    except (MessageError, ValueError):
        raise bad_batch("The headers of a part of the batch can not be read.") from None
    if head.defects or len(head) > MOST_HEADERS:
        raise bad_batch("The headers of a part of the batch can not be read.", "write each as Name: value")
    return head


def _headers(head: Message) -> Headers:
    raw = []
    for name, value in head.items():
        text = " ".join(str(value).split())
        if not HEADER_NAME.fullmatch(name) or not text.isprintable():
            raise bad_batch("A header of a part of the batch can not be read.", "write each as Name: value")
        raw.append((name.lower().encode("ascii"), text.encode("latin-1", "replace")))
    return Headers(raw=raw)


# ------------------------------------------------------------------------------------------------------------ responses


def write_multipart(done: list[Done | DoneChangeSet]) -> tuple[str, bytes]:
    """Responses as a multipart: its Content-Type, and its body. Boundaries are named as Dataverse names them, which clients look
    for."""
    boundary = f"batchresponse_{uuid4()}"
    return f"{KIND}; boundary={boundary}", b"".join(_written(done, boundary))


def _written(done: list[Done | DoneChangeSet], boundary: str) -> Iterator[bytes]:
    for each in done:
        yield f"--{boundary}\r\n".encode()
        if isinstance(each, Done):
            yield _response(each.response, each.part.id)
        elif each.failure is not None:
            yield _response(each.failure, each.change_set.id)
        else:
            inner = f"changesetresponse_{uuid4()}"
            # Only this one header: some clients look for the first part right below it.
            yield f"Content-Type: {KIND}; boundary={inner}\r\n\r\n".encode()
            for one in each.done:
                yield f"--{inner}\r\n".encode() + _response(one.response, one.part.id)
            yield f"--{inner}--\r\n".encode()
    yield f"--{boundary}--\r\n".encode()


def _response(response: Response, id_: str | None) -> bytes:
    lines = [f"Content-Type: {APPLICATION_HTTP}", "Content-Transfer-Encoding: binary"]
    if id_ is not None:
        lines.append(f"Content-ID: {id_}")
    lines += ["", f"HTTP/1.1 {response.status} {phrase_of(response.status)}"]
    lines += [f"{name}: {value}" for name, value in response.headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + response.body + b"\r\n"


def phrase_of(status: int) -> str:
    """What stands behind a status in words."""
    return PHRASES.get(status, "")
