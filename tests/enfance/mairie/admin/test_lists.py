"""Every list: the same cost for one row and for three, and filters that reach no further than they show."""

from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.contrib import admin
from django.urls import reverse
from django.utils.translation.trans_real import translation

from accounts.models import UndeliveredMail
from enfance.inscriptions import Changement, enregistrer
from enfance.models import (
    Actualite,
    AnneeScolaire,
    Appel,
    Creneau,
    Fermeture,
    ImportOnde,
    ListeRepas,
    Message,
    Pointage,
    Repas,
    Scolarite,
)
from enfance.regles import Acteur, Cle
from tests.enfance.mairie.conftest import JEUDI_SOIR, LUNDI
from tests.factories import ClasseFactory, RegleDelaiFactory, ResponsableFactory, make_enfant

COSTS = {
    "actualite": 7,
    "absence": 8,
    "anneescolaire": 5,
    "appel": 9,
    "classe": 7,
    "creneau": 6,
    "ecole": 5,
    "enfant": 11,
    "enregistrement": 8,
    "evenement": 9,
    "fermeture": 12,
    "foyer": 8,
    "importonde": 9,
    "inscription": 13,
    "listerepas": 17,
    "message": 5,
    "pointage": 9,
    "regledelai": 8,
    "repas": 9,
    "responsable": 6,
}


def make_rows(agente, number):
    """So many rows more on each list that may have several."""
    for n in range(number):
        responsable = ResponsableFactory()
        enfant = make_enfant(responsable, prenom=f"Enfant {n}")
        classe = ClasseFactory(nom=f"Classe {responsable.pk}")
        Scolarite.objects.filter(enfant=enfant).update(classe=classe)
        acteur = Acteur.mairie(agente.pk)
        enregistrer([Changement(Cle(enfant.pk, LUNDI, "soir"), "inscrit")], acteur, now=JEUDI_SOIR)
        RegleDelaiFactory(genre="jours", nombre=n)
        Appel.objects.create(jour=LUNDI + timedelta(days=responsable.pk), creneau=Creneau.objects.first())
        venu = {"present": True, "arrivee": JEUDI_SOIR, "arrivee_recue": JEUDI_SOIR}
        Pointage.objects.create(enfant=enfant, jour=LUNDI, creneau=Creneau.objects.first(), **venu)
        enfant.absences.create(jour=LUNDI, signalee_par=responsable.user)
        liste = ListeRepas.objects.create(debut=LUNDI, fin=LUNDI, importee_par=agente)
        Repas.objects.create(enfant=enfant, jour=LUNDI, liste=liste)
        annee = AnneeScolaire.objects.latest("debut")
        ImportOnde.objects.create(annee=annee, depose_par=agente, depose_le=JEUDI_SOIR, applique_le=JEUDI_SOIR)
        Actualite.objects.create(texte="Marché de Noël", debut=LUNDI)
        Message.objects.create(objet="Photos", texte="Photos", auteur=agente)
        UndeliveredMail.objects.create(user=responsable.user, mail="Envoi", reason="refused")
    for n in range(number):
        Fermeture.objects.create(debut=LUNDI, fin=LUNDI, motif="grève").classes.add(ClasseFactory(nom=f"Fermée {n}"))


@pytest.mark.parametrize("name", COSTS)
def test_list_costs_the_same_for_one_and_three(mairie, agente, creneaux, name, django_assert_num_queries):
    for number in [1, 2]:
        make_rows(agente, number)
        with django_assert_num_queries(COSTS[name]):
            response = mairie.get(reverse(f"admin:enfance_{name}_changelist"))

    assert response.context["cl"].result_count >= 3 or name in {"anneescolaire", "ecole"}


def test_every_list_has_its_cost():
    assert set(COSTS) == {
        model._meta.model_name for model in admin.site._registry if model._meta.app_label == "enfance"
    }


@pytest.mark.parametrize(
    "query",
    [
        "enfant/?consigne__contains=arachide",
        "enfant/?onde__contains=a",
        "enfant/?responsables__user__password__startswith=a",
        "responsable/?user__password__startswith=a",
        "inscription/?enfant__consigne__contains=arachide",
        "inscription/?foyer__responsables__user__password__startswith=a",
        "evenement/?enregistrement__auteur__password__startswith=a",
        "evenement/?enfant__consigne__startswith=a",
        "enregistrement/?auteur__password__startswith=a",
        "foyer/?onde=a",
    ],
)
def test_lists_are_not_filtered_on_what_they_do_not_offer(mairie, query):  # ADM-08
    assert mairie.get(f"/admin/enfance/{query}").status_code == 400


class Words(HTMLParser):
    """The words of a page: what is read on it, and what names its images and buttons."""

    def __init__(self, html: str):
        super().__init__()
        self.found: set[str] = set()
        self.feed(html)

    def handle_data(self, data):
        self.found.add(data.strip(" \n:"))

    def handle_starttag(self, tag, attrs):
        names = {"alt", "title", "aria-label", "placeholder", "value" if tag == "input" else "alt"}
        self.found |= {value for name, value in attrs if name in names and value}


@pytest.mark.ci
@pytest.mark.parametrize("model", admin.site._registry, ids=str)
@pytest.mark.parametrize("page", ["changelist", "add"])
def test_no_word_of_django_is_left_in_english(mairie, agente, creneaux, model, page):
    english = {
        text for text, french in translation("fr")._catalog.items() if isinstance(text, str) and text and text != french
    }
    make_rows(agente, 1)

    response = mairie.get(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"))

    assert english & Words(response.text).found == set()
