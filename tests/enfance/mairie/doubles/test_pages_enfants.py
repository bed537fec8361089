"""Two files of one child on the town hall's pages: found, compared, chosen, seen, confirmed, traced."""

from __future__ import annotations

from datetime import date
from difflib import SequenceMatcher
from itertools import combinations, product

import pytest
from django.contrib.admin.models import LogEntry

from enfance.mairie.doubles.enfants_proches import PROCHE, Nom, are_near, load_paires
from enfance.models import Enfant, Garde, Inscription
from tests.enfance.mairie.conftest import LUNDI
from tests.enfance.mairie.doubles.fusions.doubles import everything
from tests.factories import FoyerFactory, ResponsableFactory, make_enfant
from tests.reading import messages_of

pytestmark = pytest.mark.ci

ENFANTS = "/admin/enfance/enfant/"
PROCHES = f"{ENFANTS}proches/"
SECRETAIRE = ["view_enfant", "change_enfant", "change_garde", "change_responsabilite"]
ONDE = {"nom": "MOREL", "prenom": "Léa", "date_naissance": "2019-03-14"}


@pytest.fixture
def lea(lea):
    """As ONDE gave her."""
    Enfant.objects.filter(pk=lea.pk).update(nom="MOREL", onde=ONDE)
    return Enfant.objects.get()


@pytest.fixture
def double(lea):
    """Typed by hand, in another home."""
    sacha = ResponsableFactory(foyer=FoyerFactory(adresse="3 rue du Lac"), user__first_name="Sacha")
    return make_enfant(sacha, nom="Morel-Durand", prenom="Lea")


def page_of(ici, la):
    return f"{ENFANTS}{ici.pk}/reunir/?avec={la.pk}"


CHOIX = {"nom": "reste", "prenom": "reste", "garde": "deux"}


def test_double_is_looked_for_by_its_family(mairie, lea, double):
    page = f"{ENFANTS}{lea.pk}/reunir/"

    assert f'href="{page}"' in mairie.get(f"{ENFANTS}{lea.pk}/change/").text
    response = mairie.post(page, {"famille": "durand"}, follow=True)
    assert response.context["candidats"] == [
        (page_of(lea, double), "Lea Morel-Durand, naissance le 14\u00a0mars 2019, Foyer Morel, 3 rue du Lac")
    ]


def test_two_rows_of_the_list_are_compared(mairie, lea, double):
    response = mairie.post(ENFANTS, {"action": "reunir", "_selected_action": [double.pk, lea.pk]})

    assert response["Location"] in {page_of(lea, double), page_of(double, lea)}


@pytest.mark.parametrize("swapped", [False, True])
def test_what_onde_says_is_chosen_at_first(mairie, lea, double, swapped):
    form = mairie.get(page_of(*((double, lea) if swapped else (lea, double)))).context["form"]

    du_premier = "double" if swapped else "reste"
    assert {champ.name: champ.initial for champ in form} == {"nom": du_premier, "prenom": du_premier, "garde": ""}


def test_garde_and_payer_are_asked_where_the_files_disagree(mairie, lea, double, creneaux):
    for enfant, creneau in ((lea, "soir"), (double, "matin")):
        foyer = enfant.gardes.get().foyer
        Inscription.objects.create(enfant=enfant, jour=LUNDI, creneau=creneaux[creneau], foyer=foyer)

    response = mairie.post(page_of(lea, double), {"nom": "reste", "prenom": "reste"})

    assert response.context["form"].errors == {"garde": ["Choisissez."], "payeur": ["Choisissez."]}
    assert [texte for _, texte in response.context["form"].fields["payeur"].choices] == [
        "Foyer Morel, 12 chemin des Tilleuls",
        "Foyer Morel, 3 rue du Lac",
        "Chaque foyer, celles qu’il a inscrites",
    ]


def test_preview_says_what_moves_and_writes_nothing(mairie, lea, double):
    avant = everything()

    apercu = mairie.post(page_of(lea, double), CHOIX).context["apercu"]

    assert {effet.titre: effet.nombre for effet in apercu.effets if effet.nombre} == {"Gardes": 1, "Responsabilités": 1}
    assert apercu.remarques == ("L’enfant a deux foyers\u202f: le rythme de garde est à régler sur sa fiche.",)
    assert everything() == avant


def test_two_files_are_made_one(mairie, lea, double):
    response = mairie.agree(page_of(lea, double), CHOIX)

    enfant = Enfant.objects.get()
    assert (enfant.pk, str(enfant), Garde.objects.filter(enfant=enfant).count()) == (lea.pk, "Léa MOREL", 2)
    assert response.redirect_chain[-1][0] == f"{ENFANTS}{lea.pk}/change/"
    assert messages_of(response)[0] == "Les deux fiches n’en font plus qu’une : Léa MOREL."
    trace = LogEntry.objects.get()
    assert (trace.object_id, trace.get_change_message()) == (
        str(lea.pk),
        f"Réuni avec la fiche n°\u00a0{double.pk}, Lea Morel-Durand.",
    )


