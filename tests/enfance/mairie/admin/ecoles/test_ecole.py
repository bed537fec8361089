"""The schools in the admin: a second one is added there; what holds a school keeps it."""

from datetime import time

import pytest

from enfance.models import Affectation, AnneeScolaire, Classe, Creneau, Ecole, Inscription
from enfance.models.garderie import CreneauQuerySet
from tests.enfance.mairie.admin.formulaires import save
from tests.enfance.mairie.conftest import LUNDI
from tests.factories import AnneeFactory, CreneauFactory, RegleDelaiFactory, StaffFactory, make_creneaux
from tests.reading import html_of, messages_of, plain

ECOLES, CRENEAUX, CLASSES = (f"/admin/enfance/{nom}/" for nom in ("ecole", "creneau", "classe"))
HAMEAU = {"nom": "École du Hameau", "code": "hameau", "premier_niveau": "PS", "dernier_niveau": "CE1", "ordre": "2"}
SANS_LIMITE = {"places": "", "delai_annulation": ""}


def test_second_school_is_added_and_what_follows_is_said(mairie):
    response = save(mairie, f"{ECOLES}add/", **HAMEAU)

    assert [ecole.nom for ecole in Ecole.objects.all()] == ["École", "École du Hameau"]
    assert [texte[:45] for texte in messages_of(response)][0] == "Les créneaux restent à toutes les écoles tant"


def test_second_school_has_the_moments_guessed_by_the_hours_and_told(mairie):
    make_creneaux()
    for code, debut, fin in [("aube", 7, 8), ("midi-2", 12, 13), ("soir-2", 18, 19), ("mercredi", 8, 18)]:
        CreneauFactory(code=code, nom=code, moment="journee", debut=time(debut), fin=time(fin))

    said = plain(messages_of(save(mairie, f"{ECOLES}add/", **HAMEAU))[0])

    assert dict(Creneau.objects.values_list("code", "moment")) == {
        **{code: code for code in ("matin", "midi", "soir")},
        **{"aube": "matin", "midi-2": "journee", "soir-2": "soir", "mercredi": "journee"},
    }
    assert [f"{nom} (moment « {moment} »)" in said for nom, moment in [("aube", "matin"), ("midi-2", "journée")]] == [
        True,
        True,
    ]


def test_third_school_finds_the_moments_as_they_were_said(mairie, ville):
    CreneauFactory(code="etude", moment="journee", debut=time(17), fin=time(18))

    response = save(mairie, f"{ECOLES}add/", **(HAMEAU | {"nom": "Annexe", "code": "annexe"}))

    assert Creneau.objects.get(code="etude").moment == "journee"
    assert [texte[:45] for texte in messages_of(response)][0] == "Les créneaux restent à toutes les écoles tant"


def test_list_stands_under_the_year_and_says_the_levels(mairie):
    save(mairie, f"{ECOLES}add/", **HAMEAU)

    assert "PS à CE1" in mairie.get(ECOLES).text
    assert '<a href="/admin/enfance/ecole/">Écoles</a>' in mairie.get("/admin/").text


@pytest.mark.parametrize(
    ("champs", "champ", "erreur"),
    [
        ({"dernier_niveau": "PS", "premier_niveau": "CP"}, "dernier_niveau", "Le dernier niveau suit le premier"),
        ({"code": "ecole"}, "code", "Une école a déjà ce code."),
        ({"uai": "038"}, "uai", "Un UAI a sept chiffres et une lettre."),
        ({"telephone": "abc"}, "telephone", "Écrivez un numéro complet"),
        ({"cantine_telephone": "12"}, "cantine_telephone", "Écrivez un numéro complet"),
    ],
)
def test_school_that_cannot_be_says_why(mairie, champs, champ, erreur):
    response = save(mairie, f"{ECOLES}add/", **(HAMEAU | champs))

    assert response.context["adminform"].form.errors[champ][0].startswith(erreur)
    assert Ecole.objects.count() == 1


