"""Why an amount is what it is, in the words of a parent: who registered, what the gate saw, the price and its vote.

Read from what the line froze (`faits`, `prix_dit`), nothing else: the same words ten years later. What is another
foyer's (its name, its quotient, tranche and rank) is never said. Pure, but for the créneau of the line.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from facturation.models import Justification, Prestation, ReponseAbsence
from facturation.montants import euros
from facturation.papiers import mots
from facturation.prix.dus import TempsCompte, minute_of, temps_between
from facturation.prix.tarifs import PeriodePlafond, UniteTarif, tranches_of
from portail.dates import instant, jour_court
from portail.francais import NBSP

FINE = "\u202f"
Nature = Prestation.Nature
SUPPLEMENTS = {Nature.RETARD, Nature.SANS_INSCRIPTION, Nature.ABSENCE, Nature.TARDIVE}
TITRES = {
    Nature.RETARD: "Retard",
    Nature.SANS_INSCRIPTION: "Présence sans inscription",
    Nature.ABSENCE: "Absence non excusée",
    Nature.TARDIVE: "Inscription hors délai",
    Nature.REPORT: "Report d’un autre compte",
}
L_AUTRE = "l’autre foyer"
RAISONS: dict[str, str] = dict(Justification.Raison.choices)


@dataclass(frozen=True)
class Pourquoi:
    """The why of one line: its title, its amount, the sum as a child would write it, then facts, term and words."""

    titre: str
    montant: int
    calcul: str
    faits: list[tuple[str, str]]


@dataclass(frozen=True)
class EnfantDit:
    """A child as sentences name it."""

    prenom: str
    fille: bool = False

    @property
    def e(self) -> str:
        """The letter « e » that makes a word feminine (« inscrite ») for a girl; empty for a boy, or when the file does
        not say.
        """
        return "e" if self.fille else ""


def pourquoi(ligne: Prestation, enfant: EnfantDit, foyers: Collection[int], contester: str = "") -> Pourquoi:
    """Why this line costs what it does, in French: title, sum and facts, for a reader whose foyers (primary keys) are
    these. `contester`: how its invoice is contested, which an absence that was not excused says.
    """
    dit = _pourquoi(ligne, enfant, foyers)
    return replace(dit, faits=[*dit.faits, ("Contester", contester)]) if contester and is_unexcused(ligne) else dit


def _pourquoi(ligne: Prestation, enfant: EnfantDit, foyers: Collection[int]) -> Pourquoi:
    if ligne.nature == Nature.CORRECTION:
        return _correction(ligne)
    if ligne.nature == Nature.REPORT:
        return Pourquoi(TITRES[Nature.REPORT], ligne.montant, "", [("Pourquoi", _phrase(ligne.motif))])
    if ligne.nature == Nature.PLAFOND:
        return Pourquoi(titre(ligne), ligne.montant, _part(ligne), _plafond(ligne))
    if ligne.nature in SUPPLEMENTS:
        faits = [("Pourquoi", _cause(ligne, enfant, foyers)), ("Prix", _prix_supplement(ligne))]
        return Pourquoi(titre(ligne), ligne.montant, _part(ligne), faits)
    propre = is_own_price(ligne)
    faits = [(f"Inscrit{enfant.e}", _inscription(ligne, enfant, foyers))]
    faits.append(("Sur place", _sur_place(ligne, enfant, foyers)))
    faits += [("Réponse", reponse)] if (reponse := _reponse(ligne)) else []
    faits += [("Règle", regle)] if (regle := _regle(ligne)) else []
    return Pourquoi(titre(ligne), ligne.montant, calcul(ligne), [*faits, ("Prix", _prix(ligne, propre=propre))])


def is_own_price(ligne: Prestation) -> bool:
    """Whether the price of this line was made from the quotient and rank of its own payer; false only for a share of
    what another foyer registered.
    """
    return bool(ligne.prix_dit.get("propre", True))


def titre(ligne: Prestation) -> str:
    """The French title of this line: « Matin », « Retard le soir »."""
    moment = ligne.creneau.nom_court if ligne.creneau else ""
    if ligne.nature == Nature.RETARD:
        return f"Retard le {moment}" if moment else TITRES[Nature.RETARD]
    if ligne.nature == Nature.PLAFOND:
        return _capitale(mots.plafond_texte(ligne.prix_dit))
    if ligne.nature in TITRES:
        return TITRES[Nature(ligne.nature)]
    return _capitale(moment) or _capitale(ligne.prix_dit.get("tarif", ""))


def calcul(ligne: Prestation) -> str:
    """How the amount of this line is computed, in French: « 3 demi-heures commencées × 0,65 € »; with the reader's
    share when the price is shared; why there is nothing to pay, when that is so.
    """
    if is_excusee(ligne):
        return f"Absence excusée{NBSP}: rien à payer"
    if not ligne.quantite or not ligne.entier:
        return _capitale(ligne.motif) or "Rien à payer"
    unite, minutes = ligne.prix_dit.get("unite", ""), ligne.prix_dit.get("minutes")
    dit = mots.combien(ligne.quantite, unite, minutes)
    if unite == UniteTarif.TRANCHE and not is_due_unseen(ligne):  # none began for who did not come
        dit = f"{dit} {mots.commencees(ligne.quantite, minutes)}"
    if (premiere := ligne.prix_dit.get("premiere")) is not None:
        suite = f" + {ligne.quantite - 1} × {euros(ligne.prix)}" if ligne.quantite > 1 else ""
        return f"{dit}{NBSP}: {euros(premiere)}{suite}{_part(ligne)}"
    produit = ligne.quantite * ligne.prix == ligne.entier
    return f"{dit} × {euros(ligne.prix)}{_part(ligne)}" if produit else f"{dit}{_part(ligne)}"


def _part(ligne: Prestation) -> str:
    """« = 1,95 €, dont votre part, 50 % : 0,98 € »; empty when the reader owes all of it."""
    if ligne.part == 100:
        return ""
    return f" = {euros(ligne.entier)}, dont votre part, {ligne.part}{NBSP}%{NBSP}: {euros(ligne.montant)}"


def is_by_tranche(ligne: Prestation) -> bool:
    """Whether the price of this line counts time, by the tranche."""
    return bool(ligne.prix_dit.get("unite") == UniteTarif.TRANCHE)


def is_excusee(ligne: Prestation) -> bool:
    """Whether the town hall excused the absence that this line is about."""
    return bool(ligne.faits.get("reponse", {}).get("reponse") == ReponseAbsence.Reponse.EXCUSEE)


def is_absent(ligne: Prestation) -> bool:
    """Whether the child of this line had a place and was away, as far as the line knows: an absence was told, or
    answered.
    """
    return "absence" in ligne.faits or "reponse" in ligne.faits


def is_due_unseen(ligne: Prestation) -> bool:
    """Whether this line bills a séance to a registered child though the gate saw nobody."""
    return ligne.nature == Nature.SEANCE and bool(ligne.entier) and "presence" not in ligne.faits


def is_unexcused(ligne: Prestation) -> bool:
    """Whether this line bills an absence that the town hall did not excuse: the séance of who was away, or its
    supplement.
    """
    if ligne.nature == Nature.ABSENCE:
        return bool(ligne.montant)
    return is_due_unseen(ligne) and is_absent(ligne) and not is_excusee(ligne) and bool(ligne.montant)


def is_to_explain(ligne: Prestation) -> bool:
    """Whether the family may still say why the child of this line did not come: it is billed though nobody came, no
    reason nor answer was given, and it is not a share of another foyer's.
    """
    raison = (ligne.faits.get("absence") or {}).get("raison")
    return is_due_unseen(ligne) and is_own_price(ligne) and not raison and "reponse" not in ligne.faits


# --- Who registered, what the gate saw --------------------------------------------------------------------------------


def _inscription(ligne: Prestation, enfant: EnfantDit, foyers: Collection[int]) -> str:
    fait = ligne.faits.get("inscription")
    if not fait:
        return f"pas d’inscription{NBSP}: l’équipe a accueilli {enfant.prenom} sur place."
    par = _par(fait, foyers)
    comment = {"semaine_type": " (semaine type)", "import": " (import)"}.get(fait.get("origine", ""), "")
    if fait.get("origine") == "systeme":
        par = "la liste d’attente"
    suite = [f"par {par}"]
    if quand := mots.le_quand(fait.get("le"), ligne.jour):
        suite.append(f"{quand}{comment}")
    if motif := fait.get("motif"):
        suite.append(str(motif).rstrip("."))
    return f"{', '.join(suite)}."


def _par(fait: Mapping[str, Any], foyers: Collection[int]) -> str:
    """Who did it; of another foyer, no name."""
    autre = fait.get("par_foyer") is not None and fait["par_foyer"] not in foyers
    return L_AUTRE if autre else fait.get("par") or "la famille"


def _sur_place(ligne: Prestation, enfant: EnfantDit, foyers: Collection[int]) -> str:
    if is_absent(ligne):
        return _absence(ligne, enfant, foyers)
    presence = ligne.faits.get("presence")
    if presence is None:
        return "Aucune présence notée par l’équipe."
    arrivee, depart = mots.lu(presence.get("arrivee")), mots.lu(presence.get("depart"))
    if is_by_tranche(ligne) and (temps := _temps(ligne, arrivee, depart)):
        return _compte(ligne, enfant, temps, arrivee, depart)
    if depart is not None:
        return f"Présent{enfant.e}{FINE}; départ à {mots.heure_of(depart)}, noté par l’équipe."
    if arrivee is None:
        return f"Présent{enfant.e}."
    if _is_matin(ligne):
        return _arrivee(enfant, arrivee)
    return f"Présent{enfant.e}, noté{enfant.e} à {mots.heure_of(arrivee)} par l’équipe."


def _temps(ligne: Prestation, arrivee: datetime | None, depart: datetime | None) -> TempsCompte | None:
    """The time that was billed, as the line froze it; of a line that did not, counted again as its price was."""
    if gele := ligne.faits.get("temps"):
        return TempsCompte(*(minute_of(datetime.fromisoformat(gele[borne])) for borne in ("debut", "fin")))
    debut, fin = _heures(ligne)
    if ligne.creneau is None or debut is None or fin is None:
        return None
    moment = ligne.creneau.Moment(ligne.creneau.moment)
    return temps_between(moment, TempsCompte(minute_of(debut), minute_of(fin)), arrivee, depart)


def _compte(
    ligne: Prestation, enfant: EnfantDit, temps: TempsCompte, arrivee: datetime | None, depart: datetime | None
) -> str:
    """What the gate saw, then from when to when it is counted, and how long that is."""
    debut, fin = map(mots.heure_of, temps.instants)
    dure = f"{NBSP}: {mots.duree_texte(temps.minutes)}."
    matin = _is_matin(ligne)
    if matin and arrivee is None:
        return f"Présent{enfant.e}{FINE}; arrivée non notée{NBSP}: compté depuis le début, {debut}."
    # in the evening, the arrival changes nothing
    entree = arrivee if arrivee is not None and minute_of(arrivee) == temps.debut and not _is_soir(ligne) else None
    if temps.fin < temps.debut:
        borne = f"finit à {fin}" if entree else f"commence à {debut}"
        vu = _arrivee(enfant, entree) if entree else _vu(enfant, None, depart)
        return f"{vu} Rien n’est compté{NBSP}: la garderie {borne}."
    if matin and arrivee is not None:
        tot = f"Compté{enfant.e} de {debut}, début de la garderie, à {fin}"
        return f"{_arrivee(enfant, arrivee)} {f'Jusqu’à {fin}' if entree else tot}{dure}"
    if depart is None:
        ferme = f"compté{enfant.e} jusqu’à la fermeture, {fin}"
        if entree is None:
            return f"Présent{enfant.e}, sans heure de départ notée, {ferme}."
        return f"{_arrivee(enfant, entree)} Sans heure de départ notée, {ferme}{dure}"
    dit = _vu(enfant, entree, depart)
    if minute_of(depart) > temps.fin:
        return f"{dit} De {debut} à {fin}, fin de la garderie{dure}"
    return f"{dit} {f'De {debut} à {fin}' if entree else f'Depuis {debut}'}{dure}"


def _vu(enfant: EnfantDit, entree: datetime | None, depart: datetime | None) -> str:
    """« Présent ; arrivée à 17 h 31, départ à 18 h, notés par l’équipe. »"""
    if depart is None:
        return f"Présent{enfant.e}."
    parti = f"départ à {mots.heure_of(depart)}"
    vus = f"{parti}, noté" if entree is None else f"arrivée à {mots.heure_of(entree)}, {parti}, notés"
    return f"Présent{enfant.e}{FINE}; {vus} par l’équipe."


def _arrivee(enfant: EnfantDit, arrivee: datetime) -> str:
    return f"Arrivé{enfant.e} à {mots.heure_of(arrivee)}, heure notée par l’équipe."


def _regle(ligne: Prestation) -> str:
    """What a tolerance spared; what who was registered and did not come owes; empty where an answer says why it is
    billed.
    """
    if tolerance := _tolerance(ligne):
        return tolerance
    if not is_due_unseen(ligne):
        return ""
    if is_by_tranche(ligne):
        return mots.du_absent(ligne.quantite, ligne.prix_dit.get("minutes"))
    return "" if is_absent(ligne) else mots.DU_SANS_VENIR


def _tolerance(ligne: Prestation) -> str:
    """« 17 h 33 : tolérance de 5 minutes. » where it is what began no other duration; else empty."""
    tolerance, pas = ligne.prix_dit.get("tolerance"), ligne.prix_dit.get("minutes")
    gele = ligne.faits.get("temps")
    if not (tolerance and pas and gele):
        return ""
    temps = TempsCompte(*(minute_of(datetime.fromisoformat(gele[borne])) for borne in ("debut", "fin")))
    if tranches_of(temps.minutes, pas) == ligne.quantite:
        return ""
    heure = mots.heure_of(temps.instants[0 if _is_matin(ligne) else 1])
    return f"{heure}{NBSP}: tolérance de {tolerance}{NBSP}minute{'s' if tolerance > 1 else ''}."


def _plafond(ligne: Prestation) -> list[tuple[str, str]]:
    """What a cap counted, what it spares this moment, its vote."""
    dit = ligne.prix_dit
    quand = "dans le mois" if dit.get("periode") == PeriodePlafond.MOIS else "ce jour-là"
    moment = f" du {ligne.creneau.nom_court}" if ligne.creneau else ""
    moins = f"le moment{moment}" if ligne.credit_impot else f"les suppléments{moment}"
    somme = ligne.faits.get("somme")
    compte = f"{_capitale(quand)}, {euros(somme)}{NBSP}: {mots.plafond_texte(dit)}. " if somme else ""
    faits = [("Pourquoi", f"{compte}De moins sur {moins}{NBSP}: {euros(-ligne.entier)}.")]
    return [*faits, ("Prix", f"{_capitale(mots.plafond_texte(dit))}{NBSP}: {vote_texte(ligne)}.")]


def _absence(ligne: Prestation, enfant: EnfantDit, foyers: Collection[int]) -> str:
    dit = f"Absent{enfant.e}."
    absence = ligne.faits.get("absence") or {}
    signalee, limite = mots.lu(absence.get("signalee_le")), mots.lu(absence.get("limite"))
    if signalee is None:
        return f"{dit} Absence non signalée."
    quand = mots.le_quand(absence["signalee_le"], ligne.jour)
    suite = f"Signalée par {_par(absence, foyers)} {quand}"
    if limite is not None:
        cote = "après" if signalee.timestamp() >= limite.timestamp() else "avant"
        suite = f"{suite}, {cote} {_limite_phrase(limite)}"
        if silence := absence.get("silence"):
            suite = f"{suite} (reportée{NBSP}: le portail n’a pas répondu {silence})"
    dite = absence.get("raison") if is_own_price(ligne) else ""  # of a share, the other foyer keeps its reasons
    raison = f"{NBSP}: {RAISONS.get(dite, dite)}" if dite else ""
    return f"{dit} {suite}{raison}."


def _limite_phrase(limite: datetime | None) -> str:
    """« la limite du mardi 8, 12 h »; empty for one that is not known."""
    return f"la limite du {jour_court(limite.date())}, {mots.heure_of(limite)}" if limite else ""


def _reponse(ligne: Prestation) -> str:
    reponse = ligne.faits.get("reponse")
    if not reponse:
        return ""
    verbe = "Excusée" if is_excusee(ligne) else "Facturée"
    quand = mots.le_quand(reponse.get("le"), ligne.jour)
    motif = f"{NBSP}: {str(reponse['motif']).rstrip('.')}" if reponse.get("motif") else ""
    return f"{verbe} par {reponse.get('par') or 'la mairie'}{f', {quand}' if quand else ''}{motif}."


def _heures(ligne: Prestation) -> tuple[datetime | None, datetime | None]:
    """When the créneau began and ended that day."""
    if ligne.creneau is None:
        return None, None
    return instant(ligne.jour, ligne.creneau.debut), instant(ligne.jour, ligne.creneau.fin)


def _is_matin(ligne: Prestation) -> bool:
    return ligne.creneau is not None and ligne.creneau.moment == ligne.creneau.Moment.MATIN


def _is_soir(ligne: Prestation) -> bool:
    return ligne.creneau is not None and ligne.creneau.moment == ligne.creneau.Moment.SOIR


# --- The price --------------------------------------------------------------------------------------------------------


def _prix(ligne: Prestation, *, propre: bool) -> str:
    """« 1,20 € le moment : commune, quotient 742 (de 600 à 859), 1er enfant. »; of another foyer's price, its vote."""
    dit = ligne.prix_dit
    prix = f"{euros(ligne.prix)} {mots.article(dit.get('unite', ''), dit.get('minutes'))}"
    if not propre:
        return f"{prix}{NBSP}: {vote_texte(ligne)}."
    tranche = mots.tranche_texte(dit.get("tranche"))
    quotient = "quotient inconnu" if ligne.quotient is None else f"quotient {ligne.quotient}"
    raisons = [
        mots.residence_texte(ligne.residence, dit),
        f"{quotient} ({tranche})" if tranche else quotient,
        *([mots.RANGS.get(ligne.rang, f"{ligne.rang}e enfant")] if ligne.rang else []),
    ]
    if (enfants := dit.get("enfants")) is not None:
        foyer = f"{enfants}{NBSP}enfant{'s' if enfants > 1 else ''} au foyer"
        raisons.append(foyer if enfants else "nombre d’enfants à dire, comme pour un enfant")
    raisons += _abonnement(dit)
    return f"{prix}{NBSP}: {', '.join(raisons)}."


