"""A child's weekly pattern at the counter: chosen by the agent, previewed, then written by the parents' own writer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.decorators import agent_of, staff_page
from accounts.sessions import take_kept_form
from enfance.calendrier import UN_JOUR, lundi
from enfance.mairie.familles.ecriture import log
from enfance.mairie.familles.semaine_type import bloc_of, boxes_cochees, build_confirmation, build_exceptions
from enfance.mairie.familles.semaine_type_forms import SemaineGuichetForm
from enfance.models import Foyer
from enfance.planning.cases import EnfantVu, fratrie, mots_of
from enfance.planning.forms import FiltreForm, jour_du_bouton
from enfance.planning.grilles import build_grilles, jours_types
from enfance.planning.mois import prochain_mois
from enfance.planning.periodes import fins, rythmes
from enfance.planning.semaine_demandee import SemaineDemandee, context_apercu, initial, read_demande
from enfance.planning.semaines import remplir
from enfance.regles import Acteur, Situation
from enfance.semaine_modele import HORIZON
from enfance.situation import load_situation
from portail.confirmation import Asked, asks_always, confirm, hidden_of
from portail.vues import PAGE

RIGHT = "enfance.change_inscription"
DE_L_APERCU = {"avec_attente", "passer", "motif", "vu", "revenir"}  # asked again by the preview itself


@dataclass(frozen=True)
class PageSemaine:
    """The home, the situation of its children, the one who is shown, and the form of its weekly pattern."""

    request: HttpRequest
    foyer: Foyer
    situation: Situation
    enfant: EnfantVu
    form: SemaineGuichetForm

    @property
    def semaine(self) -> date | None:
        """The Monday of the week that `?semaine=` asks to begin with, from this week on; None without it."""
        semaine = jour_du_bouton(self.request.GET, "semaine")
        return lundi(semaine) if semaine and semaine >= lundi(self.situation.today) else None

    @property
    def famille(self) -> str:
        """The address that shows the family: its page, else its planning to who may not see that page."""
        if self.request.user.has_perm("enfance.view_foyer"):
            return reverse("admin:enfance_foyer_famille", args=[self.foyer.pk])
        return reverse("enfance:guichet", args=[self.foyer.pk])


@staff_page(RIGHT)
@require_http_methods(PAGE)
@asks_always
def semaine_type(request: HttpRequest, pk: int) -> HttpResponse:
    """The agent's page of the weekly pattern of a child of this home (primary key), the one that `?enfant=` names or
    the eldest: the form, the preview of what it changes, then, once confirmed, the save.
    """
    foyer, now = get_object_or_404(Foyer.objects.prefetch_related("responsables__user"), pk=pk), timezone.now()
    today = timezone.localdate(now)
    acteur = Acteur.guichet(agent_of(request).pk, foyer)
    situation = load_situation(acteur, lundi(today), today + HORIZON, now=now, modeles=True).with_eleves(today)
    periodes, enfants = sorted(fins(situation), key=lambda fin: fin.fin), fratrie(situation)
    if not periodes or not enfants:
        return render(request, "mairie/familles/semaine_type_absente.html", {"foyer": foyer, "enfants": enfants})
    choisi = FiltreForm(request.GET).choisi(situation.enfants)
    enfant = next((vu for vu in enfants if vu.pk == choisi), enfants[0])
    form = SemaineGuichetForm(
        request.POST if request.method == "POST" else take_kept_form(request, now=now),
        fins=periodes,
        enfants=[enfant.pk],
        creneaux=situation.creneaux,
        initial=opening(situation, enfant.pk),
    )
    page = PageSemaine(request, foyer, situation, enfant, form)
    demande = read_demande(situation, form, request.POST) if request.method == "POST" else None
    if demande is None or not demande.complete:
        return choose(page, vide=demande is not None)
    return save(page, demande, now)


def opening(situation: Situation, enfant: int) -> dict[str, Any]:
    """What the form opens with for this child (primary key): the period and the rhythm of the pattern that it follows,
    else the whole year, every week; from the next day of school on.
    """
    offertes = fins(situation)
    suivie = initial(situation, offertes, [enfant])
    debut = situation.calendrier.ecole_apres(situation.today) or situation.today + UN_JOUR
    fin = next((une.code for une in offertes if une.fin == suivie.get("au")), suivie["fin"])
    return suivie | {"fin": fin, "du": max(debut, suivie.get("du", debut)), "main": "garder"}


def choose(page: PageSemaine, *, vide: bool) -> HttpResponse:
    """The page where the pattern is chosen, with the boxes as they were sent, else as the child has them; `vide`: the
    form that was sent holds no moment and would change nothing.
    """
    situation, form, enfant = page.situation, page.form, page.enfant
    boxes = {enfant.pk: boxes_cochees(situation, enfant.pk, page.semaine)}
    suit = bool(boxes[enfant.pk])
    if form.is_bound and "t" not in form.errors:
        boxes = form.cleaned_data["t"]
    grille = next(vue for vue in build_grilles(situation, boxes, boxes) if vue.enfant.pk == enfant.pk)
    context = {
        "titre": f"Semaine type de {enfant.nom}",
        "foyer": page.foyer,
        "famille": page.famille,
        "form": form,
        "vide": vide,
        "enfants": fratrie(situation),
        "enfant": enfant,
        "semaine": page.semaine,
        "suit": suit,
        "grille": grille,
        "jours": jours_types(situation),
        "rythmes": rythmes(situation, form.today, form.dernier),
    }
    return render(page.request, "mairie/familles/semaine_type.html", context)


def save(page: PageSemaine, demande: SemaineDemandee, now: datetime) -> HttpResponse:
    """Fill the planning, show what that changes until it is confirmed, then lead to the month of the first change,
    which says what was done.
    """
    request, foyer, form, enfant = page.request, page.foyer, page.form, page.enfant
    acteur = Acteur.guichet(agent_of(request).pk, foyer, form.cleaned_data.get("motif", "") if form.passes else "")
    fait = remplir(form.modeles(), acteur, repris=form.repris, attente=form.attente, passes=form.passes, now=now)
    bloc = bloc_of(demande.apercu, enfant.pk, fait)
    ici = f"{reverse('enfance:guichet_semaine_type', args=[foyer.pk])}?enfant={enfant.pk}"
    apercu = build_confirmation(
        demande.apercu,
        bloc,
        fait,
        nom=enfant.nom,
        retour=page.famille,
        fil=((str(foyer), page.famille), ("Semaine type", ici)),
    )
    context: dict[str, Any] = (
        context_apercu(demande, form)
        | mots_of(page.situation)
        | {
            "champs": [(nom, valeur) for nom, valeur in hidden_of(request) if nom not in DE_L_APERCU],
            "bloc": bloc,
            "exceptions": build_exceptions(demande.apercu, bloc),
            "enfant": enfant,
        }
        | ({"change": False} if form.passes else {})  # a reason is why the preview is another one
    )
    if form.errors:
        raise Asked(apercu, context)
    confirm(request, apercu, **context)
    log(agent_of(request).pk, foyer, fait)
    premier = min((evenement.jour for evenement in fait.evenements), default=None)
    mois = premier or prochain_mois(page.situation.calendrier, page.situation.today)
    reference = fait.enregistrement.pk if fait.enregistrement else 0
    adresse = reverse("enfance:guichet_mois", args=[foyer.pk, mois], query={"enregistre": reference})
    return HttpResponseRedirect(f"{adresse}#resultat", status=303)
