"""The hours of a sheet, as a month is billed by them: written afterwards, unknown, or of another day than the sheet."""

import re
from datetime import date, time, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.contrib.auth.models import Group

from accounts import groups
from enfance.equipe.pointages import GesteRecu, enregistrer
from enfance.models import Creneau, Geste, Pointage
from facturation.arrete.cloture import arreter
from facturation.arrete.controles import controler
from facturation.arrete.corrections import corriger
from facturation.arrete.regularisations import load_propositions
from facturation.models import Prestation, Tarif
from facturation.papiers.pourquoi import EnfantDit, pourquoi
from facturation.verification import verifier
from tests.clients import Client
from tests.factories import ResponsableFactory, StaffFactory, make_enfant
from tests.facturation.grille import make_tarif
from tests.facturation.vecu import ENSUITE, LUNDI, NOVEMBRE, a, clore, dire_quotient, inscrire, make_commune, pointer

pytestmark = pytest.mark.django_db


@pytest.fixture
def lea():
    make_commune()
    camille = ResponsableFactory()
    dire_quotient(camille.foyer, 742)
    return make_enfant(camille, prenom="Léa")


def venir(enfant, creneau, **passage):
    inscrire(enfant, LUNDI, creneau=creneau)
    pointer(enfant, LUNDI, creneau=creneau, **passage)
    clore(LUNDI)


def lignes():
    """Nature, quantity, amount of each line of November."""
    arreter(NOVEMBRE, None, ENSUITE)
    return list(Prestation.objects.order_by("pk").values_list("nature", "quantite", "montant"))


def sans_depart():
    return next(point for point in controler(NOVEMBRE, ENSUITE).points if point.code == "sans_depart")


@pytest.mark.parametrize("jours", [-1, 1, 31])
def test_departure_of_another_day_is_one_that_nobody_noted(lea, jours):
    """As a box ticked later was kept once: to the end of the créneau, and never late."""
    venir(lea, "soir", arrivee="16:31" if jours > 0 else "00:00", depart="18:20")
    pointage = Pointage.objects.get()
    pointage.depart += timedelta(days=jours)
    if jours < 0:
        pointage.arrivee = pointage.depart - timedelta(hours=2)
    pointage.save()

    point = sans_depart()
    assert (point.nombre, point.porte.adresse) == (1, f"/equipe/{LUNDI}/?creneau=soir")
    assert (point.porte.geste, point.porte.suite) == ("Écrire l’heure", "\u00a0: Léa Morel, lundi 2, soir")
    assert lignes() == [("seance", 4, 260)]
    assert Prestation.objects.get().faits["presence"]["depart"] is None


def test_departure_ticked_a_month_later_is_not_late(lea):
    """Without an hour, on a sheet that is closed: by the gate’s own writer, on the day of the closing."""
    venir(lea, "soir")
    parti = GesteRecu(uuid4(), lea.pk, "parti", True, ENSUITE)
    bilan = enregistrer([parti], LUNDI, "soir", StaffFactory(), now=ENSUITE, correction="Oubli")
    assert bilan.refus == []
    assert lignes() == [("seance", 4, 260)]


@pytest.mark.parametrize(
    ("gestes", "facturees"),
    [
        ([("present", True, "16:31"), ("parti", True, "18:50")], ["seance", "retard"]),
        # « Présent » unticked by a finger, and « Parti » ticked again twenty minutes after the end: gone at 17 h 05
        (
            [
                ("present", True, "16:31"),
                ("parti", True, "17:05"),
                ("present", False, "18:49"),
                ("parti", True, "18:50"),
            ],
            ["seance"],
        ),
        # « Parti » tapped of a child whom nobody had ticked, and nobody answered: no hour, so no late fee
        ([("parti", True, "18:50")], ["seance"]),
    ],
)
def test_departure_that_a_finger_erased_is_not_late(lea, gestes, facturees):
    inscrire(lea, LUNDI, creneau="soir")
    for quoi, coche, heure in gestes:
        recu = GesteRecu(uuid4(), lea.pk, quoi, coche, a(LUNDI, heure))
        assert enregistrer([recu], LUNDI, "soir", StaffFactory(), now=recu.fait_le).refus == []
    clore(LUNDI)
    assert [nature for nature, *_ in lignes()] == facturees


