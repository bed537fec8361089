"""A payer as the counter finds it: by a name, a child's, an identifiant, or the number of an invoice. Reads, never
writes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from enfance.mairie.enfants.lecture import classe_texte, with_classe
from enfance.mairie.familles.lecture import among, words_of
from enfance.models import Enfant, Garde, Responsable
from facturation.models import Compte, Encaissement, Facture, Relance
from facturation.papiers import mots
from facturation.payeurs.comptes import noms_of, soldes
from facturation.payeurs.entetes import noms_phrase
from facturation.payeurs.sans_facture import load_sans_facture, open_sorties
from facturation.regie.imputations import open_credits
from facturation.regie.raisons import adultes_of, bears, par_facture, raisons_of
from portail.dates import MOIS, PARIS, jour_long
from portail.francais import de, et
from portail.lettres import cle_tri, lettres

TROUVES = 20
REUNIS = 3  # foyers made one with another, then that one with a third: no deeper
NUMERO = re.compile(r"(?:F[\s-]*)?(?P<annee>20\d\d)[\s-]*(?P<rang>\d{4,6})|(?P<court>\d{1,6})", re.IGNORECASE)


@dataclass(frozen=True)
class PayeurTrouve:
    """A payer in the words that tell homonyms apart. `solde`: what they owe, in centimes; below 0, their credit.
    `raison`: how a search found them, where it is not by the name of an adult.
    """

    compte: Compte
    nom: str
    enfants: str
    solde: int
    raison: str = ""

    @property
    def pk(self) -> int:
        """The primary key of the payer."""
        return self.compte.pk

    @property
    def credit(self) -> int:
        """What the town owes to this payer, in centimes; below 0 when the payer owes something."""
        return -self.solde

    @property
    def foyer(self) -> str:
        """The foyer by its children, which tells homonyms apart: « foyer d’Adam (CP) et Lina (CM1) »; empty without
        children.
        """
        return f"foyer {de(self.enfants)}" if self.enfants else ""


@dataclass(frozen=True)
class DuPayeur:
    """Something to pay: an invoice, or, without a number, what was carried from another payer, or given back of a
    credit that is no more. In centimes.
    """

    numero: str
    nom: str
    reste: int
    total: int
    echeance: date | None
    remise_le: datetime | None = None

    @property
    def remise(self) -> str:
        """The day when this invoice was handed over to the treasury, which collects it since, in French, in Paris;
        empty otherwise.
        """
        return jour_long(self.remise_le.astimezone(PARIS).date()) if self.remise_le else ""

    @property
    def entame(self) -> int:
        """What was paid already of this debt, in centimes."""
        return self.total - self.reste


def find_payeurs(texte: str, *, now: datetime) -> tuple[list[PayeurTrouve], bool]:
    """The payers that this text finds, twenty at most, and whether there are more.

    A whole number is that of an invoice of the year of `now` or of the year before, when there is one; else an
    identifiant. Words are looked for in the names, identifiants, e-mails and phones of the adults and in the names of
    the children; a family that is gone is found by the name that its invoices bear. The adults who bear the words come
    first.
    """
    factures = _factures_of(texte, now.year)
    lus = list(_lus(_restants_of(factures) if factures else _by_nom(texte))[: TROUVES + 1])
    trouves = lus[:TROUVES]
    raisons = dict.fromkeys((compte.pk for compte in trouves), par_facture(factures))
    raisons = raisons if factures else raisons_of(trouves, texte)
    payeurs = [replace(un, raison=raisons[un.pk]) for un in load_trouves(trouves, today=now.date())]
    payeurs.sort(key=lambda un: (bool(un.raison), not bears(un.compte, texte)))
    return payeurs, len(lus) > TROUVES


def load_trouves(comptes: Sequence[Compte], *, today: date) -> list[PayeurTrouve]:
    """These payers in words, with their balances: the ones who owe first, then by name. `comptes` must come from
    `load_comptes`.
    """
    dus = soldes(comptes)
    enfants = _enfants_of({compte.foyer_id for compte in comptes if compte.foyer_id}, today)
    payeurs = [
        PayeurTrouve(compte, _nom(compte), enfants.get(compte.foyer_id or 0, ""), dus[compte.pk]) for compte in comptes
    ]
    return sorted(payeurs, key=lambda un: (un.solde <= 0, _famille(un.compte), lettres(un.nom), un.pk))


def load_comptes(cles: Collection[int]) -> list[Compte]:
    """The payers of these primary keys, each replaced by the payer that it was merged into and said once, in no
    set order, read with the adults of their foyers.
    """
    return list(_lus(Compte.objects.filter(pk__in=_restants(cles))))


def load_dus(compte: Compte) -> list[DuPayeur]:
    """What this payer has to pay: money owed again that no invoice says, then the unpaid invoices, each the oldest
    first. Two queries.
    """
    remises = Relance.objects.filter(facture=OuterRef("pk"), genre=Relance.Genre.TRESORERIE)
    factures: Any = (
        Facture.objects.filter(compte=compte, total__gt=0)
        .annotate(reste=F("total") - Coalesce(Sum("imputations__montant"), 0))
        .filter(reste__gt=0)
        .annotate(remise_le=Subquery(remises.values("faite_le")[:1]))
        .select_related("mois")
        .order_by("emise_le", "pk")
    )
    sorties = open_sorties().filter(compte=compte)
    return [
        *(DuPayeur("", mots.sortie_texte(une.moyen), une.reste, -une.montant, None) for une in sorties),
        *(DuPayeur(une.numero, _mois_of(une), une.reste, une.total, une.echeance, une.remise_le) for une in factures),
    ]


@dataclass(frozen=True)
class RenduDu:
    """What was given back of a credit that is no more: whose, the number of its entry, when, what is owed of it. No
    number nor date of what another payer had been given, before it was made one with this one.
    """

    compte: Compte
    nom: str
    numero: str
    recu_le: datetime | None
    reste: int


def load_rendus_dus() -> list[RenduDu]:
    """Credits that were given back and turned out not to be owed, so that they are due again: of all payers, the oldest
    first, then what was carried over to another payer.

    No invoice says them, and no reminder leaves of them alone. Three queries, more where something was carried.
    """
    sorties: list[Any] = list(open_sorties().exclude(moyen=Encaissement.Moyen.REPORT).select_related("compte"))
    portes = Counter(load_sans_facture())
    for une in sorties:
        portes[une.compte_id] -= une.reste
    reunis = Compte.objects.in_bulk(+portes) if +portes else {}
    noms = noms_of([*(une.compte for une in sorties), *reunis.values()])
    rendus = [RenduDu(une.compte, noms[une.compte.pk], une.numero, une.recu_le, une.reste) for une in sorties]
    return rendus + [RenduDu(compte, noms[cle], "", None, portes[cle]) for cle, compte in reunis.items()]


def load_credits() -> list[PayeurTrouve]:
    """The payers that have something in their favour, by name; what the next invoice does not take is to be given back.
    `solde` is below 0, in centimes. Two queries by 2 000 payers, and one.
    """
    restes = {
        cle: sum(cote.reste for cote in cotes)
        for cle, cotes in open_credits(list(Compte.objects.values_list("pk", flat=True))).items()
    }
    comptes = list(Compte.objects.filter(pk__in=restes))
    noms = noms_of(comptes)
    payeurs = [PayeurTrouve(compte, noms[compte.pk], "", -restes[compte.pk]) for compte in comptes]
    return sorted(payeurs, key=lambda un: (lettres(un.nom), un.pk))


def remises_reached(dus: Sequence[DuPayeur], choisies: Collection[str], montant: int) -> list[DuPayeur]:
    """Among these dues, the ones that the treasury collects and that a payment of `montant` centimes would pay, if the
    invoices of `choisies` (numbers) are paid first.
    """
    atteintes = []
    for du in sorted(dus, key=lambda du: not du.numero or du.numero not in choisies):
        if montant > 0 and du.remise_le:
            atteintes.append(du)
        montant -= du.reste
    return atteintes


def load_remises(recu: Encaissement) -> list[str]:
    """The numbers of the invoices that this receipt paid after they were handed over to the treasury. One query."""
    numeros = [ligne["facture"] for ligne in recu.contenu.get("factures", [])]
    remises = Relance.objects.filter(genre=Relance.Genre.TRESORERIE, facture__numero__in=numeros)
    return list(
        remises.filter(faite_le__lte=recu.ecrit_le).order_by("facture").values_list("facture__numero", flat=True)
    )


def asked_for(texte: str, dus: Sequence[DuPayeur]) -> list[DuPayeur]:
    """What to propose to pay among these dues, after this search: the invoice whose number the text is; all of them
    when it is none of their numbers.
    """
    lu = NUMERO.fullmatch(texte.strip())
    if lu is None:
        return list(dus)
    fin = f"-{int(lu['rang'] or lu['court']):04d}"
    annee = f"-{lu['annee']}-" if lu["annee"] else "-"
    siennes = [du for du in dus if du.numero.endswith(fin) and annee in du.numero]
    return siennes or list(dus)


def _mois_of(facture: Any) -> str:
    """« Novembre »; with its year where it is not that of the number."""
    if facture.mois is None:
        return "Facture"
    premier = facture.mois.premier
    nom = MOIS[premier.month - 1].capitalize()
    return nom if premier.year == facture.annee else f"{nom} {premier.year}"


def _factures_of(texte: str, annee: int) -> list[Facture]:
    """The invoices of this number, the last year first; none when it is no number of theirs."""
    lu = NUMERO.fullmatch(texte.strip())
    if lu is None:
        return []
    annees = [int(lu["annee"])] if lu["annee"] else [annee, annee - 1]
    factures = Facture.objects.factures().filter(annee__in=annees, rang=int(lu["rang"] or lu["court"]))
    return list(factures.order_by("-annee"))


def _restants_of(factures: Sequence[Facture]) -> QuerySet[Compte]:
    return Compte.objects.filter(pk__in=_restants({facture.compte_id for facture in factures}))


def _by_nom(texte: str) -> QuerySet[Compte]:
    foyers = among(texte)
    if foyers is None:
        return Compte.objects.none()
    partis = Q(foyer=None, factures__entete__payeur__nom__icontains=texte.strip())
    trouves = Compte.objects.filter(Q(foyer__in=foyers.order_by().values("pk")) | partis)
    porteurs = Responsable.objects.filter(foyer=OuterRef("foyer"))
    for mot in words_of(texte):
        porteurs = porteurs.filter(user__tri__icontains=mot)
    return trouves.filter(reuni_dans=None).annotate(porte=Exists(porteurs)).order_by("-porte", "pk").distinct()


def _restants(cles: Collection[int]) -> set[int]:
    """The payers that these ones are now, by their keys."""
    restants = set(cles)
    for _ in range(REUNIS):
        liens = dict(Compte.objects.filter(pk__in=restants).values_list("pk", "reuni_dans"))
        restants = {liens[cle] or cle for cle in liens}
    return restants


def _lus(comptes: QuerySet[Compte]) -> QuerySet[Compte]:
    return comptes.select_related("foyer").prefetch_related("foyer__responsables__user")


def _nom(compte: Compte) -> str:
    """« Anna Berger et Jules Lefort »; of a family that is gone, the name of its last invoice."""
    if adultes := adultes_of(compte):
        return noms_phrase([(adulte.user.first_name, adulte.user.last_name) for adulte in adultes])
    return noms_of([compte])[compte.pk]


def _famille(compte: Compte) -> str:
    """The family names by which lists sort it."""
    return cle_tri(sorted({adulte.user.last_name for adulte in adultes_of(compte)}, key=lettres))


def _enfants_of(foyers: Collection[int], today: date) -> dict[int, str]:
    """« Adam (CP) et Lina (CM1) », by foyer: first names and classes alone."""
    enfants = Prefetch("enfant", with_classe(Enfant.objects.all()))
    noms: dict[int, dict[int, str]] = {}
    gardes = Garde.objects.filter(foyer__in=foyers).prefetch_related(enfants).order_by("enfant__date_naissance", "pk")
    for garde in gardes:
        enfant = garde.enfant
        noms.setdefault(garde.foyer_id, {})[enfant.pk] = f"{enfant.prenom} ({classe_texte(enfant, today)})"
    return {foyer: et(list(siens.values())) for foyer, siens in noms.items()}
