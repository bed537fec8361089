"""All that is kept about a person: complete by introspection, and nothing of the other parent's."""

import json
import logging
import re
import sys
from datetime import date, datetime
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.core.serializers.json import DjangoJSONEncoder

from accounts import addresses, journal
from accounts.models import FormerIdentifiant, MailSent, RememberedDevice, TemporaryPassword, UndeliveredMail, User
from accounts.passwords import send_temporary_passwords
from enfance.equipe.pointages import GesteRecu
from enfance.equipe.pointages import enregistrer as pointer
from enfance.extensions import ExtensionEnfance
from enfance.famille.donnees import load_donnees
from enfance.famille.lisible import chapitres
from enfance.inscriptions import Changement, enregistrer
from enfance.models import (
    Absence,
    AnneeScolaire,
    Creneau,
    DemandeAutorisation,
    DemandeRappel,
    EcartVu,
    EnfantReste,
    Fermeture,
    FermetureLue,
    FoyerCompte,
    Inscription,
    ListeRepas,
    MomentType,
    PersonneAutorisee,
    Rappel,
    Repas,
    Responsable,
    SemaineType,
)
from enfance.planning.repas import annuler
from enfance.regles import Acteur, Cle
from portail.dates import PARIS
from tests.enfance.famille.liens import linked_to_people
from tests.factories import (
    AnneeFactory,
    EcoleFactory,
    FoyerFactory,
    ResponsableFactory,
    StaffFactory,
    make_creneaux,
    make_enfant,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)
INSCRIT = Inscription.Etat.INSCRIT
OTHERS = ["Sacha", "Rivière", "sacha@ailleurs.example", "06 39 98 00 47", "rue du Lac", "06 39 98 00 99", "2000002"]


PARTIES, AILLEURS = ExtensionEnfance.installed().donnees, ExtensionEnfance.installed().sans_donnees
D_AU_DESSUS = [partie for partie in PARTIES if partie.model._meta.app_label not in {"accounts", "enfance"}]


def untold(parties):
    told = {partie.model._meta.label for partie in parties} | AILLEURS.keys()
    return sorted({model._meta.label for model in linked_to_people()} - told)


def test_every_model_linked_to_a_person_is_told_or_said_to_be_elsewhere():  # RGP-07
    assert untold(PARTIES) == []
    assert {partie.model._meta.label for partie in PARTIES} & AILLEURS.keys() == set()


@pytest.mark.parametrize("model", [Absence, MomentType, TemporaryPassword, User])
def test_model_without_its_part_is_seen(model):
    """The introspection looks for real, through one link or two."""
    assert untold([partie for partie in PARTIES if partie.model is not model]) == [model._meta.label]


@pytest.mark.parametrize("partie", PARTIES, ids=lambda partie: partie.nom)
def test_every_column_is_told_or_left_out_knowingly(partie):  # RGP-07
    columns = {field.name for field in partie.model._meta.fields}
    assert columns - partie.colonnes == set()


