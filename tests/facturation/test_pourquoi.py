"""The why of a line, in the words of a parent: every branch of its sentences, of lines that no page has saved."""

from __future__ import annotations

from datetime import date, time

import pytest

from enfance.models import Creneau
from facturation.models import Prestation
from facturation.papiers.pourquoi import EnfantDit, calcul, is_to_explain, pourquoi, titre, titre_correction
from tests.reading import plain, plain_all

MARDI = date(2026, 11, 3)
MATIN = Creneau(code="matin", moment="matin", nom_court="matin", debut=time(7, 30), fin=time(8, 30))
MERCREDI = Creneau(code="mercredi", moment="journee", nom_court="mercredi", debut=time(7, 30), fin=time(18, 30))
SOIR = Creneau(code="soir", moment="soir", nom_court="soir", debut=time(16, 30), fin=time(18, 30))
LEA, TOM = EnfantDit("Léa", fille=True), EnfantDit("Tom")
OURS, THEIRS = 1, 2  # the reader's foyer, and the other's
SEANCE = {"unite": "seance", "tarif": "garderie"}
DEMI_HEURE = {"unite": "tranche", "minutes": 30}
INSCRIT = {"par": "Camille Morel", "par_foyer": OURS, "le": "2026-08-27T21:03:00+02:00", "origine": "parent"}
ABONNEMENT = {"unite": "forfait", "jours": 2}
NOTICE = {"signalee_le": "2026-11-02T20:00:00+01:00", "raison": "famille"}
VOTE = {"deliberation": "2026-41", "votee_le": "2026-06-25"}


def line(nature="seance", creneau=SOIR, **fields) -> Prestation:
    """A line of 1,20 €, of a place that a parent had taken."""
    values = {"prix": 120, "entier": 120, "montant": 120, "faits": {"inscription": INSCRIT}, "prix_dit": SEANCE}
    return Prestation(nature=nature, creneau=creneau, jour=MARDI, **(values | fields))


def facts(ligne: Prestation, enfant: EnfantDit = TOM) -> dict[str, str]:
    return {name: plain(phrase) for name, phrase in pourquoi(ligne, enfant, {OURS}).faits}


def seen(arrivee: str = "", depart: str = "", **faits) -> dict:
    """What the gate noted, at these hours of the day."""
    hours = {"arrivee": arrivee, "depart": depart}
    presence = {name: f"2026-11-03T{hour}:00+01:00" if hour else None for name, hour in hours.items()}
    return {"inscription": INSCRIT, "presence": presence, **faits}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "par Camille Morel, jeudi 27 août à 21 h 03."),
        ({"origine": "semaine_type"}, "par Camille Morel, jeudi 27 août à 21 h 03 (semaine type)."),
        ({"origine": "import"}, "par Camille Morel, jeudi 27 août à 21 h 03 (import)."),
        ({"origine": "systeme"}, "par la liste d’attente, jeudi 27 août à 21 h 03."),
        ({"par": None, "le": None}, "par la famille."),
        ({"par_foyer": THEIRS}, "par l’autre foyer, jeudi 27 août à 21 h 03."),
        ({"motif": "demandé au guichet."}, "par Camille Morel, jeudi 27 août à 21 h 03, demandé au guichet."),
        ({"le": "2025-12-27T21:03:00+01:00"}, "par Camille Morel, samedi 27 décembre 2025 à 21 h 03."),
    ],
)
def test_who_registered_is_said_but_for_the_name_of_another_home(changes, said):
    assert facts(line(faits={"inscription": INSCRIT | changes}))["Inscrit"] == said


def test_child_who_was_not_registered_was_taken_in_on_the_spot():
    said = facts(line(faits={"presence": {}}), LEA)
    assert said["Inscrite"] == "pas d’inscription : l’équipe a accueilli Léa sur place."


