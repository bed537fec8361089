import pytest
from django.test import RequestFactory

from accounts.client_ip import client_ip, is_trusted_proxy

PROXY = "10.0.0.1"


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("203.0.113.9", None, "203.0.113.9"),
        ("203.0.113.9", "198.51.100.7", "203.0.113.9"),  # not from a trusted proxy
        (PROXY, "198.51.100.7", "198.51.100.7"),
        (PROXY, "1.1.1.1, 198.51.100.7", "198.51.100.7"),  # the left ones may be invented
        (PROXY, "198.51.100.7, 10.0.0.2", "198.51.100.7"),  # two proxies in a row
        (PROXY, "198.51.100.7:51234", "198.51.100.7"),
        (PROXY, "[2001:db8::7]:51234", "2001:db8::7"),
        (PROXY, "2001:db8::7", "2001:db8::7"),
        (PROXY, "::ffff:198.51.100.7", "198.51.100.7"),
        ("::ffff:203.0.113.9", None, "203.0.113.9"),
        (f"::ffff:{PROXY}", "198.51.100.7", "198.51.100.7"),
        ("fe80::1%eth0", None, "fe80::1"),
        (PROXY, None, PROXY),
        (PROXY, "", PROXY),
        (PROXY, "unknown", PROXY),
        (PROXY, "198.51.100.7, n'importe quoi", PROXY),
        (PROXY, "10.0.0.2", PROXY),
        ("", "198.51.100.7", "0.0.0.0"),  # a unix socket
        ("pas une adresse", None, "0.0.0.0"),
    ],
)
def test_client_ip_is_the_person_behind_trusted_proxies_only(settings, peer, forwarded, expected):
    settings.TRUSTED_PROXIES = [PROXY, "10.0.0.2"]
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}

    assert client_ip(RequestFactory().get("/", REMOTE_ADDR=peer, headers=headers)) == expected  # LIM-06


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("", "198.51.100.7", "198.51.100.7"),
        ("", "1.1.1.1, 198.51.100.7", "198.51.100.7"),
        ("", f"198.51.100.7, {PROXY}", "198.51.100.7"),  # a proxy, then the one of this machine
        ("", None, "0.0.0.0"),
        ("", "unknown", "0.0.0.0"),
        ("203.0.113.9", "198.51.100.7", "203.0.113.9"),  # has an address, and is not trusted
        ("pas une adresse", "198.51.100.7", "0.0.0.0"),
    ],
)
def test_peer_of_a_unix_socket_is_believed_when_it_is_said_to_be(settings, peer, forwarded, expected):
    settings.TRUSTED_PROXIES = ["unix", PROXY]
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}

    assert client_ip(RequestFactory().get("/", REMOTE_ADDR=peer, headers=headers)) == expected  # LIM-06


def test_trusted_proxies_may_be_networks(settings):
    settings.TRUSTED_PROXIES = ["10.0.0.0/24"]

    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.77", headers={"X-Forwarded-For": "198.51.100.7"})

    assert client_ip(request) == "198.51.100.7"  # LIM-06


@pytest.mark.parametrize(
    ("address", "known"), [(PROXY, True), (f"::ffff:{PROXY}", True), ("10.0.0.2", False), ("", False), ("x", False)]
)
def test_trusted_proxies_are_told_apart(settings, address, known):
    settings.TRUSTED_PROXIES = [PROXY]

    assert is_trusted_proxy(address) is known


def test_proxy_by_a_unix_socket_is_trusted_when_it_is_said(settings):
    settings.TRUSTED_PROXIES = ["unix"]

    assert [is_trusted_proxy(told) for told in ("", PROXY, "n'importe quoi")] == [True, False, False]
