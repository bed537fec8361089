"""What a family owes, said on its home in one line; nothing when nothing is due."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from facturation.models import Encaissement, EssaiPaiement, Facture, Mois, Relance
from facturation.models.paiements import ATTENTE
from facturation.montants import euros
from facturation.papiers import mots
from facturation.papiers.facture import titre_facture
from facturation.payeurs.comptes import AVIS, comptes_seen_by
from facturation.payeurs.reports import load_reportes
from facturation.payeurs.sans_facture import tell_sans_facture
from facturation.payfip.lectures import load_commences
from portail.accueil import Affaire
from portail.certain import certain
from portail.francais import NBSP, accord
from portail.select import ModelTable, instant, kept, read, select

VOIR = "Voir où en est ce paiement"


def a_payer(request: HttpRequest, now: datetime) -> Iterable[Affaire]:
    """What the home of the family says of money to pay: first each payment that is begun, so that nobody pays twice;
    then one line for the invoices that something remains to pay of, with the nearest date; then one for what is owed
    that no invoice says.

    The invoices are those of this parent's foyer, and of payers that were merged into its own. What the treasury claims
    is said where nothing else is due, until its notice has come (`AVIS`): it alone knows more. One query where nothing
    is owed, else two, more where something was carried, is begun, or is owed of no invoice.
    """
    responsable = getattr(request.user, "responsable", None)
    if responsable is None:
        return
    du = load_du(responsable.foyer_id)
    if not du:
        return
    titre, today = settings.ENCAISSEMENT == "titre", timezone.localdate(now)
    dues = load_dues(responsable.foyer_id, now)
    if any(due.reportee for due in dues):
        reportes = load_reportes([compte.pk for compte in comptes_seen_by(request.user)])
        dues = [due._replace(paye=due.paye - reportes.get(due.facture.pk, 0)) for due in dues]
        dues = [due for due in dues if due.reste > 0]
    factures = sum(due.reste for due in dues)
    if any(due.commencee for due in dues):
        commences = load_commences(comptes_seen_by(request.user), now=now)
        for commence in {commences[due.facture.pk]: None for due in dues if due.facture.pk in commences}:
            yield Affaire(commence.phrase, VOIR, commence.adresse, "sablier", commence.titre)
        dues = [due for due in dues if due.facture.pk not in commences]
    ici = [due for due in dues if not due.remise_le]
    if dues:
        yield _reclamees(dues) if titre or not ici else _a_payer(ici, today)
    if du > factures:
        yield from _sans_facture(request, today)


class Due(NamedTuple):
    """An invoice that something remains to pay of (`paye`: of its total, in centimes). `remise_le`: since when the
    treasury claims it; `reportee`: some of it was carried; `commencee`: a payment of it is begun.
    """

    facture: Facture
    paye: int
    remise_le: datetime | None
    reportee: bool
    commencee: bool
    tresorerie: str | None

    @property
    def reste(self) -> int:
        """What is left to pay of this invoice, in centimes."""
        return self.facture.total - self.paye

    @property
    def echeance(self) -> date:
        """The day until which this invoice is to be paid."""
        return certain(self.facture.echeance)  # a credit note alone has none


# The payer of a foyer, and those that were made one with it.
PAYEURS = """
    SELECT c.id FROM facturation_compte c
    LEFT JOIN facturation_compte d ON d.id = c.reuni_dans_id
    LEFT JOIN facturation_compte e ON e.id = d.reuni_dans_id
    WHERE %s IN (c.foyer_id, d.foyer_id, e.foyer_id)