@pytest.mark.parametrize(
    ("creneau", "faits", "enfant", "said"),
    [
        (SOIR, {"inscription": INSCRIT}, TOM, "Aucune présence notée par l’équipe."),
        (SOIR, seen(), LEA, "Présente."),
        (SOIR, seen(depart="17:42"), LEA, "Présente ; départ à 17 h 42, noté par l’équipe."),
        (SOIR, seen(arrivee="16:31"), LEA, "Présente, notée à 16 h 31 par l’équipe."),
        (MATIN, seen(arrivee="07:41"), LEA, "Arrivée à 7 h 41, heure notée par l’équipe."),
    ],
)
def test_what_the_gate_saw_of_a_price_by_seance(creneau, faits, enfant, said):
    assert facts(line(creneau=creneau, faits=faits), enfant)["Sur place"] == said


@pytest.mark.parametrize(
    ("creneau", "hours", "said"),
    [
        (MATIN, (), "Présent ; arrivée non notée : compté depuis le début, 7 h 30."),
        (MATIN, ("07:41",), "Arrivé à 7 h 41, heure notée par l’équipe. Jusqu’à 8 h 30 : 49 min."),
        (
            MATIN,
            ("07:10",),
            "Arrivé à 7 h 10, heure notée par l’équipe. Compté de 7 h 30, début de la garderie, à 8 h 30 : 1 h.",
        ),
        (
            MATIN,
            ("08:45",),
            "Arrivé à 8 h 45, heure notée par l’équipe. Rien n’est compté : la garderie finit à 8 h 30.",
        ),
        (SOIR, (), "Présent, sans heure de départ notée, compté jusqu’à la fermeture, 18 h 30."),
        (SOIR, ("16:35", "17:42"), "Présent ; départ à 17 h 42, noté par l’équipe. Depuis 16 h 30 : 1 h 12."),
        (
            SOIR,
            ("16:35", "18:50"),
            "Présent ; départ à 18 h 50, noté par l’équipe. De 16 h 30 à 18 h 30, fin de la garderie : 2 h.",
        ),
        (
            SOIR,
            ("", "16:10"),
            "Présent ; départ à 16 h 10, noté par l’équipe. Rien n’est compté : la garderie commence à 16 h 30.",
        ),
        (
            MERCREDI,
            ("11:50", "13:00"),
            "Présent ; arrivée à 11 h 50, départ à 13 h, notés par l’équipe. De 11 h 50 à 13 h : 1 h 10.",
        ),
        (
            MERCREDI,
            ("11:50",),
            "Arrivé à 11 h 50, heure notée par l’équipe. Sans heure de départ notée, compté jusqu’à la fermeture, "
            "18 h 30 : 6 h 40.",
        ),
    ],
)
def test_time_that_is_counted_is_said_from_when_to_when(creneau, hours, said):
    assert facts(line(creneau=creneau, faits=seen(*hours), prix_dit=DEMI_HEURE))["Sur place"] == said


def test_time_that_the_line_froze_is_said_whatever_the_creneau_has_become():
    temps = {"debut": "2026-11-03T16:45:00+01:00", "fin": "2026-11-03T17:45:00+01:00"}
    ligne = line(faits=seen("", "17:45", temps=temps), prix_dit=DEMI_HEURE)
    assert facts(ligne)["Sur place"] == "Présent ; départ à 17 h 45, noté par l’équipe. Depuis 16 h 45 : 1 h."


@pytest.mark.parametrize(
    ("absence", "propre", "said"),
    [
        ({}, True, "Absent. Absence non signalée."),
        (
            {
                "signalee_le": "2026-11-02T20:00:00+01:00",
                "par": "Camille Morel",
                "par_foyer": OURS,
                "raison": "famille",
            },
            True,
            "Absent. Signalée par Camille Morel lundi 2 novembre à 20 h : urgence de famille.",
        ),
        (
            {
                "signalee_le": "2026-11-02T20:00:00+01:00",
                "par": "Sacha Morel",
                "par_foyer": THEIRS,
                "raison": "famille",
            },
            False,
            "Absent. Signalée par l’autre foyer lundi 2 novembre à 20 h.",
        ),
        (
            {"signalee_le": "2026-11-02T11:59:00+01:00", "limite": "2026-11-02T12:00:00+01:00"},
            True,
            "Absent. Signalée par la famille lundi 2 novembre à 11 h 59, avant la limite du lundi 2, 12 h.",
        ),
        (
            {"signalee_le": "2026-11-02T12:00:00+01:00", "limite": "2026-11-02T12:00:00+01:00"},
            True,
            "Absent. Signalée par la famille lundi 2 novembre à 12 h, après la limite du lundi 2, 12 h.",
        ),
    ],
)
def test_absence_is_said_with_its_limit_and_the_reasons_of_ones_own_home(absence, propre, said):
    ligne = line(faits={"inscription": INSCRIT, "absence": absence}, prix_dit=SEANCE | {"propre": propre})
    assert facts(ligne)["Sur place"] == said


