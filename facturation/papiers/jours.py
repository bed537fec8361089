"""The children of an invoice, their days and its corrections, as the page shows them: what a line says, then why.

Reads what the invoice froze; of another foyer, nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from enfance.models import Creneau, Enfant
from facturation.models import Facture, Prestation
from facturation.montants import euros
from facturation.papiers import mots
from facturation.papiers.pourquoi import (
    SUPPLEMENTS,
    EnfantDit,
    Pourquoi,
    is_absent,
    is_by_tranche,
    is_due_unseen,
    is_excusee,
    is_own_price,
    is_to_explain,
    pourquoi,
    titre,
    titre_correction,
    vote_texte,
)
from facturation.papiers.prenoms import EnfantNomme, fiche_of, prenoms_of
from facturation.papiers.recours import contester_phrase
from portail.certain import certain
from portail.dates import jour_long
from portail.francais import NBSP, accord

Nature = Prestation.Nature
COULEURS = 4  # of the round marks of children


@dataclass(frozen=True)
class JourFacture:
    """A day of a child, or a correction: what its closed line says, and the why of each moment. `a_expliquer`: of some
    of it, billed though nobody came, the family has given no reason. `cle`: what stands for the day on the page."""

    cle: str
    jour: date
    lignes: list[Prestation]
    bref: str
    long: str
    mots: str
    precision: str
    puces: list[tuple[str, str]]
    montant: int
    pourquoi: list[Pourquoi]
    bas: str = ""
    a_expliquer: bool = False

    @property
    def moments(self) -> list[MomentFacture]:
        """What an error may be about: each line of the day."""
        return [moment_of(ligne) for ligne in self.lignes]

    @property
    def creneaux(self) -> list[Creneau]:
        """The créneaux of the day, each once: those of its attendance sheets."""
        return list(dict.fromkeys(ligne.creneau for ligne in self.lignes if ligne.creneau))


@dataclass(frozen=True)
class MomentFacture:
    """A line as the error that is reported on it names it: « soir », « retard le soir », « correction du soir »."""

    ligne: Prestation
    nom: str

    @property
    def cle(self) -> str:
        """What stands for the line in a form and in an address."""
        return str(self.ligne.pk)


def moment_of(ligne: Prestation) -> MomentFacture:
    """This line as an error that is reported on it names it, in lower case, without child nor day."""
    if ligne.nature == Nature.CORRECTION:
        return MomentFacture(ligne, f"correction{f' du {ligne.creneau.nom_court}' if ligne.creneau else ''}")
    nom = titre(ligne)
    return MomentFacture(ligne, f"{nom[:1].lower()}{nom[1:]}")


@dataclass(frozen=True)
class GroupeFacture:
    """A child of the invoice, or its corrections of a month: a title, what it counts, its sum, its days."""

    ancre: str
    nom: str
    resume: str
    montant: int
    jours: list[JourFacture]
    initiale: str = ""
    couleur: int = 0


# --- Names ------------------------------------------------------------------------------------------------------------


def enfants_of(facture: Facture, lignes: Iterable[Prestation]) -> dict[int, EnfantDit]:
    """How an invoice names the children of these lines, the oldest first, by primary key: the first name that the
    invoice froze; with the name, then the birth date, where two would be read as one. A child of whom no
    name is left is left out.
    """
    vivants = {ligne.cle_enfant: ligne.enfant for ligne in lignes if ligne.enfant_id}
    geles: Mapping[str, Mapping[str, str]] = facture.entete.get("enfants", {})
    cles = {ligne.cle_enfant for ligne in lignes if ligne.enfant_id or str(ligne.cle_enfant) in geles}
    fiches = {cle: _fiche(geles.get(str(cle)), vivants.get(cle)) for cle in cles}
    noms = prenoms_of(fiches)
    ordre = sorted(cles, key=lambda cle: (fiches[cle].naissance, fiches[cle].prenom, cle))
    filles = {cle for cle, enfant in vivants.items() if enfant and enfant.sexe == Enfant.Sexe.FILLE}
    return {cle: EnfantDit(noms[cle], cle in filles) for cle in ordre}


def _fiche(gele: Mapping[str, str] | None, vivant: Enfant | None) -> EnfantNomme:
    if gele:
        return EnfantNomme(gele.get("prenom", ""), gele.get("nom", ""), gele.get("naissance", ""))
    return fiche_of(certain(vivant))


# --- Children, days, corrections --------------------------------------------------------------------------------------


def groupes_of(
    facture: Facture, lignes: Sequence[Prestation], enfants: Mapping[int, EnfantDit], foyers: Collection[int]
) -> tuple[list[GroupeFacture], list[GroupeFacture]]:
    """The days of each child of this invoice, then its corrections by month with what was carried over from another
    account, as its page shows them. `foyers`: those of the reader (primary keys), to whom nothing of another foyer is
    told.
    """
    siennes: dict[int, list[Prestation]] = {cle: [] for cle in enfants}
    corrigees: dict[date, list[Prestation]] = {}
    reports: list[Prestation] = []
    for ligne in lignes:
        if ligne.nature == Nature.CORRECTION:
            corrigees.setdefault(ligne.jour.replace(day=1), []).append(ligne)
        elif ligne.cle_enfant in siennes and ligne.nature != Nature.REPORT:
            siennes[ligne.cle_enfant].append(ligne)
        else:
            reports.append(ligne)
    du_mois = facture.mois.premier if facture.mois else None
    contester = contester_phrase(facture)
    groupes = []
    for rang, (cle, enfant) in enumerate(enfants.items()):
        if siennes[cle]:
            jours = _jours(siennes[cle], enfant, foyers, du_mois, contester)
            couleur = rang % COULEURS + 1
            groupes.append(_groupe_enfant(f"enfant-{rang + 1}", enfant, siennes[cle], jours, couleur))
    autres = [_groupe_corrections(premier, siens, enfants, foyers) for premier, siens in sorted(corrigees.items())]
    return groupes, autres + ([_groupe_reports(reports, foyers)] if reports else [])


def _groupe_enfant(
    ancre: str, enfant: EnfantDit, lignes: list[Prestation], jours: list[JourFacture], couleur: int
) -> GroupeFacture:
    seances = [ligne for ligne in lignes if ligne.nature == Nature.SEANCE]
    excusees = sum(map(is_excusee, seances))
    resume = [accord(len(jours), "jour")]
    resume.append(accord(sum(1 for ligne in seances if ligne.montant), "moment"))
    resume += [accord(excusees, "excusée")] if excusees else []
    return GroupeFacture(
        ancre,
        enfant.prenom,
        ", ".join(resume) if seances else "",
        sum(ligne.montant for ligne in lignes),
        jours,
        enfant.prenom[:1].upper(),
        couleur,
    )


def _jours(
    lignes: Iterable[Prestation], enfant: EnfantDit, foyers: Collection[int], du_mois: date | None, contester: str
) -> list[JourFacture]:
    par_jour: dict[date, list[Prestation]] = {}
    for ligne in lignes:
        par_jour.setdefault(ligne.jour, []).append(ligne)
    return [_jour(jour, siennes, enfant, foyers, du_mois, contester) for jour, siennes in par_jour.items()]


def _jour(
    jour: date,
    lignes: list[Prestation],
    enfant: EnfantDit,
    foyers: Collection[int],
    du_mois: date | None,
    contester: str,
) -> JourFacture:
    principales = [ligne for ligne in lignes if ligne.nature not in {*SUPPLEMENTS, Nature.PLAFOND}]
    moments = [titre(ligne) for ligne in principales] or [titre(ligne) for ligne in lignes]
    texte = ", ".join([moments[0], *(moment[:1].lower() + moment[1:] for moment in moments[1:])])
    autre_mois = du_mois is not None and jour.replace(day=1) != du_mois
    return JourFacture(
        cle=f"{lignes[0].cle_enfant}-{jour.isoformat()}",
        jour=jour,
        lignes=lignes,
        bref=mots.bref(jour),
        long=jour_long(jour),
        mots=texte if not autre_mois else f"{texte} ({mots.mois_texte(jour)})",
        precision=", ".join(_precision(ligne) for ligne in principales if is_by_tranche(ligne)),
        puces=list(_puces(lignes)),
        montant=sum(ligne.montant for ligne in lignes),
        pourquoi=[pourquoi(ligne, enfant, foyers, contester) for ligne in lignes],
        bas=_bas(principales, foyers),
        a_expliquer=any(map(is_to_explain, lignes)),
    )


def _precision(ligne: Prestation) -> str:
    return mots.combien(ligne.quantite, "tranche", ligne.prix_dit.get("minutes"))


def _puces(lignes: Sequence[Prestation]) -> Iterable[tuple[str, str]]:
    """What is rare in a day: absences, a late pick-up, a presence without inscription."""
    absentes = [ligne for ligne in lignes if is_absent(ligne) and ligne.nature == Nature.SEANCE]
    if any(map(is_excusee, absentes)):
        yield "oui", "absence excusée"
    if any(ligne.montant and not is_excusee(ligne) for ligne in absentes):
        yield "att", "absence facturée"
    if any(is_due_unseen(ligne) and not is_absent(ligne) and is_by_tranche(ligne) for ligne in lignes):
        yield "att", "aucune présence notée"
    for ligne in lignes:
        if ligne.nature in SUPPLEMENTS and ligne.montant:
            mot = {Nature.RETARD: "retard", Nature.SANS_INSCRIPTION: "sans inscription", Nature.TARDIVE: "hors délai"}
            yield "att", f"{mot.get(Nature(ligne.nature), 'supplément')} {euros(ligne.montant)}"
    if spares := sum(ligne.montant for ligne in lignes if ligne.nature == Nature.PLAFOND):
        yield "oui", f"plafond {euros(spares)}"


def _bas(lignes: Sequence[Prestation], foyers: Collection[int]) -> str:
    """Which vote, since when; whose quotient, when it is the reader's own."""
    dits = []
    for ligne in lignes:
        debut = ligne.prix_dit.get("debut")
        depuis = f", appliqué depuis le {mots.jour_vote(date.fromisoformat(debut))}" if debut else ""
        dits.append(f"Tarif voté{NBSP}: {vote_texte(ligne)}{depuis}.")
    if any(not is_own_price(ligne) for ligne in lignes):
        dits.append("Cette garderie est partagée entre deux foyers.")
    return " ".join(dict.fromkeys(dits))


