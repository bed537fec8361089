"""Closing, and opening again: who is touched, who is told, what comes back."""

from datetime import date, datetime, timedelta

import pytest
from django.core import mail
from django_tasks_db.models import DBTaskResult

from enfance.fermetures import Portee, fermer, rouvrir
from enfance.inscriptions import Changement, annuler_departs, enregistrer
from enfance.models import Creneau, Enregistrement, Evenement, Fermeture, Garde, Inscription, Scolarite
from enfance.regles import Acteur, Cle
from portail.dates import PARIS
from tests.factories import (
    ClasseFactory,
    FoyerFactory,
    ResponsableFactory,
    StaffFactory,
    UserFactory,
    make_creneaux,
    make_enfant,
)

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 12, 3, 20, 40, tzinfo=PARIS)
LUNDI_14, MARDI_15, JEUDI_17 = date(2026, 12, 14), date(2026, 12, 15), date(2026, 12, 17)
Etat, Origine = Inscription.Etat, Inscription.Origine


@pytest.fixture(autouse=True)
def creneaux(time_machine):
    time_machine.move_to(NOW, tick=False)
    return make_creneaux()


@pytest.fixture
def camille():
    return ResponsableFactory()


@pytest.fixture
def lea(camille):
    return make_enfant(camille, prenom="Léa")


def save(responsable, enfant, *moments, voulu=Etat.INSCRIT, jour=MARDI_15, now=NOW):
    changements = [Changement(Cle(enfant.pk, jour, moment), voulu) for moment in moments]
    resultat = enregistrer(changements, Acteur.parent(responsable), now=now)
    assert resultat.refus == ()
    return resultat


def close(debut=MARDI_15, fin=MARDI_15, motif="formation de l’équipe", *, now=NOW, simuler=False, **champs):
    return fermer(Portee(debut, fin, motif, **champs), now=now, simuler=simuler)


def etats(**filtre):
    lignes = Inscription.objects.filter(**filtre).order_by("jour", "creneau__ordre", "enfant")
    return {(i.enfant.prenom, i.jour.day, i.creneau.code): i.etat for i in lignes.select_related("enfant", "creneau")}


def everything():
    modeles = (Inscription, Enregistrement, Evenement, Fermeture, DBTaskResult)
    return {modele.__name__: sorted(modele.objects.values_list(), key=str) for modele in modeles}


def run_tasks():
    """What the worker does: the mails are then in the outbox."""
    while waiting := list(DBTaskResult.objects.filter(status="READY")):
        for row in waiting:
            row.delete()
            row.task.func(*row.args_kwargs["args"], **row.args_kwargs["kwargs"])


# --- Closing ----------------------------------------------------------------------------------------------------------


def test_closing_cancels_what_it_covers_under_one_save(camille, lea):
    save(camille, lea, "matin", "soir")
    save(camille, lea, "soir", jour=JEUDI_17)
    agent = StaffFactory()

    bilan = fermer(Portee(MARDI_15, MARDI_15, "grève"), agent.pk, now=NOW)

    assert etats() == {
        ("Léa", 15, "matin"): "annulee",
        ("Léa", 15, "soir"): "annulee",
        ("Léa", 17, "soir"): "inscrit",
    }
    enregistrement = Enregistrement.objects.get(porte="fermeture")
    assert bilan.enregistrement == enregistrement
    assert enregistrement.fermeture == Fermeture.objects.get()
    assert (enregistrement.auteur, enregistrement.motif, enregistrement.evenements.count()) == (agent, "grève", 2)
    assert set(Inscription.objects.filter(jour=MARDI_15).values_list("origine", flat=True)) == {Origine.FERMETURE}


