"""What prices are made of, from the database: tariffs, supplements, quotients, residences, shares, ages, habits."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, Q

from enfance.calendrier import UN_JOUR, jours_entre
from enfance.models import Creneau, Enfant, Fermeture, load_calendrier
from facturation.arrete.lecture import TOUS, PerimetreFaits, load_presences
from facturation.models import (
    Compte,
    LieuResidence,
    LigneTarif,
    NombreEnfants,
    Partage,
    Plafond,
    Quotient,
    Supplement,
    Tarif,
)
from facturation.prix.mois import Contexte, Horaire, HoraireAncien, PartPayeur, habitudes_of
from facturation.prix.tarifs import LIEUX, GrilleTarif, LigneGrille, PlafondVote, Residence, SupplementVote
from portail.dates import mois_suivant

QUATRE_SEMAINES = timedelta(weeks=4)


def load_contexte(premier: date, perimetre: PerimetreFaits = TOUS, *, today: date, prevu: bool = False) -> Contexte:
    """All that the prices of the month that begins on `premier` are computed from, but what happened: tariffs,
    supplements, hours, quotients, residences, shares, ages.

    `prevu`: with the habits of the four weeks before `today`, for the séances that are still to come. Twelve queries at
    most.
    """
    return load_contextes([premier], perimetre, today=today, prevu=prevu)[premier]


def load_contextes(
    premiers: Collection[date], perimetre: PerimetreFaits = TOUS, *, today: date, prevu: bool = False
) -> dict[date, Contexte]:
    """All that the prices of each of these months are computed from, by their first days, in as many queries as for one
    month.

    `premiers` must not be empty. With `prevu`, for a forecast: where a tarif counts slices of time, also the habits of
    the four weeks before `today`.
    """
    comptes = Compte.objects.filter(foyer__isnull=False, **_des_foyers(perimetre)).order_by()
    payeurs = {cle: (foyer, residence) for cle, foyer, residence in comptes.values_list("pk", "foyer", "residence")}
    creneaux, anciens, a_plafonds, a_lieux = _horaires()
    tarifs = load_tarifs()
    quotients = _quotients(premiers, payeurs)
    contexte = Contexte(
        premier=min(premiers),
        tarifs=tarifs,
        creneaux=creneaux,
        anciens=anciens,
        naissances=_naissances(perimetre),
        supplements=load_supplements(),
        residences={foyer: residence for foyer, residence in payeurs.values()},
        partages=_partages(perimetre),
        plafonds=load_plafonds() if a_plafonds else (),
    )
    if a_lieux:
        defaut, lieux = load_lieux()
        contexte = replace(contexte, lieu_defaut=defaut, lieux=lieux)
    if prevu and any(tarif.unite == Tarif.Unite.TRANCHE for tarif in tarifs):
        recents = load_presences(today - QUATRE_SEMAINES, today - UN_JOUR, perimetre)
        contexte = replace(contexte, habitudes=habitudes_of(recents, contexte))
    nombres = _nombres(premiers, payeurs) if any(tarif.axe == Tarif.Axe.ENFANTS for tarif in tarifs) else {}
    ouvertures = load_ouvertures(premiers) if any(tarif.prorata for tarif in tarifs) else {}
    return {
        premier: replace(
            contexte,
            premier=premier,
            quotients=quotients[premier],
            nombres=nombres.get(premier, {}),
            ouvertures=ouvertures.get(premier, {}),
        )
        for premier in premiers
    }


def _horaires() -> tuple[dict[int, Horaire], dict[int, list[HoraireAncien]], bool, bool]:
    """The hours of each créneau, and those that it had, the oldest first; whether there is any cap, and whether the
    town's residences are others than the two that every town begins with. One query.
    """
    seules = Q(code=Residence.COMMUNE, nom=LIEUX[Residence.COMMUNE], defaut=True) | Q(
        code=Residence.HORS, nom=LIEUX[Residence.HORS]
    )
    autres = Exists(LieuResidence.objects.exclude(seules))
    a_plafonds = a_lieux = False
    passees = [f"heures_passees__{champ}" for champ in ("jusqu_au", "debut", "fin")]
    creneaux: dict[int, Horaire] = {}
    anciens: dict[int, list[HoraireAncien]] = {}
    lus = Creneau.objects.order_by("heures_passees__jusqu_au", "pk")
    lus = lus.annotate(a_plafonds=Exists(Plafond.objects.all()), a_lieux=autres)
    colonnes = ("a_plafonds", "a_lieux", "pk", "moment", "debut", "fin", *passees)
    for a_plafonds, a_lieux, cle, moment, debut, fin, *ancien in lus.values_list(*colonnes):  # noqa: B007
        creneaux[cle] = Horaire(Creneau.Moment(moment), debut, fin)
        if ancien[0] is not None:
            anciens.setdefault(cle, []).append(HoraireAncien(*ancien))
    return creneaux, anciens, a_plafonds, a_lieux


def _des_foyers(perimetre: PerimetreFaits) -> dict[str, Any]:
    return {} if perimetre.foyers is None else {"foyer__in": perimetre.foyers}


def load_tarifs(cles: Collection[int] | None = None) -> list[GrilleTarif]:
    """The tariffs that have these primary keys, all of them without `cles`, each with its grid of prices and its vote.
    Three queries.
    """
    lignes: dict[int, list[LigneGrille]] = {}
    voulus = Tarif.objects.all() if cles is None else Tarif.objects.filter(pk__in=cles)
    for ligne in LigneTarif.objects.filter(tarif__in=voulus.order_by().values("pk")).order_by("pk"):
        lignes.setdefault(ligne.tarif_id, []).append(grille_ligne(ligne))
    return [
        replace(
            grille_of(tarif, lignes.get(tarif.pk, ())),
            deliberation=tarif.deliberation.numero,
            votee_le=tarif.deliberation.votee_le,
        )
        for tarif in voulus.select_related("deliberation").prefetch_related("creneaux").order_by("pk")
    ]


def grille_of(tarif: Tarif, lignes: Iterable[LigneGrille], creneaux: Iterable[int] | None = None) -> GrilleTarif:
    """This tariff and these lines of its grid as the plain value that prices are computed from; the tariff may be
    saved, or only typed in a form.

    `creneaux`: the primary keys of the créneaux that it names; without it, those that are saved.
    """
    cles = [creneau.pk for creneau in tarif.creneaux.all()] if creneaux is None else creneaux
    return GrilleTarif(
        cle=tarif.pk or 0,
        nom=tarif.nom,
        debut=tarif.debut,
        unite=Tarif.Unite(tarif.unite),
        base=Tarif.Base(tarif.base),
        minutes=tarif.minutes,
        tranches_absent=tarif.tranches_absent,
        par_jour=tarif.par_jour,
        fratrie=tarif.fratrie,
        arrondi=tarif.arrondi,
        creneaux=frozenset(cles),
        moment=tarif.moment,
        lignes=tuple(lignes),
        axe=Tarif.Axe(tarif.axe),
        tolerance=tarif.tolerance,
        jours=tarif.jours,
        prorata=tarif.prorata,
    )


def grille_ligne(ligne: LigneTarif) -> LigneGrille:
    """This saved line of a tariff's grid as the plain value that a price is read from."""
    return LigneGrille(
        ligne.residence,
        ligne.qf_min,
        ligne.qf_max,
        ligne.rang,
        ligne.prix,
        ligne.taux,
        ligne.minimum,
        ligne.maximum,
        ligne.pk,
        ligne.premiere,
        ligne.seance,
    )


