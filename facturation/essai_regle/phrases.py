"""A trial in French sentences: the rule, the result, what it holds for unchanged. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from enfance.delais import Delai, Genre
from facturation.essai_regle.lecture import EssaiRegle
from facturation.essai_regle.regle import Gestes, MontantEssaye, Quoi, RegleEssayee
from facturation.montants import ESPACE, euros
from portail.dates import MOIS, heure_texte
from portail.francais import NBSP, de, et, milliers, pluriel

COMPTES = {Genre.JOURS_OUVRES: "ouvré", Genre.JOURS_ECOLE: "d’école", Genre.JOURS: ""}
GESTES = {Gestes.DEUX: "", Gestes.INSCRIRE: " pour inscrire", Gestes.ANNULER: " pour annuler"}
CONDUITES = {
    Quoi.TARDIVE: "chacun aurait inscrit au même moment. En vrai, des familles inscriraient plus tôt{p} la somme "
    "serait moindre.",
    Quoi.RETARD: "chacun serait venu à la même heure. En vrai, des familles viendraient plus tôt{p} la somme serait "
    "moindre.",
    Quoi.SANS_INSCRIPTION: "chacun serait venu de même. En vrai, des familles inscriraient{p} la somme serait moindre.",
    Quoi.ABSENCE: "chacun aurait prévenu de même. En vrai, des familles préviendraient{p} la somme serait moindre.",
    Quoi.LIMITE: "chacun aurait inscrit et annulé au même moment. En vrai, des familles s’y prendraient plus tôt.",
    Quoi.GRILLE: "chacun serait venu autant. En vrai, des familles viendraient plus, ou moins.",
}


EN_HEURES = 3  # days: more are not said in hours


def conduite_phrase(regle: RegleEssayee) -> str:
    """What the result takes for unchanged, to follow « À conduite inchangée : »."""
    return CONDUITES[regle.quoi].format(p=f"{ESPACE}:")


def delai_court(delai: Delai) -> str:
    """« 48 h (2 jours ouvrés avant, 12 h) », « le jour même, 9 h »."""
    heure = heure_texte(delai.heure)
    if delai.nombre == 0:
        return f"le jour même, {heure}"
    s = "s" if delai.nombre > 1 else ""
    genre = COMPTES.get(delai.genre, "")
    qualifie = f" {genre}{s if genre == 'ouvré' else ''}" if genre else ""
    jours = f"{delai.nombre}{NBSP}jour{s}{qualifie} avant"
    if delai.nombre > EN_HEURES:
        return f"{jours} ({heure})"
    return f"{24 * delai.nombre}{NBSP}h ({jours}, {heure})"


def montant_phrase(montant: MontantEssaye) -> str:
    """« 5,00 € », « 50 % du prix », « un prix entier »."""
    if montant.prix is not None:
        return euros(montant.prix)
    return "un prix entier" if montant.pourcentage == 100 else f"{montant.pourcentage}{NBSP}% du prix"


def regle_phrase(regle: RegleEssayee) -> str:
    """The rule, to follow « Avec »: « 48 h (2 jours ouvrés avant, 12 h) et 5,00 € »."""
    montant = montant_phrase(regle.montant)
    match regle.quoi:
        case Quoi.TARDIVE:
            jusque = f", jusqu’à {_a(regle.derniere)}" if regle.derniere else ""
            return f"{_limite(regle.premiere)} et {montant}{jusque}"
        case Quoi.LIMITE:
            return f"une limite à {_a(regle.premiere)}{GESTES[regle.gestes]}"
        case Quoi.RETARD:
            apres = f" après {pluriel(regle.tolerance, 'minute,minutes')}" if regle.tolerance else ""
            return f"{montant} par retard{apres}"
        case Quoi.SANS_INSCRIPTION:
            return f"{montant} par présence sans inscription"
        case Quoi.ABSENCE:
            return f"{montant} par absence non excusée"
        case Quoi.GRILLE:
            return et([f"«\u00a0{grille.nom}\u00a0» du {grille.debut:%d/%m/%Y}" for grille in regle.grilles])


def _limite(delai: Delai | None) -> str:
    return "" if delai is None else delai_court(delai)


def _a(delai: Delai | None) -> str:
    """To follow « à »: « 48 h … », « 9 h le jour même »."""
    if delai is None:
        return ""
    return f"{heure_texte(delai.heure)} le jour même" if delai.nombre == 0 else delai_court(delai)


def periode_phrase(premiers: Sequence[date]) -> str:
    """« en novembre 2026 », « de septembre à novembre 2026 », « de décembre 2026 à février 2027 »."""
    debut, fin = min(premiers), max(premiers)
    dernier = f"{MOIS[fin.month - 1]} {fin.year}"
    if debut == fin:
        return f"en {dernier}"
    premier = MOIS[debut.month - 1] if debut.year == fin.year else f"{MOIS[debut.month - 1]} {debut.year}"
    return f"{de(premier)} à {dernier}"


def resultat_phrase(essai: EssaiRegle) -> str:
    """« Avec 48 h … et 5,00 €, de septembre à novembre 2026, 61 familles sur 240 auraient payé 1 310,00 € de plus. »"""
    total = essai.total
    tete = f"Avec {regle_phrase(essai.regle)}, {periode_phrase(essai.premiers)}, "
    familles = f"{pluriel(total.touchees or 0, 'famille,familles')} sur {milliers(total.familles or 0)}"
    if not total.touchees:
        return f"{tete}aucune famille sur {milliers(total.familles or 0)} n’aurait payé une autre somme."
    auraient = "aurait" if total.touchees == 1 else "auraient"
    montant = total.montant or 0
    if montant == 0:
        return f"{tete}{familles} {auraient} payé une autre somme, pour le même total."
    return f"{tete}{familles} {auraient} payé {euros(abs(montant))} de {'plus' if montant > 0 else 'moins'}."


def details_phrases(essai: EssaiRegle) -> list[str]:
    """What else the trial counted, a sentence each."""
    dits = []
    if essai.de_plus and essai.de_moins:
        dits.append(
            f"{pluriel(essai.de_plus, 'famille aurait payé plus,familles auraient payé plus')}, "
            f"{milliers(essai.de_moins)} moins."
        )
    if essai.tardives:
        dits.append(
            f"{pluriel(essai.tardives, 'inscription tenue est,inscriptions tenues sont')} d’après la première limite. "
            "Une séance excusée, ou qui n’est pas facturée, n’a pas de supplément."
        )
    if essai.refusees:
        dits.append(
            f"{pluriel(essai.refusees, 'inscription aurait été refusée,inscriptions auraient été refusées')}"
            f"{ESPACE}: leur prix est retiré, et l’enfant venu quand même compte comme présent sans inscription."
        )
    if essai.retenues:
        retenues = "annulation aurait été refusée,annulations auraient été refusées"
        dits.append(f"{pluriel(essai.retenues, retenues)}{ESPACE}: la séance est due.")
    if essai.sans_prix:
        sans = "enfant n’aurait pas de prix,enfants n’auraient pas de prix"
        dits.append(f"{pluriel(essai.sans_prix, sans)}{ESPACE}: rien n’est compté pour eux.")
    if essai.regle.quoi.reads_history:
        dits.append(
            "Ce que fait la mairie, une liste d’attente ou une fermeture n’est jamais en retard. Ce qui a été refusé "
            f"en son temps n’est pas gardé{ESPACE}: une limite plus tardive ne rend rien."
        )
    return dits
