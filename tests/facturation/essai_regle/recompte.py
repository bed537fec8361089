"""Rules counted again from the rows, without the code that tries them: days, limits and prices are worked out here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from enfance.models import Appel, Conge, Evenement, Inscription, Pointage, Scolarite
from facturation.models import Prestation, Quotient, ReponseAbsence, Tarif

PARIS = ZoneInfo("Europe/Paris")
JOUR = timedelta(days=1)
BANDES = [("Moins de 600", 0, 599), ("600 à 859", 600, 859), ("860 et plus", 860, 10**6)]


def two_working_days_before(jour: date, combien: int) -> datetime:
    """Noon, so many days before this one, Saturdays, Sundays and holidays not counted."""
    feries = set()
    for debut, fin in Conge.objects.filter(genre="ferie").values_list("debut", "fin"):
        feries |= {debut + n * JOUR for n in range((fin - debut).days + 1)}
    while combien:
        jour -= JOUR
        combien -= jour.weekday() < 5 and jour not in feries
    return datetime.combine(jour, time(12), PARIS)


def booked_late(debut: date, fin: date, combien: int) -> Iterator[tuple[int, int, Inscription]]:
    """The foyer and the child of each standing inscription that a parent's last tick made after the limit."""
    derniers = {}
    for evenement in Evenement.objects.filter(jour__range=(debut, fin)).select_related("enregistrement").order_by("pk"):
        if evenement.apres == "inscrit":
            derniers[evenement.enfant_id, evenement.jour, evenement.creneau_id] = evenement.enregistrement
    limites = {}
    for un in Inscription.objects.filter(jour__range=(debut, fin), etat="inscrit").select_related("creneau"):
        save = derniers.get((un.enfant_id, un.jour, un.creneau_id))
        limite = limites.setdefault(un.jour, None) or two_working_days_before(un.jour, combien)
        limites[un.jour] = limite
        excusee = ReponseAbsence.objects.filter(enfant=un.enfant_id, jour=un.jour, reponse="excusee").exists()
        if save and save.porte in {"portail", "semaine_type"} and save.quand >= limite and not excusee:
            yield un.foyer_id, un.enfant_id, un


def fetched_late(debut: date, fin: date, minutes: int) -> Iterator[tuple[int, int, Pointage]]:
    """The payer and the child of each evening that ended more than so many minutes after its end, to the minute."""
    clos = set(Appel.objects.exclude(clos_le=None).values_list("jour", "creneau"))
    payeurs = {
        (ligne.cle_enfant, ligne.jour, ligne.creneau_id): ligne.compte.foyer_id
        for ligne in Prestation.objects.filter(jour__range=(debut, fin), nature="seance").select_related("compte")
    }
    lus = Pointage.objects.filter(jour__range=(debut, fin), present=True).exclude(depart=None).select_related("creneau")
    for vu in lus.filter(creneau__moment__in=["soir", "journee"]):
        fin_du_soir = datetime.combine(vu.jour, vu.creneau.fin, PARIS) + timedelta(minutes=minutes)
        if (vu.jour, vu.creneau_id) in clos and vu.depart.astimezone(PARIS).replace(second=0) > fin_du_soir:
            yield payeurs[vu.enfant_id, vu.jour, vu.creneau_id], vu.enfant_id, vu


def repriced(debut: date, fin: date, prix: Callable[[Prestation], int]) -> Iterator[tuple[int, int, int]]:
    """The payer, the child and what another unit price changes of each line of a closed month that has a price."""
    lignes = Prestation.objects.filter(jour__range=(debut, fin), nature="seance", quantite__gt=0)
    for ligne in lignes.select_related("compte", "ligne", "tarif"):
        yield ligne.compte.foyer_id, ligne.cle_enfant, ligne.quantite * prix(ligne) - ligne.montant


def price_of_the_other_year(tarif: Tarif) -> Callable[[Prestation], int]:
    """The price, in this grid, of the same residence, tranche and rank."""
    grille = {(un.residence, un.qf_min, un.rang): un.prix for un in tarif.lignes.all()}
    return lambda ligne: (
        grille[ligne.ligne.residence, ligne.ligne.qf_min, ligne.ligne.rang]
        if ligne.creneau.moment == tarif.moment
        else ligne.prix
    )


def assert_same(essai, sommes: Counter) -> None:
    """The total, each band of quotient and each school say what these sums by payer and child do, or are hidden."""
    par_foyer: Counter = Counter()
    for (foyer, _), somme in sommes.items():
        par_foyer[foyer] += somme
    touchees = {foyer for foyer, somme in par_foyer.items() if somme}
    assert (essai.total.touchees, essai.total.montant) == (len(touchees), sum(sommes.values()))
    for titre, bas, haut in BANDES:
        eux = {f for f in touchees if (q := _quotient(f, essai.premiers[-1])) is not None and bas <= q <= haut}
        _assert_row(essai.par_quotient, titre, len(eux), sum(par_foyer[foyer] for foyer in eux))
    ecoles = dict(Scolarite.objects.order_by("annee__debut").values_list("enfant", "ecole__nom"))
    for nom in set(ecoles.values()):
        du_foyer: Counter = Counter()
        for (foyer, enfant), somme in sommes.items():
            if ecoles[enfant] == nom:
                du_foyer[foyer] += somme
        _assert_row(essai.par_ecole, nom, sum(1 for somme in du_foyer.values() if somme), sum(du_foyer.values()))


def _quotient(foyer: int, premier: date) -> int | None:
    connus = Quotient.objects.filter(compte__foyer=foyer, debut__lte=premier).exclude(vu_le=None).order_by("-debut")
    return next((un.valeur for un in connus if un.fin is None or un.fin >= premier), None)


def _assert_row(tableau, titre: str, touchees: int, montant: int) -> None:
    if tableau.lignes is None:
        return
    ligne = next((ligne for ligne in tableau.lignes if ligne.titre == titre), None)
    if ligne is None:
        assert (touchees, montant) == (0, 0)
    elif ligne.cache is None:
        assert (ligne.touchees, ligne.montant) == (touchees, montant), titre
        assert touchees >= 5 or len(tableau.lignes) == 1
    else:
        assert (ligne.touchees, ligne.montant, ligne.part) == (None, None, None)
