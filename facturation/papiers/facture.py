"""One invoice as its parents read it: the ladder of its total, its children, days and lines, what remains to pay.

Two foyers never read each other: a number is found only among the reader's own payers. Amounts are centimes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef

from enfance.models import Responsable
from facturation.models import EssaiPaiement, Facture, Imputation, Prestation
from facturation.models.paiements import ATTENTE
from facturation.papiers import mots
from facturation.papiers.avoirs import SuiteAvoir, load_suites
from facturation.papiers.jours import GroupeFacture, JourFacture, enfants_of, groupes_of
from facturation.papiers.pourquoi import is_own_price, titre
from facturation.papiers.recours import Emetteur, emetteur_of
from facturation.payeurs.comptes import remise_le_of
from facturation.payeurs.reports import has_report, load_reportes, nettes, vivant_of
from portail.dates import jour_annee
from portail.francais import NBSP, et

Nature = Prestation.Nature
TOUTE = "facture"  # what an error is told of: the whole invoice


@dataclass(frozen=True)
class LigneEchelle:
    """A step of a ladder: words, amount, where it leads on the page (« #enfant-1 ») or the number of its receipt."""

    nom: str
    montant: int
    vers: str = ""


@dataclass(frozen=True)
class PrixDuMois:
    """What one moment cost, child by child; None where it was not the same every day, or not billed."""

    nom: str
    unite: str
    prix: list[int | None]


@dataclass(frozen=True)
class FactureLue:
    """An invoice and all that its page says of it. `suite`: of an avoir, where it went; `avoirs`: those that correct
    it. `reporte`: what remains is owed by the payer that this one was made one with, and was carried to it."""

    facture: Facture
    lignes: list[Prestation]
    groupes: list[GroupeFacture]
    corrections: list[GroupeFacture]
    deduits: list[LigneEchelle]
    paiements: list[LigneEchelle]
    reste: int
    prix: list[PrixDuMois]
    prenoms_by_key: dict[int, str]
    reporte: int = 0
    suite: SuiteAvoir | None = None
    avoirs: tuple[SuiteAvoir, ...] = ()
    remise_le: datetime | None = None

    @property
    def remise(self) -> str:
        """Since when the treasury claims what is left of the invoice, in Paris: « jeudi 3 décembre 2026 »; empty when
        it does not, or when nothing is left.
        """
        return jour_annee(mots.jour_of(self.remise_le)) if self.remise_le and self.reste else ""

    @property
    def total(self) -> int:
        """The total of the invoice, in centimes; below 0 for an avoir (credit note)."""
        return self.facture.total

    @property
    def avoir(self) -> bool:
        """Whether this is an avoir (credit note) and not an invoice."""
        return self.facture.genre == Facture.Genre.AVOIR

    @property
    def echelle(self) -> list[LigneEchelle]:
        """The steps that make the total: the sum of each child, then of each group of corrections, with its place on
        the page.
        """
        return [
            LigneEchelle(groupe.nom, groupe.montant, f"#{groupe.ancre}")
            for groupe in (*self.groupes, *self.corrections)
        ]

    @property
    def titre(self) -> str:
        """The title of the page: « Facture de novembre », « Avoir n° AV-2026-0003 »."""
        return titre_facture(self.facture)

    @property
    def en_faveur(self) -> int:
        """What an avoir gives back, in centimes, above 0; below 0 for an invoice."""
        return -self.facture.total

    @property
    def motif(self) -> str:
        """Why an avoir was made, as a French sentence; empty without any reason."""
        motif = self.facture.motif.rstrip(".")
        return f"{motif[:1].upper()}{motif[1:]}." if motif else ""

    @property
    def emise(self) -> str:
        """The day of issue in French, in Paris: « mardi 1er décembre 2026 »."""
        return jour_annee(mots.jour_of(self.facture.emise_le))

    @property
    def de_mois(self) -> str:
        """The month of the invoice after a noun, « de novembre »; empty for an avoir of no month."""
        return mots.de_mois(self.facture.mois.premier) if self.facture.mois else ""

    @property
    def quotient_dit(self) -> str:
        """The residence and the quotient that made the prices, as the invoice froze them: « Commune, quotient familial
        742. »
        """
        entete = self.facture.entete
        residence = mots.residence_texte(entete.get("residence", ""), entete)
        quotient = entete.get("quotient")
        dit = "quotient familial inconnu" if quotient is None else f"quotient familial {quotient}"
        return f"{residence[:1].upper()}{residence[1:]}, {dit}."

    @property
    def emetteur(self) -> Emetteur:
        """Who issued the invoice, as it was frozen."""
        return emetteur_of(self.facture)

    @property
    def prenoms(self) -> str:
        """The first names of the children of the invoice: « Léa et Tom »; empty for an avoir about nobody."""
        return et(list(self.prenoms_by_key.values())) if self.prenoms_by_key else ""

    @property
    def lignes_by_key(self) -> dict[str, Prestation]:
        """The lines of the invoice by the key that a parent chooses to report an error: one a moment of a day, or a
        correction.
        """
        return {moment.cle: moment.ligne for jour in self.jours for moment in jour.moments}

    @property
    def jours(self) -> list[JourFacture]:
        """The days of all the children, then the corrections."""
        return [jour for groupe in (*self.groupes, *self.corrections) for jour in groupe.jours]


def titre_facture(facture: Facture) -> str:
    """How a family calls this invoice or avoir: « Facture de novembre », « Avoir n° AV-2026-0003 »."""
    if facture.genre == Facture.Genre.AVOIR or facture.mois is None:
        return f"{facture.get_genre_display().capitalize()} n°{NBSP}{facture.numero}"
    return f"Facture {mots.de_mois(facture.mois.premier)}"


def find_facture(responsable: Responsable, numero: str, *, now: datetime) -> Facture | None:
    """The invoice or avoir of this number, if this adult may read it: its payer is that of their foyer, or was merged
    into it, directly or through others. None otherwise.

    One query, more past three mergers. The row also says whether a payment of it is begun (`commencee`).
    """
    chaine = "mois", "origine", "compte__reuni_dans__reuni_dans__reuni_dans"
    begun = EssaiPaiement.objects.of_facture(OuterRef("pk")).begun(now - ATTENTE)
    lues = Facture.objects.filter(numero=numero).select_related(*chaine)
    facture = lues.annotate(commencee=Exists(begun)).first()
    compte = facture.compte if facture else None
    while compte is not None:
        if compte.foyer_id is not None and compte.foyer_id == responsable.foyer_id:
            return facture
        compte = compte.reuni_dans
    return None


def load_facture(facture: Facture, foyers: Collection[int]) -> FactureLue:
    """All that the page of this invoice or avoir says, for a reader whose foyers (primary keys) are these.

    Four queries, and one where avoirs correct it; more where a report settled some of it.
    """
    lignes = list(facture.prestations.select_related("creneau", "enfant", "corrige__facture").order_by("jour", "pk"))
    lignes.sort(key=lambda ligne: (ligne.jour, ligne.creneau.ordre if ligne.creneau else 0, ligne.pk))
    imputations = list(facture.imputations.select_related("encaissement", "avoir").order_by("faite_le", "pk"))
    reporte = load_reportes([vivant_of(facture.compte).pk]).get(facture.pk, 0) if has_report(imputations) else 0
    imputations = nettes(imputations, reporte)
    deduits, paiements = _imputees(facture, imputations)
    siens = [facture] if facture.genre == Facture.Genre.AVOIR else list(facture.avoirs_sur_elle.order_by("rang"))
    suites = load_suites(siens) if siens else {}
    enfants = enfants_of(facture, lignes)
    groupes, corrections = groupes_of(facture, lignes, enfants, foyers)
    return FactureLue(
        facture=facture,
        lignes=lignes,
        groupes=groupes,
        corrections=corrections,
        deduits=deduits,
        paiements=paiements,
        reste=max(facture.total, 0) - sum(imputation.montant for imputation in imputations),
        reporte=reporte,
        prix=_prix_du_mois(lignes, list(enfants), foyers),
        prenoms_by_key={cle: enfant.prenom for cle, enfant in enfants.items()},
        suite=suites.pop(facture.pk, None),
        avoirs=tuple(suites.values()),
        remise_le=remise_le_of(facture),
    )


# --- What was paid ----------------------------------------------------------------------------------------------------


def _imputees(facture: Facture, imputations: Iterable[Imputation]) -> tuple[list[LigneEchelle], list[LigneEchelle]]:
    """What was taken off this invoice when it was issued, and what paid it since: money, an avoir."""
    deduits: list[LigneEchelle] = []
    paiements: list[LigneEchelle] = []
    for imputation in imputations:
        recu: Any = imputation.encaissement
        if imputation.avoir is not None:
            avant = imputation.avoir.emise_le < facture.emise_le
            quand = "" if avant else f" du {mots.jour_sans_annee(mots.jour_of(imputation.avoir.emise_le))}, déduit"
            nom = f"{'Votre crédit, avoir' if avant else 'Avoir'} n°{NBSP}{imputation.avoir.numero}{quand}"
            (deduits if avant else paiements).append(LigneEchelle(nom, -imputation.montant))
        elif recu.recu_le < facture.emise_le:
            deduits.append(LigneEchelle(f"Votre crédit, {reste_de(recu)}", -imputation.montant))
        else:
            comment, _ = mots.MOYENS[recu.moyen]
            quand = mots.jour_sans_annee(mots.jour_of(recu.recu_le))
            paiements.append(LigneEchelle(f"Payé {comment} le {quand}", -imputation.montant, recu.numero))
    return deduits, paiements


def reste_de(encaissement: Any) -> str:
    """The words for the money that is left of this receipt: « reste du chèque du 16 novembre »."""
    _, duquel = mots.MOYENS[encaissement.moyen]
    return f"reste {duquel} du {mots.jour_sans_annee(mots.jour_of(encaissement.recu_le))}"


# --- Prices of the month ----------------------------------------------------------------------------------------------


def _prix_du_mois(lignes: Iterable[Prestation], enfants: Sequence[int], foyers: Collection[int]) -> list[PrixDuMois]:
    """What each moment cost each child, from the lines that the reader pays alone."""
    vus: dict[tuple[int, str, str], dict[int, set[int]]] = {}
    for ligne in lignes:
        if ligne.nature in {Nature.SEANCE, Nature.FORFAIT} and is_own_price(ligne) and ligne.prix:
            dit = ligne.prix_dit
            ordre = ligne.creneau.ordre if ligne.creneau else 0
            cle = (ordre, titre(ligne), mots.article(dit.get("unite", ""), dit.get("minutes")))
            vus.setdefault(cle, {}).setdefault(ligne.cle_enfant, set()).add(ligne.prix)
    return [
        PrixDuMois(
            nom,
            unite if unite in {"le moment", "le mois", "l’abonnement"} else f"{unite} commencée",
            [prix.pop() if len(prix := set(par_enfant.get(cle, ()))) == 1 else None for cle in enfants],
        )
        for (_, nom, unite), par_enfant in sorted(vus.items())
    ]


def moments_to_tell(lue: FactureLue) -> list[tuple[str, str]]:
    """The choices (key, words) of a parent who reports an error: the whole invoice, then each moment of each day of
    each child, then each correction.
    """
    choix = [(TOUTE, "Toute la facture")]
    for groupe in (*lue.groupes, *lue.corrections):
        for jour in groupe.jours:
            choix += [(moment.cle, f"{groupe.nom}, {jour.long}, {moment.nom}") for moment in jour.moments]
    return choix
