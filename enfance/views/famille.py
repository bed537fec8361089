"""The parent's home, history and children. What a parent may see starts with the queryset."""

from __future__ import annotations

from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from enfance.cases import EnfantVu, fratrie
from enfance.forms import FiltreForm
from enfance.garde import garde_phrase, prochaines_semaines
from enfance.historique import load_historique
from enfance.journee import HORIZON, prochaine_limite, prochains_jours
from enfance.models import Enfant, Responsable
from enfance.regles import Acteur
from enfance.situation import load_situation

LIMITE_CHERCHEE = timedelta(days=45)
SOIR = 18


def responsable_of(request: HttpRequest) -> Responsable:
    """The parent behind the request; any other account is told that the page is not for it."""
    try:
        return request.user.responsable  # type: ignore[union-attr]
    except Responsable.DoesNotExist:
        raise PermissionDenied from None


@require_safe
def accueil(request: HttpRequest) -> HttpResponse:
    responsable, now = responsable_of(request), timezone.now()
    today = timezone.localdate(now)
    situation = load_situation(
        Acteur.parent(responsable), today, today + timedelta(days=HORIZON), now=now, places=False
    )
    jours = prochains_jours(situation)
    context = {
        "onglet": "accueil",
        "salutation": "Bonsoir" if timezone.localtime(now).hour >= SOIR else "Bonjour",
        "enfants": fratrie(situation),
        "jours": jours,
        "prevu": any(jour.prevu for jour in jours),
        "prochain_ouvert": next((jour for jour in jours if jour.ouvert), None),
        "vacances": situation.calendrier.vacances(today),
        "reprise": situation.calendrier.ecole_apres(today),
        "limite": prochaine_limite(situation, today + LIMITE_CHERCHEE),
        "dernier": situation.dernier_changement,
    }
    return render(request, "enfance/accueil.html", context)


@require_safe
def enfant(request: HttpRequest, pk: int) -> HttpResponse:
    """A child's file: class, custody in words, who may fetch, PAI yes or no. The other foyer is never named."""
    responsable, today = responsable_of(request), timezone.localdate()
    enfant = get_object_or_404(Enfant.objects.for_responsable(responsable), pk=pk)
    gardes = list(enfant.gardes.all())
    scolarites = enfant.scolarites.present().select_related("annee", "classe").order_by("-annee__debut")
    context = {
        "onglet": "accueil",
        "enfant": enfant,
        "scolarite": scolarites.filter(annee__debut__lte=today).first() or scolarites.first(),
        "garde": garde_phrase(gardes, responsable.foyer_id),
        "semaines": prochaines_semaines(gardes, responsable.foyer_id, today),
        "autre_foyer": any(garde.foyer_id != responsable.foyer_id for garde in gardes),
        "personnes": enfant.personnes_autorisees.autorisees(today),
        "adultes": responsable.foyer.responsables.select_related("user"),
        "responsable": responsable,
    }
    return render(request, "enfance/enfant.html", context)


@require_safe
def historique(request: HttpRequest) -> HttpResponse:
    """Every change of the children, latest first; `?enfant=` keeps one child, `?avant=` goes further back."""
    responsable, now = responsable_of(request), timezone.now()
    enfants = [
        EnfantVu(enfant.pk, enfant.prenom, "", (rang - 1) % 4 + 1)
        for rang, enfant in enumerate(Enfant.objects.for_responsable(responsable), 1)
    ]
    noms = {enfant.pk: enfant.nom for enfant in enfants}
    filtre = FiltreForm(request.GET)
    choisi, avant = filtre.choisi(noms), filtre.reference()
    montres = {choisi: noms[choisi]} if choisi else noms
    jours, suite = load_historique(responsable, montres, now=now, avant=avant)
    context = {
        "onglet": "historique",
        "enfants": enfants,
        "choisi": choisi,
        "jours": jours,
        "suite": suite,
        "avant": avant,
    }
    return render(request, "enfance/historique.html", context)
