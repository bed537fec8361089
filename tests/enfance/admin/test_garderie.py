from datetime import date, time

import pytest
from django.urls import reverse

from enfance.models import AnneeScolaire, Classe, Conge, Creneau, Inscription, RegleDelai, Scolarite
from tests.enfance.admin.test_personnes import form_of, save, texts
from tests.factories import AnneeFactory, CreneauFactory, RegleDelaiFactory

NON_PREVENUES = "Elles ne sont pas annulées, et les familles ne sont pas prévenues."


def page_of(obj) -> str:
    return reverse(f"admin:enfance_{obj._meta.model_name}_change", args=[obj.pk])


# --- Deadlines ------------------------------------------------------------------------------------------------------


def test_rule_is_told_in_words_with_an_example(mairie):
    AnneeFactory()

    page = mairie.get(page_of(RegleDelaiFactory())).content.decode()

    assert "Modifiable jusqu’à la veille, 12\u00a0h (le vendredi pour le lundi)." in page
    assert "Le lundi 7\u00a0décembre est modifiable avant vendredi 4\u00a0décembre, 12\u00a0h." in page


def test_rule_without_its_figures_is_refused_in_words(mairie):
    response = mairie.post("/admin/enfance/regledelai/add/", {"genre": "mois", "heure": "12:00"})

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

    save(mairie, page_of(creneau), places="20", delai_annulation=regle.pk, code="autre")

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


# --- The calendar ---------------------------------------------------------------------------------------------------


def test_year_is_shown_with_its_holidays(mairie):
    form = form_of(mairie, page_of(AnneeFactory()))

    assert form["conges-TOTAL_FORMS"] == Conge.objects.count()
    assert "Vacances de Noël" in form.values()


def test_holiday_is_corrected(mairie, inscription):
    annee = AnneeScolaire.objects.get()
    noms = list(annee.conges.values_list("nom", flat=True))
    rang = noms.index("Vacances de Noël")

    response = save(mairie, page_of(annee), **{f"conges-{rang}-debut": "18/12/2026"})

    assert annee.conges.get(nom="Vacances de Noël").debut == date(2026, 12, 18)
    assert [text for text in texts(response) if NON_PREVENUES in text] == []


def test_holiday_over_inscriptions_is_told(mairie, inscription):
    annee = AnneeScolaire.objects.get()
    rang = list(annee.conges.values_list("nom", flat=True)).index("Vacances de Noël")

    response = save(mairie, page_of(annee), **{f"conges-{rang}-debut": "05/12/2026"})

    sentence = f"Des inscriptions sont sur un jour sans école\u00a0: lundi 7\u00a0décembre (1). {NON_PREVENUES}"
    assert sentence in texts(response)
    assert Inscription.objects.get().etat == "inscrit"


def test_weekday_of_the_year_with_inscriptions_is_told(mairie, inscription):
    response = save(mairie, page_of(AnneeScolaire.objects.get()), lundi=False)

    sentence = f"Des inscriptions sont sur un jour sans école\u00a0: lundi 7\u00a0décembre (1). {NON_PREVENUES}"
    assert sentence in texts(response)


def test_class_with_pupils_is_not_deleted(mairie, inscription, classe):
    mairie.post(reverse("admin:enfance_classe_delete", args=[classe.pk]), {"post": "yes"})

    assert Classe.objects.filter(pk=classe.pk).exists()
