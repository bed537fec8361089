"""Siblings in two schools: one planning, each with the hours of their school; one's week copied on the other's."""

from datetime import date, datetime, time

import pytest

from enfance.calendrier import bornes
from enfance.models import AnneeScolaire, Creneau, Fermeture, Inscription, Scolarite
from enfance.planning import remplissage
from enfance.planning.annonces import annonces
from enfance.planning.journee import build_jour
from enfance.planning.mois import build_mois
from enfance.planning.paires import idem_type, pareil
from enfance.regles import Acteur
from enfance.situation import load_situation
from portail.dates import PARIS
from tests.clients import Client
from tests.enfance.villes import Ville, hold, limit, make_ville
from tests.reading import plain

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)
DECEMBRE, LUNDI_7, MARDI_8 = date(2026, 12, 1), date(2026, 12, 7), date(2026, 12, 8)


@pytest.fixture
def ville(time_machine) -> Ville:
    time_machine.move_to(NOW, tick=False)
    return make_ville()


@pytest.fixture
def connected(client, ville) -> Client:
    client.force_login(ville.camille.user)
    return client


def situation_of(ville):
    return load_situation(Acteur.parent(ville.camille), *bornes(DECEMBRE), now=NOW)


def month_of(ville):
    return build_mois(situation_of(ville), DECEMBRE)


def week_of(ville):
    return next(semaine for semaine in month_of(ville).semaines if semaine.lundi == LUNDI_7)


def close(jour, *ecoles, creneaux=(), motif="grève"):
    fermeture = Fermeture.objects.create(debut=jour, fin=jour, motif=motif)
    fermeture.ecoles.set(ecoles)
    fermeture.creneaux.set(Creneau.objects.filter(code__in=creneaux))


def ticked(mois):
    return {str(case.cle).partition(":")[2] for case in mois.libres if case.coche}


def test_each_child_has_the_rows_of_its_school(ville):
    lignes = {vu.enfant.nom: [ligne.creneau.code for ligne in vu.lignes] for vu in week_of(ville).enfants}

    assert lignes == {"Léa": ["matin", "midi", "soir"], "Tom": ["matin", "midi-hameau", "soir-hameau"]}


def test_children_are_named_with_their_school(ville):
    assert [vu.enfant.classe for vu in week_of(ville).enfants] == ["CE1, École du Bourg", "CP, École du Hameau"]


def test_school_is_not_named_where_all_go_to_the_same_one(ville):
    Scolarite.objects.update(ecole=ville.hameau)

    assert [vu.enfant.classe for vu in week_of(ville).enfants] == ["CE1", "CP"]


def test_day_has_the_moments_of_each_school(ville):
    jour = build_jour(situation_of(ville), LUNDI_7)

    assert [[m.creneau.code for m in vu.moments] for vu in jour.enfants] == [
        ["matin", "midi", "soir"],
        ["matin", "midi-hameau", "soir-hameau"],
    ]


def test_wednesday_and_the_other_days_keep_their_own_moments(ville):
    AnneeScolaire.objects.update(mercredi=True)
    journee = hold(ville.hameau, code="mercredi", moment="journee", debut=time(8), nom="Mercredi", nom_court="mercredi")
    Creneau.objects.filter(pk=journee.pk).update(mercredi=True, lundi=False, mardi=False, jeudi=False, vendredi=False)
    situation = situation_of(ville)

    lundi, mercredi = (
        [[m.creneau.code for m in vu.moments] for vu in build_jour(situation, jour).enfants]
        for jour in (LUNDI_7, date(2026, 12, 9))
    )

    assert lundi == [["matin", "midi", "soir"], ["matin", "midi-hameau", "soir-hameau"]]
    assert mercredi == [["matin", "midi", "soir"], ["mercredi"]]


def test_moment_of_a_day_that_its_creneau_left_is_still_told(ville):
    Inscription.objects.create(
        enfant=ville.tom, jour=LUNDI_7, creneau=Creneau.objects.get(code="soir-hameau"), foyer=ville.camille.foyer
    )
    Creneau.objects.filter(code__in=["midi-hameau", "soir-hameau"]).update(lundi=False)

    _, tom = build_jour(situation_of(ville), LUNDI_7).enfants

    assert [m.creneau.code for m in tom.moments] == ["matin", "soir-hameau"]


