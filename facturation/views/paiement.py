"""The two addresses that the payment service calls, open to all: an id comes in, a neutral answer goes out.

What they are told is never believed: it only brings forward our own question. Whoever sends them anything, any number
of times, reads the same page. PayFiP's return may be a form of its own site, without our cookies: no CSRF token.
"""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from facturation.payfip.echange import IDOP
from facturation.payfip.paiements import signaler

CALLED = ["GET", "HEAD", "POST"]


@login_not_required
@csrf_exempt  # PayFiP's own server
@require_http_methods(CALLED)
def notification(request: HttpRequest) -> HttpResponse:
    """PayFiP says that a payment has a result."""
    signaler(idop_of(request), now=timezone.now())
    return HttpResponse("Bien reçu.\n", content_type="text/plain; charset=utf-8")


@login_not_required
@csrf_exempt  # a form of PayFiP's site, sent by the payer's browser
@require_http_methods(CALLED)
def retour(request: HttpRequest) -> HttpResponse:
    """The payer comes back. Who they are is asked by the next page, which needs a login."""
    signaler(idop_of(request), now=timezone.now())
    return render(request, "facturation/paiement_retour.html")


def idop_of(request: HttpRequest) -> str:
    """The name of the payment, as PayFiP spells its own parameter: « idop » or « idOp »; empty when there is none."""
    for data in (request.POST, request.GET):
        for name, value in data.items():
            if name.lower() == "idop" and IDOP.fullmatch(str(value)):
                return str(value)
    return ""