def _abonnement(dit: Mapping[str, Any]) -> list[str]:
    """What a price of a subscription says besides: how many days, one more than them, a month that a closure cut."""
    if not (jours := dit.get("jours")):
        return []
    combien = f"{jours}{NBSP}jour{'s' if jours > 1 else ''} par semaine"
    dits = [f"un jour de plus que les {combien} de l’abonnement" if dit.get("en_plus") else combien]
    if ouverts := dit.get("ouverts"):
        entier = f"{euros(dit['mois'])} le mois entier"
        dits.append(f"{ouverts[0]}{NBSP}jours ouverts sur {ouverts[1]}, à cause d’une fermeture ({entier})")
    return dits


def _cause(ligne: Prestation, enfant: EnfantDit, foyers: Collection[int]) -> str:
    """Why a supplement is owed."""
    depart = mots.lu((ligne.faits.get("presence") or {}).get("depart"))
    _, fin = _heures(ligne)
    if ligne.nature == Nature.RETARD:
        ferme = f"{FINE}; la garderie ferme à {mots.heure_of(fin)}" if fin else ""
        return f"Départ noté à {mots.heure_of(depart)}{ferme}." if depart else f"Départ après la fermeture{ferme}."
    if ligne.nature == Nature.SANS_INSCRIPTION:
        moment = f" le {ligne.creneau.nom_court}" if ligne.creneau else ""
        parti = f"{FINE}; départ noté à {mots.heure_of(depart)}" if depart else ""
        return f"{enfant.prenom} est resté{enfant.e}{moment} sans y être inscrit{enfant.e}{parti}."
    if ligne.nature == Nature.TARDIVE:
        fait = ligne.faits.get("inscription") or {}
        apres = _limite_phrase(mots.lu(fait.get("limite"))) or "la limite"
        dit = f" Le supplément était dit avant{NBSP}: {fait['hors_delai']}." if fait.get("hors_delai") else ""
        return f"Inscrit{enfant.e} {_inscription(ligne, enfant, foyers).rstrip('.')}, après {apres}.{dit}"
    reponse = _reponse(ligne)
    return f"{_absence(ligne, enfant, foyers)} {reponse}".strip()


