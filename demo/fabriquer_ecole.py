"""Makes the two ONDE files of the demo's fictional school: 150 families, 220 children. `python demo/fabriquer_ecole.py`

And, in `rentree/`, those that the same school exports a year later: pupils one niveau up, the CM2 gone, newcomers, one
who repeats, a name corrected, one question for the town hall.

Deterministic: the same files each time. Names are common ones drawn at random and combined, telephones are those kept
for fiction (06 39 98, 04 65 71), e-mails end in .example. As in real exports: cp1252, `;`, children cited in capitals
or without accents, telephones written in every way, blank lines at the end.
"""

from __future__ import annotations

import csv
import io
import random
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

DOSSIER = Path(__file__).resolve().parent
TAILLES = [1] * 91 + [2] * 50 + [3] * 7 + [4] * 2  # children by family: 220 in 150
RENTREE = 2026
NIVEAUX = ["PS", "MS", "GS", "CP", "CE1", "CE2", "CM1", "CM2"]
CYCLES = dict(zip(NIVEAUX, ["I"] * 3 + ["II"] * 3 + ["III"] * 2, strict=True))
CLASSES = [
    ("PS Mme Sorbier", ["PS"]),
    ("PS-MS M. Tilleul", ["PS", "MS"]),
    ("MS-GS Mme Charme", ["MS", "GS"]),
    ("GS-CP Mme Noyer", ["GS", "CP"]),
    ("CP M. Érable", ["CP"]),
    ("CE1 Mme Cèdre", ["CE1"]),
    ("CE1-CE2 Mme Saule", ["CE1", "CE2"]),
    ("CE2-CM1 M. Frêne", ["CE2", "CM1"]),
    ("CM1-CM2 Mme Bouleau", ["CM1", "CM2"]),
    ("CM2 M. Aulne", ["CM2"]),
]
FILLES = """
Alice Ambre Anaïs Anna Anne-Sophie Apolline Chloé Clémence Élise Emma Éva Garance Héloïse Inès Jade Jeanne
Julia Juliette Léna Lina Louise Lucie Manon Margaux Marie-Amélie Maya Mila Nina Nour Olivia Romane Rose Salomé
Sarah Sofia Victoire Yasmine Zélie
"""
GARCONS = """
Aaron Adam Arthur Axel Basile Côme Elias Éliott Enzo Gabriel Gaspard Hugo Ilyès Jean-Baptiste Jules Léo Liam
Louis Lucas Maël Malo Marius Mathis Mehdi Nathan Noah Noé Oscar Paul Raphaël Robin Sacha Samuel Simon Théo
Timothée Valentin Yanis
"""
MERES = """
Agnès Amina Anne Aurélie Béatrice Céline Claire Delphine Élodie Émilie Fatima Françoise Hélène Isabelle Julie
Karine Laëtitia Laure Leïla Magali Marie Marion Mathilde Nadia Nathalie Noémie Pauline Sandrine Sophie
Stéphanie Valérie Virginie
"""
PERES = """
Alexandre Antoine Benoît Cédric Christophe David Emmanuel Éric Fabien Florian François Frédéric Grégory
Guillaume Jean-Marc Jérôme João Julien Karim Laurent Loïc Mickaël Nicolas Olivier Pierre Rachid Rémi Romain
Sébastien Stéphane Thomas Vincent
"""
NOMS = """
ANDRÉ | AUBERT | BAILLY | BARBIER | BEN YOUSSEF | BERNARD | BERTRAND | BLANCHARD | BONNET | BOUCHER | BOYER |
BRUN | CARON | CHEVALIER | COLIN | D’ANGELO | DA SILVA | DE LA FONTAINE | DELATTRE | DENIS | DIALLO | DUBOIS |
DUMONT | DUPUIS | DURAND | FABRE | FAURE | FERNANDEZ | FOURNIER | GAILLARD | GARNIER | GAUTHIER | GÉRARD |
GIRARD | GONÇALVES | GUÉRIN | GUILLOT | HADDAD | HENRY | HUBERT | JACQUET | JOLY | LACROIX | LAMBERT | LAURENT |
LE GOFF | LEBLANC | LECLERC | LEFÈVRE | LEMAIRE | LEROUX | MARCHAND | MARÉCHAL | MARTIN | MASSON | MERCIER |
MEUNIER | MICHEL | MOULIN | MUÑOZ | N’DIAYE | NGUYEN | NOËL | ŒUVRARD | PERRIN | PETIT | PICARD | POIRIER |
RENARD | RICHARD | RIVIÈRE | ROBERT | ROCHE | ROUSSEL | ROY | SAINT-MARTIN | SCHMITT | SIMON | TESSIER | THOMAS |
VIDAL | VINCENT
"""
RUES = """
chemin des Tilleuls | chemin de la Plaine | rue de l’Église | place de la Mairie | route d’Izeron |
impasse du Lavoir | allée des Noyers | montée du Château | rue du Moulin | chemin du Vieux Four |
route de Saint-Marcellin | lotissement Les Acacias | avenue du Vercors | boulevard de la Gare | hameau du Clos
"""
ABREGES = {"chemin": "ch.", "avenue": "av.", "boulevard": "bd", "route": "rte", "impasse": "imp.", "allée": "all."}