@pytest.mark.parametrize(
    ("portee", "annulees"),
    [
        ({}, {"Léa", "Noé"}),
        ({"creneaux": ["soir"]}, {"Léa", "Noé"}),
        ({"creneaux": ["matin", "midi"]}, set()),
        ({"classes": ["CM2 M. Frêne"]}, {"Noé"}),
        ({"classes": ["PS"]}, set()),
        ({"debut": LUNDI_14, "fin": LUNDI_14}, set()),
        ({"debut": date(2026, 12, 12), "fin": date(2026, 12, 20)}, {"Léa", "Noé"}),
    ],
)
def test_closing_keeps_to_its_days_slots_and_classes(camille, lea, creneaux, portee, annulees):
    autre = ResponsableFactory()
    noe = make_enfant(autre, prenom="Noé")
    classes = {nom: ClasseFactory(nom=nom) for nom in ("CM2 M. Frêne", "PS")}
    Scolarite.objects.filter(enfant=noe).update(classe=classes["CM2 M. Frêne"])
    save(camille, lea, "soir")
    save(autre, noe, "soir")

    close(
        portee.get("debut", MARDI_15),
        portee.get("fin", MARDI_15),
        creneaux=tuple(creneaux[code] for code in portee.get("creneaux", ())),
        classes=tuple(classes[nom] for nom in portee.get("classes", ())),
    )

    assert {prenom for (prenom, *_), etat in etats().items() if etat == "annulee"} == annulees


def test_closing_tells_who_is_touched(camille, lea):
    tom = make_enfant(camille, prenom="Tom")
    muette = ResponsableFactory(user__email="")
    noe = make_enfant(muette, prenom="Noé")
    Scolarite.objects.filter(enfant=noe).update(classe=ClasseFactory(nom="CM2 M. Frêne"))
    save(camille, lea, "matin", "soir")
    save(camille, tom, "soir")
    save(muette, noe, "soir")

    touches = close().touches

    assert touches.phrase.replace("\u00a0", " ") == "4 inscriptions, 3 enfants, 2 foyers"
    assert touches.creneaux == ("matin", "soir")
    assert touches.classes == (("CE1-CE2 Mme Sorbier", (1, 2)), ("CM2 M. Frêne", (0, 1)))
    assert touches.injoignables == ("Noé Morel (Camille Morel, aucun téléphone)",)


def test_trial_closing_writes_nothing(camille, lea):
    save(camille, lea, "soir")
    avant = everything()

    bilan = close(simuler=True)

    assert (bilan.touches.inscriptions, everything()) == (1, avant)


def test_closing_twice_changes_nothing(camille, lea):
    save(camille, lea, "soir")
    close()
    avant = everything()

    bilan = close(motif="autre raison")

    assert (bilan.deja, everything()) == (True, avant)


def test_closing_over_another_closure_adds_to_it(camille, lea, creneaux):
    save(camille, lea, "matin", "soir")
    close(creneaux=(creneaux["soir"],))

    bilan = close()

    assert bilan.touches.inscriptions == 1
    assert set(etats().values()) == {"annulee"}
    assert Fermeture.objects.count() == 2


def test_who_waits_keeps_the_rank_while_it_is_closed(camille, lea):
    Creneau.objects.filter(code="soir").update(places=1)
    autre = ResponsableFactory()
    save(camille, lea, "soir")
    save(autre, make_enfant(autre, prenom="Noé"), "soir", voulu=Etat.ATTENTE)

    close()

    assert etats() == {("Léa", 15, "soir"): "annulee", ("Noé", 15, "soir"): "attente"}


def test_place_that_a_class_leaves_goes_to_another_class(camille, lea):
    Creneau.objects.filter(code="soir").update(places=1)
    autre = ResponsableFactory()
    noe = make_enfant(autre, prenom="Noé")
    Scolarite.objects.filter(enfant=noe).update(classe=ClasseFactory(nom="CM2 M. Frêne"))
    save(camille, lea, "soir")
    save(autre, noe, "soir", voulu=Etat.ATTENTE)

    close(classes=(lea.scolarites.get().classe,))

    assert etats() == {("Léa", 15, "soir"): "annulee", ("Noé", 15, "soir"): "inscrit"}


# --- Mails ------------------------------------------------------------------------------------------------------------


