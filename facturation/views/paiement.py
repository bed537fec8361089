"""The two addresses that the payment service calls, open to all: an id comes in, a neutral answer goes out; and the
page to which the return leads.

What they are told is never believed: it only brings forward our own question. Whoever sends them anything, any number
of times, reads the same page. PayFiP's return may be a form of its own site, without our cookies: no CSRF token.
"""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from facturation.payfip.echange import IDOP
from facturation.payfip.paiements import signaler

CALLED = ["GET", "HEAD", "POST"]


@login_not_required
@csrf_exempt  # PayFiP's own server
@require_http_methods(CALLED)
def notification(request: HttpRequest) -> HttpResponse:
    """The address that PayFiP calls to say that a payment has a result: our own question to PayFiP is queued, and a
    neutral text is answered.
    """
    signaler(idop_of(request), now=timezone.now())
    return HttpResponse("Bien reçu.\n", content_type="text/plain; charset=utf-8")


@login_not_required
@csrf_exempt  # a form of PayFiP's site, sent by the payer's browser
@require_http_methods(CALLED)
def retour(request: HttpRequest) -> HttpResponse:
    """The address to which PayFiP sends the payer back: our own question to PayFiP is queued, then a redirection (303)
    to a page of its own address, so that neither Back nor a reload sends anything again.
    """
    signaler(idop_of(request), now=timezone.now())
    return HttpResponseRedirect(with_idop("facturation:paiement_reponse", request), status=303)


@login_not_required
@require_safe
def reponse(request: HttpRequest) -> HttpResponse:
    """The page after a return from PayFiP: a parent who is logged in goes on to their payment; anybody else reads that
    PayFiP is being asked, with a link that asks who they are.
    """
    suite = with_idop("facturation:paiement_suite", request)
    if hasattr(request.user, "responsable"):
        return HttpResponseRedirect(suite, status=303)
    return render(request, "facturation/paiement_retour.html", {"suite": suite})


def with_idop(page: str, request: HttpRequest) -> str:
    """The address of this page (a URL name) with the payment's name that this request bears, if any, as `?idop=`."""
    idop = idop_of(request)
    return reverse(page) + (f"?{urlencode({'idop': idop})}" if idop else "")


def idop_of(request: HttpRequest) -> str:
    """PayFiP's name for the payment, from the parameters of this request, in whatever case PayFiP spells its parameter
    (« idop », « idOp »); empty when there is none.
    """
    for data in (request.POST, request.GET):
        for name, value in data.items():
            if name.lower() == "idop" and IDOP.fullmatch(str(value)):
                return str(value)
    return ""
