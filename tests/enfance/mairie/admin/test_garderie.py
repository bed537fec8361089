from datetime import date, time

import pytest
from django.urls import reverse
from django.utils import timezone

from enfance.models import Classe, Creneau, Fermeture, Inscription, RegleDelai, Scolarite
from tests.enfance.mairie.admin.formulaires import page_of, save
from tests.enfance.mairie.conftest import LUNDI
from tests.factories import (
    AnneeFactory,
    ClasseFactory,
    CreneauFactory,
    EcoleFactory,
    RegleDelaiFactory,
    ResponsableFactory,
    make_enfant,
)
from tests.reading import words_of

# --- Deadlines ------------------------------------------------------------------------------------------------------


def test_rule_is_told_in_words_with_an_example(mairie):
    AnneeFactory()

    page = mairie.get(page_of(RegleDelaiFactory())).text

    assert "Modifiable jusqu’à la veille, 12\u00a0h (le vendredi pour le lundi)." in page
    assert "Le lundi 7\u00a0décembre est modifiable avant vendredi 4\u00a0décembre, 12\u00a0h." in page


def test_rule_without_its_figures_is_refused_in_words(mairie):
    response = save(mairie, "/admin/enfance/regledelai/add/", genre="mois", heure="12:00")

    assert response.context["adminform"].form.errors == {"__all__": ["Indiquez un jour du mois, de 1 à 31."]}


def test_rule_in_use_is_not_deleted(mairie):
    regle = CreneauFactory().delai_inscription
    free = RegleDelaiFactory(nombre=2)

    for row in [regle, free]:
        mairie.post(reverse("admin:enfance_regledelai_delete", args=[row.pk]), {"post": "yes"})

    assert list(RegleDelai.objects.all()) == [regle]


# --- Créneaux -------------------------------------------------------------------------------------------------------


def test_creneau_takes_places_and_deadlines(mairie):
    creneau = CreneauFactory()
    regle = RegleDelaiFactory(genre="semaine", nombre=1, jour_semaine=3, heure=time(12))

    mairie.confirm_preview(save(mairie, page_of(creneau), places="20", delai_annulation=regle.pk, code="autre"))

    creneau.refresh_from_db()
    assert (creneau.places, creneau.delai_annulation, creneau.code) == (20, regle, "soir")


def test_weekday_with_inscriptions_stays_open(mairie, inscription):
    response = save(mairie, page_of(inscription.creneau), lundi=False, mardi=False)

    assert response.context["adminform"].form.errors == {
        "lundi": ["Des enfants sont inscrits le lundi (le prochain, le lundi 7\u00a0décembre)."]
    }
    assert Creneau.objects.get(code="soir").lundi


@pytest.mark.parametrize(
    "change",
    [{"etat": "annulee"}, {"jour": date(2026, 11, 30)}, {"jour": date(2026, 12, 8)}],
    ids=["cancelled", "past", "another weekday"],
)
def test_weekday_that_nobody_counts_on_is_closed(mairie, inscription, change):
    Inscription.objects.update(**change)

    save(mairie, page_of(inscription.creneau), lundi=False)

    assert not Creneau.objects.get(code="soir").lundi


def test_booked_creneau_is_not_deleted(mairie, inscription):
    mairie.post(reverse("admin:enfance_creneau_delete", args=[inscription.creneau_id]), {"post": "yes"})

    assert Creneau.objects.filter(pk=inscription.creneau_id).exists()


@pytest.fixture
def classe(inscription) -> Classe:
    return Scolarite.objects.get().classe


def test_class_with_pupils_is_not_deleted(mairie, inscription, classe):
    mairie.post(reverse("admin:enfance_classe_delete", args=[classe.pk]), {"post": "yes"})

    assert Classe.objects.filter(pk=classe.pk).exists()


@pytest.mark.parametrize("nomme", ["creneaux", "classes"])
def test_what_a_closure_names_alone_is_not_deleted(mairie, nomme):
    """Without it the closure would be of the whole town."""
    row = CreneauFactory() if nomme == "creneaux" else ClasseFactory()
    fermeture = Fermeture.objects.create(debut=date(2026, 12, 7), fin=date(2026, 12, 7), motif="travaux")
    getattr(fermeture, nomme).add(row)
    address = reverse(f"admin:enfance_{row._meta.model_name}_delete", args=[row.pk])

    page = mairie.get(address).text
    mairie.post(address, {"post": "yes"})

    assert str(fermeture) in page
    assert list(getattr(fermeture, nomme).all()) == [row]