ENTETES_ELEVES = """
Nom élève;Nom d'usage élève;Prénom élève;Date naissance;Sexe;INE;
Adresse1;Cp1;Commune1;Pays1;Adresse2;Cp2;Commune2;Pays2; Cycle;Niveau;Libellé classe;Identifiant classe;
Attestation fournie;Autorisation associations;Autorisation photo;Décision de passage
"""
ENTETES_RESPONSABLES = """
Civilité Responsable;Nom usage responsable;Nom responsable;Prénom responsable;
Adresse responsable;CP responsable;Commune responsable;Pays;
Courriel;Téléphone domicile;Téléphone travail;Téléphone portable
"""
ENTETES_ENFANT = ["Nom d'usage enfant", "Nom de famille enfant", "Prénom enfant", "Classes enfants"]


@dataclass
class Enfant:
    nom: str
    prenom: str
    sexe: str
    niveau: str
    classe: str
    naissance: str
    ine: str
    adresses: list[str] = field(default_factory=list)


@dataclass
class Adulte:
    civilite: str
    nom: str
    prenom: str
    adresse: str
    courriel: str
    portable: str
    nom_usage: str = ""
    domicile: str = ""
    enfants: list[Enfant] = field(default_factory=list)


class Ecole:
    """The school being made; every draw goes through `hasard`. `classes`: their names and niveaux."""

    def __init__(self, classes: Sequence[tuple[str, list[str]]] = CLASSES, graine: int = 20260901) -> None:
        self.hasard = random.Random(graine)  # noqa: S311 (nothing secret is drawn)
        self.classes = classes
        self.rentree = RENTREE
        self.filles, self.garcons, self.meres, self.peres = (n.split() for n in (FILLES, GARCONS, MERES, PERES))
        self.noms, self.rues = ([mot.strip() for mot in mots.split("|")] for mots in (NOMS, RUES))
        self.enfants: list[Enfant] = []
        self.adultes: list[Adulte] = []
        self._adresses: set[str] = set()
        self._courriels: set[str] = set()
        self._identites: set[tuple[str, str]] = set()
        self._portables = iter(self.hasard.sample(range(10_000), 1000))
        self.empty_classes()

    def adresse(self) -> str:
        while True:
            adresse = f"{self.hasard.randint(1, 180)} {self.hasard.choice(self.rues)}"
            if adresse not in self._adresses:
                self._adresses.add(adresse)
                return adresse

    def classe(self, niveau: str) -> str:
        """A place in the emptiest class of this niveau."""
        classe = min((c for c, niveaux in self.classes if niveau in niveaux), key=lambda c: self._places[c])
        self._places[classe] += 1
        return classe

    def empty_classes(self) -> None:
        self._places = {classe: 0 for classe, _ in self.classes}

    def enfant(self, nom: str, niveau: str, prenom: str = "", sexe: str = "") -> Enfant:
        sexe = sexe or self.hasard.choice("FM")
        classe = self.classe(niveau)
        while not prenom:
            tire = self.hasard.choice(self.filles if sexe == "F" else self.garcons)
            prenom = "" if (nom, tire) in self._identites else tire
        self._identites.add((nom, prenom))
        annee = self.rentree - 3 - NIVEAUX.index(niveau)
        naissance = f"{self.hasard.randint(1, 28):02}/{self.hasard.randint(1, 12):02}/{annee}"
        ine = f"{self.hasard.randint(10**9, 10**10 - 1)}{self.hasard.choice('ABCDEFGHJK')}"
        enfant = Enfant(nom, prenom, sexe, niveau, classe, naissance, ine)
        self.enfants.append(enfant)
        return enfant

    def adulte(
        self,
        civilite: str,
        nom: str,
        enfants: list[Enfant],
        adresse: str,
        *,
        prenom: str = "",
        courriel: str | None = None,
    ) -> Adulte:
        prenom = prenom or self.hasard.choice(self.meres if civilite == "MME" else self.peres)
        chiffres = f"063998{next(self._portables):04}"
        par_deux = " ".join(chiffres[i : i + 2] for i in range(0, 10, 2))
        portable = self.hasard.choice([chiffres, par_deux, par_deux.replace(" ", ".")])
        if courriel is None:
            courriel = self.courriel(prenom, nom)
        adulte = Adulte(civilite, nom, prenom, adresse, courriel, portable, enfants=enfants)
        if self.hasard.random() < 0.2:
            adulte.domicile = f"04 65 71 {self.hasard.randint(10, 99)} {self.hasard.randint(10, 99)}"
        self.adultes.append(adulte)
        for enfant in enfants:
            if adresse not in enfant.adresses:
                enfant.adresses.append(adresse)
        return adulte

    def courriel(self, prenom: str, nom: str) -> str:
        base = f"{sans_accent(prenom)}.{sans_accent(nom)}".lower().replace(" ", "-").replace("’", "").replace("'", "")
        suffixes = ["", *map(str, range(2, 20))]
        courriel = next(c for s in suffixes if (c := f"{base}{s}@courriel.example") not in self._courriels)
        self._courriels.add(courriel)
        return courriel

    def niveaux(self, n: int) -> list[str]:
        """The niveaux of `n` siblings, the eldest first; the emptiest ones are likelier."""
        choix: list[str] = []
        while len(choix) < n:
            comptes = {
                niveau: sum(e.niveau == niveau for e in self.enfants) for niveau in NIVEAUX if niveau not in choix
            }
            candidats = sorted(comptes, key=lambda niveau: comptes[niveau])[:4]
            choix.append(self.hasard.choice(candidats))
        return sorted(choix, key=NIVEAUX.index, reverse=True)


