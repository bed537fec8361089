"""How passwords are hashed: one way only, for a second one would answer in another time (AUT-07, AUT-08)."""

from __future__ import annotations

import os
import threading

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2idHasher(Argon2PasswordHasher):
    """Argon2id at 12 MiB, three passes, one lane: for the ASVS as strong as 46 MiB and one pass, in a third of the time
    and of the memory.

    Hashes wait for a free core: memory stays bounded to a few times 12 MiB, whatever the number of threads.
    """

    memory_cost = 12_288  # KiB
    time_cost = 3
    parallelism = 1
    _cores = threading.BoundedSemaphore(max(2, os.cpu_count() or 1))

    def encode(self, password: str, salt: str) -> str:
        """The hash of this password with this salt, made once a core of the machine is free."""
        with self._cores:
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        """Whether this hash is of this password, computed once a core of the machine is free."""
        with self._cores:
            return super().verify(password, encoded)