"""
TABLES = ModelTable(Facture, "f", "entete"), ModelTable(Mois, "m", "bilan")


def load_du(foyer: int) -> int:
    """What this foyer (primary key) owes, in centimes: the sum of what its payer, and each payer merged into it, owes;
    a payer that has paid too much takes nothing off the others.
    """
    sql = f"""
        SELECT COALESCE((SELECT SUM(f.total) FROM facturation_facture f WHERE f.compte_id = p.id), 0)
            - COALESCE((SELECT SUM(e.montant) FROM facturation_encaissement e WHERE e.compte_id = p.id), 0)
        FROM ({PAYEURS}) p
    """  # noqa: S608 (the text above alone)
    return sum(max(0, du) for du in select(int, sql, [foyer]))


def load_dues(foyer: int, now: datetime) -> list[Due]:
    """The invoices of this foyer (primary key) that something remains to pay of, or that were carried from another
    payer; the nearest date to pay first.

    An invoice that the treasury claims is left out once its notice has come and its date to pay is past.
    """
    facture, mois = TABLES
    sql = f"""
        SELECT {facture.columns}, {mois.columns}, f.paye, f.remise_le, f.reportee, f.commencee,
            (SELECT tresorerie_nom FROM facturation_reglagefacturation ORDER BY id LIMIT 1)
        FROM (
            SELECT g.*,
                COALESCE((SELECT SUM(i.montant) FROM facturation_imputation i WHERE i.facture_id = g.id), 0) AS paye,
                (
                    SELECT MIN(r.faite_le) FROM facturation_relance r WHERE r.facture_id = g.id AND r.genre = %s
                ) AS remise_le,
                EXISTS (
                    SELECT 1 FROM facturation_imputation i JOIN facturation_encaissement e ON e.id = i.encaissement_id
                    WHERE i.facture_id = g.id AND e.moyen = %s
                ) AS reportee,
                EXISTS (
                    SELECT 1 FROM facturation_essaipaiement p
                    LEFT JOIN facturation_partpaiement t ON t.essai_id = p.id
                    WHERE (p.facture_id = g.id OR t.facture_id = g.id)
                        AND (p.etat = %s OR p.etat IN %s AND p.demande_le > %s)
                ) AS commencee
            FROM facturation_facture g
            WHERE g.genre = %s AND g.compte_id IN ({PAYEURS})
        ) f
        LEFT JOIN facturation_mois m ON m.id = f.mois_id
        WHERE (f.remise_le IS NULL OR f.remise_le >= %s OR f.echeance >= %s) AND (f.total > f.paye OR f.reportee)
        ORDER BY f.echeance, f.id
    """  # noqa: S608 (names of the models, and the text above)
    etat = EssaiPaiement.Etat
    valeurs = [
        *[Relance.Genre.TRESORERIE.value, Encaissement.Moyen.REPORT.value],
        *[etat.A_VERIFIER.value, [etat.DEMANDE.value, etat.EN_COURS.value], kept(now - ATTENTE)],
        *[Facture.Genre.FACTURE.value, foyer, kept(now - AVIS), timezone.localdate(now)],
    ]
    return select(_due, sql, valeurs)


def _due(*ligne: Any) -> Due:
    facture, facture.mois, paye, remise_le, reportee, commencee, tresorerie = read(ligne, *TABLES)
    return Due(facture, int(paye), instant(remise_le), bool(reportee), bool(commencee), tresorerie)


def _sans_facture(request: HttpRequest, today: date) -> Iterable[Affaire]:
    if du := tell_sans_facture(comptes_seen_by(request.user), today):
        texte = f"À régler au guichet{NBSP}: {euros(du.reste)}. {du.raison}"
        yield Affaire(texte, "Voir comment régler", reverse("facturation:factures"))


def _reclamees(dues: Sequence[Due]) -> Affaire:
    quoi, somme, adresse = _dites(dues)
    une, remises = len(dues) == 1, all(due.remise_le for due in dues)
    qui, son = mots.tresorerie(dues[0].tresorerie or ""), "son avis" if une else "ses avis"
    reclame, faire = ("réclame", f"Suivez {son}") if remises else ("réclamera", f"Attendez {son}")
    texte = f"{quoi[:1].upper()}{quoi[1:]}{NBSP}: {qui} vous {reclame} {somme}. {faire}."
    return Affaire(texte, "Voir la facture" if une else "Voir les factures", adresse)


def _a_payer(dues: Sequence[Due], today: date) -> Affaire:
    premiere, une = dues[0], len(dues) == 1
    quoi, somme, adresse = _dites(dues)
    avant = mots.avant_le(premiere.echeance, today, court=True)
    if premiere.echeance < today:
        texte = f"En retard{NBSP}: {somme}, {quoi}, {'' if une else 'la première '}à payer {avant}."
    elif une:
        texte = f"À payer {avant}{NBSP}: {somme}, {quoi}."
    else:
        texte = f"À payer{NBSP}: {somme}, {quoi}, la première {avant}."
    return Affaire(texte, "Voir et payer", adresse)


def _dites(dues: Sequence[Due]) -> tuple[str, str, str]:
    """« facture de novembre », or how many; their sum; where they are read."""
    somme, une = euros(sum(due.reste for due in dues)), len(dues) == 1
    if une:
        quoi = titre_facture(dues[0].facture).replace("Facture", "facture", 1)
        return quoi, somme, reverse("facturation:facture", args=[dues[0].facture.numero])
    return accord(len(dues), "facture"), somme, reverse("facturation:factures")
