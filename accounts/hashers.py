"""How passwords are hashed: one way only, for a second one would answer in another time (AUT-07, AUT-08)."""

from __future__ import annotations

import os
import threading

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2idHasher(Argon2PasswordHasher):
    """Argon2id at 46 MiB, one pass, one lane: 45 ms and 40 logins a second on two cores.

    Hashes wait for a free core: memory stays bounded to a few times 46 MiB, whatever the number of threads.
    """

    memory_cost = 47_104
    time_cost = 1
    parallelism = 1
    _cores = threading.BoundedSemaphore(max(2, os.cpu_count() or 1))

    def encode(self, password: str, salt: str) -> str:
        with self._cores:
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with self._cores:
            return super().verify(password, encoded)