def sans_accent(texte: str) -> str:
    texte = texte.replace("Œ", "OE").replace("œ", "oe")
    return "".join(c for c in unicodedata.normalize("NFKD", texte) if not unicodedata.combining(c))


def make_ecole() -> Ecole:
    ecole = Ecole()
    tailles = list(TAILLES)
    _familles_choisies(ecole, tailles)
    ecole.hasard.shuffle(tailles)
    for rang, taille in enumerate(tailles):
        _famille(ecole, rang, taille)
    return ecole


def _familles_choisies(ecole: Ecole, tailles: list[int]) -> None:
    """The families that a visit of the demo looks for; their sizes are taken off the list."""
    adresse = "12 chemin des Tilleuls"
    ecole._adresses.add(adresse)
    morel = [
        ecole.enfant("MOREL", "CE2", "Léa", "F"),
        ecole.enfant("MOREL", "CP", "Tom", "M"),
        ecole.enfant("MOREL", "MS", "Zoé", "F"),
    ]
    ecole.adulte("MME", "MOREL", morel, adresse, prenom="Camille")
    ecole.adulte("M.", "MOREL", morel, adresse, prenom="Karim")
    tailles.remove(3)
    # separated parents, in alternating custody once the town hall has set it
    separes = [ecole.enfant("LEFORT", "CM1", "Jules", "M"), ecole.enfant("LEFORT", "CE1", "Anna", "F")]
    ecole.adulte("MME", "BERGER", separes, ecole.adresse(), prenom="Nadia")
    ecole.adulte("M.", "LEFORT", separes, ecole.adresse(), prenom="Paul")
    tailles.remove(2)
    # a step-family: the father of the younger one answers for him alone, though he lives with both
    ainee, cadet = ecole.enfant("VASSEUR", "CM2", "Louise", "F"), ecole.enfant("ROLLIN", "PS", "Malo", "M")
    maison = ecole.adresse()
    ecole.adulte("MME", "CHARRIER", [ainee, cadet], maison, prenom="Hélène")
    ecole.adulte("M.", "ROLLIN", [cadet], maison, prenom="Olivier")
    ecole.adulte("M.", "VASSEUR", [ainee], ecole.adresse(), prenom="Éric")
    tailles.remove(2)
    # homonyms: two children in two classes, two mothers at two addresses
    for niveau in ("GS", "CM2"):
        enfant = ecole.enfant("MARTIN", niveau, "Hugo", "M")
        ecole.adulte("MME", "MARTIN", [enfant], ecole.adresse(), prenom="Marie")
        tailles.remove(1)
    # a mother without e-mail
    enfant = ecole.enfant("BESSON", "CE1", "Rose", "F")
    ecole.adulte("MME", "BESSON", [enfant], ecole.adresse(), prenom="Yvonne", courriel="")
    tailles.remove(1)


