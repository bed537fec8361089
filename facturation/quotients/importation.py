"""A list of quotients given to payers: reported line by line, never guessed. It writes by `quotients` alone.

A line that may mean two payers, or none, is refused with its number and its reason; the others are applied. The same
list again changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from enfance.models import Enfant, Responsable
from facturation.models import Quotient
from facturation.payeurs.comptes import comptes_of
from facturation.quotients.ecriture import SaisieQuotient, enregistrer, premier_compte, premier_phrase
from facturation.quotients.liste import LigneQuotient, ListeQuotients
from portail.cles import cle
from portail.dates import PARIS
from portail.francais import NBSP, accord, pluriel
from portail.rehearsal import writing
from portail.tables import LigneRefusee

IMPORTE = "importé d’une liste"
LOIN = timedelta(days=366)  # past or to come: further, it is a slip of the pen


@dataclass(frozen=True)
class QuotientImporte:
    """A line that was written: its row, and the quotient that counted from that month until then, else the one that the
    family alone had said.
    """

    ligne: LigneQuotient
    quotient: Quotient
    avant: Quotient | None

    @property
    def remplace(self) -> bool:
        """Whether the quotient that was written takes the place of another value."""
        return self.avant is not None and self.avant.valeur != self.quotient.valeur

    @property
    def valeurs(self) -> str:
        """The value written, after the one that it replaces: « 812 », « 652 → 812 », « 700, dit par la famille →
        812 ».
        """
        if self.avant is None or not self.remplace:
            return str(self.quotient.valeur)
        dit = "" if self.avant.vu_le else ", dit par la famille"
        return f"{self.avant.valeur}{dit} → {self.quotient.valeur}"


@dataclass(frozen=True)
class BilanImport:
    """What an import did, or would do, in sentences for a secretary."""

    simulation: bool
    ecrits: list[QuotientImporte]
    inchanges: int
    refus: list[LigneRefusee]

    def phrases(self) -> Iterator[str]:
        """The summary of the import in one or two French sentences: how many quotients were written, unchanged,
        refused.
        """
        if self.simulation:
            yield f"Simulation{NBSP}: rien n’est écrit."
        refusees = pluriel(len(self.refus), "ligne refusée,lignes refusées")
        remplacent = sum(importe.remplace for importe in self.ecrits)
        dont = f", dont {remplacent} à la place d’un autre" if remplacent else ""
        ecrits, inchanges = accord(len(self.ecrits), "écrit"), accord(self.inchanges, "inchangé")
        yield f"Quotients{NBSP}: {ecrits}{dont}, {inchanges}, {refusees}."

    def lignes(self) -> Iterator[str]:
        """The whole report in French, line by line, for a terminal. No quotient is printed: it says what a family
        earns.
        """
        yield from self.phrases()
        faits = [
            f"{importe.ligne}\u00a0: à partir du {premier_phrase(importe.quotient.debut)}" for importe in self.ecrits
        ]
        for titre, elements in (("Lignes refusées", list(map(str, self.refus))), ("Quotients écrits", faits)):
            if elements:
                yield ""
                yield f"{titre} ({len(elements)})\u00a0:"
                yield from (f"  - {element}" for element in elements)


def importer(liste: ListeQuotients, *, now: datetime, par: int | None = None, simuler: bool = False) -> BilanImport:
    """Write the quotients of this list for their payers, in the name of the agent `par` (primary key; None for the
    command), and report it. `simuler` does everything, then takes it back.

    A line that cannot be taken is refused alone; of several lines for one payer, none is taken.
    """
    today = now.astimezone(PARIS).date()
    with writing(rehearsed=simuler):
        ecrits, inchanges, refus = _apply(liste, today, now, par)
    tous = sorted([*liste.refus, *refus], key=lambda refusee: refusee.ligne or 0)
    return BilanImport(simuler, ecrits, inchanges, tous)


def _apply(
    liste: ListeQuotients, today: date, now: datetime, par: int | None
) -> tuple[list[QuotientImporte], int, list[LigneRefusee]]:
    """What was written, how many said the same already, what was refused."""
    inchanges, refus = 0, []
    payeurs = _Payeurs.load(liste.lignes)
    bonnes: dict[int, tuple[LigneQuotient, SaisieQuotient]] = {}
    vues: Counter[int] = Counter()
    for ligne in liste.lignes:
        foyer = payeurs.find(ligne)
        raison = foyer if isinstance(foyer, str) else _refus(ligne, today)
        if isinstance(foyer, int) and not raison:
            vues[foyer] += 1
            bonnes.setdefault(foyer, (ligne, _saisie(ligne, foyer, today)))
        else:
            refus.append(liste.refuse(ligne.ligne, str(raison)))
    for foyer, nombre in vues.items():
        if nombre > 1:
            ligne, _ = bonnes.pop(foyer)
            refus.append(liste.refuse(ligne.ligne, f"{nombre} lignes sont du même payeur\u00a0: aucune n’est prise."))
    comptes = {compte.pk: foyer for foyer, compte in comptes_of(bonnes.keys()).items()}
    avant = {comptes[dit.compte_id]: dit for dit in Quotient.objects.declared(today).filter(compte__in=comptes)}
    for debut in sorted({saisie.debut for _, saisie in bonnes.values() if saisie.debut}):
        deja: dict[int, Quotient] = {}
        for lu in Quotient.objects.holding(debut).filter(compte__in=comptes):
            deja.setdefault(comptes[lu.compte_id], lu)
        for foyer, (_, saisie) in list(bonnes.items()):
            if saisie.debut != debut or foyer not in deja:
                continue
            avant[foyer] = deja[foyer]
            if deja[foyer].valeur == saisie.valeur:
                inchanges += 1
                del bonnes[foyer]
    ecrits = enregistrer([saisie for _, saisie in bonnes.values()], par=par, now=now)
    par_foyer = {comptes[ecrit.compte_id]: ecrit for ecrit in ecrits.ecrits}
    importes = [
        QuotientImporte(ligne, par_foyer[foyer], avant.get(foyer))
        for foyer, (ligne, _) in bonnes.items()
        if foyer in par_foyer
    ]
    return importes, inchanges + len(ecrits.inchanges), refus


def _saisie(ligne: LigneQuotient, foyer: int, today: date) -> SaisieQuotient:
    debut = ligne.debut or premier_compte(today)
    motif = IMPORTE if debut < premier_compte(today) else ""
    return SaisieQuotient(foyer, ligne.valeur, ligne.source or Quotient.Source.CAF, ligne.vu_le or today, debut, motif)


def _refus(ligne: LigneQuotient, today: date) -> str:
    """Why what the line says of days cannot be; empty when it can."""
    if ligne.vu_le and not today - 2 * LOIN <= ligne.vu_le <= today:
        return f"une attestation se voit un jour passé, pas le {ligne.vu_le:%d/%m/%Y}."
    if ligne.debut and not today - LOIN <= ligne.debut <= today + LOIN:
        return f"le {ligne.debut:%d/%m/%Y} est à plus d’un an d’aujourd’hui."
    return ""


@dataclass(frozen=True)
class _Payeurs:
    """The foyers that the list may name: by identifiant, by child."""

    par_identifiant: Mapping[str, int]
    par_enfant: Mapping[tuple[str, str], list[Enfant]]

    @classmethod
    def load(cls, lignes: tuple[LigneQuotient, ...]) -> _Payeurs:
        """Read the foyers and children that these lines of a list may name."""
        voulus = {ligne.identifiant for ligne in lignes if ligne.identifiant}
        adultes = Responsable.objects.select_related("user")
        connus = {a.user.identifiant: a.foyer_id for a in adultes.filter(user__identifiant__in=voulus)}
        anciens = adultes.filter(user__former_identifiants__identifiant__in=voulus)
        for identifiant, foyer in anciens.values_list("user__former_identifiants__identifiant", "foyer"):
            connus.setdefault(identifiant, foyer)
        enfants: dict[tuple[str, str], list[Enfant]] = {}
        if any(not ligne.identifiant for ligne in lignes):
            for enfant in Enfant.objects.prefetch_related("gardes").order_by("pk"):
                for nom in {cle(enfant.nom), cle(enfant.nom_usage)} - {""}:
                    enfants.setdefault((nom, cle(enfant.prenom)), []).append(enfant)
        return cls(connus, enfants)

    def find(self, ligne: LigneQuotient) -> int | str:
        """The foyer (primary key) that this line of the list means, or a French sentence that says why none can be
        told.
        """
        if ligne.identifiant:
            foyer = self.par_identifiant.get(ligne.identifiant)
            return foyer or f"l’identifiant {ligne.identifiant} n’est celui d’aucun parent."
        enfants = self.par_enfant.get(ligne.cle, [])
        if not enfants:
            return f"{ligne} n’est pas un enfant connu."
        foyers = {garde.foyer_id for enfant in enfants for garde in enfant.gardes.all()}
        if len(foyers) == 1:
            return foyers.pop()
        if not foyers:
            return f"{ligne} n’a pas de foyer noté\u00a0: donnez l’identifiant d’un parent."
        if len(enfants) > 1:
            return f"{len(enfants)} enfants s’appellent {ligne}\u00a0: donnez l’identifiant d’un parent."
        return f"{ligne} vit dans {len(foyers)} foyers\u00a0: donnez l’identifiant du parent."