@pytest.mark.parametrize(
    ("reponse", "said", "sum_"),
    [
        ({"reponse": "excusee", "motif": "certificat."}, "Excusée par la mairie : certificat.", "Absence excusée"),
        (
            {"reponse": "facturee", "par": "Dominique Sorbier", "le": "2026-11-05T09:00:00+01:00"},
            "Facturée par Dominique Sorbier, jeudi 5 novembre à 9 h.",
            "1 moment × 1,20 €",
        ),
    ],
)
def test_answer_of_the_town_hall_is_said_and_decides(reponse, said, sum_):
    ligne = line(faits={"inscription": INSCRIT, "reponse": reponse})
    assert facts(ligne)["Réponse"] == said
    assert plain(calcul(ligne)).startswith(sum_)
    assert "Règle" not in facts(ligne)  # the answer says why


@pytest.mark.parametrize(
    ("prix_dit", "said"),
    [
        (SEANCE, "Une inscription qui n’est pas annulée à temps est due, que l’enfant vienne ou non."),
        (DEMI_HEURE, "Un enfant inscrit qui n’est pas venu doit 1 demi-heure."),
    ],
)
def test_rule_is_said_of_what_is_owed_for_who_did_not_come(prix_dit, said):
    assert facts(line(prix_dit=prix_dit))["Règle"] == said
    assert "Règle" not in facts(line(faits=seen("", "17:00"), prix_dit=prix_dit))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"quantite": 0, "entier": 0, "motif": "compris dans le prix du mois"}, "Compris dans le prix du mois"),
        ({"quantite": 0, "entier": 0}, "Rien à payer"),
        ({"quantite": 3, "entier": 360}, "3 moments × 1,20 €"),
        ({"quantite": 3, "entier": 300}, "3 moments"),  # a sum that the grid gives
        (
            {"quantite": 3, "entier": 360, "prix_dit": DEMI_HEURE, "faits": seen("", "17:42")},
            "3 demi-heures commencées × 1,20 €",
        ),
        (
            {"quantite": 3, "entier": 390, "prix_dit": DEMI_HEURE | {"premiere": 150}, "faits": seen("", "17:42")},
            "3 demi-heures commencées : 1,50 € + 2 × 1,20 €",
        ),
        (
            {"entier": 150, "prix_dit": DEMI_HEURE | {"premiere": 150}, "faits": seen("", "16:42")},
            "1 demi-heure commencée : 1,50 €",
        ),
        ({"prix_dit": ABONNEMENT}, "1 abonnement × 1,20 €"),
        ({"quantite": 1, "prix_dit": DEMI_HEURE}, "1 demi-heure × 1,20 €"),  # none began for who did not come
        (
            {"quantite": 3, "entier": 360, "part": 50, "montant": 180},
            "3 moments × 1,20 € = 3,60 €, dont votre part, 50 % : 1,80 €",
        ),
        (
            {"quantite": 3, "entier": 300, "part": 50, "montant": 150},
            "3 moments = 3,00 €, dont votre part, 50 % : 1,50 €",
        ),
    ],
)
def test_sum_is_written_as_a_child_would(fields, said):
    assert plain(calcul(line(**fields))) == said


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"quotient": 742, "rang": 1}, "1,20 € le moment : commune, quotient 742, 1er enfant."),
        (
            {"quotient": 742, "rang": 4, "residence": "hors", "prix_dit": SEANCE | {"tranche": [600, 859]}},
            "1,20 € le moment : hors commune, quotient 742 (de 600 à 859), 4e enfant.",
        ),
        (
            {"prix_dit": SEANCE | {"tranche": [860, None]}},
            "1,20 € le moment : commune, quotient inconnu (à partir de 860).",
        ),
        (
            {"quotient": 742, "rang": 1, "prix_dit": SEANCE | VOTE | {"propre": False}},
            "1,20 € le moment : délibération n° 2026-41 du 25 juin 2026.",
        ),
        (
            {
                "quotient": 742,
                "residence": "agents",
                "prix_dit": SEANCE | {"lieu": "Agents de la commune", "enfants": 3},
            },
            "1,20 € le moment : agents de la commune, quotient 742, 3 enfants au foyer.",
        ),
        (
            {"quotient": 742, "prix_dit": SEANCE | {"enfants": 0}},
            "1,20 € le moment : commune, quotient 742, nombre d’enfants à dire, comme pour un enfant.",
        ),
        (
            {"quotient": 742, "prix_dit": ABONNEMENT | {"mois": 170, "ouverts": [12, 17]}},
            "1,20 € l’abonnement : commune, quotient 742, 2 jours par semaine, 12 jours ouverts sur 17, à "
            "cause d’une fermeture (1,70 € le mois entier).",
        ),
        (
            {"quotient": 742, "prix_dit": SEANCE | {"jours": 2, "en_plus": True}},
            "1,20 € le moment : commune, quotient 742, un jour de plus que les 2 jours par semaine de l’abonnement.",
        ),
        ({"prix_dit": SEANCE | {"propre": False}}, "1,20 € le moment : tarif voté par le conseil municipal."),
    ],
)
def test_price_is_said_by_its_reasons_and_never_those_of_another_home(fields, said):
    assert facts(line(**fields))["Prix"] == said


