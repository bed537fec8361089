"""`manage.py essayer_regle`: what families would have paid under another rule, as the town hall's page says it."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.management.base import CommandError
from django.http import QueryDict
from django.utils import timezone
from tqdm import tqdm

from facturation.essai_regle.forms import ENTIER, POUR_CENT, SOMME, RegleForm
from facturation.essai_regle.lecture import dernier_trimestre, essayer, load_mois_arretes
from facturation.essai_regle.phrases import conduite_phrase, details_phrases, resultat_phrase
from facturation.essai_regle.regle import Quoi
from facturation.essai_regle.tableaux import LigneTouchee, TableauEssai
from facturation.management.commands.arreter_mois import mois
from facturation.montants import euros
from portail.commandes import FrenchCommand
from portail.francais import NBSP


class Command(FrenchCommand):
    help = (
        "Dit ce que les familles auraient payé avec une autre règle (une limite, un supplément, une grille), sur des "
        "mois arrêtés. Rejoue ce qui s’est passé, n’écrit rien. Sous cinq familles, un nombre est caché."
    )
    example = "manage.py essayer_regle tardive --jours 2 --somme 5,00 --de 2026-09 --a 2026-11"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The arguments of the command that tries a rule: what, then the fields of the page."""
        parser.add_argument("quoi", choices=[quoi.value for quoi in Quoi], help="\u202f; ".join(map(_aide, Quoi)))
        parser.add_argument("--jours", default="", help="la limite\u00a0: tant de jours avant, 0 pour le jour même")
        parser.add_argument("--compte", default="", help="jours_ouvres (si rien n’est dit), jours_ecole ou jours")
        parser.add_argument("--heure", default="", help="l’heure de la limite\u202f; midi si rien n’est dit")
        parser.add_argument("--derniers-jours", default="", help="la dernière limite d’une inscription tardive")
        parser.add_argument("--dernier-compte", default="", help="comme --compte, pour la dernière limite")
        parser.add_argument("--derniere-heure", default="", help="comme --heure, pour la dernière limite")
        parser.add_argument("--gestes", default="", help="deux, inscrire ou annuler\u00a0: ce pour quoi vaut la limite")
        parser.add_argument("--somme", default="", help="le supplément, en euros")
        parser.add_argument("--pourcentage", default="", help="ou en pour cent du prix\u202f; 100, un prix entier")
        parser.add_argument("--tolerance", default="", help="les minutes d’un retard qui ne coûtent rien")
        parser.add_argument("--tarif", action="append", default=[], help="le numéro d’un tarif saisi, plusieurs fois")
        parser.add_argument("--moment", default="", help="matin, midi, soir ou journee\u202f; tous si rien n’est dit")
        parser.add_argument("--de", type=mois, metavar="MOIS", help="le premier mois, arrêté\u00a0: 2026-09")
        parser.add_argument("--a", type=mois, metavar="MOIS", help="le dernier (au départ, les trois derniers)")

    def handle(self, *, quoi: str, de: date | None, a: date | None, **options: Any) -> None:
        """Print what the rule would have given. CommandError for a rule that is not whole, or without a closed
        month.
        """
        arretes = load_mois_arretes()
        if not arretes:
            raise CommandError("Aucun mois n’est arrêté\u00a0: il n’y a rien à rejouer.")
        form = RegleForm(_data(quoi, options, _bornes(arretes, de, a)), arretes=arretes)
        if not form.is_valid() or form.regle is None:
            raise CommandError(" ".join(str(phrase) for erreurs in form.errors.values() for phrase in erreurs))
        with tqdm(total=len(form.premiers), disable=not sys.stderr.isatty(), desc="Mois", leave=False) as barre:
            essai = essayer(form.regle, form.premiers, today=timezone.localdate(), avance=barre.update)
        self.stdout.write(resultat_phrase(essai))
        self.stdout.write(f"À conduite inchangée{NBSP}: {conduite_phrase(essai.regle)}")
        for tableau in (essai.par_quotient, essai.par_ecole) if essai.total.touchees else ():
            for phrase in _lignes(tableau):
                self.stdout.write(phrase)
        for phrase in details_phrases(essai):
            self.stdout.write(phrase)


def _aide(quoi: Quoi) -> str:
    return f"{quoi.value}{NBSP}: {quoi.label[:1].lower()}{quoi.label[1:]}"


def _bornes(arretes: Sequence[date], de: date | None, a: date | None) -> tuple[date, date]:
    """The months asked for; what is not said is that of the last three closed ones."""
    trimestre = dernier_trimestre(arretes)
    return de or (min(trimestre[0], a) if a else trimestre[0]), a or arretes[-1]


def _data(quoi: str, options: dict[str, Any], bornes: tuple[date, date]) -> QueryDict:
    """What the page would have sent."""
    pourcentage = options["pourcentage"]
    forme = ENTIER if pourcentage == "100" else POUR_CENT if pourcentage else SOMME
    data = QueryDict(mutable=True)
    data.update(
        {
            "quoi": quoi,
            "moment": options["moment"],
            "jours": options["jours"],
            "compte": options["compte"],
            "heure": options["heure"],
            "gestes": options["gestes"],
            "jours_derniers": options["derniers_jours"],
            "compte_derniers": options["dernier_compte"],
            "heure_derniere": options["derniere_heure"],
            "forme": forme,
            "somme": options["somme"],
            "pourcentage": pourcentage,
            "tolerance": options["tolerance"],
            "de": f"{bornes[0]:%Y-%m}",
            "a": f"{bornes[1]:%Y-%m}",
        }
    )
    data.setlist("tarifs", options["tarif"])
    return data


def _lignes(tableau: TableauEssai) -> list[str]:
    """The rows of a table, a line each."""
    if tableau.lignes is None:
        return [f"{tableau.tete}{NBSP}: trop peu de familles pour découper sans les montrer."]
    return [] if tableau.seule else [_ligne(tableau.tete, ligne) for ligne in tableau.lignes]


def _ligne(tete: str, ligne: LigneTouchee) -> str:
    if ligne.cache:
        sur = "" if ligne.familles is None else f", sur {ligne.familles}"
        return f"{tete}, {ligne.titre}{NBSP}: caché{sur}, {ligne.cache.label}."
    return f"{tete}, {ligne.titre}{NBSP}: {ligne.touchees} sur {ligne.familles}, {euros(ligne.montant or 0)} de plus."
