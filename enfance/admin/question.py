"""A change that touches what families have booked is asked about before it is made.

The form is written, what it touches is read, and the transaction takes it all back: what is shown is the thing itself.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from accounts.site import TownHallAdmin

NOT_ASKED_AGAIN = {"csrfmiddlewaretoken", "suite", "montree"}


class Question(Exception):
    """Raised once all is written: nothing of it stays, and the town hall is asked `template` with `context`."""

    def __init__(self, template: str, title: str, **context: Any) -> None:
        super().__init__()
        self.template, self.context = template, {"title": title, **context}


def hidden_of(request: HttpRequest) -> list[tuple[str, str]]:
    """The whole form that was sent, to be sent again with the answer."""
    champs = [champ for champ in request.POST if champ not in NOT_ASKED_AGAIN]
    return [(champ, valeur) for champ in champs for valeur in request.POST.getlist(champ)]


class QuestionAdmin(TownHallAdmin):
    """Pages of change that may ask. The answer comes back as `suite`, beside the whole form."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except Question as question:
            return self._ask(request, object_id or "", question)

    def _ask(self, request: HttpRequest, object_id: str, question: Question) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "media": self.media,
            "objet": self.get_object(request, object_id),
            "retour": reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[object_id]),
            "champs": hidden_of(request),
            **question.context,
        }
        return TemplateResponse(request, question.template, context)