@pytest.mark.parametrize(("parti", "quantite", "said"), [("17:33", 2, True), ("17:40", 3, False)])
def test_tolerance_is_said_where_it_is_what_began_no_other_half_hour(parti, quantite, said):
    temps = {"debut": f"{MARDI}T16:30:00+01:00", "fin": f"{MARDI}T{parti}:00+01:00"}
    une = line(quantite=quantite, prix_dit=DEMI_HEURE | {"tolerance": 5}, faits=seen("", parti, temps=temps))

    assert facts(une).get("Règle") == ("17 h 33 : tolérance de 5 minutes." if said else None)


@pytest.mark.parametrize(
    ("dit", "titre_dit"),
    [
        ({"plafond": 400, "periode": "jour", "porteur": "enfant"}, "Plafond de 4,00 € par jour"),
        (
            {"plafond": 6000, "periode": "mois", "porteur": "payeur"},
            "Plafond de 60,00 € par mois, pour tous vos enfants",
        ),
    ],
)
def test_cap_is_said_by_what_it_counted_what_it_spares_and_its_vote(dit, titre_dit):
    coupe = line("plafond", prix=-31, entier=-31, montant=-31, faits={"somme": 7000}, prix_dit=dit | VOTE)

    assert plain(titre(coupe)) == titre_dit
    assert facts(coupe)["Pourquoi"].endswith("De moins sur le moment du soir : 0,31 €.")
    assert facts(coupe)["Prix"] == f"{titre_dit} : délibération n° 2026-41 du 25 juin 2026."
    other = line("plafond", prix=-31, entier=-31, montant=-16, part=50, faits={}, prix_dit=dit | {"propre": False})
    assert "70,00" not in facts(other)["Pourquoi"]


@pytest.mark.parametrize(
    ("nature", "faits", "said"),
    [
        ("retard", seen("", "18:52"), "Départ noté à 18 h 52 ; la garderie ferme à 18 h 30."),
        ("retard", {}, "Départ après la fermeture ; la garderie ferme à 18 h 30."),
        ("sans_inscription", seen("", "17:10"), "Léa est restée le soir sans y être inscrite ; départ noté à 17 h 10."),
        ("sans_inscription", {}, "Léa est restée le soir sans y être inscrite."),
        (
            "absence",
            {"absence": {}, "reponse": {"reponse": "facturee"}},
            "Absente. Absence non signalée. Facturée par la mairie.",
        ),
    ],
)
def test_supplement_is_said_by_its_cause(nature, faits, said):
    assert facts(line(nature, faits=faits), LEA)["Pourquoi"] == said


