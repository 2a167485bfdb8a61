"""Addresses that may be sent to: whoever can choose a URL must not reach what stands in the deliverer's own network."""

from __future__ import annotations

import ipaddress
import socket

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""Addresses of this network stand for IPv4 ones, written in their last 32 bits (RFC 6052)."""

UNICAST = ipaddress.ip_network("2000::/3")
"""All that is given out of IPv6: what lies outside stands for IPv4 addresses in ways of old (`::127.0.0.1`), is a site's own
(`fec0::`), or nobody's. https://www.iana.org/assignments/ipv6-address-space"""

NOT_ON_THE_INTERNET = tuple(map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "3fff::/20")))
"""What Python's `is_global` lets through, here or there: for protocols, relays of 6to4, for documents.
https://www.iana.org/assignments/iana-ipv4-special-registry, https://www.iana.org/assignments/iana-ipv6-special-registry"""


class NotAllowed(Exception):
    """A host has no address that may be sent to."""


def is_public(address: Address) -> bool:
    """Whether an address is one of the open internet, also where it stands for another one."""
    if isinstance(address, ipaddress.IPv6Address):
        inside = address.ipv4_mapped or address.sixtofour
        if inside is None and address in NAT64:
            inside = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        if inside is not None:
            return is_public(inside)
        if address not in UNICAST:
            return False
    special = address.is_multicast or any(address in network for network in NOT_ON_THE_INTERNET)
    return address.is_global and not special


def addresses_of(host: str, port: int, *, allow_private: bool) -> list[str]:
    """The addresses of a host that may be sent to, in the order in which they are to be tried.

    Whoever connects must use one of these, not the name: by the next look-up it may stand for another one. Raises NotAllowed
    when there are only others, OSError when the name is unknown.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    allowed = [each for each in addresses if allow_private or is_public(ipaddress.ip_address(each.partition("%")[0]))]
    if not allowed:
        raise NotAllowed(f"{host} is an address inside of a network, which the subscription does not allow")
    return allowed