def _famille(ecole: Ecole, rang: int, taille: int, niveaux: Sequence[str] = ()) -> None:
    """A family drawn at random: one home or two, one adult or two, its mails and names."""
    hasard = ecole.hasard
    nom, nom_mere = hasard.choice(ecole.noms), hasard.choice(ecole.noms)
    if rang % 25 == 0:
        nom = f"{nom} {nom_mere}"  # a double name
    enfants = [ecole.enfant(nom, niveau) for niveau in niveaux or ecole.niveaux(taille)]
    adresse = ecole.adresse()
    mere = ecole.adulte("MME", nom_mere, enfants, adresse, courriel="" if rang % 29 == 3 else None)
    if rang % 3 == 0:
        mere.nom_usage = nom
    if rang % 12 == 5:
        return  # one adult
    separes = rang % 11 == 7
    partage = mere.courriel if rang % 14 == 2 and not separes else None
    pere = ecole.adulte("M.", nom, enfants, ecole.adresse() if separes else adresse, courriel=partage)
    if rang % 9 == 4:  # the same address, written otherwise
        for long, court in ABREGES.items():
            pere.adresse = pere.adresse.replace(f"{long} ", f"{court} ")


# --- A year later ---------------------------------------------------------------------------------------------------


def grow_older(ecole: Ecole) -> None:
    """The same school a year later."""
    ecole.hasard = random.Random(20270901)  # noqa: S311 (nothing secret is drawn)
    ecole.rentree += 1
    ecole.empty_classes()
    anna, malo, rose = (
        next(e for e in ecole.enfants if (e.prenom, e.nom) == qui)
        for qui in (("Anna", "LEFORT"), ("Malo", "ROLLIN"), ("Rose", "BESSON"))
    )
    partent = [*_moved_away(ecole), *(enfant for enfant in ecole.enfants if enfant.niveau == "CM2")]
    ecole.enfants = [enfant for enfant in ecole.enfants if enfant not in partent]
    for enfant in ecole.enfants:
        if enfant is not anna:  # who repeats
            enfant.niveau = NIVEAUX[NIVEAUX.index(enfant.niveau) + 1]
        enfant.classe = ecole.classe(enfant.niveau)
    rose.nom = "BESSON-CARREL"  # corrected: her INE tells who she is
    malo.ine = f"{int(malo.ine[:-1]) + 11}{malo.ine[-1]}"  # is he the same boy? ONDE does not say
    for adulte in ecole.adultes:
        adulte.enfants = [enfant for enfant in adulte.enfants if enfant not in partent]
        if (adulte.prenom, adulte.nom) == ("Yvonne", "BESSON"):
            adulte.courriel = ecole.courriel("Yvonne", "BESSON")
    ecole.adultes = [adulte for adulte in ecole.adultes if adulte.enfants]
    _newcomers(ecole)


