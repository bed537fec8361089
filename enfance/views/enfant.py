"""A child's file: class, custody in words, who may fetch the child, an absence to tell, health and whom to call. The
other foyer is never named.

One page, four small forms: each comes back to it, and says what was done or why it was not.
"""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts import journal
from accounts.pauses import too_many_attempts
from enfance.cantines import load_ecoles
from enfance.ecoles import mots_garderie
from enfance.famille.absences.ecriture import load_absences_enfant
from enfance.famille.acces import responsable_of, wait_to_tell
from enfance.famille.accords import choisir
from enfance.famille.autorisations import ajouter, fratrie_of, retirer
from enfance.famille.forms import AccordForm, PersonneForm, RappelezMoiForm, RetraitForm
from enfance.famille.personnes import periode_texte, personnes_vues
from enfance.famille.rappels import demander, load_rappel, retirer_demande
from enfance.garde import garde_phrases, prochaines_semaines
from enfance.models import Enfant, Responsable
from portail.formulaires import INCOMPLETE
from portail.francais import et
from portail.vues import PAGE

CHERCHER, SANTE = "t-chercher", "t-sante"  # the parts of the page that say what was done in them


@require_http_methods(PAGE)
def enfant(request: HttpRequest, pk: int) -> HttpResponse:
    """The parent's page of this child, and what its four forms do. 404 for a child whom the parent may not see."""
    responsable, now = responsable_of(request), timezone.now()
    today = timezone.localdate(now)
    enfant = get_object_or_404(Enfant.objects.for_responsable(responsable), pk=pk)
    form = PersonneForm(request.POST if "ajouter" in request.POST else None, today=today)
    if request.method == "POST" and (answer := change(request, enfant, responsable, form, now)):
        return answer
    gardes = list(enfant.gardes.all())
    fratrie = [autre.prenom for autre in fratrie_of(enfant, responsable)]
    places = enfant.scolarites.with_ecole().select_related("annee", "classe").order_by("-annee__debut")
    scolarites = places.present()
    scolarite = places.on(today).first() or scolarites.filter(annee__debut__lte=today).first() or scolarites.first()
    context = {
        "onglet": "accueil",
        "enfant": enfant,
        "form": form,
        "scolarite": scolarite,
        "garde": " ".join(garde_phrases(enfant.prenom, gardes, responsable.foyer_id, today)),
        "semaines": prochaines_semaines(gardes, responsable.foyer_id, today),
        "autre_foyer": any(garde.foyer_id != responsable.foyer_id for garde in gardes),
        "personnes": personnes_vues(enfant, responsable, today),
        "absences": load_absences_enfant(responsable, enfant, now=now),
        "rappel": load_rappel(enfant, responsable),
        "adultes": responsable.foyer.responsables.select_related("user"),
        "responsable": responsable,
        "fratrie": et(fratrie) if fratrie else "",
    }
    context |= mots_garderie(load_ecoles([enfant.pk], today))
    if scolarite and scolarite.parmi_plusieurs:
        context["ecole_telephone"] = ""  # the setting is of one school, and does not say which
    return render(request, "enfance/enfant.html", context)


def change(
    request: HttpRequest, enfant: Enfant, responsable: Responsable, form: PersonneForm, now: datetime
) -> HttpResponse | None:
    """Do what the form that was sent asks for this child: ask for a call of the town hall, take off a person who may
    fetch it, tell the canteen of its health or not, add such a person. A parent who does so too often is refused for a
    while. None when the page has to be shown again with an error.
    """
    if wait := wait_to_tell(request, responsable):
        return too_many_attempts(request, wait)
    if "rappel" in request.POST:
        call_back(request, enfant, responsable, now)
    elif "retirer" in request.POST:
        withdraw(request, enfant, responsable, now)
    elif "cantine" in request.POST:
        agree(request, enfant, responsable, now)
    elif "ajouter" not in request.POST:
        messages.error(request, INCOMPLETE)
        return None
    elif not add(request, enfant, responsable, form, now):
        return None
    return redirect(f"{reverse('enfance:enfant', args=[enfant.pk])}#resultat")