def test_two_children_are_refused_at_once(mairie, lea, double):
    Enfant.objects.filter(pk=lea.pk).update(ine="0600000001A")
    Enfant.objects.filter(pk=double.pk).update(ine="0600000002B")

    for response in (mairie.get(page_of(lea, double)), mairie.post(page_of(lea, double), CHOIX)):
        assert "ce sont deux enfants" in response.text
        assert "Voir ce qui change" not in response.text
    assert Enfant.objects.count() == 2


def test_preview_that_is_late_is_shown_again(mairie, lea, double, creneaux):
    apercu = mairie.post(page_of(lea, double), CHOIX).context["apercu"]
    Inscription.objects.create(enfant=double, jour=LUNDI, creneau=creneaux["soir"])

    response = mairie.post(page_of(lea, double), CHOIX | {"confirmer": "1", "empreinte": apercu.empreinte})

    assert response.context["change"] is True
    assert Enfant.objects.count() == 2


@pytest.mark.parametrize("missing", SECRETAIRE[1:])
def test_merging_children_wants_its_rights(agent_with, lea, double, missing):
    client = agent_with(*(right for right in SECRETAIRE if right != missing))

    assert [client.get(page).status_code for page in (page_of(lea, double), PROCHES)] == [403, 403]


# --- Proposed ---------------------------------------------------------------------------------------------------------


def test_child_typed_before_onde_is_proposed(mairie, lea, double):
    assert load_paires() == [(lea, double)]
    assert f'href="{PROCHES}"' in mairie.get("/admin/").text
    page = mairie.get(PROCHES)
    assert page_of(lea, double) in page.text

    mairie.agree(page_of(lea, double), CHOIX)

    assert "Aucune fiche en double" in mairie.get(PROCHES).text


@pytest.mark.parametrize(
    ("prenom", "nom", "near"),
    [
        ("LEA", "morel", True),
        ("Léa-Rose", "Morel", True),
        ("Léa", "Morell", True),
        ("Tom", "Morel", False),
        ("Léa", "Bertrand", False),
    ],
)
def test_near_names_of_one_birth_date(lea, prenom, nom, near):
    autre = make_enfant(prenom=prenom, nom=nom)

    assert load_paires() == ([(lea, autre)] if near else [])


def test_signs_of_two_names_set_no_near_pair_aside():
    debuts, fins = ("Mar", "Ma", "Cor", "Le", "Éle", "D’"), ("ti", "na", "lle", "-lle net", "rd", "tin", "")
    noms = [Nom.of(debut + milieu + fin) for debut in debuts for milieu in fins for fin in fins]

    for ici, la in combinations(noms, 2):
        part = ici.lettres.startswith(la.lettres) or la.lettres.startswith(ici.lettres)
        assert ici.is_near(la) == (part or SequenceMatcher(None, ici.lettres, la.lettres).ratio() >= PROCHE)


def test_usual_name_counts(lea):
    autre = make_enfant(nom="Bertrand", nom_usage="Morel")

    assert load_paires() == [(lea, autre)]


def test_two_children_are_not_proposed(lea):
    """Another birth date; another INE; twins that ONDE gives side by side, until one of them is gone."""
    make_enfant(date_naissance=date(2019, 3, 15))
    Enfant.objects.filter(pk=lea.pk).update(ine="0600000001A")
    make_enfant(nom="MOREL", ine="0600000002B", prenom="Léo")
    jumelle = make_enfant(nom="MOREL", prenom="Léana", onde=ONDE | {"prenom": "Léana"})
    assert load_paires() == []

    jumelle.scolarites.update(depart=LUNDI)
    assert load_paires() == [(lea, jumelle)]


def test_pairs_are_those_of_all_the_files_compared_two_by_two(lea):
    """Given by ONDE or typed, at school or gone: but for those that ONDE gives side by side, all near ones."""
    enfants = [lea]
    for n, (prenom, onde, part) in enumerate(product(("Léa", "Lea-Rose", "Tom"), (ONDE, {}), (None, LUNDI))):
        enfant = make_enfant(prenom=prenom, nom=("Morel", "MORELL")[n % 2], onde=onde)
        enfant.scolarites.update(depart=part)
        enfants.append(enfant)
    toutes = {frozenset(paire) for paire in combinations(enfants, 2) if are_near(*paire)}
    connus = {enfant for enfant in enfants if enfant.onde and enfant.scolarites.filter(depart=None).exists()}

    paires = load_paires()

    assert {frozenset(paire) for paire in paires} == {paire for paire in toutes if not paire <= connus}
    assert len(paires) > len(enfants)
