"""What waits for a commit, in a test that is one transaction itself: pytest takes it back, and commits nothing."""

from __future__ import annotations

from django.db import connection


def run_committed() -> None:
    """Run what waits for the commit of this transaction, each once. What a savepoint took back does not wait any more:
    Django has forgotten it.
    """
    while connection.run_on_commit:
        _, run, _ = connection.run_on_commit.pop(0)
        run()
