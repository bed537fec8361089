"""What the counters of attempts and the worker keep."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult


class Counter(models.Model):
    """An attempt counter of `accounts.ratelimit.CounterCache`, which alone reads and writes it."""

    cle = models.CharField("clé", max_length=255, primary_key=True)
    n = models.BigIntegerField("nombre")
    expire = models.FloatField("expire", db_index=True)

    class Meta:
        db_table = "accounts_counter"
        verbose_name = "compteur d’essais"
        verbose_name_plural = "compteurs d’essais"

    def __str__(self) -> str:
        return f"{self.cle} : {self.n}"


class Passage(models.Model):
    """One regular job of the worker and the time it was last done: `db_worker` takes it by a conditional UPDATE."""

    job = models.CharField("travail", max_length=50, primary_key=True)
    done_at = models.DateTimeField("fait le", null=True, blank=True)

    class Meta:
        verbose_name = "passage du service"
        verbose_name_plural = "passages du service"

    def __str__(self) -> str:
        return self.job


class ReadMailbox(models.Model):
    """How far a mailbox of returned mail has been read: the number of its last message that was, in its own count.

    `key` is a digest of where it is: another mailbox is read from its beginning.
    """

    key = models.CharField("clé", max_length=64, primary_key=True, editable=False)
    uidvalidity = models.PositiveBigIntegerField("compte de la boîte")
    last_uid = models.PositiveBigIntegerField("dernier message lu")

    class Meta:
        verbose_name = "boîte de retours lue"
        verbose_name_plural = "boîtes de retours lues"

    def __str__(self) -> str:
        return f"{self.uidvalidity}\u00a0: {self.last_uid}"


class HeldMailManager(models.Manager["HeldMail"]):
    def get_queryset(self) -> models.QuerySet[HeldMail]:
        """The tasks that are held now: those that a restored archive had waiting and, while ENVOIS_RETENUS is set, all
        mails."""
        queues = [self.model.RESTORED, *([self.model.QUEUE] if settings.ENVOIS_RETENUS else [])]
        return super().get_queryset().filter(status=TaskResultStatus.READY, queue_name__in=queues)


class HeldMail(DBTaskResult):
    """A mail, or a task that makes some, which no worker takes: `accounts.held_mails` lets it leave.

    The queue of mails is held while ENVOIS_RETENUS is set, that of what a restored archive had waiting always is.
    """

    QUEUE = "courriels"
    RESTORED = "archive"

    name: str = ""
    recipient: str = ""

    objects: ClassVar[HeldMailManager] = HeldMailManager()  # type: ignore[assignment]  # fewer rows than its base

    class Meta:
        proxy = True
        verbose_name = "e-mail retenu"
        verbose_name_plural = "e-mails retenus"

    def __str__(self) -> str:
        return f"{self.name}\u00a0: {self.recipient}"


class FailedTaskManager(models.Manager["FailedTask"]):
    def get_queryset(self) -> models.QuerySet[FailedTask]:
        """The tasks of the queue that have failed."""
        return super().get_queryset().filter(status=TaskResultStatus.FAILED)


class FailedTask(DBTaskResult):
    """A row of the queue that came to nothing, as it may be read without knowing whom it was about."""

    objects: ClassVar[FailedTaskManager] = FailedTaskManager()  # type: ignore[assignment]  # fewer rows than its base

    class Meta:
        proxy = True
        verbose_name = "tâche échouée"
        verbose_name_plural = "tâches échouées"

    def __str__(self) -> str:
        return self.task_path

    @property
    def where(self) -> str:
        """The file and line of each step of the traceback of this task, one a line, without the exception's message,
        which may quote data."""
        lines = self.traceback.splitlines()
        return "\n".join(line.strip() for line in lines if line.startswith("  File "))
