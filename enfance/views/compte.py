"""The parent's account: contact details, password, calendar, devices, reminders, own data. One page, one form each.

Each form comes back to the page, which tells what was done, or shows that form again with what is wrong.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from accounts import addresses, email_changes, journal
from accounts.forms import ChangePasswordForm, PresentPasswordForm
from accounts.own_password import account_context, change_password
from accounts.pauses import too_many_passwords
from accounts.views import account
from enfance.courriels import rappel
from enfance.famille import agenda, coordonnees
from enfance.famille.acces import open_donnees
from enfance.famille.donnees import load_donnees
from enfance.famille.forms import CoordonneesForm
from enfance.models import Responsable
from portail.dates import date_heure
from portail.formulaires import INCOMPLETE
from portail.vues import PAGE

AGAIN = "L’e-mail repart à votre nouvelle adresse."
RECENT = "Un e-mail est parti il y a moins de 10\u00a0minutes\u00a0: regardez aussi dans les courriers indésirables."

# Which form was sent, by a field of its own, the most secret first; the password's when none says so.
ENVOIS = {
    "new_password1": "mot_de_passe",
    "email": "coordonnees",
    "donnees": "donnees",
    "adresse": "adresse",
    "agenda": "agenda",
    "rappels": "rappels",
}


@sensitive_post_parameters("password", "new_password1", "new_password2")
@sensitive_variables("password", "donnees", "form")
@require_http_methods(PAGE)
def compte(request: HttpRequest) -> HttpResponse:
    """The parent's page « Mon compte » with its six forms, and what each of them does; for a user who is no parent, the
    page of the app `accounts`.
    """
    responsable: Responsable | None = getattr(request.user, "responsable", None)
    if responsable is None:
        return account(request)
    now = timezone.now()
    envoi = ""
    if request.method == "POST":
        envoi = next((nom for champ, nom in ENVOIS.items() if champ in request.POST), "mot_de_passe")

    def sent(nom: str) -> Any:
        return request.POST if nom == envoi else None

    password = ChangePasswordForm(sent("mot_de_passe"), user=responsable.user)
    contact = CoordonneesForm(sent("coordonnees"), responsable=responsable)
    donnees = PresentPasswordForm(sent("donnees"), user=responsable.user, auto_id="donnees_%s")
    answer = None
    match envoi:
        case "mot_de_passe":
            answer = change_password(request, password)
        case "coordonnees":
            answer = change_coordonnees(request, contact, responsable, now)
        case "donnees":
            answer = download(request, donnees, now)
        case "adresse":
            answer = resend_or_drop_adresse(request, responsable, now)
        case "agenda":
            answer = change_agenda(request, responsable)
        case "rappels":
            answer = change_rappels(request, responsable)
    if answer:
        return answer
    fautif = next((form for form in (password, contact, donnees) if form.errors), None)
    context = account_context(password) | {
        "responsable": responsable,
        "coordonnees": contact,
        "donnees": donnees,
        "fautif": fautif,
        "agenda_url": agenda_url(responsable),
        "agenda_webcal": webcal(agenda_url(responsable)),
        "attente": adresse_en_attente(responsable, now),
    }
    return render(request, "enfance/compte.html", context)


def webcal(url: str) -> str:
    """This address of a calendar with « webcal: » in place of « https: », so that a phone or a computer opens its
    agenda.
    """
    return f"webcal:{url.partition(':')[2]}"


def agenda_url(responsable: Responsable) -> str:
    """The whole address of the parent's calendar feed, secret included; empty when the parent has none."""
    if not responsable.agenda_secret:
        return ""
    return settings.SITE_URL + reverse("enfance:agenda", args=[responsable.agenda_secret])


def adresse_en_attente(responsable: Responsable, now: datetime) -> dict[str, str] | None:
    """The new e-mail address that the parent has not confirmed yet, and until when it may be, in words; None when there
    is none.
    """
    change = email_changes.live_of(responsable.user, now=now)
    return {"email": change.email, "jusque": date_heure(change.expires_at)} if change else None