@pytest.fixture
def famille(time_machine):
    """Léa's parents live apart; each has booked, authorised somebody, chosen a week."""
    time_machine.move_to(NOW, tick=False)
    AnneeFactory()
    make_creneaux()
    camille = ResponsableFactory(user__identifiant="2000001", telephone="06 39 98 00 12")
    sacha = ResponsableFactory(
        user__identifiant="2000002",
        user__first_name="Sacha",
        user__last_name="Rivière",
        user__email="sacha@ailleurs.example",
        telephone="06 39 98 00 47",
        foyer=FoyerFactory(adresse="3 rue du Lac"),
    )
    lea = make_enfant(camille, sacha, prenom="Léa")
    for responsable, jour in ((camille, 8), (sacha, 11)):
        changement = Changement(Cle(lea.pk, date(2026, 12, jour), "soir"), INSCRIT)
        enregistrer([changement], Acteur.parent(responsable), now=NOW)
        semaine = SemaineType.objects.create(
            foyer=responsable.foyer, enfant=lea, debut=date(2026, 12, 7), fin=date(2027, 7, 2)
        )
        MomentType.objects.create(semaine_type=semaine, jour_semaine=0, creneau=Creneau.objects.get(code="soir"))
        Rappel.objects.create(responsable=responsable, jour=date(2026, 12, jour))
    for nom, telephone, user in (
        ("Odile Morel", "06 39 98 00 85", camille.user),
        ("Alix Voisin", "06 39 98 00 99", sacha.user),
    ):
        PersonneAutorisee.objects.create(enfant=lea, nom=nom, telephone=telephone, ajoutee_par=user)
    PersonneAutorisee.objects.create(enfant=lea, nom="Claude Interdit", interdite=True)
    DemandeRappel.objects.create(enfant=lea, demandee_par=camille.user)
    DemandeAutorisation.objects.create(enfant=lea, nom="C. Interdit", demandee_par=camille.user)
    liste = ListeRepas.objects.create(debut=date(2026, 12, 7), fin=date(2026, 12, 11))
    Repas.objects.create(enfant=lea, jour=date(2026, 12, 8), liste=liste)
    annuler([Cle(lea.pk, date(2026, 12, 8), "midi")], Acteur.parent(camille), now=NOW)
    Absence.objects.create(enfant=lea, jour=date(2026, 12, 4), signalee_par=sacha.user)
    geste = GesteRecu(uuid4(), lea.pk, "present", True, NOW)
    pointer([geste], NOW.date(), "soir", StaffFactory(first_name="Agathe"), now=NOW)
    fermeture = Fermeture.objects.create(debut=date(2026, 12, 18), fin=date(2026, 12, 18), motif="formation")
    FermetureLue.objects.create(responsable=camille, fermeture=fermeture)
    EnfantReste.objects.create(enfant=lea, fermeture=fermeture)
    EcartVu.objects.create(enfant=lea, jour=NOW.date(), creneau=Creneau.objects.get(code="soir"), genre="non_inscrit")
    FoyerCompte.objects.create(annee=AnneeScolaire.objects.get(), foyer=camille.foyer)
    FormerIdentifiant.objects.create(identifiant="1999999", user=camille.user)
    send_temporary_passwords([camille.user], recipients="toutes les familles", now=NOW)
    addresses.ask(camille.user, "nouvelle@courriel.example", now=NOW)
    UndeliveredMail.objects.create(user=camille.user, mail="Un message", reason="refused")
    MailSent.objects.create(user=camille.user, message_id="<a@b>", address="d" * 64, mail="Un message")
    TemporaryPassword.objects.create(
        user=camille.user, digest="f" * 64, created_at=NOW, expires_at=NOW, closed_at=NOW, reason="used"
    )
    RememberedDevice.objects.create(user=camille.user, kind="known", digest="e" * 64, since=NOW)
    return camille, lea


def told_to(user):
    return json.loads(json.dumps(load_donnees(user, now=NOW), cls=DjangoJSONEncoder, ensure_ascii=False))


def test_file_tells_each_part(famille):
    camille, _ = famille
    told = told_to(camille.user)
    assert [partie.nom for partie in PARTIES if partie not in D_AU_DESSUS and not told[partie.nom]] == []
    assert told["coordonnées"][0]["téléphone portable"] == "06 39 98 00 12"
    assert [
        (line["jour"], line["moment"], line["état"], line["payée par votre foyer"]) for line in told["inscriptions"]
    ] == [
        ("2026-12-08", "Soir", "inscrit", True),
        ("2026-12-11", "Soir", "inscrit", False),
    ]
    assert {line["par"] for line in told["changements"]} == {"Vous", "L’autre foyer"}
    assert [line["enfant"] for line in told["gardes"]] == ["Léa"]


def test_file_tells_nothing_of_the_other_parent(famille):  # RGP-07, ACC-03
    camille, _ = famille
    text = json.dumps(told_to(camille.user), ensure_ascii=False)
    assert [word for word in OTHERS if word in text] == []
    assert "Alix Voisin" in text  # who may fetch the child, without the phone


def test_file_tells_no_secret(famille):
    camille, _ = famille
    Responsable.objects.filter(pk=camille.pk).update(agenda_secret="s" * 43)
    text = json.dumps(told_to(User.objects.get(pk=camille.user_id)), ensure_ascii=False)
    secrets = ("s" * 43, "<a@b>", "d" * 64, "e" * 64, "f" * 64, camille.user.password, "Interdit")
    assert [secret for secret in secrets if secret in text] == []


