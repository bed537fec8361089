"""The page of a trip: who leaves, by level; who stays, by name; the mail that is read before it leaves."""

from __future__ import annotations

from datetime import date

import pytest
from django.contrib.admin.models import LogEntry

from enfance.inscriptions import Changement, enregistrer
from enfance.mairie.fermetures.ecriture import fermeture_phrase
from enfance.models import Creneau, Fermeture, Inscription, Scolarite
from enfance.regles import Acteur, Cle
from tests.enfance.mairie.conftest import JEUDI_SOIR
from tests.factories import AnneeFactory, ClasseFactory, EcoleFactory, ResponsableFactory, make_enfant
from tests.reading import messages_of, plain

SORTIE = "/admin/enfance/fermeture/sortie/"
MARDI_8 = date(2026, 12, 8)


@pytest.fixture
def eleves(creneaux):
    """CM1 in two classes, beside CE2 and CM2; all at noon and in the evening of the Tuesday."""
    eleves = {}
    for prenom, niveau, classe in (
        ("Cléo", "CE2", "CE2-CM1 M. Frêne"),
        ("Anna", "CM1", "CE2-CM1 M. Frêne"),
        ("Oscar", "CM1", "CM1-CM2 Mme Bouleau"),
        ("Zoé", "CM2", "CM1-CM2 Mme Bouleau"),
    ):
        parent = ResponsableFactory()
        enfant = eleves[prenom] = make_enfant(parent, prenom=prenom)
        Scolarite.objects.filter(enfant=enfant).update(niveau=niveau, classe=ClasseFactory(nom=classe))
        register(parent, enfant)
    return eleves


def register(parent, enfant, *moments, jour=MARDI_8):
    changements = [Changement(Cle(enfant.pk, jour, moment), "inscrit") for moment in moments or ("midi", "soir")]
    assert enregistrer(changements, Acteur.parent(parent), now=JEUDI_SOIR).refus == ()


def trip(*niveaux, **champs):
    moments = list(Creneau.objects.filter(code__in=["midi", "soir"]).values_list("pk", flat=True))
    return {
        "nature": "sortie",
        "debut": "08/12/2026",
        "fin": "",
        "creneaux": moments,
        "motif": "musée, retour à 18 h",
        "niveaux": list(niveaux),
    } | champs


def states():
    return {(i.enfant.prenom, i.creneau.code): i.etat for i in Inscription.objects.select_related("enfant", "creneau")}


def kept():
    return {prenom for (prenom, _), etat in states().items() if etat == "inscrit"}


def choose(page, sauf=()):
    """What the preview sends: all its boxes, but those of these children."""
    apercu = page.context["apercu"]
    proposes = [eleve.pk for eleve in (*apercu.inscrits, *apercu.autres)]
    return {
        "proposes": proposes,
        "partent": [pk for pk in proposes if pk not in {enfant.pk for enfant in sauf}],
        "restaient": page.context["restaient"],
        "empreinte": apercu.empreinte,
        "confirmer": "1",
    }


def test_the_form_offers_the_levels_and_classes_of_the_year_and_the_moments_of_a_day_away(mairie, eleves):
    suivante = AnneeFactory(debut=date(2027, 9, 1), fin=date(2028, 7, 4))
    ClasseFactory(nom="CM1 M. Saule", annee=suivante)

    form = mairie.get(SORTIE).context["form"]

    assert [niveau for niveau, _ in form.fields["niveaux"].choices] == ["CE2", "CM1", "CM2"]
    assert [str(classe) for classe in form.fields["classes"].queryset] == [
        "CE1-CE2 Mme Sorbier",
        "CE2-CM1 M. Frêne",
        "CM1-CM2 Mme Bouleau",
    ]
    assert [Creneau.objects.get(pk=pk).code for pk in form["creneaux"].value()] == ["midi", "soir"]
    assert "ecole" not in form.fields