@sensitive_variables("form")
def change_coordonnees(
    request: HttpRequest, form: CoordonneesForm, responsable: Responsable, now: datetime
) -> HttpResponse | None:
    """Write the e-mail and the phone of a valid form, the present password being part of it; a new e-mail only acts
    once the link mailed to it is opened. None when the page has to be shown again with its errors.
    """
    if answer := too_many_passwords(request):
        return answer
    if not form.is_valid():
        journal.event("email_change_asked", result="refused", user=responsable.user_id, request=request)
        return None
    data = form.cleaned_data
    if coordonnees.changer(responsable, email=data["email"], telephone=data["telephone"], now=now):
        journal.event("email_change_asked", user=responsable.user_id, request=request)
        messages.success(request, "C’est enregistré. Pour finir, ouvrez l’e-mail qui arrive à votre nouvelle adresse.")
    else:
        messages.success(request, "Vos coordonnées sont enregistrées.")
    return redirect("accounts:account")


@sensitive_variables("form")
def download(request: HttpRequest, form: PresentPasswordForm, now: datetime) -> HttpResponse | None:
    """The answer that gives the parent all that is kept about them (RGP-07): a JSON file, or the way to the page that
    shows the same. None when the password is wrong.

    The password is asked even of a parent who just logged in: somebody else may be at the screen (SES-02).
    """
    if answer := too_many_passwords(request):
        return answer
    if not form.is_valid():
        return None
    journal.event("data_exported", user=form.user.pk, request=request, by="account")
    if request.POST["donnees"] == "lire":
        return open_donnees(request, now=now)
    response = JsonResponse(load_donnees(form.user, now=now), json_dumps_params={"ensure_ascii": False, "indent": 2})
    response.headers["Content-Disposition"] = f'attachment; filename="mes-donnees-{timezone.localdate(now)}.json"'
    return response


def resend_or_drop_adresse(request: HttpRequest, responsable: Responsable, now: datetime) -> HttpResponse | None:
    """Do what a button about the e-mail address asks: mail the link again to the new address that waits, drop that
    address, or mail to the present one, whose mails came back, a link that proves it good. None when the button is
    unknown.

    No password is asked: a link sent again gives nobody anything new, and an address dropped only takes away.
    """
    match request.POST.getlist("adresse"):
        case ["abandonner"]:
            if addresses.give_up(responsable.user, now=now):
                journal.event("email_change_dropped", user=responsable.user_id, request=request)
            messages.success(request, "Votre adresse e-mail ne change pas.")
        case ["verifier"]:
            if change := addresses.verify(responsable.user, now=now):
                messages.success(request, RECENT if email_changes.was_sent_lately(change, now=now) else AGAIN)
            else:
                messages.success(request, "Nos e-mails arrivent de nouveau à votre adresse.")
        case ["renvoyer"]:
            if change := addresses.send_again(responsable.user, now=now):
                messages.success(request, RECENT if email_changes.was_sent_lately(change, now=now) else AGAIN)
        case _:
            messages.error(request, INCOMPLETE)
            return None
    return redirect("accounts:account")


def change_agenda(request: HttpRequest, responsable: Responsable) -> HttpResponse | None:
    """Give the parent a new address of the calendar feed, or delete the one there is, as the button asks; None when the
    button is unknown.
    """
    match request.POST.getlist("agenda"):
        case ["supprimer"]:
            agenda.supprimer(responsable)
            messages.success(
                request, "Le lien pour votre calendrier est supprimé\u00a0: il ne répond plus.", extra_tags="t-agenda"
            )
        case ["renouveler"]:
            agenda.renouveler(responsable)
            messages.success(
                request, "Le lien pour votre calendrier est prêt. Ajoutez-le à votre calendrier.", extra_tags="t-agenda"
            )
        case _:
            messages.error(request, INCOMPLETE)
            return None
    journal.event("agenda_changed", user=responsable.user_id, request=request)  # never the address
    return redirect(f"{reverse('accounts:account')}#resultat")


def change_rappels(request: HttpRequest, responsable: Responsable) -> HttpResponse:
    """Write whether the parent wants a mail on the eve of the deadlines."""
    voulu = "rappel" in request.POST
    rappel.choisir(responsable, voulu)
    messages.success(
        request,
        "Vous recevrez un rappel la veille des dates limites." if voulu else "Vous ne recevez plus de rappel.",
        extra_tags="t-rappel",
    )
    return redirect(f"{reverse('accounts:account')}#resultat")
