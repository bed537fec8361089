from datetime import date, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django_tasks_db.models import DBTaskResult

from enfance.models import Enregistrement, Evenement, Fermeture, Inscription
from tests.enfance.mairie.conftest import LUNDI
from tests.factories import ResponsableFactory, make_enfant
from tests.reading import messages_of

LISTE = "/admin/enfance/inscription/"
AJOUT = f"{LISTE}add/"
VENDREDI = date(2026, 12, 4)  # past its limit: the eve at noon
MERCREDI = date(2026, 12, 9)
LIMITE = "La date limite est passée (jeudi 3\u00a0décembre, 12\u00a0h)."


def add(client, enfant, jour, creneau, motif="", **buttons):
    data = {"enfant": enfant.pk, "jour": jour.strftime("%d/%m/%Y"), "creneau": creneau.pk, "motif": motif, **buttons}
    return client.post(AJOUT, data, follow=True)


def act(client, action, *inscriptions, **data):
    pks = [inscription.pk for inscription in inscriptions]
    return client.post(LISTE, {"action": action, "_selected_action": pks, **data}, follow=True)


def confirmed(client, action, *inscriptions, motif=""):
    """The page that follows when the preview of this action is confirmed."""
    return client.confirm_preview(act(client, action, *inscriptions), motif=motif)


def test_added_inscription_is_written_by_the_writer(mairie, agente, lea, creneaux):
    response = add(mairie, lea, LUNDI, creneaux["soir"])

    inscription = Inscription.objects.get()
    enregistrement = Enregistrement.objects.get()
    assert (inscription.enfant, inscription.jour, inscription.creneau) == (lea, LUNDI, creneaux["soir"])
    assert (inscription.etat, inscription.origine) == ("inscrit", "mairie")
    assert (enregistrement.auteur, enregistrement.porte, enregistrement.motif) == (agente, "mairie", "")
    assert Evenement.objects.get().apres == "inscrit"
    assert [task.args_kwargs["args"] for task in DBTaskResult.objects.all()] == [[enregistrement.pk]]
    assert messages_of(response) == [
        f"Inscription faite : Léa Morel, soir, lundi 7 décembre. Référence {enregistrement.pk}."
    ]
    assert LogEntry.objects.get().object_id == str(inscription.pk)  # ADM-04


def test_added_inscription_takes_up_a_cancelled_row(mairie, inscription):
    Inscription.objects.update(etat="annulee")

    add(mairie, inscription.enfant, LUNDI, inscription.creneau)

    inscription.refresh_from_db()
    assert inscription.etat == "inscrit"


def test_added_inscription_that_exists_changes_nothing(mairie, inscription):
    response = add(mairie, inscription.enfant, LUNDI, inscription.creneau)

    assert messages_of(response) == ["Déjà inscrit : Léa Morel, soir, lundi 7 décembre."]
    assert not Enregistrement.objects.exists()
    assert not LogEntry.objects.exists()


def test_add_another_stays_on_the_form(mairie, lea, creneaux):
    response = add(mairie, lea, LUNDI, creneaux["soir"], _addanother="1")

    assert response.request["PATH_INFO"] == AJOUT


def test_limit_is_passed_with_a_motif_only(mairie, lea, creneaux):
    refused = add(mairie, lea, VENDREDI, creneaux["soir"])
    nothing = Inscription.objects.exists()
    add(mairie, lea, VENDREDI, creneaux["soir"], motif="Appel de la mère")

    assert refused.context["adminform"].form.errors == {
        "motif": [f"{LIMITE} Pour inscrire quand même, écrivez un motif."]
    }
    assert not nothing
    assert Inscription.objects.get().etat == "inscrit"
    assert Enregistrement.objects.get().motif == "Appel de la mère"


def test_full_creneau_is_passed_with_a_motif_only(mairie, inscription):
    inscription.creneau.places = 1
    inscription.creneau.save()
    tom = make_enfant(ResponsableFactory(), prenom="Tom")

    refused = add(mairie, tom, LUNDI, inscription.creneau)
    add(mairie, tom, LUNDI, inscription.creneau, motif="Accord de la directrice")

    assert refused.context["adminform"].form.errors == {
        "motif": ["Il n’y a plus de place. Pour inscrire quand même, écrivez un motif."]
    }
    assert Inscription.objects.get(enfant=tom).etat == "inscrit"


@pytest.mark.parametrize(
    ("jour", "sentence"),
    [
        (MERCREDI, "Il n’y a pas école ce jour-là."),
        (date(2026, 12, 21), "Pas de garderie pendant les congés (Vacances de Noël)."),
        (LUNDI, "Garderie fermée (formation de l’équipe)."),
    ],
)
def test_closed_day_is_refused_even_with_a_motif(mairie, lea, creneaux, jour, sentence):
    Fermeture.objects.create(debut=LUNDI, fin=LUNDI, motif="formation de l’équipe")

    response = add(mairie, lea, jour, creneaux["soir"], motif="Appel de la mère")

    assert response.context["adminform"].form.errors == {"__all__": [sentence]}
    assert not Inscription.objects.exists()