def test_the_preview_says_who_leaves_who_stays_and_writes_nothing(mairie, eleves):
    avant = states()

    page = mairie.post(SORTIE, trip("CM1"))

    apercu = page.context["apercu"]
    assert plain(apercu.titre) == "Sortie des CM1, mardi 8 décembre"
    assert plain(apercu.phrase) == "Ceci retire 4 inscriptions de 2 enfants, CM1. Personne d’autre n’est touché."
    assert plain(apercu.precision) == (
        "2 midis et 2 soirs, non facturés. 2 e-mails. "
        "Gardent leur place, dans les mêmes classes : 1 CE2 (CE2-CM1 M. Frêne) et 1 CM2 (CM1-CM2 Mme Bouleau)."
    )
    assert [(plain(e.nom), e.classe, e.reste, e.moments) for e in apercu.inscrits] == [
        ("Anna Morel", "CE2-CM1 M. Frêne", False, "midi, soir"),
        ("Oscar Morel", "CM1-CM2 Mme Bouleau", False, "midi, soir"),
    ]
    assert plain(apercu.suites[0].verbe) == "Enregistrer la sortie et envoyer 2 e-mails"
    assert plain(apercu.lisent) == "CM1 en sortie, 2 midis de moins"
    assert (states(), Fermeture.objects.count()) == (avant, 0)


def test_the_mail_is_that_of_the_family_whose_children_do_not_all_leave(mairie, eleves):
    parent = eleves["Anna"].responsables.get()
    petite = make_enfant(parent, prenom="Jeanne")
    Scolarite.objects.filter(enfant=petite).update(niveau="GS")
    register(parent, petite)

    apercu = mairie.post(SORTIE, trip("CM1")).context["apercu"]

    assert plain(apercu.destinataire) == f"{parent.user.get_full_name()}, qui a 2 enfants"
    texte = plain(apercu.exemple)
    assert texte.startswith("Sortie des CM1 mardi 8 décembre : Anna n’a ni midi ni soir")
    assert "Les CM1 sont en sortie mardi 8 décembre : musée, retour à 18 h." in texte
    assert "Anna (CM1) part :\n− mardi 8 décembre : midi et soir" in texte
    assert "Jeanne (grande section) reste à l’école. Comme prévu :\n+ Jeanne, mardi 8 décembre : midi et soir" in texte
    assert "fermée" not in texte


def test_a_trip_is_confirmed(mairie, eleves, agente):
    page = mairie.post(SORTIE, trip("CM1"))

    response = mairie.post(SORTIE, trip("CM1") | choose(page), follow=True)

    assert [plain(message) for message in messages_of(response)] == [
        "Noté : sortie des CM1, mardi 8 décembre (musée, retour à 18 h). "
        "Retirées : 4 inscriptions, 2 enfants, 2 foyers. Les familles sont prévenues par e-mail."
    ]
    assert kept() == {"Cléo", "Zoé"}
    fermeture = Fermeture.objects.get()
    assert (fermeture.nature, fermeture.niveaux, fermeture.restent.count()) == ("sortie", "CM1", 0)
    assert LogEntry.objects.get().object_id == str(fermeture.pk)


def test_a_child_who_stays_is_unticked_and_the_preview_comes_again(mairie, eleves):
    page = mairie.post(SORTIE, trip("CM1"))

    relu = mairie.post(SORTIE, trip("CM1") | choose(page, sauf=[eleves["Oscar"]]))

    assert (relu.context["relu"], relu.context["change"], Fermeture.objects.count()) == (True, False, 0)
    assert plain(relu.context["apercu"].phrase).startswith("Ceci retire 2 inscriptions de 1 enfant, CM1.")
    assert [(e.nom.split()[0], e.reste, e.moments) for e in relu.context["apercu"].inscrits] == [
        ("Anna", False, "midi, soir"),
        ("Oscar", True, ""),
    ]

    mairie.post(SORTIE, trip("CM1") | choose(relu, sauf=[eleves["Oscar"]]))

    assert kept() == {"Cléo", "Oscar", "Zoé"}
    assert list(Fermeture.objects.get().restent.all()) == [eleves["Oscar"]]


def test_a_child_without_a_place_that_day_may_stay_as_well(mairie, eleves):
    parent = ResponsableFactory()
    lou = make_enfant(parent, prenom="Lou")
    Scolarite.objects.filter(enfant=lou).update(niveau="CM1")
    page = mairie.post(SORTIE, trip("CM1"))
    assert [eleve.pk for eleve in page.context["apercu"].autres] == [lou.pk]

    relu = mairie.post(SORTIE, trip("CM1") | choose(page, sauf=[lou]))
    mairie.post(SORTIE, trip("CM1") | choose(relu, sauf=[lou]))

    register(parent, lou, "soir")  # no box of hers is closed
    assert "Lou" in kept()


