"""Every shape that towns vote, two grids each, typed through the forms, a month closed, counted again without the
portal's pricing. The figures and where they come from are in `formes.csv`.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from datetime import date
from pathlib import Path

import pytest

from enfance.models import Creneau, Foyer
from facturation.arrete.cloture import arreter
from facturation.models import Compte, Facture, LieuResidence, Plafond, Prestation, Tarif
from facturation.payeurs.comptes import compte_of
from facturation.verification import verifier
from tests.clients import Client
from tests.factories import AnneeFactory, FoyerFactory, ResponsableFactory, StaffFactory, make_creneaux, make_enfant
from tests.facturation.recompte_a_part import recount
from tests.facturation.vecu import ENSUITE, NOVEMBRE, clore, dire_quotient, inscrire, pointer
from tests.reading import html_of

pytestmark = pytest.mark.django_db
ADMIN = "/admin/facturation/"
JOURS = [date(2026, 11, jour) for jour in (2, 3, 5, 6, 9, 10, 12, 13, 16, 17, 19, 20, 23, 24)]
DEPARTS = ("16:45", "17:03", "17:18", "17:31", "17:36", "18:02", "18:29")
PAR_RANG = {
    "rang": {"unite": "seance", "minutes": ""},
    "residences": {},
    "enfants": {"unite": "seance", "minutes": "", "genre": "taux"},
    "plafond_jour": {},
    "plafond_mois": {},
    "premiere": {"plus": "premiere"},
    "forfait": {"unite": "forfait", "minutes": "", "plus": "jour"},
    "melange": {},
}
AUTRES = {
    ("rang", "a"): {"par_jour": "on"},
    ("enfants", "b"): {"axe": "enfants"},
    ("premiere", "a"): {"tolerance": "5"},
    ("premiere", "b"): {"tolerance": "3", "minutes": "15"},
    ("forfait", "a"): {"jours": "2"},
    ("forfait", "b"): {"jours": "1", "prorata": "on"},
    ("melange", "a"): {"tolerance": "4", "plus": "premiere"},
    ("melange", "b"): {"genre": "taux", "axe": "enfants", "unite": "seance", "minutes": ""},
}
PLAFONDS = {
    ("plafond_jour", "a"): [{"somme": "4,00"}],
    ("plafond_jour", "b"): [{"somme": "7,25", "porteur": "payeur"}],
    ("plafond_mois", "a"): [{"somme": "20,00", "periode": "mois"}],
    ("plafond_mois", "b"): [{"somme": "45,00", "periode": "mois", "porteur": "payeur"}],
    ("melange", "a"): [{"somme": "3,00"}, {"somme": "35,00", "periode": "mois", "porteur": "payeur"}],
    ("melange", "b"): [{"somme": "4,00", "porteur": "payeur"}],
}
LIEUX = {
    ("residences", "b"): [("Agents", ""), ("Conventionnées", "Valbrune")],
    ("melange", "b"): [("Agents", "")],
}


def load_formes() -> dict[tuple[str, str], list[dict[str, str]]]:
    formes = defaultdict(list)
    with Path(__file__).with_name("formes.csv").open(encoding="utf-8", newline="") as fichier:
        for rangee in csv.DictReader(fichier, delimiter=";"):
            formes[rangee["forme"], rangee["grille"]].append(rangee)
    return dict(formes)


FORMES = load_formes()


@pytest.fixture(autouse=True)
def lieux() -> None:
    """The two residences that every town begins with."""
    LieuResidence.objects.get_or_create(code="commune", defaults={"nom": "Commune", "defaut": True, "ordre": 1})
    LieuResidence.objects.get_or_create(code="hors", defaults={"nom": "Hors commune", "ordre": 2})


@pytest.fixture
def mairie() -> Client:
    client = Client()
    client.force_login(StaffFactory(is_superuser=True))
    return client


def send(mairie: Client, adresse: str, data: dict[str, object], dit: str) -> None:
    """Type this on that page: it is saved, and says so."""
    html = html_of(mairie.post(ADMIN + adresse, data, follow=True))
    assert dit in html, re.sub(r"<[^>]+>", " ", html[html.find("msg--err") :])[:1500]


def vote(mairie: Client, cle: tuple[str, str], creneaux: dict[str, Creneau]) -> None:
    """The délibération, the town's residences, the tariff of the three créneaux, its caps: through the forms."""
    jours = {"votee_le": "2026-06-25", "applicable_le": "2026-09-01"}
    send(mairie, "deliberation/add/", {"numero": "2026-41", "objet": "", **jours}, "Saisissez maintenant ses tarifs")
    deliberation = Tarif._meta.get_field("deliberation").remote_field.model.objects.get().pk
    for nom, communes in LIEUX.get(cle, ()):
        send(mairie, "residences/liste/ajouter/", {"nom": nom, "communes": communes}, "est ajoutée")
    noms = ["soir"] if cle[0] not in {"rang", "forfait"} else ["matin", "soir"]
    send(mairie, "tarif/add/", grille_of(cle, deliberation, [creneaux[nom].pk for nom in noms]), "tarif enregistré")
    autres = [creneaux[nom].pk for nom in ("matin", "midi") if nom not in noms]
    send(mairie, "tarif/add/", simple(deliberation, autres), "tarif enregistré")
    for plafond in PLAFONDS.get(cle, ()):
        data = {"deliberation": deliberation, "debut": "2026-09-01", "fin": "", "periode": "jour", "moment": ""}
        send(mairie, "plafond/add/", {**data, "porteur": "enfant", **plafond}, "enregistré.")