def _groupe_corrections(
    premier: date, lignes: list[Prestation], enfants: Mapping[int, EnfantDit], foyers: Collection[int]
) -> GroupeFacture:
    nom = f"Correction {mots.de_mois(premier)}"
    jours = [_jour_corrige(ligne, enfants.get(ligne.cle_enfant, EnfantDit("")), foyers) for ligne in lignes]
    montant = sum(ligne.montant for ligne in lignes)
    return GroupeFacture(f"correction-{premier:%Y-%m}", nom, "", montant, jours)


def _jour_corrige(ligne: Prestation, enfant: EnfantDit, foyers: Collection[int]) -> JourFacture:
    moment = ligne.creneau.nom_court if ligne.creneau else ""
    origine = ligne.corrige.facture.numero if ligne.corrige and ligne.corrige.facture else ""
    why = pourquoi(ligne, enfant, foyers)
    if origine:
        why = Pourquoi(f"{titre_correction(ligne)}, facture n°{NBSP}{origine}", why.montant, why.calcul, why.faits)
    return JourFacture(
        cle=f"correction-{ligne.pk}",
        jour=ligne.jour,
        lignes=[ligne],
        bref=mots.bref(ligne.jour),
        long=jour_long(ligne.jour),
        mots=", ".join(filter(None, [enfant.prenom, moment])),
        precision="",
        puces=[],
        montant=ligne.montant,
        pourquoi=[why],
    )


def _groupe_reports(lignes: list[Prestation], foyers: Collection[int]) -> GroupeFacture:
    jours = [
        JourFacture(
            cle=f"report-{ligne.pk}",
            jour=ligne.jour,
            lignes=[ligne],
            bref=mots.bref(ligne.jour),
            long=jour_long(ligne.jour),
            mots="Report",
            precision="",
            puces=[],
            montant=ligne.montant,
            pourquoi=[pourquoi(ligne, EnfantDit(""), foyers)],
        )
        for ligne in lignes
    ]
    return GroupeFacture("reports", "Report d’un autre compte", "", sum(ligne.montant for ligne in lignes), jours)