def test_first_school_is_renamed_never_deleted(mairie):
    ecole = Ecole.objects.get()

    page = mairie.get(f"{ECOLES}{ecole.pk}/delete/")
    mairie.post(f"{ECOLES}{ecole.pk}/delete/", {"post": "yes"})

    phrase = "École est la première école du portail : elle change de nom, elle ne se supprime pas."
    assert f"<p>{phrase}</p>" in html_of(page)  # and none of Django's own words about what is protected
    assert Ecole.objects.count() == 1


def test_school_that_something_holds_is_not_deleted(mairie, ville):
    Affectation.objects.create(agent=StaffFactory(), ecole=ville.hameau)

    page = mairie.get(f"{ECOLES}{ville.hameau.pk}/delete/")
    mairie.post(f"{ECOLES}{ville.hameau.pk}/delete/", {"post": "yes"})

    phrase = "École du Hameau ne se supprime pas : elle a encore 1 élève, 1 classe, 2 créneaux et 1 agent."
    assert f"<p>{phrase}</p>" in html_of(page)
    assert Ecole.objects.filter(pk=ville.hameau.pk).exists()


def test_school_that_nothing_holds_is_deleted(mairie):
    ecole = Ecole.objects.create(nom="Annexe", code="annexe")

    mairie.post(f"{ECOLES}{ecole.pk}/delete/", {"post": "yes"})

    assert not Ecole.objects.filter(pk=ecole.pk).exists()


# --- Créneaux -------------------------------------------------------------------------------------------------------


def creneau(code: str, **champs) -> dict:
    delai = RegleDelaiFactory().pk
    jours = {"lundi": False, "mardi": False, "jeudi": False, "vendredi": False, "mercredi": "on"}
    noms = {"code": code, "nom": "Créneau", "nom_court": "créneau", "ordre": "4", "debut": "07:30", "fin": "18:00"}
    return noms | jours | SANS_LIMITE | {"delai_inscription": delai} | champs


@pytest.mark.parametrize(
    ("code", "moment", "icone"),
    [
        ("soir", "soir", "soir"),
        ("soir-2", "journee", "horloge"),
        ("midi-2", "journee", "horloge"),
        ("mercredi", "journee", "horloge"),
    ],
)
def test_one_school_is_asked_neither_for_a_school_nor_for_a_moment(mairie, code, moment, icone):
    response = mairie.get(f"{CRENEAUX}add/")
    assert not {"ecoles", "moment"} & set(response.context["adminform"].form.fields)

    save(mairie, f"{CRENEAUX}add/", **creneau(code))

    fait = Creneau.objects.get(code=code)
    assert (fait.moment, fait.icone) == (moment, icone)


def test_several_schools_are_asked_for_both(mairie, ville):
    save(mairie, f"{CRENEAUX}add/", **creneau("mercredi", ecoles=[ville.hameau.pk], moment="journee"))

    mercredi = Creneau.objects.get(code="mercredi")
    assert (list(mercredi.ecoles.all()), mercredi.moment) == ([ville.hameau], "journee")


def test_moment_is_asked_for(mairie, ville):
    response = save(mairie, f"{CRENEAUX}add/", **creneau("mercredi", moment="", ecoles=False))

    assert list(response.context["adminform"].form.errors) == ["moment"]


def test_list_names_the_schools_and_narrows_to_one(mairie, ville):
    page = mairie.get(CRENEAUX)
    assert [page.context["cl"].model_admin.ecole(creneau) for creneau in page.context["cl"].result_list] == [
        "École du Bourg",
        "École du Hameau",
        "toutes les écoles",
        "École du Bourg et École du Hameau",
    ]

    page = mairie.get(f"{CRENEAUX}?ecole=hameau")
    assert [creneau.code for creneau in page.context["cl"].result_list] == ["matin-hameau", "midi", "soir"]


