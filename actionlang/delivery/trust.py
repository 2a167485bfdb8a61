"""Which certificates are trusted: those that the system trusts, and, as OpenSSL has it, those that SSL_CERT_FILE names."""

from __future__ import annotations

import ssl
from functools import cache


@cache
def system_trust() -> ssl.SSLContext:
    """What connections are made with: certificate and name are verified. Reading the certificates takes a while, so it is done
    once."""
    return ssl.create_default_context()
