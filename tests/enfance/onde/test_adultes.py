"""Adults and their homes, from one import to the next."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django_tasks_db.models import DBTaskResult

from accounts import addresses
from accounts.models import EmailChange, User
from enfance.models import (
    Enfant,
    Garde,
    Responsable,
)
from enfance.onde.adultes import _signalement_connu
from tests.enfance.onde.ecole import NOW, comptes, database, responsable, run
from tests.enfance.onde.exemples import (
    ADULTES,
    ANNE,
    CAMILLE,
    GRANDS,
    HELENE,
    KARIM,
    LEA,
    NADIA,
    PAUL,
    TOM,
    A,
    change,
)
from tests.factories import FoyerFactory, ResponsableFactory
from tests.reading import plain, plain_all

pytestmark = pytest.mark.django_db


def test_importer_keeps_homonyms_apart_and_a_shared_mail_shared(annee):
    homonyme = A("MME", "MOREL", "Camille", "9 rue du Moulin", "famille@courriel.example", "0639980011", (ANNE.cite(),))
    conjoint = replace(homonyme, civilite="M.", prenom="Luc", portable="0639980012")
    adultes = [*ADULTES, homonyme, conjoint]

    run(annee, adultes=adultes)
    bilan = run(annee, adultes=adultes)

    assert comptes(bilan)[1] == (0, 0, 8)
    assert Responsable.objects.filter(user__first_name="Camille", user__last_name="MOREL").count() == 2
    assert User.objects.filter(email="famille@courriel.example").count() == 2


def test_importer_moves_a_home_and_splits_nothing(annee):
    run(annee)
    foyer = responsable("Camille").foyer
    adultes = change(ADULTES, CAMILLE, adresse="77 avenue du Vercors")
    adultes = change(adultes, KARIM, adresse="77 av. du Vercors")

    bilan = run(annee, adultes=adultes)

    foyer.refresh_from_db()
    assert comptes(bilan) == [(0, 0, 12), (0, 0, 6), (0, 1, 4)]
    assert foyer.adresse == "77 avenue du Vercors"
    assert (responsable("Camille").foyer, responsable("Karim").foyer) == (foyer, foyer)
    assert Garde.objects.filter(enfant__prenom="Léa").count() == 1


def test_importer_proposes_a_split(annee):
    run(annee)
    avant = database()

    bilan = run(annee, adultes=change(ADULTES, KARIM, adresse="77 avenue du Vercors"))

    assert plain_all(bilan.propositions)[0] == (
        "Camille MOREL et Karim MOREL sont d’un même foyer ici et à deux adresses dans ONDE : à séparer ?"
    )
    assert [avant[i] for i in (1, 5)] == [database()[i] for i in (1, 5)]  # homes and custody


def test_importer_proposes_a_merge(annee):
    run(annee)
    foyers = (responsable("Nadia").foyer, responsable("Paul").foyer)

    bilan = run(annee, adultes=change(ADULTES, PAUL, adresse=NADIA.adresse))

    assert plain_all(bilan.propositions)[0] == (
        "Nadia BERGER et Paul LEFORT ont la même adresse dans ONDE et deux foyers ici : à réunir ?"
    )
    assert (responsable("Nadia").foyer, responsable("Paul").foyer) == foyers


def test_importer_puts_a_newcomer_in_the_home_of_those_they_live_with(annee):
    run(annee, adultes=[a for a in ADULTES if a is not KARIM])

    bilan = run(annee)

    assert comptes(bilan) == [(0, 0, 12), (1, 0, 5), (0, 0, 5)]
    assert responsable("Karim").foyer == responsable("Camille").foyer
    assert Garde.objects.filter(enfant__prenom="Léa").count() == 1


def test_newcomer_has_a_home_of_their_own_beside_one_that_onde_splits(annee):
    run(annee)
    luc = replace(KARIM, prenom="Luc", courriel="luc@courriel.example", portable="0639980031")

    run(annee, adultes=[*change(ADULTES, KARIM, adresse="77 avenue du Vercors"), luc])

    assert responsable("Luc").foyer not in (responsable("Camille").foyer, responsable("Karim").foyer)


def test_newcomer_of_two_homes_at_one_address_is_of_the_first(annee):
    run(annee)
    luc = replace(PAUL, prenom="Luc", adresse=NADIA.adresse, courriel="luc@courriel.example", portable="0639980031")

    run(annee, adultes=[luc, *change(ADULTES, PAUL, adresse=NADIA.adresse)])

    assert responsable("Luc").foyer == min((responsable(p).foyer for p in ("Nadia", "Paul")), key=lambda f: f.pk)


def test_importer_gives_a_step_parent_their_own_children_only(annee):
    beau_pere = replace(KARIM, nom="ROLLIN", enfants=(TOM.cite(),))

    run(annee, adultes=change(ADULTES, KARIM, nom="ROLLIN", enfants=beau_pere.enfants))

    assert responsable("Karim").foyer == responsable("Camille").foyer
    assert [enfant.prenom for enfant in Enfant.objects.for_responsable(responsable("Karim"))] == ["Tom"]


def test_importer_reports_an_adult_who_may_be_two(annee):
    double = replace(NADIA, adresse="99 rue Neuve", portable="0639980077", courriel="autre@courriel.example")
    frere = replace(NADIA, civilite="M.", prenom="Luc", courriel="luc@courriel.example")
    run(annee, adultes=[*ADULTES, double, frere])
    avant = database()
    inconnue = replace(NADIA, adresse="1 place Neuve", portable="0639980088", courriel="troisieme@courriel.example")

    bilan = run(
        annee, adultes=change(ADULTES, NADIA, **{k: getattr(inconnue, k) for k in ("adresse", "portable", "courriel")})
    )

    assert [(doute.fichier, doute.ligne) for doute in bilan.doutes] == [("responsables.csv", 5)]
    assert "Nadia BERGER est-il" in plain(bilan.doutes[0].raison)
    assert database() == avant
    assert plain_all(bilan.propositions)[:3] == [
        "Nadia BERGER : le lien avec Jules LEFORT n’a pas pu être vérifié.",
        "Nadia BERGER : le lien avec Jules LEFORT n’a pas pu être vérifié.",
        "Luc BERGER n’est plus responsable de Jules LEFORT dans ONDE : rien n’a été changé.",
    ]


def test_known_adult_is_described_as_here_and_as_onde_last_said(annee):
    """Corrected by the town hall, an adult is still whom ONDE names otherwise."""
    run(annee)
    camille = responsable("Camille")
    camille.user.last_name, camille.user.first_name, camille.user.email = "ROLLIN", "Kamille", "K@courriel.example"
    camille.telephone, camille.foyer.adresse = "06 39 98 99 99", "1 rue Neuve"
    camille.onde["nom_usage"] = "MOREL-ROY"

    vue = _signalement_connu(camille)

    assert (vue.noms, vue.prenoms) == ({"rollin", "morel", "morelroy"}, {"kamille", "camille"})
    assert vue.courriels == {"k@courriel.example", "camille@courriel.example"}
    assert vue.adresses == {"1 rue neuve 38160", "12 chemin des tilleuls 38160"}
    assert vue.portables == {"06 39 98 99 99", "06 39 98 00 01"}
    assert vue.enfants == {enfant.pk for enfant in Enfant.objects.filter(nom="MOREL")}


@pytest.mark.parametrize("nom", [HELENE.nom, HELENE.usage])
def test_adult_typed_under_either_name_is_known_by_name_and_address(annee, nom):
    foyer = FoyerFactory(adresse=HELENE.adresse)
    typed = ResponsableFactory(user__first_name="Hélène", user__last_name=nom, user__email="", foyer=foyer)

    run(annee)

    assert [enfant.prenom for enfant in typed.enfants.all()] == ["Anne-Sophie"]


@pytest.mark.parametrize(
    "ligne",
    [
        {"courriel": ""},
        {"adresse": ""},  # the mail that ONDE gave before
        {"adresse": "", "courriel": "nadia.roy@courriel.example"},  # the one that is hers now
    ],
    ids=["address", "former mail", "mail"],
)
def test_adult_corrected_since_is_known_for_another_child(annee, ligne):
    run(annee)
    User.objects.filter(first_name="Nadia").update(last_name="BERGER-ROY", email="nadia.roy@courriel.example")

    autres = [adulte for adulte in ADULTES if adulte is not PAUL]  # nobody cites Jules
    run(annee, adultes=change(autres, NADIA, enfants=(ANNE.cite(),), **ligne))

    assert sorted(enfant.prenom for enfant in responsable("Nadia").enfants.all()) == ["Anne-Sophie", "Jules"]


def test_child_in_doubt_does_not_hide_the_next_one(annee):
    inconnu = ("", "INCONNU", "Jo", GRANDS)

    bilan = run(annee, adultes=change(ADULTES, CAMILLE, enfants=(LEA.cite(), inconnu, TOM.cite())))

    assert len(bilan.refus) == 1
    assert sorted(enfant.prenom for enfant in responsable("Camille").enfants.all()) == ["Léa", "Tom"]


def test_importer_keeps_an_address_that_onde_no_longer_has(annee):
    run(annee)

    run(annee, adultes=change(ADULTES, CAMILLE, adresse=""))

    assert responsable("Camille").onde["adresse"] == "12 chemin des tilleuls 38160"
    assert responsable("Camille").foyer.adresse == "12 chemin des Tilleuls"


# --- E-mail addresses -----------------------------------------------------------------------------------------------

NOUVELLE = change(ADULTES, CAMILLE, courriel="camille.morel@travail.example")


def test_importer_brings_an_address_that_acts_at_once_and_tells_the_former(annee, mailoutbox):  # AUT-13
    run(annee)
    assert DBTaskResult.objects.count() == 0  # accounts that begin have nothing to be told
    camille = responsable("Camille").user
    addresses.ask(camille, "camille.m@ailleurs.example", now=NOW)
    DBTaskResult.objects.all().delete()

    run(annee, adultes=NOUVELLE)

    assert responsable("Camille").user.email == "camille.morel@travail.example"
    changes = list(camille.email_changes.order_by("pk").values_list("former", "email", "reason"))
    assert changes == [
        ("camille@courriel.example", "camille.m@ailleurs.example", "replaced"),
        ("camille@courriel.example", "camille.morel@travail.example", "at_once"),
    ]
    for row in DBTaskResult.objects.all():
        row.task.func(*row.args_kwargs["args"])
    assert {(*mail.to, mail.subject) for mail in mailoutbox} == {
        ("camille@courriel.example", "Votre adresse e-mail a été changée"),
        ("camille.morel@travail.example", "Votre adresse e-mail a été changée"),
    }


def test_importer_that_only_tries_tells_nobody(annee):
    run(annee)
    run(annee, adultes=NOUVELLE, simuler=True)
    assert (EmailChange.objects.count(), DBTaskResult.objects.count()) == (0, 0)


def test_importer_leaves_an_address_that_its_owner_confirmed(annee):  # AUT-13
    """ONDE says what it said: what somebody chose since then stays, and what waits too."""
    run(annee)
    camille = responsable("Camille").user
    addresses.confirm(addresses.ask(camille, "camille.m@ailleurs.example", now=NOW), now=NOW)
    camille.refresh_from_db()
    waiting = addresses.ask(camille, "encore@ailleurs.example", now=NOW)
    run(annee)
    assert responsable("Camille").user.email == "camille.m@ailleurs.example"
    waiting.refresh_from_db()
    assert waiting.closed_at is None
