"""What an agent did outside Django's own forms, written beside the change itself: one `LogEntry` a write (ADM-04)."""

from __future__ import annotations

from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.db.models import Model
from django.http import HttpRequest

from accounts.decorators import agent_of


def log_addition(request: HttpRequest, row: Model, message: str) -> None:
    """Keep that the agent of this request made `row`. Call it inside the transaction of the change."""
    LogEntry.objects.log_actions(agent_of(request).pk, [row], ADDITION, change_message=message, single_object=True)


def log_change(request: HttpRequest, row: Model, message: str) -> None:
    """Keep that the agent of this request changed `row`. Call it inside the transaction of the change."""
    LogEntry.objects.log_actions(agent_of(request).pk, [row], CHANGE, change_message=message, single_object=True)


def log_deletion(request: HttpRequest, row: Model, message: str) -> None:
    """Keep that the agent of this request deleted `row`. Call it before the row goes, in the same transaction."""
    LogEntry.objects.log_actions(agent_of(request).pk, [row], DELETION, change_message=message, single_object=True)