def test_a_child_who_registers_after_the_preview_is_asked_about(mairie, eleves):
    page = mairie.post(SORTIE, trip("CM1"))
    parent = ResponsableFactory()
    lou = make_enfant(parent, prenom="Lou")
    Scolarite.objects.filter(enfant=lou).update(niveau="CM1")
    register(parent, lou, "soir")

    relu = mairie.post(SORTIE, trip("CM1") | choose(page))

    assert relu.context["change"] is True
    assert {eleve.pk: eleve.reste for eleve in relu.context["apercu"].inscrits}[lou.pk] is False
    assert Fermeture.objects.count() == 0


def test_a_second_click_changes_nothing(mairie, eleves):
    page = mairie.post(SORTIE, trip("CM1"))
    mairie.post(SORTIE, trip("CM1") | choose(page), follow=True)

    response = mairie.post(SORTIE, trip("CM1") | choose(page), follow=True)

    assert [plain(message) for message in messages_of(response)] == [
        "Déjà noté : sortie des CM1, mardi 8 décembre (musée, retour à 18 h). Rien n’a changé."
    ]
    assert Fermeture.objects.count() == 1


def test_the_button_back_leads_to_the_form_as_it_was_sent(mairie, eleves):
    page = mairie.post(SORTIE, trip("CM1") | {"corriger": "1"})

    assert page.templates[0].name == "mairie/fermetures/sortie.html"
    assert page.context["form"]["motif"].value() == "musée, retour à 18 h"
    assert Fermeture.objects.count() == 0


def test_a_teacher_away_is_the_same_with_other_words(mairie, eleves):
    classe = ClasseFactory(nom="CM1-CM2 Mme Bouleau")
    champs = trip(classes=[classe.pk], nature="enseignant", motif="formation")

    page = mairie.post(SORTIE, champs)
    apercu = page.context["apercu"]

    assert plain(apercu.titre) == "Enseignant absent, CM1-CM2 Mme Bouleau, mardi 8 décembre"
    assert plain(apercu.suites[0].verbe) == "Enregistrer l’absence et envoyer 2 e-mails"
    texte = plain(apercu.exemple)
    assert "Pas de classe mardi 8 décembre pour la classe CM1-CM2 Mme Bouleau : formation." in texte
    assert "n’a pas classe :" in texte
    mairie.post(SORTIE, champs | choose(page))
    assert (Fermeture.objects.get().nature, kept()) == ("enseignant", {"Cléo", "Anna"})


@pytest.mark.parametrize(
    ("champs", "champ", "erreur"),
    [
        ({"niveaux": []}, "niveaux", "Choisissez au moins un niveau, ou une classe entière."),
        ({"niveaux": ["CM3"]}, "niveaux", "Sélectionnez un choix valide. CM3 n’en fait pas partie."),
        ({"creneaux": []}, "creneaux", "Choisissez au moins un moment."),
        ({"debut": "12/12/2026"}, "debut", "Pas de garderie samedi 12 décembre : rien à fermer."),
        ({"fin": "07/12/2026"}, "__all__", "Le dernier jour doit suivre le premier, ou être le même."),
        ({"debut": "08/12/2030"}, "debut", "Indiquez un jour d’une année scolaire déjà préparée."),
        ({"debut": ""}, "debut", "Ce champ est obligatoire."),
        ({"motif": ""}, "motif", "Ce champ est obligatoire."),
        ({"nature": "fermeture"}, "nature", "Sélectionnez un choix valide. fermeture n’en fait pas partie."),
        ({"partent": ["Ω"]}, "partent", "« Ω » n’est pas une valeur correcte."),
    ],
)
def test_what_cannot_be_a_trip_is_refused_in_words(mairie, eleves, champs, champ, erreur):
    form = mairie.post(SORTIE, trip("CM1") | champs).context["form"]

    assert [plain(e) for e in form.errors[champ]] == [erreur]