def test_boxes_that_answer_to_each_other_share_a_word(ville):
    situation = situation_of(ville)
    codes = {code: pareil(situation, enfant.pk, LUNDI_7, situation.creneaux[code]) for enfant, code in (
        (ville.lea, "matin"), (ville.lea, "midi"), (ville.tom, "midi-hameau"), (ville.lea, "soir"),
        (ville.tom, "soir-hameau"),
    )}  # fmt: skip

    assert codes == {"matin": "", "midi": "midi.0", "midi-hameau": "midi.0", "soir": "soir.0", "soir-hameau": "soir.0"}


def test_several_of_a_moment_answer_by_their_beginning(ville):
    hold(ville.bourg, code="etude", moment="soir", debut=time(17, 30), nom="Étude", nom_court="étude", ordre=6)
    hold(ville.bourg, code="gouter", moment="soir", debut=time(16), nom="Goûter", nom_court="goûter", ordre=7)
    situation = situation_of(ville)

    rangs = {
        code: pareil(situation, ville.lea.pk, LUNDI_7, situation.creneaux[code]) for code in ("gouter", "soir", "etude")
    }

    assert rangs == {"gouter": "soir.0", "soir": "soir.1", "etude": "soir.2"}
    assert pareil(situation, ville.tom.pk, LUNDI_7, situation.creneaux["soir-hameau"]) == "soir.0"


def test_tom_as_lea_copies_what_both_have(ville):
    Creneau.objects.filter(code="midi-hameau").update(mardi=False)
    mois = month_of(ville)
    for case in mois.libres:
        case.coche = case.cle.enfant == ville.lea.pk and case.cle.jour in (LUNDI_7, MARDI_8)

    remplissage.idem(mois, LUNDI_7)

    assert {str(case.cle) for case in mois.libres if case.coche and case.cle.enfant == ville.tom.pk} == {
        f"{ville.tom.pk}:2026-12-07:matin",
        f"{ville.tom.pk}:2026-12-07:midi-hameau",
        f"{ville.tom.pk}:2026-12-07:soir-hameau",
        f"{ville.tom.pk}:2026-12-08:matin",
        f"{ville.tom.pk}:2026-12-08:soir-hameau",
    }


def test_tom_as_lea_leaves_what_she_has_not(ville):
    hold(ville.hameau, code="etude", moment="soir", debut=time(18), nom="Étude", nom_court="étude", ordre=6)
    mois = month_of(ville)
    for case in mois.libres:
        case.coche = case.cle.creneau == "etude"

    remplissage.idem(mois, LUNDI_7)

    assert {case.cle.creneau for case in mois.libres if case.coche and case.cle.jour == LUNDI_7} == {"etude"}


def test_fill_faster_offers_each_moment_once(ville):
    assert month_of(ville).moments == [("matin", "Matin"), ("midi.0", "Midi"), ("soir.0", "Soir")]


def test_fill_faster_names_both_where_they_are_not_called_the_same(ville):
    Creneau.objects.filter(code="soir-hameau").update(nom="Étude", nom_court="étude")

    assert month_of(ville).moments[-1] == ("soir.0", "Soir ou étude")


def test_fill_faster_fills_a_moment_of_every_school(ville, connected):
    data = {"avant": "", "q_action": "1", "q_creneau": "soir.0", "q_jour": "1", "q_enfant": "*", "rapide": "1"}

    page = connected.send("/planning/2026-12/", data)

    assert {str(case.cle) for case in page.context["mois"].libres if case.coche} == {
        f"{enfant.pk}:2026-12-{jour:02}:{code}"
        for jour in (7, 14)
        for enfant, code in ((ville.lea, "soir"), (ville.tom, "soir-hameau"))
    }


def test_boxes_say_to_the_script_what_they_answer_to(ville, connected):
    html = connected.get("/planning/2026-12/").text

    assert f'value="{ville.tom.pk}:2026-12-07:soir-hameau" data-pareil="soir.0"' in html
    assert f'value="{ville.tom.pk}:2026-12-07:matin" data-pareil' not in html


def test_month_is_read_in_as_many_queries_as_with_one_school(ville, django_assert_num_queries):
    with django_assert_num_queries(10):
        situation_of(ville)