def test_each_family_is_told_once(camille, lea):
    tom = make_enfant(camille, prenom="Tom")
    for enfant in (lea, tom):
        save(camille, enfant, "matin", "midi")
    DBTaskResult.objects.all().delete()

    close()
    run_tasks()

    (courriel,) = mail.outbox
    assert (courriel.to, courriel.subject) == ([camille.user.email], "Garderie fermée mardi 15\u00a0décembre")
    texte = courriel.body.replace("\u00a0", " ")
    assert "La garderie sera fermée mardi 15 décembre (formation de l’équipe)." in texte
    assert "LÉA\n− mardi 15 décembre : matin et midi" in texte
    assert "Pour le repas de midi" in texte


def test_mail_leaves_out_the_days_without_garderie(camille, lea):
    save(camille, lea, "soir", jour=date(2026, 12, 18))
    DBTaskResult.objects.all().delete()

    close(date(2026, 12, 18), date(2027, 1, 6))
    run_tasks()

    (courriel,) = mail.outbox
    assert courriel.subject.replace("\u00a0", " ") == (
        "Garderie fermée vendredi 18 décembre, du lundi 4 janvier au mardi 5 janvier"
    )


def test_days_without_garderie_are_not_closed(camille, lea):
    assert close(date(2026, 12, 19), date(2027, 1, 3)).fermeture is None
    fermeture = close(date(2026, 12, 12), date(2026, 12, 20)).fermeture

    assert (fermeture.debut, fermeture.fin) == (LUNDI_14, date(2026, 12, 18))
    assert close(date(2026, 12, 13), date(2026, 12, 19)).deja


def test_two_homes_are_told_and_never_named_to_each_other(camille, lea):
    ailleurs = ResponsableFactory(foyer=FoyerFactory(adresse="3 rue du Lac"), user__first_name="Sacha")
    lea.responsabilites.create(responsable=ailleurs)
    Garde.objects.create(enfant=lea, foyer=ailleurs.foyer)
    save(camille, lea, "soir")
    DBTaskResult.objects.all().delete()

    close()
    run_tasks()

    assert sorted(m.to[0] for m in mail.outbox) == sorted([camille.user.email, ailleurs.user.email])
    assert not any("Lac" in m.body or "Tilleuls" in m.body for m in mail.outbox)


def test_an_address_that_two_adults_share_misses_no_child(camille, lea):
    beau_pere = ResponsableFactory(foyer=camille.foyer, user=UserFactory(email=camille.user.email.upper()))
    conjointe = ResponsableFactory(foyer=camille.foyer, user=UserFactory(email=camille.user.email))
    lea.responsabilites.create(responsable=conjointe)
    noe = make_enfant(beau_pere, prenom="Noé")
    save(camille, lea, "soir")
    save(beau_pere, noe, "soir")
    DBTaskResult.objects.all().delete()

    close()
    run_tasks()

    assert sorted(prenom for m in mail.outbox for prenom in ("LÉA", "NOÉ") if prenom in m.body) == ["LÉA", "NOÉ"]


def test_suspended_adult_is_not_told(camille, lea):
    save(camille, lea, "soir")
    lea.responsabilites.update(suspendue=True)
    DBTaskResult.objects.all().delete()

    close()
    run_tasks()

    assert mail.outbox == []


def test_association_is_told_who_loses_the_lunch_break(settings, camille, lea):
    settings.CANTINE_COURRIEL = "cantine@courriel.example"
    save(camille, lea, "midi", "soir")
    DBTaskResult.objects.all().delete()

    close()
    run_tasks()

    (courriel,) = [m for m in mail.outbox if m.to == ["cantine@courriel.example"]]
    assert courriel.subject == "Pause méridienne annulée mardi 15\u00a0décembre"
    assert "Mardi 15\u00a0décembre\n- Léa Morel, CE1-CE2 Mme Sorbier" in courriel.body
    rouvrir(Fermeture.objects.get().pk, now=NOW)
    run_tasks()
    assert "Pause méridienne rétablie mardi 15\u00a0décembre" in [m.subject for m in mail.outbox]