def plafond_of(plafond: Plafond, creneaux: Iterable[int] | None = None) -> PlafondVote:
    """This cap as the plain value that prices are computed from; it may be saved, or only typed in a form.

    `creneaux`: the primary keys of the créneaux that it names; without it, those that are saved.
    """
    cles = [creneau.pk for creneau in plafond.creneaux.all()] if creneaux is None else creneaux
    return PlafondVote(
        cle=plafond.pk or 0,
        montant=plafond.montant,
        periode=Plafond.Periode(plafond.periode),
        porteur=Plafond.Porteur(plafond.porteur),
        debut=plafond.debut,
        fin=plafond.fin,
        creneaux=frozenset(cles),
        moment=plafond.moment,
        supplements=plafond.supplements,
        deliberation=plafond.deliberation.numero,
        votee_le=plafond.deliberation.votee_le,
    )


def load_plafonds() -> list[PlafondVote]:
    """All the caps that were voted, whatever their dates, as plain values. Two queries."""
    return [plafond_of(p) for p in Plafond.objects.select_related("deliberation").prefetch_related("creneaux")]


def load_lieux() -> tuple[str, dict[str, str]]:
    """The code of the residence that a payer of whom nothing is said is priced as, and the names of those that are not
    called as every town begins. One query.
    """
    defaut, lieux = Residence.COMMUNE.value, {}
    for lieu in LieuResidence.objects.all():
        if lieu.defaut:
            defaut = lieu.code
        if LIEUX.get(lieu.code) != lieu.nom:
            lieux[lieu.code] = lieu.nom
    return defaut, lieux