def test_child_whose_responsabilite_is_suspended_is_not_told(famille):
    camille, lea = famille
    lea.responsabilites.filter(responsable=camille).update(suspendue=True)
    told = told_to(camille.user)
    assert (told["enfants"], told["inscriptions"], told["personnes autorisées"]) == ([], [], [])
    assert told["responsabilités"] == [{"enfant": "Léa", "origine": "la mairie", "suspendue": True}]


def test_agent_has_a_file_too(famille):
    told = told_to(StaffFactory(identifiant="5550011"))
    assert told["compte"][0]["identifiant"] == "5550011"
    assert (told["foyer"], told["enfants"], told["rappels envoyés"], told["gardes"]) == ([], [], [], [])


def test_what_is_of_an_agent_is_not_told_to_a_parent(famille):
    camille, _ = famille
    assert ("agent" in told_to(camille.user)["compte"][0]) is False
    assert told_to(StaffFactory(identifiant="5550012"))["compte"][0]["agent"] is True


def test_page_reads_in_words(famille):
    """No day in digits, no word of the town hall's, no line about what never was."""
    camille, _ = famille
    pleins, _ = chapitres(load_donnees(camille.user, now=NOW))
    mots = [(nom, dit) for chapitre in pleins for ligne in chapitre.lignes for nom, dit in ligne]
    assert [dit for _, dit in mots if re.search(r"\d/\d|\d{4}-\d\d-", dit)] == []
    assert ("fermeture", "vendredi 18\u00a0décembre 2026\u00a0: formation") in mots
    assert ("lien pour votre calendrier", "non") in mots
    internes = {"agent", "créneau", "retirée par votre foyer", "accord donné ou retiré par votre foyer", "empreinte"}
    assert internes & {nom for nom, _ in mots} == set()


@pytest.mark.parametrize("more", [0, 3])
def test_file_costs_the_same_queries_for_one_child_and_four(famille, django_assert_num_queries, more):
    camille, _ = famille
    for n in range(more):
        enfant = make_enfant(camille, prenom=f"Enfant{n}")
        enfant.personnes_autorisees.create(nom="Odile Morel", ajoutee_par=camille.user)
        Absence.objects.create(enfant=enfant, jour=date(2026, 12, 4), signalee_par=camille.user)
    with django_assert_num_queries(34 + len(D_AU_DESSUS)):
        load_donnees(camille.user, now=NOW)


@pytest.mark.django_db(transaction=True)  # whose line is told on commit
def test_command_writes_json_alone_on_its_output(famille, monkeypatch, capsys):
    camille, _ = famille
    handler = logging.StreamHandler(sys.stdout)
    monkeypatch.setattr(journal.logger, "handlers", [handler])
    call_command("exporter_donnees", "2000001")
    seen = capsys.readouterr()
    assert json.loads(seen.out)["compte"][0]["identifiant"] == "2000001"
    assert "data_exported" in seen.err
    assert handler.stream is sys.stdout


def test_command_writes_a_file_that_its_owner_alone_reads(famille, tmp_path):
    chemin = tmp_path / "donnees.json"
    call_command("exporter_donnees", "2000001", "--sortie", str(chemin), stdout=StringIO())
    assert json.loads(chemin.read_text("utf-8"))["compte"][0]["identifiant"] == "2000001"
    assert chemin.stat().st_mode & 0o777 == 0o600


def test_command_refuses_an_unknown_account(db):
    with pytest.raises(CommandError, match="Aucun compte"):
        call_command("exporter_donnees", "1", stdout=StringIO())


def test_school_is_told_only_where_the_town_has_several(famille):
    camille, _ = famille
    avant = load_donnees(camille.user, now=NOW)["scolarités"][0]
    EcoleFactory()

    apres = load_donnees(camille.user, now=NOW)["scolarités"][0]

    assert {"école", "arrivé le"} & avant.keys() == set()
    assert apres == avant | {"école": "École", "arrivé le": None}