def test_week_copied_on_the_next_ones_follows_a_child_who_changes_school(ville):
    place = ville.tom.scolarites.get()
    Scolarite.objects.filter(pk=place.pk).update(depart=date(2026, 12, 14))
    Scolarite.objects.create(
        enfant=ville.tom, annee=place.annee, niveau="CP", ecole=ville.bourg, debut=date(2026, 12, 14)
    )
    mois = month_of(ville)
    for case in mois.libres:
        case.coche = case.cle.jour == LUNDI_7 and case.cle.creneau == "soir-hameau"

    remplissage.recopier(mois, LUNDI_7)

    assert {str(case.cle) for case in mois.libres if case.coche} == {
        f"{ville.tom.pk}:2026-12-07:soir-hameau",
        f"{ville.tom.pk}:2026-12-14:soir",
    }


def test_deadlines_name_the_school_only_where_it_makes_a_difference(ville):
    assert len(month_of(ville).regles) == 1
    limit("soir-hameau", genre="jours", nombre=0, heure=time(7))

    assert [plain(phrase).partition(" : ")[0] for phrase in month_of(ville).regles] == [
        "Matin, midi et soir (École du Bourg)",
        "Soir (École du Hameau)",
    ]


def test_strike_at_one_school_is_told_of_its_pupils_alone(ville):
    close(MARDI_8, ville.bourg)

    infos = [plain(info.texte) for info in week_of(ville).infos]
    [annonce] = annonces(situation_of(ville))

    assert "Léa, mardi 8 : garderie fermée (grève)" in infos
    assert plain(annonce.phrase) == "mardi 8 décembre (grève), pour Léa"
    ouverts = {c.cle.enfant for c in month_of(ville).libres if c.cle.jour == MARDI_8}
    assert ouverts == {ville.tom.pk}


def test_evening_closed_in_both_schools_is_said_once(ville):
    close(MARDI_8, creneaux=["soir", "soir-hameau"], motif="réunion")

    assert "Mardi 8, soir : garderie fermée (réunion)" in [plain(info.texte) for info in week_of(ville).infos]
    assert [plain(a.phrase) for a in annonces(situation_of(ville))] == ["mardi 8 décembre, soir (réunion)"]


def test_evening_of_one_school_is_not_said_closed_to_the_other(ville):
    close(MARDI_8, creneaux=["soir"], motif="réunion")

    assert "Léa, mardi 8, soir : garderie fermée (réunion)" in [plain(info.texte) for info in week_of(ville).infos]


# --- The semaine type -------------------------------------------------------------------------------------------------


def test_semaine_type_of_tom_as_lea(ville):
    boxes = {ville.lea.pk: frozenset({(0, "matin"), (0, "soir"), (3, "midi")}), ville.tom.pk: frozenset({(1, "matin")})}

    assert idem_type(situation_of(ville), boxes) == {
        ville.lea.pk: boxes[ville.lea.pk],
        ville.tom.pk: {(0, "matin"), (0, "soir-hameau"), (3, "midi-hameau")},
    }


def test_semaine_type_page_copies_without_script(ville, connected):
    data = {"t": [f"{ville.lea.pk}:1:soir"], "fin": "annee", "rythme": "1", "idem": "type"}

    html = connected.send("/semaine-type/", data).text

    assert f'value="{ville.tom.pk}:1:soir-hameau" checked' in html
    assert f'value="{ville.tom.pk}:1:soir"' not in html


def test_year_of_both_is_filled_each_with_its_hours(ville, connected):
    data = {
        "t": [f"{ville.lea.pk}:1:soir", f"{ville.tom.pk}:1:soir-hameau"],
        "fin": "annee",
        "rythme": "1",
        "enregistrer": "1",
    }

    assert connected.send("/semaine-type/", data).status_code == 303

    lignes = Inscription.objects.inscrit().values_list("enfant__prenom", "creneau__code").distinct().order_by()
    assert set(lignes) == {("Léa", "soir"), ("Tom", "soir-hameau")}


def test_preview_says_for_whom_a_day_is_closed(ville, connected):
    close(LUNDI_7, ville.bourg)
    data = {"t": [f"{ville.lea.pk}:1:soir", f"{ville.tom.pk}:1:soir-hameau"], "apercu": "1"}

    html = connected.send("/semaine-type/", data | {"fin": "annee", "rythme": "1"}).text

    assert "lundi 7 décembre (garderie fermée pour Léa : grève)" in plain(html)
