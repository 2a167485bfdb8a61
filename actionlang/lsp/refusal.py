"""What the server does not do for somebody, and why."""

from __future__ import annotations

from pygls.exceptions import JsonRpcException


class Refused(JsonRpcException):
    """Raised when a request can not be carried out; the message is shown to who asked."""

    CODE = -32803
    MESSAGE = "Request failed"
