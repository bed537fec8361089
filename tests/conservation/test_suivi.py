"""When backups were made and found good, as the commands note it and monitoring reads it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

from accounts import mail_contact
from accounts.models import Passage
from conservation import suivi
from conservation.management.commands import sauvegarder, verifier_sauvegarde
from conservation.manifeste import ArchiveError
from conservation.restoring.voids import make_void

NOW = datetime(2026, 12, 3, 12, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def noted() -> dict[str, datetime | None]:
    return dict(Passage.objects.filter(job__in=suivi.ROWS).values_list("job", "done_at"))


def hours(n: float) -> datetime:
    return NOW + timedelta(hours=n)


@pytest.fixture
def written(monkeypatch, tmp_path):
    """An archive is « written » in a moment, or refused."""

    def write(folder, *, now):
        if folder.name == "plein":
            raise ArchiveError("Le disque est plein.")
        (folder / "archive").write_text("…")
        return folder / "archive"

    monkeypatch.setattr(sauvegarder, "write_archive", write)
    return tmp_path


def test_backup_is_noted_once_made(written, time_machine):
    time_machine.move_to(NOW, tick=False)

    call_command("sauvegarder", str(written))

    assert noted() == {suivi.BACKUP: NOW}


def test_backup_that_was_not_made_is_not_noted(written):
    with pytest.raises(CommandError):
        call_command("sauvegarder", str(written / "plein"))

    assert noted() == {}


def test_backup_that_cannot_be_noted_is_made_all_the_same(written, capsys):
    def refuse(execute, sql, *args):
        if "accounts_passage" in sql:
            raise OperationalError("database is locked")
        return execute(sql, *args)

    with connection.execute_wrapper(refuse):
        call_command("sauvegarder", str(written))

    told = capsys.readouterr()
    assert "Sauvegarde faite" in told.out
    assert told.err == "Son heure n’a pas pu être notée dans la base\u00a0: /sante/ ne la dira pas.\n"
    assert noted() == {}


def test_check_is_noted_with_its_archive_and_an_older_one_is_not():
    assert suivi.note_check(hours(-8), now=NOW)
    assert noted() == {suivi.CHECK: NOW, suivi.CHECKED: hours(-8)}

    assert not suivi.note_check(hours(-900), now=hours(1))
    assert suivi.note_check(hours(-8), now=hours(2))
    assert noted() == {suivi.CHECK: hours(2), suivi.CHECKED: hours(-8)}


def test_check_that_fails_is_not_noted(monkeypatch, tmp_path):
    def refuse(path, *, cle):
        raise ArchiveError("Elle est abîmée.")

    monkeypatch.setattr(verifier_sauvegarde, "verify", refuse)
    with pytest.raises(CommandError):
        call_command("verifier_sauvegarde", str(tmp_path / "portail.tar"))

    assert noted() == {}


def test_check_where_there_is_no_database_makes_none(monkeypatch, tmp_path):
    with monkeypatch.context() as patch:
        patch.setattr(connection, "vendor", "sqlite")
        patch.setitem(connection.settings_dict, "NAME", str(tmp_path / "absente.sqlite3"))
        assert not suivi.note_check(NOW, now=NOW)

    assert list(tmp_path.iterdir()) == []


def test_data_that_come_back_have_their_archive_for_last_backup_and_know_nothing_of_the_mail_server():
    # REL-01
    mail_contact.note_let_in(now=hours(-30))
    mail_contact.note_away(now=hours(-29))
    suivi.note_backup(hours(-48))

    suivi.note_restored(hours(-24))
    make_void(now=NOW)

    assert noted() == {suivi.BACKUP: hours(-24)}
    assert set(mail_contact.load_rows().values()) == {None}