def load_ouvertures(premiers: Collection[date]) -> dict[date, dict[int, tuple[int, int]]]:
    """By month (its first day) and créneau (primary key), how many of its school days closures of the town leave open,
    of how many, where they take some away. A closure of some classes or levels closes no créneau. A few queries.
    """
    debut = min(premiers)
    calendrier = load_calendrier()
    fermetures = Fermeture.objects.filter(nature=Fermeture.Nature.FERMETURE, fin__gte=debut, niveaux="", classes=None)
    fermes: dict[int, set[date]] = {}
    creneaux = list(Creneau.objects.prefetch_related("ecoles"))
    for fermeture in fermetures.prefetch_related("creneaux", "ecoles"):
        vises, ecoles = set(fermeture.creneaux.all()), set(fermeture.ecoles.all())
        jours = set(jours_entre(fermeture.debut, fermeture.fin))
        for creneau in creneaux:
            siennes = set(creneau.ecoles.all())
            if (not vises or creneau in vises) and (not ecoles or (siennes and siennes <= ecoles)):
                fermes.setdefault(creneau.pk, set()).update(jours)
    ouvertures: dict[date, dict[int, tuple[int, int]]] = {premier: {} for premier in premiers}
    for premier in premiers:
        ecole = list(calendrier.jours_ecole(premier, mois_suivant(premier) - UN_JOUR))
        for creneau in creneaux:
            siens = {jour for jour in ecole if jour.weekday() in creneau.jours}
            if siens and (perdus := len(siens & fermes.get(creneau.pk, set()))):
                ouvertures[premier][creneau.pk] = (len(siens) - perdus, len(siens))
    return ouvertures


def load_supplements() -> list[SupplementVote]:
    """All the supplements that were voted, whatever their dates, as plain values that prices are computed from. Two
    queries.
    """
    return [
        SupplementVote(
            cle=supplement.pk,
            genre=Supplement.Genre(supplement.genre),
            debut=supplement.debut,
            fin=supplement.fin,
            creneaux=frozenset(creneau.pk for creneau in supplement.creneaux.all()),
            moment=supplement.moment,
            prix=supplement.prix,
            pourcentage=supplement.pourcentage,
            en_tout=supplement.en_tout,
            tolerance=supplement.tolerance,
            deliberation=supplement.deliberation.numero,
            votee_le=supplement.deliberation.votee_le,
            article=supplement.article,
        )
        for supplement in Supplement.objects.select_related("deliberation").prefetch_related("creneaux").order_by("pk")
    ]


def _naissances(perimetre: PerimetreFaits) -> dict[int, date]:
    enfants = Enfant.objects.order_by()
    if perimetre.enfants is not None:
        enfants = enfants.filter(pk__in=perimetre.enfants)
    return dict(enfants.values_list("pk", "date_naissance"))


def _quotients(premiers: Collection[date], payeurs: Mapping[int, tuple[int, str]]) -> dict[date, dict[int, int]]:
    """The one that counts for each foyer, by month: the first of those that hold on its first day. One query."""
    lus = (
        Quotient.objects.seen()
        .filter(compte__in=payeurs, debut__lte=max(premiers))
        .order_by("compte", "-debut", "-saisi_le", "-pk")
    )
    quotients: dict[date, dict[int, int]] = {premier: {} for premier in premiers}
    for compte, valeur, debut, fin in lus.values_list("compte", "valeur", "debut", "fin"):
        for premier, connus in quotients.items():
            if debut <= premier and (fin is None or fin >= premier):
                connus.setdefault(payeurs[compte][0], valeur)
    return quotients


def _nombres(premiers: Collection[date], payeurs: Mapping[int, tuple[int, str]]) -> dict[date, dict[int, int]]:
    """How many children each home has, by month: of the rows that have begun on its first day, the first. One query."""
    lus = NombreEnfants.objects.filter(compte__in=payeurs, debut__lte=max(premiers))
    lus = lus.order_by("compte", "-debut", "-saisi_le", "-pk")
    nombres: dict[date, dict[int, int]] = {premier: {} for premier in premiers}
    for compte, nombre, debut in lus.values_list("compte", "nombre", "debut"):
        for premier, connus in nombres.items():
            if debut <= premier:
                connus.setdefault(payeurs[compte][0], nombre)
    return nombres


def _partages(perimetre: PerimetreFaits) -> dict[int, list[PartPayeur]]:
    partages: dict[int, list[PartPayeur]] = {}
    for ligne in Partage.objects.filter(**perimetre.which).select_related("compte").order_by("enfant", "compte__foyer"):
        if ligne.compte.foyer_id is not None:
            part = PartPayeur(ligne.compte.foyer_id, ligne.part, ligne.debut, ligne.fin)
            partages.setdefault(ligne.enfant_id, []).append(part)
    return partages
