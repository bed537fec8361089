"""Reads what the rules need to know, in a fixed number of queries whatever the children and the days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db.models import BigIntegerField, Count, DateField, F, OuterRef, QuerySet, Subquery

from enfance.cadre import load_cadre
from enfance.calendrier import UN_JOUR
from enfance.extensions import ExtensionEnfance
from enfance.faits import Fait, load_faits
from enfance.models import (
    Creneau,
    Evenement,
    Garde,
    Inscription,
    Scolarite,
)
from enfance.regles import Acteur, Cle, FermetureVue, InscriptionLue, ListeVue, Situation
from enfance.semaine_modele import Modele
from portail.certain import certain
from portail.dates import PARIS
from portail.requetes import Inconnue, Requete, liste
from portail.requetes import places as places_de

CLE, DATE = BigIntegerField(), DateField()


def load_situation(
    acteur: Acteur,
    debut: date,
    fin: date,
    *,
    now: datetime,
    enfants: Iterable[int] | None = None,
    places: bool = True,
    occupation: bool = True,
    inscriptions: bool = True,
    modeles: bool = False,
    accueil: bool = False,
) -> Situation:
    """The situation from `debut` to `fin`, both included, for the children that `acteur` may see.

    A parent sees those for whom they answer; the town hall those of the home for which it acts, or of `enfants`
    (primary keys). Six queries, and one more to count the places taken, where a créneau has a number of places and
    `places` asks for it. What else is asked for costs none: the weekly patterns of the parent's foyer (`modeles`); the
    news, the closures put away, the last change, the last meal without its lunch break, which the home page tells
    (`accueil`). Without `inscriptions` only the days are judged: a whole school has many rows. Without `occupation` the
    places taken are left to `with_occupation`: a page of a whole year may not ask for them.
    """
    cadre = load_cadre()
    creneaux, tenues = cadre.creneaux.par_code, cadre.creneaux.tenues
    codes = {creneau.pk: code for code, creneau in creneaux.items()}
    lignes = list(_scolarites(acteur, enfants, accueil))
    scolarites: dict[tuple[int, date], tuple[Scolarite, ...]] = {}
    for ligne in lignes:
        key = (ligne.enfant_id, ligne.annee.debut)
        scolarites[key] = (*scolarites.get(key, ()), ligne)
    pks = {enfant_id for enfant_id, _ in scolarites}
    gardes: dict[int, tuple[Garde, ...]] = {}
    leurs: dict[str, Any] = {"enfants": list(pks), "debut": debut, "fin": fin}
    combien = places_de(leurs["enfants"])
    for garde in GARDES(leurs, combien):
        gardes[garde.enfant_id] = (*gardes.get(garde.enfant_id, ()), garde)
    connues: dict[Cle, InscriptionLue] = {}
    if inscriptions:
        for enfant, jour, creneau, *lue in INSCRIPTIONS(leurs, combien):
            connues[Cle(enfant, jour, codes[creneau])] = InscriptionLue(*lue)
    attendent = {cle.enfant for cle, inscription in connues.items() if inscription.etat == Inscription.Etat.ATTENTE}
    today = now.astimezone(PARIS).date()
    if pks and tenues:  # what no school of theirs holds is not theirs to see, but where they have a row
        codes_connus, depuis = {cle.creneau for cle in connues}, min(debut, today)
        ecoles = {s.ecole_id for s in lignes if s.annee.fin >= depuis and (s.depart is None or s.depart > depuis)}
        ecoles = ecoles or {ligne.ecole_id for ligne in lignes}
        creneaux = {
            code: creneau
            for code, creneau in creneaux.items()
            if creneau.pk not in tenues or tenues[creneau.pk] & ecoles or code in codes_connus
        }
    attendus = [creneau.pk for creneau in creneaux.values()] if places else []
    faits = load_faits(acteur, pks, debut, fin, today, attendent, attendus, modeles=modeles, accueil=accueil)
    fermetures = _fermetures(faits["fermeture"])
    return Situation(
        now=now,
        acteur=acteur,
        calendrier=cadre.calendrier,
        limites=cadre.limites,
        creneaux=creneaux,
        regles=ExtensionEnfance.installed().regles,
        enfants={ligne.enfant_id: ligne.enfant for ligne in lignes},
        scolarites=scolarites,
        tenues=tenues,
        tous=cadre.creneaux.par_code,
        gardes=gardes,
        fermetures=tuple(f for f in fermetures if f.debut <= fin and f.fin >= debut),
        annoncees=tuple(f for f in fermetures if f.fin >= today),
        fermetures_lues=frozenset(fait.pk for fait in faits["lue"]),
        actualites=_textes(faits["actualite"]),
        inscriptions=connues,
        occupation=_occupation(creneaux.values(), debut, fin) if places and occupation else {},
        attendus=frozenset((fait.debut, fait.creneau) for fait in faits["attendu"] if fait.creneau),
        rangs={fait.pk: fait.nombre for fait in faits["rang"] if fait.nombre},
        absences=_absences(faits["absence"]),
        repas=_enfants_jours(faits["repas"]),
        listes_repas=_listes(faits["liste"]),
        repas_sans_midi=max((fait.debut for fait in faits["sans_midi"]), default=None),
        modeles=_modeles(faits["modele"], codes),
        dernier_changement=max((ligne.dernier for ligne in lignes if ligne.dernier), default=None) if accueil else None,
        jours=(debut, fin) if inscriptions and places and occupation else None,
    )


def with_occupation(situation: Situation, debut: date, fin: date) -> Situation:
    """The same, with the places taken from `debut` to `fin`, as it was loaded without `occupation` for these days."""
    return replace(situation, occupation=_occupation(situation.creneaux.values(), debut, fin))


def _scolarites(acteur: Acteur, enfants: Iterable[int] | None, accueil: bool) -> Iterable[Any]:
    """The places of the children in their years; with `dernier`, when anything of the child last changed."""
    seuls = None
    if enfants is not None or acteur.chez is None:
        seuls = sorted(set(enfants or ()))
    qui = PARENT if acteur.responsable else FOYER if acteur.pour else ""
    valeurs = {
        "enfants": seuls,
        "responsable": acteur.responsable.pk if acteur.responsable else None,
        "foyer": acteur.pour.pk if acteur.pour else None,
    }
    return SCOLARITES(valeurs, qui, None if seuls is None else places_de(seuls), accueil)


def _build_scolarites(qui: str, seuls: int | None, accueil: bool) -> QuerySet[Any]:
    """Those of the children that a parent or a home may see, or any; of so many children, or of all of theirs."""
    scolarites = Scolarite.objects.select_related("enfant", "classe", "annee", "ecole").defer("enfant__onde")
    if accueil:
        dernier = Evenement.objects.filter(enfant=OuterRef("enfant")).order_by("-enregistrement_id")
        scolarites = scolarites.annotate(dernier=Subquery(dernier.values("enregistrement__quand")[:1]))
    lecteur: Any = Inconnue(qui, CLE)
    if qui == PARENT:
        scolarites = scolarites.for_responsable(lecteur)
    elif qui == FOYER:
        scolarites = scolarites.for_foyer(lecteur)
    if seuls is not None:
        scolarites = scolarites.filter(enfant__pk__in=liste("enfants", CLE, seuls))
    par_place = F("debut").asc(nulls_first=True)
    return scolarites.order_by("enfant__date_naissance", "enfant__prenom", "enfant__pk", par_place)


def _build_gardes(enfants: int) -> QuerySet[Garde]:
    return Garde.objects.filter(enfant__pk__in=liste("enfants", CLE, enfants)).order_by("pk")


def _build_inscriptions(enfants: int) -> QuerySet[Any, Any]:
    debut: Any = Inconnue("debut", DATE)
    fin: Any = Inconnue("fin", DATE)
    siennes = Inscription.objects.filter(enfant__pk__in=liste("enfants", CLE, enfants))
    return siennes.between(debut, fin).order_by("pk").values_list("enfant", "jour", "creneau", *LUES)


LUES = ("pk", "etat", "origine", "foyer", "attente_depuis")  # as InscriptionLue has them
PARENT, FOYER = "responsable", "foyer"  # whose children: the name of the value as well
SCOLARITES, GARDES, INSCRIPTIONS = Requete(_build_scolarites), Requete(_build_gardes), Requete(_build_inscriptions)


def _fermetures(faits: Iterable[Fait]) -> list[FermetureVue]:
    """The oldest written first; a row for each of its créneaux, schools and classes."""
    vues: dict[int, FermetureVue] = {}
    for fait in faits:
        vue = vues.get(fait.pk, FermetureVue(fait.debut, fait.fin, fait.texte or "", pk=fait.pk))
        creneaux, classes, ecoles = ({n} if n else set() for n in (fait.creneau, fait.nombre, fait.ecole))
        vues[fait.pk] = replace(
            vue, creneaux=vue.creneaux | creneaux, classes=vue.classes | classes, ecoles=vue.ecoles | ecoles
        )
    return [vue for _, vue in sorted(vues.items())]


def _listes(faits: Iterable[Fait]) -> tuple[ListeVue, ...]:
    """A row for each of its schools."""
    vues: dict[int, ListeVue] = {}
    for fait in faits:
        vue = vues.get(fait.pk, ListeVue(fait.debut, fait.fin))
        vues[fait.pk] = replace(vue, ecoles=vue.ecoles | ({fait.ecole} if fait.ecole else set()))
    return tuple(vues.values())


def _enfants_jours(faits: Iterable[Fait]) -> frozenset[tuple[int, date]]:
    return frozenset((fait.enfant, fait.debut) for fait in faits if fait.enfant)


def _absences(faits: Iterable[Fait]) -> dict[tuple[int, date], frozenset[int]]:
    """A row for each of its créneaux."""
    dites: dict[tuple[int, date], frozenset[int]] = {}
    for fait in faits:
        key = certain(fait.enfant), fait.debut
        dites[key] = dites.get(key, frozenset()) | ({fait.creneau} if fait.creneau else set())
    return dites


def _textes(faits: Iterable[Fait]) -> tuple[str, ...]:
    """The news, the latest first."""
    return tuple(fait.texte or "" for fait in sorted(faits, key=lambda fait: (fait.debut, fait.pk), reverse=True))


def _occupation(creneaux: Iterable[Creneau], debut: date, fin: date) -> dict[tuple[date, int], int]:
    """How many places are taken, by day and créneau, of those that have a number of them."""
    limites = [creneau.pk for creneau in creneaux if creneau.places is not None]
    lignes = OCCUPATION({"limites": limites, "debut": debut, "fin": fin}, places_de(limites)) if limites else []
    return {(jour, creneau): n for jour, creneau, n in lignes}


def _build_occupation(limites: int) -> QuerySet[Any, Any]:
    debut: Any = Inconnue("debut", DATE)
    fin: Any = Inconnue("fin", DATE)
    prises = Inscription.objects.inscrit().between(debut, fin).filter(creneau__pk__in=liste("limites", CLE, limites))
    # All of it is in the index: the rows themselves are not looked at.
    return prises.order_by().values_list("jour", "creneau").annotate(n=Count("*"))


OCCUPATION = Requete(_build_occupation)


def _modeles(faits: Iterable[Fait], codes: Mapping[int, str]) -> tuple[Modele, ...]:
    """The weekly patterns, the latest written first; a row for each of their boxes."""
    modeles: dict[int, Modele] = {}
    for fait in faits:
        modele = modeles.get(fait.pk, Modele(certain(fait.enfant), frozenset(), fait.debut, fait.fin, fait.depuis))
        boxes = {(fait.nombre, codes[fait.creneau])} if fait.creneau and fait.nombre is not None else set()
        modeles[fait.pk] = replace(modele, boxes=modele.boxes | boxes)
    return tuple(modele for _, modele in sorted(modeles.items(), reverse=True))


def load_places(debut: date, fin: date, *, today: date) -> dict[tuple[date, str], int]:
    """The places left from today on, by day and créneau (code), of the créneaux that have a number of them.

    Two queries, one without such a créneau; holidays and closures are not asked: their boxes are not shown.
    """
    creneaux = list(Creneau.objects.filter(places__isnull=False))
    prises = _occupation(creneaux, max(debut, today), fin)
    jours = [debut + UN_JOUR * n for n in range((fin - debut).days + 1)]
    return {
        (jour, creneau.code): max(0, creneau.places - prises.get((jour, creneau.pk), 0))
        for jour in jours
        for creneau in creneaux
        if jour >= today and jour.weekday() in creneau.jours and creneau.places is not None
    }


def refresh_rangs(situation: Situation) -> Situation:
    """The same situation after a write, with the ranks of those who wait now."""
    attentes = [i.pk for i in situation.inscriptions.values() if i.etat == Inscription.Etat.ATTENTE]
    if not attentes:
        return situation.with_rangs({})
    lignes = Inscription.objects.filter(pk__in=attentes).with_rang()
    return situation.with_rangs({ligne.pk: ligne.rang for ligne in lignes if ligne.rang})