def test_cancelling_asks_first_and_then_lets_the_writer_do_it(mairie, agente, inscription):
    asked = act(mairie, "annuler", inscription)
    before = Inscription.objects.get().etat
    done = confirmed(mairie, "annuler", inscription)

    assert [ligne.obstacles for ligne in asked.context["lignes"]] == [()]
    assert before == "inscrit"
    assert Inscription.objects.get().etat == "annulee"
    enregistrement = Enregistrement.objects.get()
    assert (enregistrement.auteur, enregistrement.porte) == (agente, "mairie")
    assert messages_of(done) == [f"{enregistrement}, annulée : Léa Morel, soir, lundi 7 décembre."]
    assert LogEntry.objects.get().get_change_message() == f"État\u00a0: annulée. {enregistrement}."  # ADM-04


def test_cancelling_past_the_limit_warns_and_wants_a_motif(mairie, inscription):
    Inscription.objects.update(jour=VENDREDI)

    asked = act(mairie, "annuler", inscription)
    without = confirmed(mairie, "annuler", inscription)
    still = Inscription.objects.get().etat
    confirmed(mairie, "annuler", inscription, motif="Malade")

    assert [ligne.avertissements for ligne in asked.context["lignes"]] == [[LIMITE]]
    assert [ligne.avertissements for ligne in without.context["lignes"]] == [[LIMITE]]
    assert still == "inscrit"
    assert Inscription.objects.get().etat == "annulee"
    assert Enregistrement.objects.get().motif == "Malade"


def test_row_that_has_changed_since_it_was_shown_is_asked_again(mairie, inscription, creneaux):
    autre = Inscription.objects.create(enfant=inscription.enfant, jour=LUNDI, creneau=creneaux["matin"])
    shown = act(mairie, "annuler", inscription, autre)
    Inscription.objects.filter(pk=autre.pk).update(etat="annulee")

    again = mairie.confirm_preview(shown, motif="Malade")

    assert (again.context["change"], again.context["form"]["motif"].value()) == (True, "Malade")
    assert [ligne.inscription for ligne in again.context["lignes"]] == [inscription]
    assert not Enregistrement.objects.exists()


def test_reason_that_cannot_be_kept_changes_nothing_and_stays(mairie, inscription):
    page = confirmed(mairie, "annuler", inscription, motif="x" * 201)

    assert page.context["form"]["motif"].value() == "x" * 201
    assert page.text.count("<title>Erreur") == 1
    assert not Enregistrement.objects.exists()


def test_what_cannot_be_passed_is_left_and_named(mairie, inscription):
    ferme = Inscription.objects.create(enfant=inscription.enfant, jour=MERCREDI, creneau=inscription.creneau)
    Inscription.objects.update(etat="annulee")

    response = confirmed(mairie, "inscrire", inscription, ferme, motif="Revient")

    assert [ligne.refus for ligne in response.context["lignes"]] == [["Il n’y a pas école ce jour-là."]]
    assert response.context["apercu"].suites == ()
    assert dict(Inscription.objects.values_list("jour", "etat")) == {LUNDI: "inscrit", MERCREDI: "annulee"}


def test_what_a_closure_or_a_corrected_calendar_left_is_cancelled(mairie, inscription):
    ferme = Inscription.objects.create(enfant=inscription.enfant, jour=MERCREDI, creneau=inscription.creneau)

    confirmed(mairie, "annuler", inscription, ferme, motif="Jour sans école")

    assert dict(Inscription.objects.values_list("jour", "etat")) == {LUNDI: "annulee", MERCREDI: "annulee"}


def test_taken_up_again(mairie, inscription):
    Inscription.objects.update(etat="annulee")

    confirmed(mairie, "inscrire", inscription)

    assert Inscription.objects.get().etat == "inscrit"


def test_action_on_what_is_so_already_changes_nothing(mairie, inscription):
    response = act(mairie, "inscrire", inscription)

    assert messages_of(response) == ["Rien à changer : ces inscriptions sont déjà ainsi."]
    assert not Enregistrement.objects.exists()


def test_action_on_too_many_is_refused(mairie, inscription):
    jours = [date(2027, 1, 1) + timedelta(days=n) for n in range(200)]
    Inscription.objects.bulk_create(
        Inscription(enfant=inscription.enfant, jour=jour, creneau=inscription.creneau) for jour in jours
    )

    response = act(mairie, "annuler", inscription, select_across="1", confirmer="Confirmer")

    assert messages_of(response) == ["Choisissez 200 inscriptions au plus."]
    assert not Enregistrement.objects.exists()


def test_preview_costs_the_same_for_one_and_three(mairie, inscription, django_assert_num_queries):
    tom, lou = (make_enfant(ResponsableFactory(), prenom=prenom) for prenom in ["Tom", "Lou"])
    others = [Inscription.objects.create(enfant=e, jour=LUNDI, creneau=inscription.creneau) for e in [tom, lou]]

    for selection in [[inscription], [inscription, *others]]:
        with django_assert_num_queries(25):
            act(mairie, "annuler", *selection)


