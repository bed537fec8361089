import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher, check_password, make_password
from django.test import Client
from django.utils.module_loading import import_string

from accounts.hashers import Argon2idHasher
from accounts.models import User
from portail.demo import BASE_DIR, MEMORY
from portail.settings import PASSWORD_HASHERS
from tests.accounts.conftest import NEW_PASSWORD, PASSWORD, is_logged_in, log_in
from tests.factories import UserFactory

pytestmark = pytest.mark.ci


@pytest.fixture(autouse=True)
def real_hashers(settings):
    settings.PASSWORD_HASHERS = PASSWORD_HASHERS


def test_passwords_are_hashed_in_one_way_only():
    assert [import_string(path) for path in PASSWORD_HASHERS] == [Argon2idHasher]  # AUT-07


def test_password_is_hashed_with_argon2id_at_12_mib():
    encoded = make_password("Velo nuage 7")

    assert encoded.startswith("argon2$argon2id$v=19$m=12288,t=3,p=1$")  # AUT-07
    assert check_password("Velo nuage 7", encoded)
    assert not check_password("Velo nuage 8", encoded)


def test_last_character_of_a_long_password_counts():
    password = "Ab3-" * 1024

    assert not check_password(password[:-1] + "?", make_password(password))  # AUT-02


def test_hashes_wait_for_a_free_core(monkeypatch):
    """Never more at once than the semaphore lets in: memory stays bounded."""
    running, most, lock = [0], [0], threading.Lock()

    def hash_slowly(self, password, salt):
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        threading.Event().wait(0.02)
        with lock:
            running[0] -= 1
        return "argon2$"

    monkeypatch.setattr("django.contrib.auth.hashers.Argon2PasswordHasher.encode", hash_slowly)
    monkeypatch.setattr(Argon2idHasher, "_cores", threading.BoundedSemaphore(2))
    threads = [threading.Thread(target=Argon2idHasher().encode, args=["x", "sel"]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert most == [2]


# --- A hash of before -------------------------------------------------------------------------------------------------

OLDER = Argon2PasswordHasher  # Django's own figures


@pytest.fixture
def older(db, settings):
    """A parent whose password was hashed with other figures."""
    user = UserFactory(identifiant="3816238")
    User.objects.filter(pk=user.pk).update(password=OLDER().encode(PASSWORD, "unselunselunsel"))
    return User.objects.get(pk=user.pk)


def figures_of(user):
    user.refresh_from_db()
    return user.password.split("$")[3]


def test_older_hash_is_rewritten_at_the_next_login(older, client):  # AUT-07
    assert figures_of(older) == "m=102400,t=2,p=8"

    assert log_in(client).status_code == 302

    assert figures_of(older) == "m=12288,t=3,p=1"
    assert is_logged_in(client)
    assert log_in(Client()).status_code == 302
    assert older.password_changed_at is None  # the same password


def test_older_hash_is_not_rewritten_by_a_wrong_password(older, client):
    log_in(client, password="faux")

    assert figures_of(older) == "m=102400,t=2,p=8"


def test_older_hash_is_left_by_a_page_that_asks_the_password(older, client):
    """Its session would end with it, in the middle of what its owner was doing."""
    client.force_login(older)

    client.post("/compte/", {"donnees": "1", "password": PASSWORD})

    assert figures_of(older) == "m=102400,t=2,p=8"
    assert is_logged_in(client)


@pytest.mark.parametrize("changed", [True, False])
def test_rewriting_never_brings_a_former_password_back(older, client, monkeypatch, changed):
    """Changed elsewhere between the look at the hash and its rewriting."""
    encode = Argon2idHasher.encode

    def slow_encode(hasher, password, salt):
        if changed:
            User.objects.update(password=make_new)
        return encode(hasher, password, salt)

    make_new = make_password(NEW_PASSWORD)
    monkeypatch.setattr(Argon2idHasher, "encode", slow_encode)
    log_in(client)
    monkeypatch.undo()

    older.refresh_from_db()
    assert older.check_password(NEW_PASSWORD if changed else PASSWORD)


BLOCKS = """
import ctypes
from pathlib import Path

def held():
    return int(Path("/proc/self/smaps_rollup").read_text().split("Rss:")[1].split()[0]) / 1024

libc = ctypes.CDLL(None)
libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
libc.memset.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t]
before = held()
for _ in range(3):
    block = libc.malloc(12_288 * 1024)
    libc.memset(block, 1, 12_288 * 1024)
    libc.malloc(1000)
    libc.free(block)
print(held() - before)
"""


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="nothing says what a process holds")
def test_memory_of_a_hash_is_given_back():
    """Whatever was allocated meanwhile, and stays: of the 12 MiB, nothing is left with the process."""
    said = subprocess.run(
        [sys.executable, "-c", BLOCKS], env=os.environ | MEMORY, capture_output=True, text=True, check=True
    )
    assert float(said.stdout) < 4


def test_portal_that_is_installed_gives_it_back_as_well():
    said = (BASE_DIR / "install/prise.py").read_text("utf-8")
    assert eval(re.search(r"(?m)^MEMORY = (.+)$", said)[1]) == MEMORY