def grille_of(cle: tuple[str, str], deliberation: int, creneaux: list[int]) -> dict[str, object]:
    """What the page of a tariff sends for this grid."""
    rangees = FORMES[cle]
    options = {**PAR_RANG[cle[0]], **AUTRES.get(cle, {})}
    au_taux = options.get("genre") == "taux"
    colonnes = max(len(rangee["prix"].split()) for rangee in rangees)
    colonnes = colonnes if au_taux else max(colonnes, 3)
    data: dict[str, object] = {**base(deliberation, creneaux), **options, "colonnes": str(colonnes), "rangee": []}
    for numero, rangee in enumerate(rangees, 1):
        inconnu = rangee["de"] == "inconnu"
        prefixe = f"{rangee['lieu']}-{'inconnu' if inconnu else numero}"
        if not inconnu:
            data["rangee"].append(prefixe)  # type: ignore[attr-defined]
            data |= {f"{prefixe}-de": rangee["de"], f"{prefixe}-a": rangee["a"]}
        prix, seconds = rangee["prix"].split(), rangee["seconds"].split()
        taux = au_taux and not inconnu
        for rang in range(1, colonnes + 1):
            nom = ("taux" if rang == 1 else f"taux{rang}") if taux else f"p{rang}"
            data[f"{prefixe}-{nom}"] = prix[rang - 1] if rang <= len(prix) else ""
            if options.get("plus"):
                data[f"{prefixe}-x{rang}"] = seconds[rang - 1] if rang <= len(seconds) else ""
        if taux:
            mini, maxi = seconds
            data |= {f"{prefixe}-minimum": mini.replace("-", ""), f"{prefixe}-maximum": maxi}
    return data


def base(deliberation: int, creneaux: list[int]) -> dict[str, object]:
    essai = {"residence": "commune", "qf": "", "enfants": "1", "fois": "1", "duree": ""}
    return {
        "genre": "prix",
        "nom": "Garderie",
        "deliberation": deliberation,
        "debut": "2026-09-01",
        "creneaux": creneaux,
        "moment": "",
        "unite": "tranche",
        "minutes": "30",
        "base": "les_deux",
        "tranches_absent": "1",
        "arrondi": "1",
        "axe": "rang",
        "tolerance": "0",
        "jours": "",
        "plus": "",
        "colonnes": "3",
        **{f"essai-{nom}": valeur for nom, valeur in essai.items()},
    }