@pytest.mark.parametrize(("arrivee", "quantite"), [("07:50", 2), (None, 2), ("08:10", 1)])
def test_morning_of_an_unknown_arrival_counts_from_its_beginning(lea, arrivee, quantite):
    """Ticked there on another day, or without an hour."""
    make_tarif("matin", debut=date(2026, 10, 1), unite="tranche", minutes=30)
    venir(lea, "matin", arrivee=arrivee or "07:50")
    if arrivee is None:
        Pointage.objects.update(arrivee=None)
    elif quantite == 2:
        Pointage.objects.update(arrivee=ENSUITE, arrivee_recue=ENSUITE)
    [(_, combien, _)] = lignes()
    assert combien == quantite
    assert (Prestation.objects.get().faits["presence"]["arrivee"] is None) == (quantite == 2)


def test_who_is_there_without_an_hour_is_not_absent(lea):
    venir(lea, "midi", arrivee="11:31")
    Pointage.objects.update(arrivee=None)
    assert lignes() == [("seance", 1, 80)]
    assert "absence" not in Prestation.objects.get().faits


# --- What the bill says of them ---------------------------------------------------------------------------------------


def sur_place():
    """What the line of the séance says of the time there, no-break spaces as blanks."""
    ligne = Prestation.objects.get(nature="seance")
    dit = dict(pourquoi(ligne, EnfantDit("Léa", fille=True), []).faits)["Sur place"]
    return ligne.quantite, re.sub(r"\s", " ", dit)


VENUES = [
    ("matin", "07:48", "", 2, "Arrivée à 7 h 48, heure notée par l’équipe. Jusqu’à 8 h 30 : 42 min."),
    (
        "matin",
        "07:20",
        "",
        2,
        "Arrivée à 7 h 20, heure notée par l’équipe. Comptée de 7 h 30, début de la garderie, à 8 h 30 : 1 h.",
    ),
    ("matin", "07:59:20", "", 2, "Arrivée à 7 h 59, heure notée par l’équipe. Jusqu’à 8 h 30 : 31 min."),
    (
        "matin",
        "08:40",
        "",
        0,
        "Arrivée à 8 h 40, heure notée par l’équipe. Rien n’est compté : la garderie finit à 8 h 30.",
    ),
    ("soir", "17:10", "18:00:50", 3, "Présente ; départ à 18 h, noté par l’équipe. Depuis 16 h 30 : 1 h 30."),
    ("soir", "16:31", "18:30:40", 4, "Présente ; départ à 18 h 30, noté par l’équipe. Depuis 16 h 30 : 2 h."),
    (
        "soir",
        "16:10",
        "16:20",
        0,
        "Présente ; départ à 16 h 20, noté par l’équipe. Rien n’est compté : la garderie commence à 16 h 30.",
    ),
    (
        "journee",
        "17:31",
        "18:00",
        1,
        "Présente ; arrivée à 17 h 31, départ à 18 h, notés par l’équipe. De 17 h 31 à 18 h : 29 min.",
    ),
    (
        "journee",
        "17:31",
        "18:34",
        2,
        "Présente ; arrivée à 17 h 31, départ à 18 h 34, notés par l’équipe. "
        "De 17 h 31 à 18 h 30, fin de la garderie : 59 min.",
    ),
    (
        "journee",
        "17:31",
        "",
        2,
        "Arrivée à 17 h 31, heure notée par l’équipe. "
        "Sans heure de départ notée, comptée jusqu’à la fermeture, 18 h 30 : 59 min.",
    ),
    ("journee", "16:20", "18:00", 3, "Présente ; départ à 18 h, noté par l’équipe. Depuis 16 h 30 : 1 h 30."),
    ("journee", "16:20", "", 4, "Présente, sans heure de départ notée, comptée jusqu’à la fermeture, 18 h 30."),
]


@pytest.mark.ci
@pytest.mark.parametrize("gele", [True, False], ids=["frozen", "not-frozen"])
@pytest.mark.parametrize(("moment", "arrivee", "depart", "quantite", "dit"), VENUES)
def test_time_that_a_line_says_is_the_one_billed(lea, moment, arrivee, depart, quantite, dit, gele):
    """Of a line that froze it, whatever becomes of the créneau; of an older one, counted as its price was."""
    Tarif.objects.filter(nom="Matin").update(unite="tranche", minutes=30)
    if moment == "journee":
        Creneau.objects.filter(code="soir").update(moment="journee")
    venir(lea, "matin" if moment == "matin" else "soir", arrivee=arrivee, depart=depart)
    arreter(NOVEMBRE, None, ENSUITE)
    ligne = Prestation.objects.get(nature="seance")
    if gele:
        Creneau.objects.filter(code="matin").update(debut=time(7), fin=time(8, 50))
        Creneau.objects.filter(code="soir").update(debut=time(16), fin=time(19))
    else:
        del ligne.faits["temps"]
        ligne.save()

    assert sur_place() == (quantite, dit)


