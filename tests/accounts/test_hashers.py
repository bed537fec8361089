import threading

import pytest
from django.contrib.auth.hashers import check_password, make_password
from django.utils.module_loading import import_string

from accounts.hashers import Argon2idHasher
from portail.settings import PASSWORD_HASHERS


@pytest.fixture(autouse=True)
def real_hashers(settings):
    settings.PASSWORD_HASHERS = PASSWORD_HASHERS


def test_passwords_are_hashed_in_one_way_only():
    assert [import_string(path) for path in PASSWORD_HASHERS] == [Argon2idHasher]  # AUT-07


def test_password_is_hashed_with_argon2id_at_46_mib():
    encoded = make_password("Velo nuage 7")

    assert encoded.startswith("argon2$argon2id$v=19$m=47104,t=1,p=1$")  # AUT-07
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
