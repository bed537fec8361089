"""Home, child's file, history: what a parent sees, and what they never see of the other foyer."""

import re
from datetime import date, datetime

import pytest

from enfance.cantine.liste_repas import lire
from enfance.cantine.repas import importer
from enfance.inscriptions import Changement, enregistrer
from enfance.models import AnneeScolaire, Fermeture, FermetureLue, Garde, Inscription, PersonneAutorisee
from enfance.regles import Acteur, Cle
from portail.dates import PARIS
from portail.tables import Fichier
from tests.factories import (
    AnneeFactory,
    FoyerFactory,
    ResponsableFactory,
    StaffFactory,
    make_creneaux,
    make_enfant,
)
from tests.reading import html_of, plain

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 3, 20, 40, tzinfo=PARIS)
INSCRIT = Inscription.Etat.INSCRIT


@pytest.fixture(autouse=True)
def _jeudi_3_decembre(time_machine):
    time_machine.move_to(NOW, tick=False)
    AnneeFactory()
    make_creneaux()


@pytest.fixture
def separes():
    """Jules lives one week in two with Camille (from 7 September), the other with Dominique."""
    camille = ResponsableFactory(user__first_name="Camille", user__last_name="Morel", telephone="06 39 98 00 12")
    dominique = ResponsableFactory(
        user__first_name="Dominique",
        user__last_name="Rivière",
        user__email="dominique@ailleurs.example",
        telephone="06 39 98 00 47",
        foyer=FoyerFactory(adresse="3 rue du Lac"),
    )
    jules = make_enfant(camille, dominique, prenom="Jules")
    for responsable, depuis in ((camille, date(2026, 9, 7)), (dominique, date(2026, 9, 14))):
        Garde.objects.filter(enfant=jules, foyer=responsable.foyer).update(rythme="alternee", depuis=depuis)
    return camille, dominique, jules


def test_accueil_without_child_says_who_to_call(client):
    client.force_login(ResponsableFactory().user)
    html = html_of(client.get("/"))
    assert "Aucun enfant n’est encore rattaché à votre compte" in html
    assert "Appeler la mairie" in html


def test_accueil_tells_the_next_limit_in_words(client):
    camille = ResponsableFactory(user__first_name="Camille")
    lea = make_enfant(camille)
    enregistrer([Changement(Cle(lea.pk, date(2026, 12, 8), "soir"), INSCRIT)], Acteur.parent(camille), now=NOW)
    client.force_login(camille.user)
    html = html_of(client.get("/"))
    assert "<h1>Bonsoir Camille</h1>" in html
    assert "Prochaine date limite : <b>demain, 12 h</b>, pour lundi 7." in html
    assert "Mon enfant" in html
    assert "Semaines types" not in html  # that of the only child is shown


def test_accueil_says_nothing_planned_of_a_day_unless_a_child_is_elsewhere(client, separes):
    camille, _, _ = separes
    lea = make_enfant(camille, prenom="Léa")
    enregistrer([Changement(Cle(lea.pk, date(2026, 12, 7), "soir"), INSCRIT)], Acteur.parent(camille), now=NOW)
    client.force_login(camille.user)
    jours = html_of(client.get("/")).split('<li class="jour')[1:5]
    assert ["Rien de prévu" in jour for jour in jours] == [True, True, False, False]  # 3, 4, 7 and 8 December
    assert ["chez l’autre parent" in jour for jour in jours] == [False, False, True, True]


def test_accueil_of_who_has_nothing_yet_asks_for_one_thing(client):
    camille = ResponsableFactory()
    enfants = [make_enfant(camille, prenom=prenom) for prenom in ("Léa", "Tom")]
    client.force_login(camille.user)
    html = html_of(client.get("/"))
    assert "Rien n’est encore prévu" in html
    assert html.count('href="/semaine-type/"') == 2  # the menu, the button
    assert [word for word in ("Prochaine date limite", "Rien à changer ?", "7 prochains jours") if word in html] == []
    assert [f'href="/enfants/{enfant.pk}/"' in html for enfant in enfants] == [True, True]


def test_accueil_before_the_town_hall_opens_the_year_asks_for_nothing(client):
    AnneeScolaire.objects.update(ouverture=date(2026, 12, 20))
    camille = ResponsableFactory()
    make_enfant(camille)
    client.force_login(camille.user)
    html = html_of(client.get("/"))
    assert "Rien n’est encore prévu" not in html
    assert "Choisir la semaine type" not in html