def _prix_supplement(ligne: Prestation) -> str:
    article = f", {ligne.prix_dit['article']}" if ligne.prix_dit.get("article") else ""
    credit = "" if ligne.credit_impot else " Ne compte pas pour le crédit d’impôt."
    en_tout = ligne.prix_dit.get("en_tout")
    dit = f", pour {euros(en_tout)} en tout" if en_tout is not None else ""
    return f"Supplément de {euros(ligne.entier)}{dit}{NBSP}: {vote_texte(ligne)}{article}.{credit}"


def vote_texte(ligne: Prestation) -> str:
    """The council's vote that fixed the price of this line, in French: « délibération n° 2026-41 du 25 juin 2026 »;
    « tarif voté par le conseil municipal » where its number is not kept.
    """
    dit = ligne.prix_dit
    if not dit.get("deliberation"):
        return "tarif voté par le conseil municipal"
    votee = f" du {mots.jour_vote(date.fromisoformat(dit['votee_le']))}" if dit.get("votee_le") else ""
    return f"délibération n°{NBSP}{dit['deliberation']}{votee}"


# --- Corrections ------------------------------------------------------------------------------------------------------


def _correction(ligne: Prestation) -> Pourquoi:
    """What a line was, what it is, and why it changed."""
    faits = [(nom, phrase) for nom, cle in (("Avant", "avant"), ("Après", "apres")) if (phrase := _etat(ligne, cle))]
    if ligne.motif:
        faits.append(("Pourquoi", _phrase(ligne.motif)))
    return Pourquoi(titre_correction(ligne), ligne.montant, "", faits)