def test_row_is_neither_edited_nor_deleted(mairie, inscription):
    page = f"{LISTE}{inscription.pk}/change/"

    assert mairie.get(page).context["has_change_permission"] is False
    assert mairie.post(page, {"etat": "annulee"}).status_code == 403
    assert mairie.post(f"{LISTE}{inscription.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Inscription.objects.get().etat == "inscrit"


def test_page_of_an_inscription_tells_its_history(mairie, agente, lea, creneaux):
    add(mairie, lea, LUNDI, creneaux["soir"])

    page = mairie.get(f"{LISTE}{Inscription.objects.get().pk}/change/").text

    reference = Enregistrement.objects.get()
    assert f'/admin/enfance/enregistrement/{reference.pk}/change/">{reference}</a>' in page
    assert "jeudi 3\u00a0décembre à 20\u00a0h\u00a041\u00a0: inscrit (Dominique Sorbier (5550011))" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=Léa", 1),
        ("q=absente", 0),
        ("creneau__id__exact={soir}", 1),
        ("creneau__id__exact={matin}", 0),
        ("etat__exact=inscrit", 1),
        ("etat__exact=annulee", 0),
        ("jour__year=2026&jour__month=12", 1),
        ("enfant={lea}", 1),
        ("enfant=0", 0),
    ],
)
def test_list_is_searched_and_filtered(mairie, inscription, creneaux, query, found):
    query = query.format(soir=creneaux["soir"].pk, matin=creneaux["matin"].pk, lea=inscription.enfant_id)

    response = mairie.narrow(LISTE, query)

    assert response.context["cl"].result_count == found


@pytest.mark.parametrize(
    ("query", "jours"),
    [
        ("", [3, 7]),
        ("periode=passees", [1, 30]),
        ("periode=toutes", [30, 1, 3, 7]),
        ("jour__year=2026&jour__month=11", [30]),
        ("jour__year=2026&jour__month=12", [1, 3, 7]),
        ("periode=autre", [30, 1, 3, 7]),
    ],
)
def test_list_opens_on_what_is_to_come(mairie, inscription, query, jours):
    for jour in [date(2026, 11, 30), date(2026, 12, 1), date(2026, 12, 3)]:
        Inscription.objects.create(enfant=inscription.enfant, jour=jour, creneau=inscription.creneau)

    rows = mairie.get(f"{LISTE}?{query}").context["cl"].result_list

    assert [row.jour.day for row in rows] == jours


@pytest.mark.parametrize("jours", ["jour__year=2026&jour__month=11", "jour__gte=2026-11-01&jour__lte=2026-11-30"])
def test_periods_lead_away_from_the_days_asked_for(mairie, inscription, jours):
    cl = mairie.get(f"{LISTE}?etat__exact=inscrit&{jours}").context["cl"]

    assert [(choix["query_string"], choix["selected"]) for choix in cl.filter_specs[0].choices(cl)] == [
        ("?etat__exact=inscrit", False),
        ("?etat__exact=inscrit&periode=passees", False),
        ("?etat__exact=inscrit&periode=toutes", False),
    ]


@pytest.mark.parametrize("name", ["evenement", "enregistrement"])
def test_history_is_only_read(mairie, lea, creneaux, name):  # ADM-04
    add(mairie, lea, LUNDI, creneaux["soir"])
    row = {"evenement": Evenement, "enregistrement": Enregistrement}[name].objects.get()
    page = f"/admin/enfance/{name}/"

    assert mairie.get(page).context["cl"].result_count == 1
    assert mairie.get(f"{page}{row.pk}/change/").context["has_change_permission"] is False
    assert mairie.post(f"{page}{row.pk}/change/", {"motif": "autre"}).status_code == 403
    assert mairie.post(f"{page}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert mairie.get(f"{page}add/").status_code == 403


@pytest.mark.parametrize(("query", "found"), [("Léa", 1), ("5550011", 1), ("Sorbier", 1), ("absente", 0)])
def test_history_is_searched(mairie, lea, creneaux, query, found):
    add(mairie, lea, LUNDI, creneaux["soir"])

    assert mairie.narrow("/admin/enfance/evenement/", f"q={query}").context["cl"].result_count == found


def test_enregistrement_is_found_by_its_reference(mairie, lea, creneaux):
    add(mairie, lea, LUNDI, creneaux["soir"])
    reference = Enregistrement.objects.get()

    response = mairie.narrow("/admin/enfance/enregistrement/", f"q={reference.pk}")

    assert [row.pk for row in response.context["cl"].result_list] == [reference.pk]


@pytest.mark.parametrize(
    ("rights", "status"), [(["view_inscription"], 403), (["view_inscription", "add_inscription"], 200)]
)
def test_adding_needs_its_right(agent_with, rights, status):
    assert agent_with(*rights).get(AJOUT).status_code == status


def test_actions_need_their_right(agent_with, inscription):
    page = act(agent_with("view_inscription"), "annuler", inscription)

    assert "apercu" not in page.context
    assert Inscription.objects.get().etat == "inscrit"
