"""What becomes of the tables of money when two rows are made one: the rules that `portail.fusions` asks for.

What was issued keeps its payer, its numbers and the child that it names. Of two homes, one payer stays live: it takes
over the balance of the other, and what waited for an invoice.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import pairwise

from django.utils import timezone

from facturation.models import Compte, NombreEnfants, Partage, Prestation, Quotient
from facturation.numeros import lock_emission
from facturation.prix.tarifs import Residence
from facturation.regie.encaissements import reporter
from portail.fusions import Lien, Transfert

PRIX = ("jour", "creneau", "nature")  # of a child, what its payers share
SEANCE = ("cle_enfant", *PRIX)


# --- Children ---------------------------------------------------------------------------------------------------------


def _suit_en_prestation(lien: Lien) -> int:
    """All lines follow. Those that wait for an invoice name the child that stays, unless another part of the same price
    was issued, or the file that stays has such a line too: then a correction is proposed, as for any fact that changed.
    """
    siennes = Prestation.objects.filter(cle_enfant=lien.double.pk)
    connues = set(Prestation.objects.filter(cle_enfant=lien.reste.pk).values_list(*PRIX))
    emises = set(siennes.exclude(facture=None).values_list(*PRIX))
    attente = siennes.waiting().values_list("pk", *PRIX)
    libres = [pk for pk, *prix in attente if tuple(prix) not in connues | emises]
    Prestation.objects.filter(pk__in=libres).update(cle_enfant=lien.reste.pk)
    return lien.suit()


def _suit_en_partage(lien: Lien) -> int:
    """The shares of the double serve where the file that stays has none: two sets of them would be more than 100 %."""
    if lien.connues.exists():
        lien.lignes.delete()
    return lien.suit()


# --- Payers -----------------------------------------------------------------------------------------------------------


def _reunit_comptes(lien: Lien) -> int:
    """One live payer. The other keeps what was issued to it, owes nothing and has no credit any more."""
    verrous = Compte.objects.select_for_update(of=("self",)).filter(foyer__in=[lien.double.pk, lien.reste.pk])
    comptes = {compte.foyer_id: compte for compte in verrous.order_by("pk")}
    autre, vivant = comptes.get(lien.double.pk), comptes.get(lien.reste.pk)
    if autre is None:
        return 0
    if vivant is None:
        return lien.suit()
    Quotient.objects.filter(compte=autre).update(compte=vivant)
    NombreEnfants.objects.filter(compte=autre).update(compte=vivant)
    _unite_partages(autre, vivant)
    _follow_waiting(autre, vivant)
    reporter(autre, vivant, None, timezone.now())
    Compte.objects.filter(reuni_dans=autre).update(reuni_dans=vivant)  # straight to the one that stays
    Compte.objects.filter(pk=autre.pk).update(foyer=None)
    if vivant.residence == Residence.A_DIRE and autre.residence:
        Compte.objects.filter(pk=vivant.pk).update(
            residence=autre.residence,
            residence_vue_le=autre.residence_vue_le,
            residence_vue_par=autre.residence_vue_par,
        )
    return 1


def _follow_waiting(autre: Compte, vivant: Compte) -> None:
    """What waits for an invoice is the live payer's. A séance that the two shared is on two lines that only their payer
    tells apart: the second is carried over by two opposite lines.
    """
    connues = set(Prestation.objects.filter(compte=vivant).values_list(*SEANCE))
    doubles = []
    for ligne in Prestation.objects.waiting().filter(compte=autre).order_by("jour", "pk"):
        uniques = ligne.nature not in {Nature.CORRECTION, Nature.REPORT, Nature.FORFAIT}
        if uniques and (ligne.cle_enfant, ligne.jour, ligne.creneau_id, ligne.nature) in connues:
            doubles.append(ligne)
        else:
            Prestation.objects.filter(pk=ligne.pk).update(compte=vivant)
    Prestation.objects.bulk_create(
        [
            Prestation(
                compte=compte,
                enfant_id=ligne.enfant_id,
                cle_enfant=ligne.cle_enfant,
                jour=ligne.jour,
                creneau_id=ligne.creneau_id,
                nature=Nature.REPORT,
                prix=signe * ligne.montant,
                entier=signe * ligne.montant,
                montant=signe * ligne.montant,
                credit_impot=ligne.credit_impot,
                faits=ligne.faits,
                prix_dit=ligne.prix_dit,
                motif="Deux foyers sont devenus un.",
            )
            for ligne in doubles
            for compte, signe in ((autre, -1), (vivant, 1))
        ]
    )


def _unite_partages(autre: Compte, vivant: Compte) -> None:
    """The parts of the two are one payer's: added up, period by period."""
    enfants = set(Partage.objects.filter(compte=autre).values_list("enfant", flat=True))
    for enfant in sorted(enfants):
        parts = list(Partage.objects.filter(enfant=enfant, compte__in=[autre, vivant]))
        unies = _add_up(parts)
        Partage.objects.filter(pk__in=[partage.pk for partage in parts]).delete()
        Partage.objects.bulk_create(
            Partage(enfant_id=enfant, compte=vivant, part=part, debut=debut, fin=fin) for debut, fin, part in unies
        )


def _add_up(partages: Iterable[Partage]) -> list[tuple[date | None, date | None, int]]:
    """Begin, end, per cent of each period over which the sum of these parts is the same; 0 is left out."""
    siens = [(partage.debut or date.min, partage.fin or date.max, partage.part) for partage in partages]
    bornes = sorted({borne for debut, fin, _ in siens for borne in (debut.toordinal(), fin.toordinal() + 1)})
    periodes: list[tuple[int, int, int]] = []
    for debut, suivant in pairwise(bornes):
        somme = sum(part for d, f, part in siens if d.toordinal() <= debut < f.toordinal() + 1)
        if not somme:
            continue
        if periodes and periodes[-1][1] == debut and periodes[-1][2] == somme:
            periodes[-1] = (periodes[-1][0], suivant, somme)
        else:
            periodes.append((debut, suivant, somme))
    return [
        (
            None if debut == date.min.toordinal() else date.fromordinal(debut),
            None if suivant == date.max.toordinal() + 1 else date.fromordinal(suivant - 1),
            min(somme, 100),
        )
        for debut, suivant, somme in periodes
    ]


Nature = Prestation.Nature
ENFANT: dict[str, Transfert] = {
    "facturation.Justification.enfant": lambda lien: lien.suit_sans_repeter("jour"),
    "facturation.Partage.enfant": _suit_en_partage,
    "facturation.Prestation.enfant": _suit_en_prestation,
    "facturation.ReponseAbsence.enfant": Lien.suit,
}
FOYER: dict[str, Transfert] = {"facturation.Compte.foyer": _reunit_comptes}
COMPTE: dict[str, Transfert] = {
    f"facturation.{colonne}": Lien.suit
    for colonne in (
        "Compte.residence_vue_par",
        "Encaissement.ecrit_par",
        "EssaiPaiement.demande_par",
        "Facture.emise_par",
        "Justification.dite_par",
        "Mois.arrete_par",
        "NombreEnfants.saisi_par",
        "Quotient.saisi_par",
        "Quotient.vu_par",
        "Relance.faite_par",
        "ReponseAbsence.repondue_par",
        "SignalementFacture.dit_par",
        "SignalementFacture.repondu_par",
        "Versement.ecrit_par",
    )
}


def lock() -> None:
    """Lock the issue of invoices until the transaction ends, before two foyers or files are merged: a month that is
    being closed has read the lines that wait, which must not move meanwhile.
    """
    lock_emission(timezone.now())