def _moved_away(ecole: Ecole) -> list[Enfant]:
    """The children of two families of one child, who have left the town."""
    seuls = [adulte.enfants[0] for adulte in ecole.adultes if len(adulte.enfants) == 1]
    return [
        next(e for e in seuls if e.niveau == niveau and e.nom not in {"ROLLIN", "BESSON"}) for niveau in ("GS", "CE2")
    ]


def _newcomers(ecole: Ecole) -> None:
    """Younger siblings and new families, most of them in PS."""
    fratries = {adulte.enfants[0].nom: adulte.enfants[0] for adulte in ecole.adultes if len(adulte.enfants) == 1}
    for aine in list(fratries.values())[10:20]:
        cadet = ecole.enfant(aine.nom, "PS")
        cadet.adresses = list(aine.adresses)
        for adulte in ecole.adultes:
            if aine in adulte.enfants:
                adulte.enfants.append(cadet)
    for rang, niveau in enumerate(["PS"] * 14 + ["CP", "CE2", "CM1"], start=300):
        _famille(ecole, rang, 1, [niveau])


# --- The files ------------------------------------------------------------------------------------------------------


def _cite(enfant: Enfant, hasard: random.Random) -> list[str]:
    if hasard.random() < 0.15:
        return [
            "",
            sans_accent(enfant.nom).replace("-", " "),
            sans_accent(enfant.prenom).upper().replace("-", " "),
            enfant.classe,
        ]
    return ["", enfant.nom, enfant.prenom, enfant.classe]


def entetes(texte: str) -> list[str]:
    return texte.replace("\n", "").split(";")


def write(chemin: Path, lignes: list[list[str]]) -> None:
    texte = io.StringIO()
    csv.writer(texte, delimiter=";", lineterminator="\r\n").writerows([*lignes, [""] * len(lignes[0])])
    chemin.write_bytes(f"{texte.getvalue()}\r\n".encode("cp1252"))


def main(dossier: Path = DOSSIER) -> None:
    ecole = make_ecole()
    write_ecole(ecole, dossier)
    grow_older(ecole)
    (dossier / "rentree").mkdir(exist_ok=True)
    write_ecole(ecole, dossier / "rentree")


def write_ecole(ecole: Ecole, dossier: Path) -> None:
    numeros = {classe: str(10_001 + rang) for rang, (classe, _) in enumerate(ecole.classes)}
    lieu = ["38160", "SAINT SAUVEUR", "FRANCE"]
    eleves = []
    for e in sorted(ecole.enfants, key=lambda e: (e.classe, sans_accent(e.nom), sans_accent(e.prenom))):
        seconde = [e.adresses[1], *lieu] if len(e.adresses) > 1 else [""] * 4
        scolarite = [f"CYCLE {CYCLES[e.niveau]}", e.niveau, e.classe, numeros[e.classe], "Oui", "Non", "Oui", ""]
        eleves.append([e.nom, "", e.prenom, e.naissance, e.sexe, e.ine, e.adresses[0], *lieu, *seconde, *scolarite])
    largeur = max(len(adulte.enfants) for adulte in ecole.adultes)
    responsables = []
    for a in ecole.adultes:
        cites = [cellule for enfant in a.enfants for cellule in _cite(enfant, ecole.hasard)]
        cites += [""] * (4 * largeur - len(cites))
        coordonnees = [a.courriel, a.domicile, "", a.portable]
        responsables.append([a.civilite, a.nom_usage, a.nom, a.prenom, a.adresse, *lieu, *coordonnees, *cites])
    write(dossier / "CSVExtraction-eleves.csv", [entetes(ENTETES_ELEVES), *eleves])
    write(
        dossier / "CSVExtraction-responsables.csv",
        [entetes(ENTETES_RESPONSABLES) + ENTETES_ENFANT * largeur, *responsables],
    )


if __name__ == "__main__":
    main()