def simple(deliberation: int, creneaux: list[int]) -> dict[str, object]:
    """The other créneaux: 1,00 € for everybody."""
    data = {**base(deliberation, creneaux), "nom": "Autres", "unite": "seance", "minutes": "", "rangee": []}
    for lieu in LieuResidence.objects.values_list("code", flat=True):
        data["rangee"].append(f"{lieu}-1")
        data |= {f"{lieu}-1-de": "0", f"{lieu}-1-a": "", f"{lieu}-1-p1": "1", f"{lieu}-inconnu-p1": "1"}
        data |= {f"{lieu}-{ou}-p{rang}": "" for ou in ("1", "inconnu") for rang in (2, 3)}
    return data


def live(mairie: Client, cle: tuple[str, str]) -> None:
    """Seven homes of one to five children, of all the residences and quotients, and their November at the gate."""
    lieux = list(LieuResidence.objects.values_list("code", flat=True))
    foyers = []
    for rang, (enfants, quotient) in enumerate([(1, 480), (2, 651), (4, 860), (5, 1151), (3, None), (1, 1900), (2, 0)]):
        responsable = ResponsableFactory(foyer=FoyerFactory())
        foyer = responsable.foyer
        foyers.append(foyer)
        compte = compte_of(foyer)
        Compte.objects.filter(pk=compte.pk).update(residence=["", *lieux][rang % (len(lieux) + 1)])
        if quotient is not None:
            dire_quotient(foyer, quotient)
        for frere in range(enfants):
            enfant = make_enfant(responsable, prenom="Enfant", date_naissance=date(2016 + frere, 3, 1 + rang))
            siens = [jour for n, jour in enumerate(JOURS) if (n + rang + frere) % 4]
            inscrire(enfant, *siens, creneau="soir")
            inscrire(enfant, *siens[::2], creneau="matin")
            inscrire(enfant, *siens[::3], creneau="midi")
            for n, jour in enumerate(siens):
                if (n + rang) % 6:
                    pointer(enfant, jour, depart=DEPARTS[(n + frere + rang) % len(DEPARTS)])
    clore(*JOURS)
    if any(tarif.axe == Tarif.Axe.ENFANTS for tarif in Tarif.objects.all()):
        dites = {f"n{foyer.pk}": str(1 + n % 5) for n, foyer in enumerate(foyers[:-1])}
        data = {"debut": "2026-11-01", **dites, f"n{foyers[-1].pk}": ""}
        send(mairie, "nombres/", data, "6 nombres notés, à partir du 1er novembre 2026.")


def closed() -> dict[tuple[object, ...], int]:
    lignes = Prestation.objects.exclude(montant=0).values_list(
        "compte__foyer", "cle_enfant", "jour", "creneau", "nature", "plafond", "credit_impot", "montant"
    )
    return {
        (*cle, f"{nature} {plafond} {int(credit)}" if nature == "plafond" else nature): montant
        for *cle, nature, plafond, credit, montant in lignes
    }


@pytest.mark.parametrize("cle", FORMES, ids=" ".join)
def test_shape_is_typed_closed_and_counted_again(mairie, settings, time_machine, cle):
    settings.FACTURE_MINIMUM = 0
    time_machine.move_to("2026-10-30 10:00 +0100", tick=False)
    AnneeFactory()
    creneaux = make_creneaux()
    vote(mairie, cle, creneaux)
    assert Plafond.objects.count() == len(PLAFONDS.get(cle, ()))
    live(mairie, cle)

    arret = arreter(NOVEMBRE, None, ENSUITE)

    assert arret.refus == ()
    ecrites, recomptees = closed(), recount()
    assert len(ecrites) > 100 or cle[0] == "forfait"
    assert {cle: (ecrites.get(cle), recomptees.get(cle)) for cle, _ in ecrites.items() ^ recomptees.items()} == {}
    assert sum(Facture.objects.values_list("total", flat=True)) == sum(recomptees.values())
    assert list(verifier()) == []
    assert ("plafond" in {cle[-1].split()[0] for cle in ecrites}) == (cle in PLAFONDS)
    assert Foyer.objects.count() == 7
