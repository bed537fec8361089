"""The parent's home and history. What a parent may see starts with the queryset."""

from __future__ import annotations

from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from enfance.cantines import load_ecoles, mots_cantine
from enfance.equipe.presences import load_constats
from enfance.famille.absences.ecriture import load_absences_jour
from enfance.famille.acces import responsable_of
from enfance.garde import chez_qui
from enfance.models import Enfant, Recapitulatif
from enfance.planning.annonces import partager
from enfance.planning.annulee import show_annulation
from enfance.planning.boutons_repas import repas_done, save_repas
from enfance.planning.cases import EnfantVu, fratrie, mots_of, noms_enfants, partis_of
from enfance.planning.ecarts import load_ecarts
from enfance.planning.envois import Issue, envoi_of, redirect_to_held
from enfance.planning.fil import load_historique
from enfance.planning.forms import FiltreForm
from enfance.planning.grilles import build_suivies, jours_types
from enfance.planning.historique import annulation_of
from enfance.planning.journee import HORIZON, prochains_jours, rentree
from enfance.planning.limites import prochaine_limite
from enfance.planning.recapitulatif import words_of
from enfance.planning.resultat import load_resultat, refus_vus
from enfance.regles import Acteur
from enfance.situation import load_situation
from portail.accueil import affaires_of
from portail.dates import date_heure_annee
from portail.extensions import Extension
from portail.vues import PAGE

LIMITE_CHERCHEE = timedelta(days=45)
CONSTATS = timedelta(days=62)  # what the sheets said otherwise: of the last two months
SOIR = 18


@require_http_methods(PAGE)
def accueil(request: HttpRequest) -> HttpResponse:
    """The parent's home page: the next days of the children, closures, absences, and what is to be settled with the
    canteen, whose buttons are sent here.
    """
    responsable, now = responsable_of(request), timezone.now()
    acteur, today = Acteur.parent(responsable), timezone.localdate(now)
    envoi, fait = envoi_of(request, now), save_repas(request, acteur, now)
    issue = Issue.of(fait) if fait else envoi.issue
    if issue and not issue.refus:
        return repas_done(request, issue)
    if fait and issue and (response := redirect_to_held(request, now, issue.as_json())):
        return response
    fin = today + timedelta(days=HORIZON)
    situation = load_situation(acteur, today, fin, now=now, places=False, modeles=True, accueil=True)
    noms = noms_enfants(situation)
    situation, partis = situation.with_eleves(today), partis_of(situation, today)
    jours, (proches, loin) = prochains_jours(situation), partager(situation)
    prevu = any(jour.prevu for jour in jours)
    connue = prevu or bool(situation.dernier_changement) or any(modele.boxes for modele in situation.modeles)
    context = {
        "onglet": "accueil",
        "grilles": build_suivies(situation),
        "jours_types": jours_types(situation),
        "connue": connue,
        "a_commencer": not connue and any(a.is_open(today) and a.fin >= today for a in situation.calendrier.annees),
        "salutation": "Bonsoir" if timezone.localtime(now).hour >= SOIR else "Bonjour",
        "enfants": fratrie(situation),
        "chez_qui": chez_qui(
            {noms[pk]: situation.gardes.get(pk, ()) for pk in situation.enfants}, responsable.foyer_id, today
        ),
        "partis": partis,
        "rentree": rentree(situation),
        "jours": jours,
        "prevu": prevu,
        "prochain_ouvert": next((jour for jour in jours if jour.ouvert), None),
        "vacances": situation.calendrier.vacances(today),
        "reprise": situation.calendrier.ecole_apres(today),
        "limite": prochaine_limite(situation, today + LIMITE_CHERCHEE),
        "dernier": situation.dernier_changement,
        "actualites": situation.actualites,
        "absences": load_absences_jour(situation, today),
        "affaires": affaires_of(request, Extension.installed().accueil, now=now),
        "annonces": proches,
        "fermetures_loin": loin,
        "ecarts": load_ecarts(situation, fin),
        "plus_garde": envoi.gone,
        "refus": refus_vus(issue.refus, situation, noms, [], issue.reussis) if issue else None,
        "resultat": load_resultat(request.GET.get("enregistre", ""), responsable.user_id, noms, now=now),
    }
    return render(request, "enfance/accueil.html", context | mots_of(situation))


@require_safe
def historique(request: HttpRequest) -> HttpResponse:
    """The page of every change of the parent's children, latest first; `?enfant=` keeps one child, `?avant=` goes
    further back. After an undoing, it shows what could not be given back.
    """
    responsable, now = responsable_of(request), timezone.now()
    today = timezone.localdate(now)
    envoi = envoi_of(request, now)
    if envoi.held:
        return show_annulation(request, responsable, envoi.held.outcome, now)
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
        "plus_garde": envoi.gone,
        "resultat": load_resultat(request.GET.get("enregistre", ""), responsable.user_id, noms, now=now),
        "enfants": enfants,
        "choisi": choisi,
        "jours": jours,
        "constats": [] if avant else load_constats(today - CONSTATS, today, montres),
        "suite": suite,
        "avant": avant,
    }
    if context["resultat"]:
        context |= mots_cantine(load_ecoles(noms, today))
    return render(request, "enfance/historique.html", context)


@require_safe
def recapitulatif(request: HttpRequest, reference: int) -> HttpResponse:
    """The page that says again what the save with this reference said when it was made. 404 unless the reader made that
    save.
    """
    responsable = responsable_of(request)
    gardes = Recapitulatif.objects.filter(auteur=responsable.user_id, enregistrement__auteur=responsable.user_id)
    garde = get_object_or_404(gardes.select_related("enregistrement__annule_par"), enregistrement=reference)
    fait = garde.enregistrement
    siens = set(Enfant.objects.for_responsable(responsable).values_list("pk", flat=True))
    dit = words_of(garde, siens)
    if dit is None:
        raise Http404
    annulation = annulation_of(fait)
    context = {
        "onglet": "historique",
        "reference": fait.pk,
        "titre": "Annulé" if fait.annule_id else "Enregistré",
        "defait": fait.annule_id,
        "annulation": annulation,
        "annule_quand": date_heure_annee(annulation.quand) if annulation else "",
        "auteur": responsable.user.get_full_name(),
        "quand": date_heure_annee(fait.quand),
        "dit": dit,
        "imprimable": True,
    }
    ecoles = load_ecoles(siens, timezone.localdate())
    return render(request, "enfance/recapitulatif.html", context | mots_cantine(ecoles))