def test_page_that_deletes_a_creneau_names_it_alone(mairie):
    creneau = CreneauFactory()
    creneau.ecoles.add(EcoleFactory())
    address = reverse("admin:enfance_creneau_delete", args=[creneau.pk])

    page = mairie.get(address).text
    mairie.post(address, {"post": "yes"})

    assert "Creneau_ecoles" not in page
    assert "elation" not in page
    assert not Creneau.objects.exists()


def test_code_of_another_creneau_is_refused_in_a_sentence(mairie):
    CreneauFactory(code="soir")
    response = save(mairie, "/admin/enfance/creneau/add/", code="soir")
    assert response.context["adminform"].form.errors["code"] == ["Un créneau a déjà ce code."]


# --- What a change does is asked first ------------------------------------------------------------------------------


def test_hours_that_children_are_booked_on_are_asked_about(mairie, inscription):
    page = page_of(inscription.creneau)

    response = save(mairie, page, fin="18:00")
    assert [phrase[:9] for phrase in response.context["effets"]] == ["Horaire\u00a0:"]
    assert Creneau.objects.get(code="soir").fin == time(18, 30)

    mairie.confirm_preview(response)
    assert Creneau.objects.get(code="soir").fin == time(18)


def test_answer_to_another_question_is_no_answer(mairie, inscription):
    page = page_of(inscription.creneau)

    response = save(mairie, page, fin="18:00", confirmer="1", empreinte="autre chose")

    assert response.context["effets"]
    assert Creneau.objects.get(code="soir").fin == time(18, 30)


def test_fewer_places_than_taken_are_asked_about_and_remove_nobody(mairie, inscription):
    response = save(mairie, page_of(inscription.creneau), places="0")
    assert response.context["effets"] == [
        "Jours avec plus d’inscrits que de places\u00a0: lundi 7\u00a0décembre (1). Personne n’est retiré."
    ]

    mairie.confirm_preview(response)
    assert (Creneau.objects.get(code="soir").places, Inscription.objects.get().etat) == (0, "inscrit")


def test_more_places_name_whom_they_serve_before_they_are_written(mairie, inscription, mailoutbox):
    creneau = inscription.creneau
    Creneau.objects.filter(pk=creneau.pk).update(places=1)
    tom = make_enfant(ResponsableFactory(user__email="", telephone="06 39 98 00 07"), prenom="Tom")
    Inscription.objects.create(enfant=tom, jour=LUNDI, creneau=creneau, etat="attente", attente_depuis=timezone.now())

    question = save(mairie, page_of(creneau), places="2")

    assert "1 enfant qui attend aura une place : 1 inscription." in words_of(question)
    assert "Qui aura une place Jour Moment Enfants lundi 7 décembre soir Tom Morel" in words_of(question)
    assert "06 39 98 00 07" in words_of(question)
    assert (Creneau.objects.get(pk=creneau.pk).places, Inscription.objects.get(enfant=tom).etat) == (1, "attente")

    done = mairie.confirm_preview(question)

    assert "Places par jour : 1 → 2. Enfants servis de la liste d’attente : 1." in words_of(done)
    assert (Creneau.objects.get(pk=creneau.pk).places, Inscription.objects.get(enfant=tom).etat) == (2, "inscrit")


def test_more_places_that_serve_nobody_are_not_asked_about(mairie, inscription):
    Creneau.objects.filter(pk=inscription.creneau_id).update(places=1)

    save(mairie, page_of(inscription.creneau), places="2")

    assert Creneau.objects.get(pk=inscription.creneau_id).places == 2


def test_name_is_changed_without_a_question(mairie, inscription):
    save(mairie, page_of(inscription.creneau), nom="Garderie du soir")

    assert Creneau.objects.get(code="soir").nom == "Garderie du soir"


def test_rule_that_changes_tells_of_its_creneaux(mairie, inscription):
    regle = RegleDelai.objects.get()

    response = save(mairie, page_of(regle), nombre="2")
    assert "au lieu de" in response.context["effets"][1]
    assert RegleDelai.objects.get().nombre == 1

    mairie.confirm_preview(response)
    assert str(RegleDelai.objects.get()) == ("Jusqu’à 2 jours avant, 12\u00a0h, week-ends et jours fériés non comptés")