def test_supplement_is_said_by_its_vote_and_what_it_does_for_the_tax():
    ligne = line("retard", prix_dit=VOTE | {"article": "article 4"}, credit_impot=False, part=50, montant=60)
    said = pourquoi(ligne, TOM, {OURS})
    assert (said.titre, plain(said.calcul).strip()) == ("Retard le soir", "= 1,20 €, dont votre part, 50 % : 0,60 €")
    assert facts(ligne)["Prix"] == (
        "Supplément de 1,20 € : délibération n° 2026-41 du 25 juin 2026, article 4. "
        "Ne compte pas pour le crédit d’impôt."
    )


@pytest.mark.parametrize(
    ("nature", "creneau", "said"),
    [
        ("seance", MATIN, "Matin"),
        ("forfait", None, "Garderie"),
        ("retard", None, "Retard"),
        ("retard", SOIR, "Retard le soir"),
        ("sans_inscription", SOIR, "Présence sans inscription"),
        ("absence", SOIR, "Absence non excusée"),
        ("report", None, "Report d’un autre compte"),
    ],
)
def test_title_is_the_moment_or_what_it_is(nature, creneau, said):
    assert titre(line(nature, creneau)) == said


def test_debt_that_was_carried_says_where_from():
    said = pourquoi(line("report", None, motif="repris du foyer Morel"), TOM, {OURS})
    assert (said.calcul, said.faits) == ("", [("Pourquoi", "Repris du foyer Morel.")])


@pytest.mark.parametrize(
    ("nature", "creneau", "said"),
    [
        ("", SOIR, "Soir du 3 novembre"),
        ("retard", SOIR, "Retard le soir du 3 novembre"),
        ("absence", SOIR, "Absence non excusée, soir du 3 novembre"),
        ("", None, "Mois du 3 novembre"),
    ],
)
def test_title_of_a_correction_has_its_day(nature, creneau, said):
    assert plain(titre_correction(line("correction", creneau, faits={"nature": nature}))) == said


def test_correction_says_what_was_what_is_and_why():
    faits = {
        "avant": {"depart": None, "quantite": 4, "montant": 220},
        "apres": {"depart": "2026-11-03T17:20:00+01:00", "quantite": 2, "montant": 110},
    }
    ligne = line("correction", faits=faits, prix_dit=DEMI_HEURE, motif="la feuille a été corrigée.")
    assert facts(ligne) == {
        "Avant": "Sans heure de départ notée, jusqu’à la fermeture : 4 demi-heures, 2,20 €.",
        "Après": "Départ 17 h 20 : 2 demi-heures, 1,10 €.",
        "Pourquoi": "La feuille a été corrigée.",
    }
    ligne.creneau, ligne.faits = MATIN, {"apres": {"depart": None, "quantite": 0}}
    assert plain_all(facts(ligne).values()) == ["0,00 €.", "La feuille a été corrigée."]


@pytest.mark.parametrize(
    ("fields", "asked"),
    [
        ({}, True),
        ({"faits": {"inscription": INSCRIT, "absence": {"raison": ""}}}, True),
        ({"faits": {"inscription": INSCRIT, "absence": {"raison": "maladie"}}}, False),
        ({"faits": {"inscription": INSCRIT, "reponse": {"reponse": "facturee"}}}, False),
        ({"faits": seen()}, False),
        ({"entier": 0}, False),
        ({"prix_dit": SEANCE | {"propre": False}}, False),
        ({"nature": "retard"}, False),
    ],
)
def test_family_is_asked_why_nobody_came_while_it_is_unknown_and_theirs(fields, asked):
    assert is_to_explain(line(**fields)) is asked