def test_time_that_was_billed_is_frozen_to_the_minute(lea):
    venir(lea, "soir", depart="17:42:50")
    lignes()
    assert Prestation.objects.get().faits["temps"] == {
        "debut": "2026-11-02T15:30:00+00:00",
        "fin": "2026-11-02T16:42:00+00:00",
    }
    assert list(verifier()) == []


# --- From the sheet that the secretary corrects to what the family owes -----------------------------------------------


def log_in():
    """A secretary, at this instant."""
    groups.sync()
    agente = StaffFactory(is_superuser=False)
    agente.groups.add(Group.objects.get(name="Secrétariat"))
    client = Client()
    client.force_login(agente)
    return client


def corriger_feuille(client, **changes):
    """The page of Monday evening, sent back with these changes and a reason."""
    page = f"/equipe/{LUNDI}/?creneau=soir"
    html = client.get(page).text
    data = dict(re.findall(r'<input[^>]* name="((?:arrivee|depart)-\d+|avant|heures)" value="([^"]*)"', html))
    for quoi in ("present", "parti"):
        data[quoi] = re.findall(rf'name="{quoi}" value="(\d+)" checked', html)
    sent = data | changes | {"creneau": "soir", "motif": "Partie à 17 h 20", "corriger": "1"}
    assert client.post(page, sent).status_code == 303


def propositions(mois):
    return [(c.avant, c.apres, c.montant) for p in load_propositions(mois) for c in p.cotes]


def test_hour_that_is_corrected_is_a_half_hour_less_and_no_late_fee(lea):
    """As a secretary does it: she unticks, saves, ticks again, saves, and only then writes the hour."""
    venir(lea, "soir", depart="17:50")
    geste = {"pointage": Pointage.objects.get(), "coche": True}
    for quoi, le in (("present", Pointage.objects.get().arrivee), ("parti", Pointage.objects.get().depart)):
        Geste.objects.create(id=uuid4(), quoi=quoi, fait_le=le, recu_le=le, **geste)
    mois = arreter(NOVEMBRE, None, ENSUITE).mois
    champ = f"depart-{lea.pk}"
    avant = "Départ 17\u00a0h\u00a050\u00a0: 3\u00a0demi-heures, 1,95\u202f€"

    with time_machine.travel(ENSUITE + timedelta(days=2)) as clock:
        mairie = log_in()
        corriger_feuille(mairie, parti=[])
        sans = (avant, "Sans heure de départ notée, jusqu’à la fermeture\u00a0: 4\u00a0demi-heures, 2,60\u202f€", 65)
        assert propositions(mois) == [sans]
        clock.shift(60)
        corriger_feuille(mairie, parti=[lea.pk])
        assert propositions(mois) == [sans]  # nobody knows the hour: to the end, and not late
        clock.shift(60)
        corriger_feuille(mairie, **{champ: "17:20"})
        assert propositions(mois) == [(avant, "Départ 17\u00a0h\u00a020\u00a0: 2\u00a0demi-heures, 1,30\u202f€", -65)]
        [proposition] = load_propositions(mois)
        assert corriger(mois, proposition.marque, avoir=False, par=None, now=ENSUITE + timedelta(days=2))
        assert propositions(mois) == []
        clock.shift(60)
        corriger_feuille(mairie, **{champ: "18:42"})  # late after all
        assert sorted(montant for *_, montant in propositions(mois)) == [630]
    assert list(verifier()) == []


# --- The hours of a créneau -------------------------------------------------------------------------------------------


def move_the_evening(le):
    """From 16:30 to 16:00, by the town hall on this day."""
    with time_machine.travel(le, tick=False):
        soir = Creneau.objects.get(code="soir")
        soir.debut = time(16, 0)
        soir.save()


def test_days_that_a_creneau_had_other_hours_on_keep_their_price(lea):
    """Two hours of an evening are four half-hours, before the hours move; two days after, half an hour more."""
    mercredi, jeudi = date(2026, 11, 4), date(2026, 11, 5)
    jours = (LUNDI, jeudi)
    inscrire(lea, *jours, creneau="soir")
    for jour in jours:
        pointer(lea, jour, arrivee="16:00", depart="18:20")
    clore(*jours)
    move_the_evening(a(mercredi, "09:00"))

    assert [quantite for _, quantite, _ in lignes()] == [4, 5]


def test_hours_moved_once_a_month_is_closed_propose_nothing(lea):
    venir(lea, "soir", depart="18:20")
    mois = arreter(NOVEMBRE, None, ENSUITE).mois
    move_the_evening(ENSUITE)

    assert load_propositions(mois) == []