def test_accueil_says_a_closure_far_away_in_one_line_and_a_near_one_in_full(client):
    camille = ResponsableFactory()
    make_enfant(camille)
    proche = Fermeture.objects.create(debut=date(2026, 12, 10), fin=date(2026, 12, 10), motif="grève")
    loin = Fermeture.objects.create(debut=date(2026, 12, 11), fin=date(2026, 12, 11), motif="formation")
    client.force_login(camille.user)
    html = html_of(client.get("/"))
    assert "<li>Jeudi 10 décembre (grève)</li>" in html
    assert "<span>Fermé vendredi 11 décembre : formation</span>" in html
    for fermeture in (proche, loin, loin):
        response = client.post("/fermetures/masquer/", {"fermeture": fermeture.pk})
        assert (response.status_code, response["Location"]) == (303, "/")
    html = html_of(client.get("/"))
    assert "<li>Jeudi 10 décembre (grève)</li>" in html  # near, it is told whoever put it away
    assert "Fermé vendredi 11 décembre" not in html
    assert FermetureLue.objects.count() == 2
    mois = html_of(client.get("/planning/2026-12/"))
    assert "Vendredi 11 décembre (formation)" not in mois  # put away there too, but for its week
    assert "Vendredi 11 : garderie fermée (formation)" in plain(mois)


def test_accueil_tells_again_what_was_put_away_once_it_is_near(client, time_machine):
    camille = ResponsableFactory()
    make_enfant(camille)
    loin = Fermeture.objects.create(debut=date(2026, 12, 11), fin=date(2026, 12, 11), motif="formation")
    FermetureLue.objects.create(responsable=camille, fermeture=loin)
    time_machine.move_to(datetime(2026, 12, 4, 8, tzinfo=PARIS), tick=False)
    client.force_login(camille.user)
    assert "<li>Vendredi 11 décembre (formation)</li>" in html_of(client.get("/"))


@pytest.mark.parametrize("fermeture", ["", "x", "0", "9" * 30])
def test_forged_closure_has_its_sentence(client, fermeture):
    client.force_login(ResponsableFactory().user)
    response = client.post("/fermetures/masquer/", {"fermeture": fermeture}, follow=True)
    assert "rien n’a changé" in response.text
    assert FermetureLue.objects.count() == 0


def test_closure_that_is_over_or_unknown_is_an_unknown_page(client):
    passee = Fermeture.objects.create(debut=date(2026, 12, 1), fin=date(2026, 12, 1), motif="grève")
    client.force_login(ResponsableFactory().user)
    assert client.get("/fermetures/masquer/")["Location"] == "/"
    answers = [client.post("/fermetures/masquer/", {"fermeture": pk}).status_code for pk in (passee.pk, 999999)]
    assert answers == [404, 404]


def test_accueil_of_a_family_that_plans_later_does_not_say_that_nothing_is_planned(client):
    camille = ResponsableFactory()
    lea = make_enfant(camille)
    enregistrer([Changement(Cle(lea.pk, date(2026, 12, 17), "soir"), INSCRIT)], Acteur.parent(camille), now=NOW)
    client.force_login(camille.user)
    html = html_of(client.get("/"))
    assert "Rien de prévu ces jours-ci." in html
    assert "Rien à changer ? Vous n’avez rien à faire." in html


def test_accueil_shows_the_days_and_their_limits(client):
    camille = ResponsableFactory()
    lea = make_enfant(camille)
    changement = Changement(Cle(lea.pk, date(2026, 12, 8), "soir"), INSCRIT)
    enregistrer([changement], Acteur.parent(camille), now=NOW)
    client.force_login(camille.user)
    html = html_of(client.get("/"))
    assert 'href="/jour/2026-12-08/"' in html
    assert "avant lundi 7, 12 h" in html
    assert "trop tard pour changer ici" in html
    assert "Dernier changement : jeudi 3 décembre à 20 h 40." in html


@pytest.mark.parametrize("page", ["/", "/planning/2026-12/", "/jour/2026-12-08/", "/enfants/{pk}/", "/historique/"])
def test_separated_parent_never_sees_the_other_foyer(client, separes, page):  # ACC-03
    camille, dominique, jules = separes
    changement = Changement(Cle(jules.pk, date(2026, 12, 8), "soir"), INSCRIT)
    enregistrer([changement], Acteur.parent(dominique), now=NOW)
    client.force_login(camille.user)
    html = html_of(client.get(page.format(pk=jules.pk)))
    seen = ["Dominique", "Rivière", "dominique@ailleurs.example", "06 39 98 00 47", "rue du Lac"]
    assert [word for word in seen if word in html] == []
    assert "Jules" in html


def test_historique_calls_the_other_parent_l_autre_foyer(client, separes):
    camille, dominique, jules = separes
    changement = Changement(Cle(jules.pk, date(2026, 12, 8), "soir"), INSCRIT)
    enregistrer([changement], Acteur.parent(dominique), now=NOW)
    client.force_login(camille.user)
    html = html_of(client.get("/historique/"))
    assert "<b>L’autre foyer</b>" in html
    assert "Jules : soir ajouté, mardi 8" in html


def test_historique_says_la_mairie_and_keeps_its_reasons_for_itself(client):
    camille = ResponsableFactory()
    lea = make_enfant(camille)
    staff = StaffFactory(first_name="Michèle", last_name="Secrétaire")
    changement = Changement(Cle(lea.pk, date(2026, 12, 4), "soir"), INSCRIT)
    enregistrer([changement], Acteur.mairie(staff.pk, "Appel de la famille"), now=NOW)
    client.force_login(camille.user)
    html = html_of(client.get("/historique/"))
    assert "<b>La mairie</b>" in html
    assert "Appel de la famille" not in html  # it may speak of the other parent
    assert "Michèle" not in html