def test_a_town_of_several_schools_says_which_one_leaves(mairie, eleves):
    hameau = EcoleFactory(nom="École du Hameau", code="hameau")
    parent = ResponsableFactory()
    loin = make_enfant(parent, prenom="Loïc")
    Scolarite.objects.filter(enfant=loin).update(niveau="CM1", ecole=hameau)
    register(parent, loin)
    du_bourg = Scolarite.objects.get(enfant=eleves["Anna"]).ecole

    form = mairie.post(SORTIE, trip("CM1", ecole="")).context["form"]
    assert [plain(e) for e in form.errors["ecole"]] == ["Choisissez l’école."]

    champs = trip("CM1", ecole=du_bourg.pk)
    mairie.post(SORTIE, champs | choose(mairie.post(SORTIE, champs)))

    assert kept() == {"Cléo", "Zoé", "Loïc"}


def test_a_place_that_a_trip_frees_goes_to_who_waits_and_is_said(mairie, eleves):
    Creneau.objects.filter(code="soir").update(places=4)
    parent = ResponsableFactory()
    lou = make_enfant(parent, prenom="Lou")
    Scolarite.objects.filter(enfant=lou).update(niveau="CP")
    changement = Changement(Cle(lou.pk, MARDI_8, "soir"), "attente")
    assert enregistrer([changement], Acteur.parent(parent), now=JEUDI_SOIR).refus == ()

    page = mairie.post(SORTIE, trip("CM1"))

    assert plain(page.context["apercu"].precision).endswith("1 place libérée est donnée à qui l’attendait.")
    mairie.post(SORTIE, trip("CM1") | choose(page))
    assert states()["Lou", "soir"] == "inscrit"


def test_a_child_is_kept_at_school_from_the_list_of_the_trip(mairie, eleves):
    page = mairie.post(SORTIE, trip("CM1"))
    mairie.post(SORTIE, trip("CM1") | choose(page))
    fermeture = Fermeture.objects.get()
    adresse = f"/admin/enfance/fermeture/{fermeture.pk}/rester/{eleves['Oscar'].pk}/"

    assert adresse in mairie.get(f"/admin/enfance/fermeture/{fermeture.pk}/liste/").text
    apercu = mairie.get(adresse).context["apercu"]
    assert plain(apercu.titre) == f"Garder à l’école : {eleves['Oscar']}, {plain_phrase(fermeture)}"
    mairie.agree(adresse, {})

    assert kept() == {"Cléo", "Oscar", "Zoé"}


def plain_phrase(fermeture):
    return plain(fermeture_phrase(fermeture))


def test_a_trip_is_taken_back_in_its_own_words(mairie, eleves):
    page = mairie.post(SORTIE, trip("CM1"))
    mairie.post(SORTIE, trip("CM1") | choose(page), follow=True)
    fermeture = Fermeture.objects.get()
    adresse = f"/admin/enfance/fermeture/{fermeture.pk}/rouvrir/"

    apercu = mairie.get(adresse).context["apercu"]
    assert plain(apercu.titre) == f"Annuler : {plain_phrase(fermeture)}"
    assert [suite.verbe for suite in apercu.suites] == ["Annuler et prévenir"]
    assert "Sortie annulée mardi 8 décembre" in plain(apercu.exemple)
    assert "la sortie n’a finalement pas lieu" in plain(apercu.exemple).lower()
    response = mairie.agree(adresse, {})

    assert [plain(message) for message in messages_of(response)] == [
        f"Annulé : {plain_phrase(fermeture)}. Rétablies : 4 inscriptions, 2 enfants, 2 foyers. "
        "Les familles sont prévenues par e-mail."
    ]


def test_the_list_and_the_record_of_a_trip_say_what_it_is(mairie, eleves):
    page = mairie.post(SORTIE, trip("CM1"))
    relu = mairie.post(SORTIE, trip("CM1") | choose(page, sauf=[eleves["Oscar"]]))
    mairie.post(SORTIE, trip("CM1") | choose(relu, sauf=[eleves["Oscar"]]))
    fermeture = Fermeture.objects.get()

    liste = plain(mairie.get("/admin/enfance/fermeture/").text)
    fiche = plain(mairie.get(f"/admin/enfance/fermeture/{fermeture.pk}/change/").text)

    assert "Pause méridienne, Soir ; CM1" in liste
    assert "Annuler et rendre les places" in fiche
    assert str(eleves["Oscar"]) in fiche