def titre_correction(ligne: Prestation) -> str:
    """What a correction line is about, in French: « Soir du 12 octobre », « Retard le soir du 12 octobre »."""
    moment = ligne.creneau.nom_court if ligne.creneau else "mois"
    nature = ligne.faits.get("nature", "")
    if nature.startswith(Nature.PLAFOND):
        return f"{_capitale(mots.plafond_texte(ligne.prix_dit))}, {mots.mois_texte(ligne.jour)}"
    if nature == Nature.RETARD:
        moment = f"retard le {moment}"
    elif nature in TITRES:
        moment = f"{TITRES[Nature(nature)]}, {moment}"
    return f"{_capitale(moment)} du {mots.jour_sans_annee(ligne.jour)}"


def _etat(ligne: Prestation, cle: str) -> str:
    """« Départ 18 h 05 : 4 demi-heures, 2,20 €. »"""
    etat = ligne.faits.get(cle)
    if not etat:
        return ""
    debut = ""
    if depart := mots.lu(etat.get("depart")):
        debut = f"Départ {mots.heure_of(depart)}{NBSP}: "
    elif "depart" in etat and is_by_tranche(ligne) and not _is_matin(ligne):
        debut = f"{mots.SANS_DEPART}{NBSP}: "
    quantite = etat.get("quantite")
    compte = f"{mots.combien(quantite, ligne.prix_dit.get('unite', ''), ligne.prix_dit.get('minutes'))}, "
    return f"{debut}{compte if quantite else ''}{euros(etat.get('montant', 0))}."


def _capitale(texte: str) -> str:
    return texte[:1].upper() + texte[1:]


def _phrase(texte: str) -> str:
    """The text as a sentence."""
    return f"{_capitale(texte.rstrip('.'))}." if texte else ""
