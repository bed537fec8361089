"""Sessions in the database, in which two requests of one browser undo nothing of each other.

Django's own writes the whole session as its request has read it: a search kept, a code just shown or a message that
another request has put there meanwhile is lost. This one writes over what it has read alone; where the row has changed
since, it puts its own changes into it.

It writes no more often than it must, either: four hundred parents log in within the same minutes.
"""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import VALID_KEY_CHARS, CreateError, UpdateError
from django.db import DatabaseError, router, transaction
from django.utils import timezone
from django.utils.crypto import get_random_string

from portail.select import kept, select

type Data = dict[str, Any]


class SessionStore(db.SessionStore):
    """Of this name, which is in the signature of each row: the version before reads what this one writes."""

    known = ""  # the row as this request has read it, or written it last
    written = ""

    def load(self) -> Data:
        """The data of the session, read in one query; Django's own method ends a session that is gone or has
        expired."""
        sql = "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s"
        for session_data in select(str, sql, [self.session_key, kept(timezone.now())]):
            return self.decode(session_data)
        return super().load()

    def decode(self, session_data: Any) -> Data:
        """The data of a stored session; the stored text is kept, to see at the next write whether it has changed."""
        self.known = session_data
        return super().decode(session_data)

    def create_model_instance(self, data: Data) -> Any:
        """The row of these data; its text is kept, so that the same data are not written twice."""
        row = super().create_model_instance(data)
        self.written = row.session_data
        return row

    def create(self) -> None:
        """Draw a key and write the row of a new session; a key that is taken is found by the write itself, and another
        is drawn."""
        while True:
            self._session_key = get_random_string(32, VALID_KEY_CHARS)
            try:
                self.save(must_create=True)
            except CreateError:
                continue
            self.modified = True
            return

    def cycle_key(self) -> None:
        """Give the session another key. A session that has no key yet draws one when it is written, once, with all it
        holds."""
        if self.session_key is None:
            self.modified = True
        else:
            super().cycle_key()

    def save(self, must_create: bool = False) -> None:
        """Write the session, unless this request has already written the same; what another request has written
        meanwhile is kept, with the changes of this one over it. Raises UpdateError when the session has ended
        meanwhile."""
        if self.session_key is None:
            self.create()  # which comes back here with the key that it has drawn
            return
        if must_create:
            super().save(must_create)
        elif self._is_written():
            return
        else:
            self._update()
        self.known = self.written

    def _is_written(self) -> bool:
        """Whether this request has already written all that the session holds."""
        return self.written != "" and super().decode(self.written) == dict(self.items())

    def _update(self) -> None:
        row = self.create_model_instance(dict(self.items()))
        using = router.db_for_write(self.model, instance=row)
        rows = self.model.objects.using(using).filter(session_key=row.session_key)
        try:
            unchanged = rows.filter(session_data=self.known)
            if unchanged.update(session_data=row.session_data, expire_date=row.expire_date):
                return
            with transaction.atomic(using=using):
                found = rows.select_for_update().filter(expire_date__gt=timezone.now()).first()
                if found is None:
                    raise UpdateError  # logged out meanwhile
                row = self._join(found.session_data)
                rows.update(session_data=row.session_data, expire_date=row.expire_date)
        except DatabaseError:
            raise UpdateError  # noqa: B904 - its context tells which panne, as Django's own does

    def _join(self, theirs: str) -> Any:
        """The row of both: what another request has written since, and over it what this one has changed."""
        mine = dict(self.items())
        both = joined(super().decode(self.known), super().decode(theirs), mine)
        self.clear()
        self.update(both)
        return self.create_model_instance(both)


def joined(before: Data, theirs: Data, mine: Data) -> Data:
    """Merge two versions of a session's data that both come from `before`: `theirs`, with the keys that `mine` has
    added, changed or removed. Dictionaries are merged key by key; of any other value that both have changed, that of
    `mine` is kept."""
    both = {key: value for key, value in theirs.items() if key in mine or key not in before}
    for key, value in mine.items():
        if key in before and before[key] == value:
            continue
        other = theirs.get(key)
        if isinstance(value, dict) and isinstance(other, dict):
            both[key] = joined(before[key] if isinstance(before.get(key), dict) else {}, other, value)
        else:
            both[key] = value
    return both