def call_back(request: HttpRequest, enfant: Enfant, responsable: Responsable, now: datetime) -> None:
    """Ask the town hall, for this parent, for a call about the child, or take that request back, as the form says; a
    message tells what was done.
    """
    choix = RappelezMoiForm(request.POST)
    if not choix.is_valid():
        messages.error(request, "Ce choix n’a pas été compris\u00a0: rien n’a changé.", extra_tags=SANTE)
    elif choix.cleaned_data["rappel"] == "demander":
        if demander(enfant, responsable, now=now):
            journal.event("callback_asked", user=responsable.user_id, request=request, child=enfant.pk)
        messages.success(request, "Votre demande est envoyée\u00a0: la mairie vous rappelle.", extra_tags=SANTE)
    elif retirer_demande(enfant, responsable, now=now):
        journal.event("callback_withdrawn", user=responsable.user_id, request=request, child=enfant.pk)
        messages.success(request, "Votre demande est retirée\u00a0: la mairie ne vous rappelle pas.", extra_tags=SANTE)
    else:
        messages.error(request, "Il n’y a plus de demande à retirer\u00a0: rien n’a changé.", extra_tags=SANTE)


def withdraw(request: HttpRequest, enfant: Enfant, responsable: Responsable, now: datetime) -> None:
    """Take a person whom this parent added off the list of those who may fetch the child; a message tells what was
    done.
    """
    choix = RetraitForm(request.POST)
    personne = retirer(enfant, responsable, choix.cleaned_data["retirer"], now=now) if choix.is_valid() else None
    if personne is None:
        messages.error(
            request,
            "Cette personne n’est plus dans la liste, ou c’est l’autre parent qui l’a ajoutée.",
            extra_tags=CHERCHER,
        )
        return
    journal.event("person_withdrawn", user=responsable.user_id, request=request, child=enfant.pk, person=personne.pk)
    messages.success(request, f"{personne.nom} ne peut plus venir chercher {enfant.prenom}.", extra_tags=CHERCHER)


def agree(request: HttpRequest, enfant: Enfant, responsable: Responsable, now: datetime) -> None:
    """Write whether the parent agrees that the canteen knows that the child has an allergy or a health plan (PAI); a
    message tells what was done.
    """
    choix = AccordForm(request.POST)
    if not choix.is_valid():
        messages.error(request, "Ce choix n’a pas été compris\u00a0: rien n’a changé.", extra_tags=SANTE)
        return
    accord = choix.cleaned_data["cantine"]
    if choisir(enfant, responsable.user, accord, now=now):
        name = "canteen_agreement_given" if accord else "canteen_agreement_withdrawn"
        journal.event(name, user=responsable.user_id, request=request, child=enfant.pk)
    voit = "voit" if accord else "ne voit plus"
    messages.success(
        request, f"C’est enregistré\u00a0: la cantine {voit} qu’il y a une allergie ou un PAI.", extra_tags=SANTE
    )


def add(request: HttpRequest, enfant: Enfant, responsable: Responsable, form: PersonneForm, now: datetime) -> bool:
    """Let somebody fetch the child, and its brothers and sisters if that is asked. False when the form is wrong or the
    person cannot be added for the child: the form then says why. What forbids it for a brother or sister is told, and
    stops neither the child nor the others.
    """
    if not form.is_valid():
        return False
    qui = dict(form.cleaned_data)
    aussi = fratrie_of(enfant, responsable) if qui.pop("aussi") else []
    obstacles = ajouter([enfant, *aussi], responsable, **qui, now=now)
    for un, obstacle in obstacles.items():
        if obstacle.code == "interdite":
            journal.event("person_to_check", user=responsable.user_id, request=request, child=un.pk)
    if enfant in obstacles:
        form.add_error("nom", obstacles[enfant].message)
        return False
    for un, obstacle in obstacles.items():
        messages.error(request, f"{un.prenom}\u00a0: {obstacle.message}", extra_tags=CHERCHER)
    admis = [un for un in (enfant, *aussi) if un not in obstacles]
    for un in admis:
        journal.event("person_added", user=responsable.user_id, request=request, child=un.pk)
    prenoms, periode = et([un.prenom for un in admis]), periode_texte(qui["debut"], qui["fin"])
    messages.success(
        request, f"{qui['nom']} peut venir chercher {prenoms}{', ' if periode else ''}{periode}.", extra_tags=CHERCHER
    )
    return True
