"""`manage.py fermer --du 15/12/2026 --au 15/12/2026 --motif grève`: a closure, as the town hall's page makes it."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.utils import timezone

from enfance.mairie.fermetures.ecriture import Portee, fermer, fermeture_annee, rien_a_fermer
from enfance.management.arguments import jour
from enfance.models import Classe, Creneau, Ecole, Fermeture
from portail.commandes import FrenchCommand


class Command(FrenchCommand):
    help = "Ferme la garderie : annule les inscriptions sans les facturer et prévient chaque famille une fois."
    example = 'manage.py fermer --du 15/12/2026 --motif "grève" --simuler'

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The arguments of the command that closes days of garderie: days (--du, --au), --motif, --ecole, --creneau,
        --classe, and --simuler.
        """
        parser.add_argument("--du", type=jour, required=True, help="premier jour : 15/12/2026 ou 2026-12-15")
        parser.add_argument("--au", type=jour, help="dernier jour ; sinon, le premier")
        parser.add_argument("--motif", required=True, help="les parents le lisent : « formation de l’équipe »")
        parser.add_argument("--ecole", nargs="+", default=[], metavar="CODE", help="code de l’école ; sinon, toutes")
        parser.add_argument("--creneau", nargs="+", default=[], metavar="CODE", help="matin, midi, soir ; sinon, tous")
        parser.add_argument("--classe", nargs="+", default=[], metavar="NOM", help="nom de classe ; sinon, toutes")
        parser.add_argument("--simuler", action="store_true", help="dit ce qui serait fait, sans rien écrire")

    def handle(self, *args: Any, **options: Any) -> None:
        """Close days of garderie as the options say, and print whom that touches; with `simuler`, only print it.
        Nothing to close is an error; days closed already are said, and nothing is changed.
        """
        portee = _portee(options)
        bilan = fermer(portee, now=timezone.now(), simuler=options["simuler"])
        if bilan.fermeture is None:
            raise CommandError(rien_a_fermer(portee))
        if bilan.deja:
            self.stdout.write("Déjà fermé : rien n’a été changé.")
            return
        titre = "Simulation, rien n’est écrit" if options["simuler"] else f"Fermeture {bilan.fermeture.pk}"
        self.stdout.write("\n".join([f"{titre} : {fermeture_annee(bilan.fermeture)}.", *bilan.lignes()]))


def _portee(options: dict[str, Any]) -> Portee:
    debut, fin = options["du"], options["au"] or options["du"]
    try:
        Fermeture(debut=debut, fin=fin, motif=options["motif"].strip()).full_clean()
    except ValidationError as error:
        raise CommandError(" ".join(error.messages)) from None
    creneaux = {creneau.code: creneau for creneau in Creneau.objects.all()}
    ecoles = {ecole.code: ecole for ecole in Ecole.objects.all()}
    choisies = tuple(_known(ecoles, code, "Cette école") for code in options["ecole"])
    de_ces_jours = Classe.objects.filter(annee__debut__lte=fin, annee__fin__gte=debut).select_related("ecole")
    de_ces_jours = de_ces_jours.order_by("ecole__ordre", "ecole__nom", "nom")
    classes: dict[str, Classe] = {}
    for classe in de_ces_jours.filter(ecole__in=choisies) if choisies else de_ces_jours:
        if classe.nom in classes and classe.nom in options["classe"]:
            noms = f"{classes[classe.nom].ecole} et {classe.ecole}"
            raise CommandError(
                f"Plusieurs écoles ont une classe «\u00a0{classe.nom}\u00a0» ({noms})\u00a0: dites --ecole."
            )
        classes[classe.nom] = classe
    return Portee(
        debut,
        fin,
        options["motif"].strip(),
        tuple(_known(creneaux, code, "Ce créneau") for code in options["creneau"]),
        tuple(_known(classes, nom, "Cette classe") for nom in options["classe"]),
        choisies,
    )


def _known[T](connus: dict[str, T], nom: str, sujet: str) -> T:
    if nom not in connus:
        autres = f"On connaît : {', '.join(sorted(connus))}" if connus else "Il n’y en a aucune ces jours-là"
        raise CommandError(f"{sujet} n’existe pas : « {nom} ». {autres}.")
    return connus[nom]