@pytest.mark.parametrize(("adresse", "moment"), [("", "midi"), ("cantine@courriel.example", "soir")])
def test_association_hears_only_of_its_own(settings, camille, lea, adresse, moment):
    settings.CANTINE_COURRIEL = adresse
    save(camille, lea, moment)
    DBTaskResult.objects.all().delete()

    close()
    run_tasks()

    assert [m.to for m in mail.outbox] == [[camille.user.email]]


# --- Opening again ----------------------------------------------------------------------------------------------------


def test_reopening_leaves_everything_as_before(camille, lea):
    Creneau.objects.filter(code="soir").update(places=1)
    attend = ResponsableFactory()
    noe = make_enfant(attend, prenom="Noé")
    save(camille, lea, "matin", "soir")
    save(attend, noe, "soir", voulu=Etat.ATTENTE)
    save(camille, lea, "midi")
    save(camille, lea, "midi", voulu=Etat.ANNULEE)
    avant = sorted(Inscription.objects.values_list())
    pk = close().fermeture.pk

    bilan = rouvrir(pk, now=NOW + timedelta(hours=1))

    assert sorted(Inscription.objects.values_list()) == avant
    assert not Fermeture.objects.exists()
    assert (bilan.touches.inscriptions, bilan.refus) == (2, ())
    fermeture, reouverture = Enregistrement.objects.filter(porte="fermeture").order_by("pk")
    assert reouverture.annule == fermeture


def test_reopening_gives_back_the_origin_to_a_weekly_pattern(camille, lea):
    enregistrer([Changement(Cle(lea.pk, MARDI_15, "soir"), Etat.INSCRIT)], Acteur.semaine_type(camille), now=NOW)

    for _ in range(2):
        rouvrir(close().fermeture.pk, now=NOW)

    assert Inscription.objects.get().origine == Origine.SEMAINE_TYPE


def test_reopening_twice_changes_nothing(camille, lea):
    save(camille, lea, "soir")
    pk = close().fermeture.pk
    rouvrir(pk, now=NOW)
    avant = everything()

    assert rouvrir(pk, now=NOW).deja
    assert everything() == avant


def test_trial_reopening_writes_nothing(camille, lea):
    save(camille, lea, "soir")
    pk = close().fermeture.pk
    avant = everything()

    bilan = rouvrir(pk, now=NOW, simuler=True)

    assert (bilan.touches.inscriptions, everything()) == (1, avant)


def test_reopening_after_the_limit_gives_back_all_the_same(camille, lea):
    save(camille, lea, "soir")
    pk = close().fermeture.pk

    rouvrir(pk, now=datetime(2026, 12, 15, 10, 0, tzinfo=PARIS))

    assert etats() == {("Léa", 15, "soir"): "inscrit"}


def gone(camille, lea):
    Scolarite.objects.filter(enfant=lea).update(depart=LUNDI_14)
    annuler_departs([lea.pk], LUNDI_14, Acteur.import_onde(), now=NOW)


def handed_over(camille, lea):
    Garde.objects.filter(enfant=lea).update(fin=LUNDI_14)
    lea.gardes.create(foyer=FoyerFactory(), debut=MARDI_15)


def cut(camille, lea):
    Creneau.objects.filter(code="soir").update(places=0)


def closed_as_well(camille, lea):
    close(fin=JEUDI_17, motif="grève")


