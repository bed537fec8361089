"""Whose address this is: what limits count by and the journal notes."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest

from portail.environnement import UNIX

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
UNKNOWN = "0.0.0.0"  # noqa: S104 - not a socket to bind: a peer without an address (unix socket)


def client_ip(request: HttpRequest) -> str:
    """The network address of the person behind the request, as text (LIM-06). Never raises; « 0.0.0.0 » when there is
    none.

    It is the peer that connected to us, unless the peer is one of TRUSTED_PROXIES: then the right-most address of
    X-Forwarded-For that is not one of them, because what stands further left can be invented. On any doubt, it is the
    peer. A peer that comes by a Unix socket has no address: « unix » in TRUSTED_PROXIES trusts it.
    """
    told = request.META.get("REMOTE_ADDR", "")
    peer = _parse(told)
    if is_trusted_proxy(told):
        for text in reversed(request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")):
            address = _parse(text)
            if address is None:
                break
            if not _is_trusted(address):
                return str(address)
    return str(peer) if peer else UNKNOWN


def is_trusted_proxy(text: str) -> bool:
    """Whether this text, the address of a peer, is one of TRUSTED_PROXIES. An empty text stands for a Unix socket,
    which is trusted when « unix » is among them."""
    address = _parse(text)
    return _is_trusted(address) if address else not text and UNIX in settings.TRUSTED_PROXIES


def _is_trusted(address: Address) -> bool:
    return any(
        address in ipaddress.ip_network(proxy, strict=False) for proxy in settings.TRUSTED_PROXIES if proxy != UNIX
    )


def _parse(text: str) -> Address | None:
    """An address as servers and proxies write it: `1.2.3.4:567`, `[::1]:567`, `::ffff:1.2.3.4`, `fe80::1%eth0`."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
