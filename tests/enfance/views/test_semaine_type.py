"""The semaine type as a browser without JavaScript uses it: choose, look, fill, undo."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from enfance.inscriptions import Changement, enregistrer
from enfance.models import Creneau, Enregistrement, Fermeture, Inscription, SemaineType
from enfance.regles import Acteur, Cle
from tests.factories import AnneeFactory, ResponsableFactory, make_creneaux, make_enfant
from tests.reading import words_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
PAGE = "/semaine-type/"


def post(client, *boxes, bouton="apercu", valeur="1", **fields):
    data = {"t": list(boxes), "fin": "annee", "rythme": "1"} | fields
    return client.send(PAGE, data | {bouton: valeur})


def test_semaine_type_is_previewed_then_written_with_one_reference(client, famille):
    boxes = [f"{famille['lea'].pk}:1:soir", f"{famille['tom'].pk}:4:matin"]

    page = words_of(post(client, *boxes))

    assert "Rien n’est encore enregistré." in page
    assert "Du lundi 7 décembre 2026 au vendredi 2 juillet 2027, toutes les semaines." in page
    assert "23 soirs ajoutés, tous les lundis à partir du 7 décembre." in page
    assert "46 moments ajoutés Étape 2 sur 2. Rien n’est enregistré avant." in page
    assert Inscription.objects.count() == 0
    response = post(client, *boxes, bouton="enregistrer")
    enregistrement = Enregistrement.objects.get()
    assert (response.status_code, response["Location"]) == (303, f"{PAGE}?enregistre={enregistrement.pk}")
    assert enregistrement.porte == "semaine_type"
    assert set(Inscription.objects.values_list("etat", "origine")) == {("inscrit", "semaine_type")}
    page = words_of(client.get(response["Location"]))
    assert "46 moments ajoutés Léa : 23 soirs ajoutés, tous les lundis à partir du 7 décembre." in page
    assert f"Référence {enregistrement.pk}." in page
    assert "Annuler, jusqu’à 20 h 56" in page


def test_semaine_type_page_names_each_box_and_states_its_default(client, famille):
    html = client.get(PAGE).text
    assert f'value="{famille["lea"].pk}:1:soir"' in html
    assert "Léa, soir, lundi<" in html
    assert "Tom comme Léa" in html
    assert "Toute l’année scolaire, toutes les semaines" in words_of(client.get(PAGE))
    assert 'aria-current="page">Semaine<span class="vh"> type</span>' in html


def test_semaine_type_idem_copies_and_saves_nothing(client, famille):
    html = post(client, f"{famille['lea'].pk}:4:midi", bouton="idem", valeur="type").text
    assert f'value="{famille["tom"].pk}:4:midi" checked' in html
    assert Inscription.objects.count() == SemaineType.objects.count() == 0


@pytest.mark.parametrize("bouton", ["revenir", "apercu"])
def test_semaine_type_keeps_what_was_chosen_on_the_way(client, famille, bouton):
    boxes = [f"{famille['tom'].pk}:2:midi"]
    html = post(client, *boxes, bouton=bouton, fin="dates", du="2026-12-07", au="2026-12-18", rythme="2026-12-14").text
    kept = {
        "revenir": ['value="2026-12-14" checked', 'value="2026-12-18"', 'value="dates" checked'],
        "apercu": ['name="rythme" value="2026-12-14"', 'name="au" value="2026-12-18"'],
    }
    assert [piece for piece in [boxes[0], *kept[bouton]] if piece not in html] == []


@pytest.mark.parametrize(
    ("fields", "phrase"),
    [
        ({"du": "2026-12-07", "au": "2026-11-27"}, "La date de fin doit être après le 7 décembre 2026."),
        ({"du": "2026-12-07", "au": "2026-12-07"}, "La date de fin doit être après le 7 décembre 2026."),
        ({"du": "2026-09-01", "au": "2026-11-27"}, "La date de fin doit être après le 3 décembre 2026."),
        ({"du": "2026-12-07", "au": "2027-07-03"}, "La date de fin doit être au plus tard le 2 juillet 2027."),
        ({"du": "2027-08-01", "au": "2027-08-02"}, "La date de début doit être avant le 2 juillet 2027."),
        ({"du": "", "au": "2026-12-18"}, "Indiquez la date de début."),
        ({"du": "2026-12-07", "au": ""}, "Indiquez la date de fin."),
        ({"du": "hier", "au": "2026-12-18"}, "Du : Saisissez une date valide."),
    ],
)
def test_semaine_type_dates_wrong_are_said_beside_the_field_and_on_top(client, famille, fields, phrase):
    response = post(client, f"{famille['lea'].pk}:1:soir", fin="dates", **fields)
    page = words_of(response)
    assert response.status_code == 200
    assert phrase.removeprefix("Du : ") in page.partition("1. Les moments")[0]
    assert phrase.removeprefix("Du : ") in page.partition("1. Les moments")[2]
    assert "<title>Erreur" in response.text
    assert f'value="{famille["lea"].pk}:1:soir" checked data-avant="0"' in response.text  # not saved


def test_semaine_type_two_errors_are_two_points(client, famille):
    page = words_of(post(client, f"{famille['lea'].pk}:1:soir", fin="dates", du="", au=""))
    assert "2 points à corriger" in page
    assert "Un point à corriger" in words_of(post(client, f"{famille['lea'].pk}:1:soir", fin="dates", du="2026-12-07"))


def test_semaine_type_preview_says_which_moments_of_a_day_are_closed(client, famille):
    fermeture = Fermeture.objects.create(debut=date(2026, 12, 8), fin=date(2026, 12, 8), motif="formation de l’équipe")
    fermeture.creneaux.add(famille["soir"])
    page = words_of(post(client, f"{famille['lea'].pk}:2:soir"))
    assert "mardi 8 décembre, soir (garderie fermée : formation de l’équipe) sont retirés" in page


@pytest.mark.parametrize(
    "forged",
    ["999999:1:soir", "{lea}:1:nuit", "{lea}:9:soir", "{lea}:0:soir", "bonjour", "{lea}:1:soir:1", "9" * 40],
)
@pytest.mark.parametrize("bouton", ["apercu", "enregistrer"])
def test_semaine_type_forged_box_gets_its_sentence(client, famille, forged, bouton):  # VAL-08
    response = post(client, forged.format(lea=famille["lea"].pk), bouton=bouton)
    assert response.status_code == 200
    assert "Une case envoyée n’existe pas" in words_of(response)
    assert Inscription.objects.count() == 0


def test_semaine_type_box_on_a_day_without_the_creneau_changes_nothing(client, famille):
    post(client, f"{famille['lea'].pk}:3:soir", bouton="enregistrer")  # a Wednesday
    assert Inscription.objects.count() == 0


@pytest.mark.parametrize("fields", [{"fin": "toujours"}, {"rythme": "2026-12-08"}, {"rythme": "0001-01-01"}])
def test_semaine_type_forged_choice_writes_nothing(client, famille, fields):
    response = post(client, f"{famille['lea'].pk}:1:soir", bouton="enregistrer", **fields)
    assert (response.status_code, Inscription.objects.count()) == (200, 0)
    assert "<title>Erreur" in response.text


def test_semaine_type_empty_asks_before_it_clears(client, famille, time_machine):
    boxes = [f"{famille['lea'].pk}:1:soir", f"{famille['tom'].pk}:1:soir"]
    post(client, *boxes, bouton="enregistrer")
    time_machine.shift(60)
    page = words_of(post(client, boxes[1], bouton="enregistrer"))
    assert "Cochez au moins un moment, ou confirmez que Léa ne vient plus." in page
    assert "Vider le planning de Léa" in page
    assert Inscription.objects.inscrit().filter(enfant=famille["lea"]).count() == 23
    response = post(client, boxes[1], bouton="vider", valeur=str(famille["lea"].pk))
    assert "23 soirs retirés, tous les lundis." in words_of(response)
    assert f'name="vide" value="{famille["lea"].pk}"' in response.text
    post(client, boxes[1], bouton="enregistrer", vide=str(famille["lea"].pk))
    assert Inscription.objects.inscrit().filter(enfant=famille["lea"]).count() == 0
    assert Inscription.objects.inscrit().filter(enfant=famille["tom"]).count() == 23


def test_semaine_type_empty_of_all_from_nothing_says_to_tick(client, famille):
    page = words_of(post(client))
    assert "Cochez au moins un moment." in page
    assert "Vider le planning" not in page


def test_semaine_type_full_evenings_join_the_list_only_when_asked(client, famille):
    famille["soir"].places = 0
    famille["soir"].save()
    boxes = [f"{famille['tom'].pk}:1:soir"]
    page = words_of(post(client, *boxes, fin="vacances"))
    assert "2 soirs sont complets : lundis 7 et 14 décembre." in page
    assert "Inscrire aussi sur liste d’attente ces 2 soirs" in page
    post(client, *boxes, fin="vacances", bouton="enregistrer")
    assert Inscription.objects.count() == 0
    response = post(client, *boxes, fin="vacances", bouton="enregistrer", avec_attente="1")
    assert Inscription.objects.filter(etat="attente").count() == 2
    page = words_of(client.get(response["Location"]))
    assert "2 soirs en liste d’attente" in page
    assert "Tom En liste d’attente : soir, n° 1, lundis 7 et 14 décembre." in page


def test_semaine_type_that_changes_nothing_says_so(client, famille):
    boxes = [f"{famille['lea'].pk}:1:soir"]
    post(client, *boxes, bouton="enregistrer")
    response = post(client, *boxes, bouton="enregistrer")
    assert response["Location"] == f"{PAGE}?enregistre=0"
    assert "tout était déjà enregistré." in words_of(client.get(response["Location"]))


def test_semaine_type_is_offered_again_when_the_planning_no_longer_follows(client, famille):
    ferme = Fermeture.objects.create(debut=date(2026, 12, 14), fin=date(2026, 12, 14), motif="grève")
    post(client, f"{famille['lea'].pk}:1:soir", bouton="enregistrer", fin="vacances")
    assert "ne suit plus" not in words_of(client.get(PAGE))
    ferme.delete()
    assert "Le planning ne suit plus tout à fait la semaine type" in words_of(client.get(PAGE))
    assert "la suivre de nouveau donnerait 1 soir ajouté." in words_of(client.get(PAGE))
    assert Inscription.objects.count() == 1


def test_semaine_type_is_prefilled_with_the_period_and_rhythm_that_are_kept(client, famille):
    boxes = [f"{famille['lea'].pk}:1:soir"]
    post(client, *boxes, bouton="enregistrer", fin="dates", du="2027-01-04", au="2027-03-31", rythme="2026-12-14")
    html = client.get(PAGE).text
    assert f'value="{famille["lea"].pk}:1:soir" checked' in html
    assert [v for v in ("2027-01-04", "2027-03-31") if f'value="{v}"' not in html] == []
    assert 'value="2026-12-14" checked' in html


def test_semaine_type_is_on_the_home_page(client, famille):
    assert "Choisir la semaine type" in words_of(client.get("/"))
    post(client, f"{famille['lea'].pk}:1:soir", bouton="enregistrer", rythme="2026-12-07")
    page = words_of(client.get("/"))
    assert "Semaine type de Léa, une semaine sur deux, à partir du lundi 7 décembre" in page
    assert "Changer les semaines types" in page
    assert "Tom pas encore de semaine type" in page


def test_semaine_type_without_an_open_year_says_when(client):
    AnneeFactory(ouverture=date(2027, 1, 4))
    make_creneaux()
    camille = ResponsableFactory()
    make_enfant(camille)
    client.force_login(camille.user)
    assert "Les inscriptions ouvrent le lundi 4 janvier." in words_of(client.get(PAGE))
    assert "Les inscriptions ouvrent" in words_of(client.post(PAGE, {"t": "1:1:soir", "enregistrer": "1"}))


def test_semaine_type_of_a_parent_without_child_says_who_to_call(client):
    AnneeFactory()
    make_creneaux()
    client.force_login(ResponsableFactory().user)
    assert "Aucun enfant n’est encore rattaché à votre compte" in words_of(client.get(PAGE))


def test_semaine_type_form_survives_a_session_that_ended(client, famille, time_machine):  # SES-02
    famille["camille"].user.set_password("Velo nuage 7")
    famille["camille"].user.save()
    login = {"identifiant": famille["camille"].user.identifiant, "password": "Velo nuage 7", "next": PAGE}
    client.logout()
    client.post("/connexion/", login)
    time_machine.shift(timedelta(hours=2, minutes=1))
    post(client, f"{famille['lea'].pk}:1:soir", bouton="enregistrer")
    page = client.get(client.post("/connexion/", login)["Location"])
    assert "1 case reprise, pas encore enregistrée." in words_of(page)
    assert "Oublier cette case" in words_of(page)
    assert f'value="{famille["lea"].pk}:1:soir" checked' in page.text
    assert Inscription.objects.count() == 0


@pytest.mark.parametrize("enfants", [1, 4])
def test_semaine_type_costs_the_same_queries_for_one_and_four_children(client, django_assert_max_num_queries, enfants):
    AnneeFactory()
    camille = ResponsableFactory()
    boxes = [f"{make_enfant(camille, prenom=f'Enfant{n}').pk}:1:soir" for n in range(enfants)]
    make_creneaux()
    client.force_login(camille.user)
    client.get(PAGE)
    with django_assert_max_num_queries(19):  # five of them write the session, seven on PostgreSQL
        response = client.post(PAGE, {"t": boxes, "fin": "annee", "rythme": "1", "apercu": "1"})
    with django_assert_max_num_queries(14):
        client.get(response["Location"])
    with django_assert_max_num_queries(51):
        response = post(client, *boxes, bouton="enregistrer")
    with django_assert_max_num_queries(28):  # half of them to say what can still be undone
        client.get(response["Location"])
    with django_assert_max_num_queries(14):
        client.get(PAGE)


# --- Annuler ces changements ------------------------------------------------------------------------------------------


def undo(client, reference, retour=PAGE):
    return client.send(f"/historique/{reference}/annuler/", {"retour": retour})


@pytest.mark.parametrize(
    "retour",
    [PAGE, "/historique/", "/planning/2026-12/", "/jour/2026-12-07/"],
    ids=["type", "historique", "mois", "jour"],
)
def test_annuler_goes_back_where_it_was_asked_and_says_it(client, famille, retour):
    post(client, f"{famille['lea'].pk}:1:soir", bouton="enregistrer")
    reference = Enregistrement.objects.get().pk
    response = undo(client, reference, retour)
    assert (response.status_code, response["Location"]) == (303, f"{retour}?enregistre={reference + 1}")
    page = words_of(client.get(response["Location"]))
    assert "C’est annulé" in page
    assert "Ces moments sont tels qu’avant 20 h 41." in page
    assert "Annuler ces changements" not in page
    assert Inscription.objects.inscrit().count() == 0


@pytest.mark.parametrize(
    "retour", ["https://ailleurs.example/", "//ailleurs.example/", "/admin/", "/connexion/", "", "x"]
)
def test_annuler_goes_nowhere_else(client, famille, retour):  # VAL-07
    post(client, f"{famille['lea'].pk}:1:soir", bouton="enregistrer")
    response = undo(client, Enregistrement.objects.get().pk, retour)
    assert response["Location"].startswith("/historique/?enregistre=")


def test_annuler_of_a_day_and_of_a_month_is_offered_and_shown_in_the_history(client, famille, time_machine):
    case = f"{famille['lea'].pk}:2026-12-08:soir"
    for adresse in ("/planning/2026-12/", "/jour/2026-12-08/"):
        response = client.post(adresse, {"avant": "", "r": case, "enregistrer": "1"})
        assert "Annuler ces changements jusqu’à" in words_of(client.get(response["Location"]))
        reference = Enregistrement.objects.latest("pk").pk
        assert "Annuler les changements de" in words_of(client.get("/historique/"))
        time_machine.shift(timedelta(minutes=1))
        assert undo(client, reference, adresse).status_code == 303
    page = words_of(client.get("/historique/"))
    assert "annulé par vous à 20 h 42" in page
    assert "annulé par vous à 20 h 43" in page
    assert "Annuler les changements de" not in page


def test_annuler_too_late_says_what_to_do(client, famille, time_machine):
    post(client, f"{famille['lea'].pk}:1:soir", bouton="enregistrer")
    reference = Enregistrement.objects.get().pk
    time_machine.shift(timedelta(minutes=15))
    assert "Annuler, jusqu’à" not in words_of(client.get(f"{PAGE}?enregistre={reference}"))
    page = words_of(undo(client, reference))
    assert "Ces changements ne s’annulent plus d’un coup" in page
    assert Inscription.objects.inscrit().count() == 23


def test_annuler_says_what_was_not_given_back(client, famille):
    famille["soir"].places = 1
    famille["soir"].save()
    case, autre = f"{famille['lea'].pk}:2026-12-08:soir", ResponsableFactory()
    client.post("/planning/2026-12/", {"avant": "", "r": [case, case.replace("soir", "matin")], "enregistrer": "1"})
    client.post("/planning/2026-12/", {"avant": f"{case} {case.replace('soir', 'matin')}", "enregistrer": "1"})
    reference = Enregistrement.objects.latest("pk").pk
    noe = make_enfant(autre, prenom="Noé")
    enregistrer(
        [Changement(Cle(noe.pk, date(2026, 12, 8), "soir"), "inscrit")], Acteur.parent(autre), now=timezone.now()
    )
    response = undo(client, reference)
    page = words_of(response)
    assert response.status_code == 200
    assert "C’est annulé en partie" in page
    assert "Léa : matin ajouté, mardi 8" in page
    assert "Annulé en partie" in page.split("</title>")[0]
    assert "Erreur" not in page
    par = Enregistrement.objects.get(annule=reference).pk
    assert f"/historique/{par}/" in response.text
    assert "Le reste du planning n’a pas changé." in page
    assert "Léa, soir, mardi 8 décembre : il n’y a plus de place." in page
    assert "Noé" not in page


def test_annuler_is_a_post_and_ones_own(client, famille):  # SES-06, ACC-02
    post(client, f"{famille['lea'].pk}:1:soir", bouton="enregistrer")
    reference = Enregistrement.objects.get().pk
    assert client.get(f"/historique/{reference}/annuler/")["Location"] == "/historique/"
    assert Enregistrement.objects.count() == 1
    client.force_login(ResponsableFactory().user)
    assert client.get(f"/historique/{reference}/annuler/").status_code == 404
    assert undo(client, reference).status_code == 404
    assert undo(client, 10**17).status_code == 404
    assert Inscription.objects.inscrit().count() == 23


# --- Places -----------------------------------------------------------------------------------------------------------


def test_places_are_those_of_the_creneaux_that_have_a_number(client, famille):
    famille["soir"].places = 2
    famille["soir"].save()
    client.post("/planning/2026-12/", {"avant": "", "r": f"{famille['lea'].pk}:2026-12-10:soir", "enregistrer": "1"})
    assert 'data-places="/planning/places.json?mois=2026-12"' in client.get("/planning/2026-12/").text
    places = client.get("/planning/places.json?mois=2026-12").json()
    assert {cle.split(":")[1] for cle in places} == {"soir"}
    assert (places["2026-12-10:soir"], places["2026-12-11:soir"]) == (1, 2)
    assert min(places) == "2026-12-03:soir"


def test_places_without_a_number_are_not_asked(client, famille):
    assert "data-places" not in client.get("/planning/2026-12/").text
    assert client.get("/planning/places.json?mois=2026-12").json() == {}


@pytest.mark.parametrize("mois", ["", "décembre", "2026-13", "2026-12-01", "0000-01", "9999-99"])
def test_places_of_no_month_is_404(client, famille, mois):
    assert client.get("/planning/places.json", {"mois": mois}).status_code == 404


def test_places_keep_no_session_alive(client, famille, time_machine):  # SES-02
    famille["camille"].user.set_password("Velo nuage 7")
    famille["camille"].user.save()
    client.logout()
    client.post("/connexion/", {"identifiant": famille["camille"].user.identifiant, "password": "Velo nuage 7"})
    for _ in range(5):
        time_machine.shift(timedelta(minutes=30))
        response = client.get("/planning/places.json?mois=2026-12")
    assert response.status_code == 302


@pytest.mark.parametrize(("kept", "counted"), [(False, 0), (True, 1)])
def test_semaine_type_counts_places_for_a_pattern_that_is_kept(client, famille, kept, counted):
    Creneau.objects.update(places=9)
    if kept:
        post(client, f"{famille['lea'].pk}:1:soir", bouton="enregistrer")
    with CaptureQueriesContext(connection) as asked:
        assert client.get(PAGE).status_code == 200
    assert sum("COUNT(*)" in query["sql"] for query in asked) == counted
