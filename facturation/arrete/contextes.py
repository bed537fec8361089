"""What prices are made of, from the database: tariffs, supplements, quotients, residences, shares, ages, habits."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from enfance.calendrier import UN_JOUR
from enfance.models import Creneau, Enfant
from facturation.arrete.lecture import TOUS, PerimetreFaits, load_presences
from facturation.models import Compte, LigneTarif, Partage, Quotient, Supplement, Tarif
from facturation.prix.mois import Contexte, Horaire, HoraireAncien, PartPayeur, habitudes_of
from facturation.prix.tarifs import GrilleTarif, LigneGrille, SupplementVote

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
    creneaux, anciens = _horaires()
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
    )
    if prevu and any(tarif.unite == Tarif.Unite.TRANCHE for tarif in tarifs):
        recents = load_presences(today - QUATRE_SEMAINES, today - UN_JOUR, perimetre)
        contexte = replace(contexte, habitudes=habitudes_of(recents, contexte))
    return {premier: replace(contexte, premier=premier, quotients=quotients[premier]) for premier in premiers}


def _horaires() -> tuple[dict[int, Horaire], dict[int, list[HoraireAncien]]]:
    """The hours of each créneau, and those that it had, the oldest first. One query."""
    passees = [f"heures_passees__{champ}" for champ in ("jusqu_au", "debut", "fin")]
    creneaux: dict[int, Horaire] = {}
    anciens: dict[int, list[HoraireAncien]] = {}
    lus = Creneau.objects.order_by("heures_passees__jusqu_au", "pk")
    for cle, moment, debut, fin, *ancien in lus.values_list("pk", "moment", "debut", "fin", *passees):
        creneaux[cle] = Horaire(Creneau.Moment(moment), debut, fin)
        if ancien[0] is not None:
            anciens.setdefault(cle, []).append(HoraireAncien(*ancien))
    return creneaux, anciens


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
    )


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


def _partages(perimetre: PerimetreFaits) -> dict[int, list[PartPayeur]]:
    partages: dict[int, list[PartPayeur]] = {}
    for ligne in Partage.objects.filter(**perimetre.which).select_related("compte").order_by("enfant", "compte__foyer"):
        if ligne.compte.foyer_id is not None:
            part = PartPayeur(ligne.compte.foyer_id, ligne.part, ligne.debut, ligne.fin)
            partages.setdefault(ligne.enfant_id, []).append(part)
    return partages
