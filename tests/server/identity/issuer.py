"""An issuer of tokens on a socket of its own: it tells its configuration and keys, changes keys, and fails when it is told to."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from time import time
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from actionlang.server.identity.settings import Issuer as Settings

AUDIENCE = "api://desk"


@cache
def rsa_key(number: int = 0, size: int = 2048) -> Any:
    """A key pair; each number has its own."""
    return rsa.generate_private_key(65537, size)


@cache
def ec_key(number: int = 0) -> Any:
    return ec.generate_private_key(ec.SECP256R1())


def public(key: Any, kid: str | None, **more: object) -> dict[str, Any]:
    """A public key as an issuer lists it."""
    algorithm = RSAAlgorithm if hasattr(key, "private_numbers") and hasattr(key.private_numbers(), "p") else ECAlgorithm
    listed = algorithm.to_jwk(key.public_key(), as_dict=True)
    return {**listed, **({} if kid is None else {"kid": kid}), **more}


class TestIssuer:
    """The issuer. `asked` counts the questions for keys; `fails` has all questions answered by that status."""

    __test__ = False

    def __init__(self, address: str) -> None:
        self.address = address
        self.keys = [public(rsa_key(), "first", use="sig", alg="RS256"), public(ec_key(), "curve")]
        self.asked = 0
        self.asked_for: list[str] = []
        self.fails: int | None = None
        self.named: str | None = None
        self.raw: bytes | None = None

    def settings(self, **more: Any) -> Settings:
        """Settings that take its tokens."""
        known = {"issuer": self.address, "audience": (AUDIENCE,), "pause": 0.0}
        return Settings(**{**known, **more})

    def claims(self, **more: object) -> dict[str, object]:
        """What a token of Ann's says that may do everything; None leaves a claim out."""
        now = int(time())
        told = {
            "iss": self.address,
            "aud": AUDIENCE,
            "sub": "4711",
            "iat": now,
            "exp": now + 300,
            "email": "ann@example.com",
            "email_verified": True,
            "scope": "openid read verb:*",
            **more,
        }
        return {name: value for name, value in told.items() if value is not None}

    def token(
        self, key: Any = None, algorithm: str = "RS256", headers: Mapping[str, object] | None = None, **claims: object
    ) -> str:
        """A token, by its first key."""
        key = rsa_key() if key is None else key
        return jwt.encode(self.claims(**claims), key, algorithm, {"kid": "first", "typ": "at+jwt", **(headers or {})})

    def answer(self, path: str) -> tuple[int, bytes]:
        self.asked_for.append(path)
        if self.fails is not None:
            return self.fails, b'{"error": "down"}'
        if path == "/.well-known/openid-configuration":
            told = {"issuer": self.named or self.address, "jwks_uri": f"{self.address}/keys"}
            return 200, json.dumps(told).encode()
        if path == "/keys":
            self.asked += 1
            return 200, json.dumps({"keys": self.keys}).encode() if self.raw is None else self.raw
        return 404, b"{}"


def encoded(data: object) -> str:
    """A part of a token."""
    return base64.urlsafe_b64encode(json.dumps(data).encode()).rstrip(b"=").decode()


def signed(header: Mapping[str, object], claims: Mapping[str, object], key: Any) -> str:
    """A token whose header is exactly this one."""
    text = f"{encoded(header)}.{encoded(claims)}"
    made = RSAAlgorithm(RSAAlgorithm.SHA256).sign(text.encode(), key)
    return f"{text}.{base64.urlsafe_b64encode(made).rstrip(b'=').decode()}"


@contextmanager
def issuing() -> Iterator[TestIssuer]:
    """An issuer while it is there."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = issuer.answer(self.path)
            self.send_response(status)
            if status == 302:
                self.send_header("Location", f"{issuer.address}/keys")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer = TestIssuer(f"http://127.0.0.1:{server.server_address[1]}")
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