def test_school_that_counts_on_a_creneau_keeps_it(mairie, ville):
    ville.inscrire(ville.zoe, LUNDI, "soir")
    soir = ville.creneaux["soir"]

    response = save(mairie, f"{CRENEAUX}{soir.pk}/change/", ecoles=[ville.bourg.pk])

    (erreur,) = response.context["adminform"].form.errors["ecoles"]
    assert plain(erreur) == (
        "Des enfants y sont inscrits (École du Hameau, le prochain, le lundi 7 décembre) : "
        "cette école garde ce créneau."
    )
    assert soir.ecoles.count() == 2

    Inscription.objects.update(etat="annulee")
    save(mairie, f"{CRENEAUX}{soir.pk}/change/", ecoles=[ville.bourg.pk])
    assert list(soir.ecoles.all()) == [ville.bourg]


@pytest.mark.parametrize("champ", ["ecoles", "lundi"])
def test_what_a_family_books_meanwhile_is_kept_by_the_creneau(mairie, ville, monkeypatch, champ):
    """Zoé's, who had the créneau first: what it gives up is judged once it is held."""
    lock, page = CreneauQuerySet.lock, f"{CRENEAUX}{ville.creneaux['soir'].pk}/change/"

    def after_zoe(self, codes=None):
        if not Inscription.objects.exists():
            ville.inscrire(ville.zoe, LUNDI, "soir")
        return lock(self, codes)

    monkeypatch.setattr(CreneauQuerySet, "lock", after_zoe)
    response = save(mairie, page, **{champ: {"ecoles": [ville.bourg.pk], "lundi": False}[champ]})

    assert list(response.context["adminform"].form.errors) == [champ]
    assert Creneau.objects.get(code="soir").lundi
    assert ville.creneaux["soir"].ecoles.count() == 2


# --- Classes --------------------------------------------------------------------------------------------------------


def test_class_of_one_school_is_asked_for_no_school_and_comes_once(mairie):
    annee = AnneeFactory()

    for _ in range(2):
        response = save(mairie, f"{CLASSES}add/", annee=annee.pk, nom="CM2", enseignant="")

    assert response.context["adminform"].form.errors == {"__all__": ["Cette classe est déjà dans l’année."]}
    assert [classe.ecole_id for classe in Classe.objects.all()] == [Ecole.objects.get().pk]


def test_class_of_several_schools_has_one_and_keeps_it(mairie, ville):
    annee = AnneeFactory()

    save(mairie, f"{CLASSES}add/", annee=annee.pk, ecole=ville.hameau.pk, nom="CM2", enseignant="")

    cm2 = Classe.objects.get(nom="CM2")
    assert cm2.ecole == ville.hameau
    assert "ecole" not in mairie.get(f"{CLASSES}{cm2.pk}/change/").context["adminform"].form.fields
    page = mairie.get(f"{CLASSES}?ecole=hameau")
    assert {classe.nom for classe in page.context["cl"].result_list} == {"CM2", "Classe unique"}


def test_pupils_of_a_level_that_is_no_more_their_schools_are_told(mairie, ville):
    champs = {"nom": "École du Bourg", "code": ville.bourg.code, "premier_niveau": "CM2", "dernier_niveau": "CM2"}

    dits = messages_of(save(mairie, f"{ECOLES}{ville.bourg.pk}/change/", **champs))

    assert any(dit.startswith("École du Bourg : 1 élève d’un niveau qui n’est pas le sien.") for dit in dits)


def test_one_school_hears_nothing_of_levels(mairie, inscription):
    ecole = Ecole.objects.get()
    champs = {"nom": "École", "code": "ecole", "premier_niveau": "CM2", "dernier_niveau": "CM2"}

    assert not any("niveau" in texte for texte in messages_of(save(mairie, f"{ECOLES}{ecole.pk}/change/", **champs)))


@pytest.mark.parametrize("mercredi", [True, False])
def test_wednesday_creneau_says_that_no_year_has_school_then(mairie, ville, mercredi):
    AnneeScolaire.objects.update(mercredi=mercredi)
    creneau = Creneau.objects.get(code="soir")

    dits = messages_of(save(mairie, f"{CRENEAUX}{creneau.pk}/change/", mercredi=True))

    assert any("Aucune année scolaire n’a école le mercredi" in texte for texte in dits) is not mercredi
