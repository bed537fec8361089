"""Who is who, without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from enfance.onde.lecture import Adulte, Eleve, EnfantCite
from enfance.onde.rapprochement import Classeur, Doute, Signalement, fusion, menages, reconnaissance

# --- Children cited ---------


def eleve(nom, prenom, classe, usage=""):
    return Eleve(2, nom, usage, prenom, date(2019, 3, 14), "f", "", "CE1", classe)


@pytest.mark.parametrize(
    ("cite", "attendu"),
    [
        (EnfantCite("", "LEFEVRE", "ANNE SOPHIE", "cm1 mme SAULE"), 0),
        (EnfantCite("", "LEFÈVRE", "Anne-Sophie", ""), 0),
        (EnfantCite("ROY", "MARTIN", "Hugo", "CP M. Érable"), 1),
        (EnfantCite("", "MARTIN", "Hugo", "CE1 Mme Cèdre"), 2),
        (EnfantCite("PETIT", "", "Zoé", "CE1 Mme Cèdre"), 3),
        (
            EnfantCite("", "MARTIN", "Hugo", ""),
            Doute("plusieurs élèves s’appellent Hugo MARTIN\u00a0: lequel\u202f?", (1, 2)),
        ),
        (
            EnfantCite("", "MARTIN", "Hugo", "PS"),
            Doute("Hugo MARTIN n’est pas dans la classe «\u00a0PS\u00a0» du fichier des élèves."),
        ),
        (EnfantCite("", "INCONNU", "Jo", "PS"), Doute("Jo INCONNU n’est pas dans le fichier des élèves.")),
    ],
)
def test_classeur_finds_by_name_first_name_and_class_and_never_guesses(cite, attendu):
    classeur = Classeur(
        [
            eleve("LEFÈVRE", "Anne-Sophie", "CM1 Mme Saule"),
            eleve("MARTIN", "Hugo", "CP M. Érable"),
            eleve("MARTIN", "Hugo", "CE1 Mme Cèdre"),
            eleve("DURAND", "Zoé", "CE1 Mme Cèdre", usage="PETIT"),
        ]
    )

    assert classeur.find(cite) == attendu


# --- Lines that are one adult ---------

LEA, TOM, JULES = (EnfantCite("", "MOREL", prenom, "CP") for prenom in ("Léa", "Tom", "Jules"))
CAMILLE = Adulte(
    2, "mme", "MOREL", "", "Camille", "12 chemin des Tilleuls", "38160", "", "", "06 39 98 00 01", "", "", (LEA,)
)


@pytest.mark.parametrize(
    ("champs", "n"),
    [
        ({"telephone": "06 39 98 00 09"}, 1),  # same address
        ({"adresse": "1 rue du Moulin"}, 1),  # same mobile
        ({"adresse": "1 rue du Moulin", "telephone": "06 39 98 00 09"}, 2),
        ({"adresse": "", "telephone": ""}, 2),  # nothing agrees
        ({"prenom": "Camilla"}, 2),
    ],
)
def test_fusion_needs_the_name_and_the_address_or_the_mobile(champs, n):
    assert len(fusion([CAMILLE, replace(CAMILLE, ligne=3, enfants=(TOM,), **champs)])) == n


def test_fusion_adds_the_children_and_what_the_first_line_lacks():
    vides = {
        "civilite": "mme",
        "nom_usage": "MOREL-ROY",
        "courriel": "camille@courriel.example",
        "telephone": "06 39 98 00 01",
        "telephone_domicile": "04 76 00 00 01",
        "telephone_travail": "04 76 00 00 02",
    }
    premiere = replace(CAMILLE, **dict.fromkeys(vides, ""))

    (camille,) = fusion([premiere, replace(premiere, ligne=3, enfants=(LEA, TOM), **vides)])

    assert camille == replace(premiere, enfants=(LEA, TOM), **vides)


def test_fusion_keeps_what_the_first_line_says():
    premiere = replace(CAMILLE, telephone_travail="04 76 00 00 02")
    seconde = replace(CAMILLE, ligne=3, adresse="1 rue du Moulin", telephone_travail="04 76 00 00 09")

    assert fusion([premiere, seconde]) == [premiere]


def test_fusion_takes_an_address_whole():
    premiere = replace(CAMILLE, adresse="", code_postal="38000", commune="GRENOBLE")

    (camille,) = fusion([premiere, replace(CAMILLE, ligne=3, commune="SAINT SAUVEUR")])

    adresse = (camille.adresse, camille.code_postal, camille.commune)
    assert adresse == ("12 chemin des Tilleuls", "38160", "SAINT SAUVEUR")


def test_fusion_joins_two_lines_through_a_third():
    seconde = replace(CAMILLE, ligne=3, adresse="1 rue du Moulin", telephone="06 39 98 00 09", enfants=(TOM,))
    pont = replace(CAMILLE, ligne=4, adresse="1 rue du Moulin", enfants=(JULES,))

    assert [adulte.enfants for adulte in fusion([CAMILLE, seconde, pont])] == [(LEA, TOM, JULES)]


# --- Adults already known ---------


def signalement(nom="morel", prenom="camille", civilite="mme", courriel="", adresse="", portable="", enfants=(1,)):
    vide = frozenset({""})
    return Signalement(
        frozenset({nom}),
        frozenset({prenom}),
        civilite,
        frozenset({courriel}) - vide,
        frozenset({adresse}) - vide,
        frozenset({portable}) - vide,
        frozenset(enfants),
    )


@pytest.mark.parametrize(
    ("lu", "connu", "reconnu"),
    [
        (signalement(), signalement(courriel="x", adresse="y"), True),  # child and name
        (signalement(enfants=[2]), signalement(), False),  # the name alone is nothing
        (signalement(enfants=[2], courriel="x"), signalement(courriel="x"), True),  # name and mail
        (signalement(enfants=[2], adresse="y"), signalement(adresse="y"), True),  # name and address
        (signalement(enfants=[2], portable="z"), signalement(portable="z"), False),
        (signalement(prenom="kamille", courriel="x"), signalement(courriel="x"), True),  # first name corrected
        (signalement(prenom="amelie", courriel="x"), signalement(prenom="emilie", courriel="x"), False),  # two sisters
        (signalement(prenom="katia", courriel="x"), signalement(prenom="cathia", courriel="x"), True),
        (signalement(nom="durand", adresse="y"), signalement(adresse="y"), True),  # name changed
        (signalement(nom="durand", civilite="m", adresse="y"), signalement(adresse="y"), False),
        (signalement(prenom="kamille"), signalement(), False),
        (signalement(prenom="luce", adresse="y"), signalement(adresse="y"), False),  # somebody else of the family
        (signalement(prenom="karim", civilite="m", courriel="x"), signalement(courriel="x"), False),  # shared mail
        (signalement(nom="durand", prenom="jo", courriel="x"), signalement(courriel="x"), False),
    ],
)
def test_reconnaissance_goes_by_child_and_name_then_mail_then_address(lu, connu, reconnu):
    assert reconnaissance([lu], {7: connu}) == ({0: 7} if reconnu else {}, {})


@pytest.mark.parametrize("par", ["courriel", "adresse", "portable"])
def test_reconnaissance_lets_mail_address_or_mobile_decide_between_homonyms_of_one_child(par):
    connus = {7: signalement(**{par: "a"}), 8: signalement(**{par: "b"})}

    assert reconnaissance([signalement(**{par: "b"}), signalement(**{par: "a"})], connus) == ({0: 8, 1: 7}, {})


def test_reconnaissance_reports_several_candidates():
    connus = {7: signalement(courriel="a"), 8: signalement(courriel="b")}

    assert reconnaissance([signalement(courriel="c")], connus) == ({}, {0: [7, 8]})


@pytest.mark.parametrize("par", ["courriel", "adresse", "portable"])
def test_reconnaissance_gives_a_known_adult_to_the_line_that_agrees_and_makes_the_other_new(par):
    lus = [signalement(**{par: "ailleurs"}), signalement(**{par: "y"})]

    assert reconnaissance(lus, {7: signalement(**{par: "y"})}) == ({1: 7}, {})


def test_reconnaissance_never_gives_one_adult_to_two_lines():
    assert reconnaissance([signalement(), signalement()], {7: signalement()}) == ({}, {0: [7], 1: [7]})


def test_reconnaissance_by_mail_does_not_take_back_whom_the_child_named():
    lus = [signalement(courriel="x"), signalement(courriel="x", enfants=[2])]

    assert reconnaissance(lus, {7: signalement(courriel="x")}) == ({0: 7}, {})


def test_reconnaissance_keeps_all_the_candidates_of_a_line_that_was_answered():
    """Another line names the same adult: the question of the first stays whole, to be answered otherwise."""
    connus = {7: signalement(courriel="a"), 8: signalement(courriel="b")}

    trouves, doutes = reconnaissance([signalement(courriel="c"), signalement(courriel="a")], connus, {0: 7})

    assert (trouves, doutes) == ({0: 7}, {0: [7, 8], 1: [7]})


def test_reconnaissance_does_not_give_a_spouse_the_account_that_shares_the_mail():
    sophie, karim = signalement(prenom="sophie", courriel="x"), signalement(prenom="camille", courriel="x")

    assert reconnaissance([sophie, karim], {7: signalement(courriel="x")}) == ({1: 7}, {})


# --- Homes ---------


@pytest.mark.parametrize(
    ("adresses", "enfants", "attendu"),
    [
        (["a", "a"], [{1}, {1}], [[0, 1]]),
        (["a", "b"], [{1}, {1}], [[0], [1]]),  # separated
        (["a", "a"], [{1}, {2}], [[0], [1]]),  # neighbours
        (["a", "a", "a"], [{1}, {1, 2}, {2}], [[0, 1, 2]]),  # a step-family
        (["", ""], [{1}, {1}], [[0], [1]]),  # an address that is not given agrees with none
    ],
)
def test_menages_are_adults_of_one_address_who_share_a_child(adresses, enfants, attendu):
    assert menages(adresses, [frozenset(e) for e in enfants]) == attendu