def test_planning_of_the_other_week_is_locked_without_a_name(client, separes):
    camille, _, jules = separes
    client.force_login(camille.user)
    html = html_of(client.get("/planning/2026-12/"))
    assert f'value="{jules.pk}:2026-12-08:soir"' not in html  # the week of 7 December is Dominique's
    assert f'value="{jules.pk}:2026-12-15:soir"' in html
    assert "chez l’autre parent" in html


def test_enfant_says_custody_and_who_may_fetch(client, separes):
    camille, _, jules = separes
    PersonneAutorisee.objects.create(enfant=jules, nom="Odile Morel", lien="sa grand-mère", telephone="06 39 98 00 85")
    PersonneAutorisee.objects.create(enfant=jules, nom="Personne Interdite", interdite=True)
    PersonneAutorisee.objects.create(enfant=jules, nom="Personne Passée", fin=date(2026, 11, 1))
    client.force_login(camille.user)
    html = html_of(client.get(f"/enfants/{jules.pk}/"))
    assert (
        "Jules est chez vous une semaine sur deux, dont celle du lundi 30 novembre, changement le lundi matin." in html
    )
    assert "<b>Odile Morel</b>, sa grand-mère" in html
    assert "Interdite" not in html
    assert "Passée" not in html
    assert "PAI (projet d’accueil individualisé)" in html


def test_enfant_of_another_family_is_404_as_an_absent_one(client):  # ACC-02
    autre = make_enfant(ResponsableFactory())
    client.force_login(ResponsableFactory().user)
    etranger, absent = client.get(f"/enfants/{autre.pk}/"), client.get("/enfants/999999/")
    sans_jeton = [re.sub(rb'csrfmiddlewaretoken" value="\w+"', b"", page.content) for page in (etranger, absent)]
    assert etranger.status_code == absent.status_code == 404
    assert sans_jeton[0] == sans_jeton[1]


def test_step_parent_sees_only_their_own_children(client):
    camille = ResponsableFactory()
    make_enfant(camille, prenom="Léa")
    beau_parent = ResponsableFactory(foyer=camille.foyer)
    make_enfant(beau_parent, prenom="Noé")
    client.force_login(beau_parent.user)
    html = html_of(client.get("/planning/2026-12/"))
    assert "Noé" in html
    assert "Léa" not in html


def test_suspended_responsabilite_hides_the_child(client):
    camille = ResponsableFactory()
    lea = make_enfant(camille)
    lea.responsabilites.update(suspendue=True)
    client.force_login(camille.user)
    assert client.get(f"/enfants/{lea.pk}/").status_code == 404
    assert "Aucun enfant" in html_of(client.get("/"))


def test_two_children_with_the_same_first_name_get_their_class(client):
    camille = ResponsableFactory()
    make_enfant(camille, prenom="Anne")
    make_enfant(camille, prenom="Anne")
    client.force_login(camille.user)
    assert "Anne (CE1), soir, mardi 8<" in html_of(client.get("/planning/2026-12/"))


@pytest.mark.parametrize("enregistrements", [1, 3])
def test_historique_costs_the_same_queries(client, django_assert_num_queries, enregistrements):
    camille = ResponsableFactory()
    lea = make_enfant(camille)
    for n in range(enregistrements):
        changement = Changement(Cle(lea.pk, date(2026, 12, 8 + n * 7), "soir"), INSCRIT)
        enregistrer([changement], Acteur.parent(camille), now=NOW)
    client.force_login(camille.user)
    client.get("/historique/")
    with django_assert_num_queries(23):  # half of them to say what can still be undone
        client.get("/historique/")


@pytest.mark.parametrize("coches", [1, 20])
def test_save_costs_at_most_27_queries_whatever_the_ticks(client, django_assert_max_num_queries, coches):
    camille = ResponsableFactory()
    enfants = [make_enfant(camille, prenom=f"Enfant{n}") for n in range(4)]
    client.force_login(camille.user)
    client.get("/planning/2026-12/")
    jours = ["2026-12-08", "2026-12-10", "2026-12-11", "2026-12-14", "2026-12-15"]
    cles = [f"{enfant.pk}:{jour}:soir" for enfant in enfants for jour in jours][:coches]
    with django_assert_max_num_queries(27):
        assert client.post("/planning/2026-12/", {"avant": "", "r": cles, "enregistrer": "1"}).status_code == 303
    assert Inscription.objects.count() == coches


def test_historique_says_la_cantine_where_its_list_registered(client, settings):
    settings.REPAS_INSCRIT_D_OFFICE = True
    camille = ResponsableFactory()
    make_enfant(camille, prenom="Tom")
    importer(lire(Fichier("repas.csv", "nom,prénom,date\nMorel,Tom,08/12/2026".encode())), now=NOW)
    client.force_login(camille.user)
    html = html_of(client.get("/historique/"))
    assert "<b>La cantine</b>" in html
    assert "liste des repas</span>" in html
    assert "Tom : midi ajouté, mardi 8" in html
    assert "Repas de cantine commandé. Référence" in html