@pytest.mark.parametrize(
    ("change", "raison"),
    [
        (gone, "cet enfant n’est pas à l’école ce jour-là."),
        (handed_over, "le foyer qui l’avait inscrit n’a plus la garde ce jour-là."),
        (cut, "il n’y a plus de place."),
        (closed_as_well, "garderie fermée (grève)."),
    ],
)
def test_reopening_says_what_it_cannot_give_back(camille, lea, change, raison):
    save(camille, lea, "soir")
    pk = close().fermeture.pk
    change(camille, lea)
    DBTaskResult.objects.all().delete()

    bilan = rouvrir(pk, now=NOW)
    run_tasks()

    assert bilan.refus == (f"Léa Morel, soir, mardi 15\u00a0décembre\u00a0: {raison}",)
    assert etats() == {("Léa", 15, "soir"): "annulee"}
    (courriel,) = [m for m in mail.outbox if "finalement" in m.subject]
    assert "n’ont pas pu l’être" in courriel.body


def test_place_taken_by_another_class_is_not_given_back(camille, lea):
    Creneau.objects.filter(code="soir").update(places=1)
    autre = ResponsableFactory()
    noe = make_enfant(autre, prenom="Noé")
    Scolarite.objects.filter(enfant=noe).update(classe=ClasseFactory(nom="CM2 M. Frêne"))
    save(camille, lea, "soir")
    pk = close(classes=(lea.scolarites.get().classe,)).fermeture.pk
    save(autre, noe, "soir")

    bilan = rouvrir(pk, now=NOW)

    assert len(bilan.refus) == 1
    assert etats() == {("Léa", 15, "soir"): "annulee", ("Noé", 15, "soir"): "inscrit"}


def test_what_was_given_up_is_not_found_by_a_later_closure(camille, lea):
    save(camille, lea, "soir")
    pk = close().fermeture.pk
    cut(camille, lea)
    rouvrir(pk, now=NOW)
    Creneau.objects.update(places=None)

    rouvrir(close().fermeture.pk, now=NOW)

    assert etats() == {("Léa", 15, "soir"): "annulee"}


def test_the_last_of_two_closures_gives_all_back(camille, lea):
    save(camille, lea, "soir")
    premiere = close().fermeture.pk
    seconde = close(fin=JEUDI_17, motif="grève").fermeture.pk

    rouvrir(premiere, now=NOW)
    assert etats() == {("Léa", 15, "soir"): "annulee"}
    rouvrir(seconde, now=NOW)

    assert etats() == {("Léa", 15, "soir"): "inscrit"}


def test_child_who_changed_class_meanwhile_is_given_back(camille, lea):
    save(camille, lea, "soir")
    pk = close(classes=(lea.scolarites.get().classe,)).fermeture.pk
    Scolarite.objects.filter(enfant=lea).update(classe=ClasseFactory(nom="CM2 M. Frêne"))

    rouvrir(pk, now=NOW)

    assert etats() == {("Léa", 15, "soir"): "inscrit"}


def test_reopening_in_the_middle_keeps_the_days_that_were_closed(camille, lea):
    for jour in (LUNDI_14, MARDI_15, JEUDI_17):
        save(camille, lea, "matin", "soir", jour=jour)
    pk = close(LUNDI_14, JEUDI_17).fermeture.pk

    rouvrir(pk, now=datetime(2026, 12, 15, 10, 0, tzinfo=PARIS))

    fermeture = Fermeture.objects.get()
    assert (fermeture.debut, fermeture.fin) == (LUNDI_14, LUNDI_14)
    assert {cle[1:]: etat for cle, etat in etats().items()} == {
        (14, "matin"): "annulee",
        (14, "soir"): "annulee",
        (15, "matin"): "annulee",
        (15, "soir"): "inscrit",
        (17, "matin"): "inscrit",
        (17, "soir"): "inscrit",
    }


def test_place_of_a_child_gone_meanwhile_goes_to_who_waits(camille, lea):
    Creneau.objects.filter(code="soir").update(places=1)
    autre = ResponsableFactory()
    save(camille, lea, "soir")
    save(autre, make_enfant(autre, prenom="Noé"), "soir", voulu=Etat.ATTENTE)
    pk = close().fermeture.pk
    gone(camille, lea)

    rouvrir(pk, now=NOW)

    assert etats() == {("Léa", 15, "soir"): "annulee", ("Noé", 15, "soir"): "inscrit"}
