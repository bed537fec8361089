"""A class that the town hall typed, and that ONDE says differently: asked, never guessed."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from enfance.models import Classe, Enfant, Scolarite
from enfance.models.ecoles import PREMIERE
from enfance.onde.lecture import Eleve
from enfance.onde.places import _cle, _noms
from tests.enfance.onde.ecole import database, run
from tests.enfance.onde.exemples import ADULTES, ECOLE, GRANDS, LEA, MOYENS, TOM, change
from tests.factories import ClasseFactory, EnfantFactory, ScolariteFactory
from tests.reading import plain_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def saisies(annee) -> Classe:
    """Léa and Tom, typed at the counter in a class of the town hall’s own words."""
    saisie = ClasseFactory(annee=annee, nom="Chez M. Houx")
    for eleve in (LEA, TOM):
        naissance = datetime.strptime(eleve.naissance, "%d/%m/%Y").date()
        enfant = EnfantFactory(nom=eleve.nom, prenom=eleve.prenom, date_naissance=naissance)
        ScolariteFactory(enfant=enfant, annee=annee, niveau=eleve.niveau, classe=saisie)
    return saisie


def classe_of(prenom: str) -> str:
    return Scolarite.objects.get(enfant__prenom=prenom).classe.nom


def classes_asked(bilan):
    return [question for question in bilan.questions if "Quelle est la bonne classe" in question.texte]


def test_typed_class_is_asked_about_and_kept_meanwhile(annee, saisies):
    bilan = run(annee)

    lea, tom = classes_asked(bilan)
    assert plain_all([lea.texte, tom.texte]) == [
        f"La mairie a saisi la classe « Chez M. Houx », ONDE dit « {LEA.classe} » : Léa MOREL. "
        "Quelle est la bonne classe ?",
        f"La mairie a saisi la classe « Chez M. Houx », ONDE dit « {TOM.classe} » : Tom MOREL. "
        "Quelle est la bonne classe ?",
    ]
    assert [option.libelle for option in lea.options] == [
        "Chez M. Houx, saisie par la mairie",
        f"{LEA.classe}, celle d’ONDE",
    ]
    assert (classe_of("Léa"), classe_of("Tom")) == ("Chez M. Houx", "Chez M. Houx")
    assert sum("Sans réponse, la classe saisie est gardée." in doute for doute in plain_all(bilan.doutes)) == 2
    assert len(classes_asked(run(annee))) == 2  # as long as nobody has answered


def test_one_question_for_those_of_the_same_two_classes(annee, saisies):
    bilan = run(annee, change(ECOLE, TOM, classe=LEA.classe))

    (question,) = classes_asked(bilan)
    assert ": Léa MOREL, Tom MOREL." in plain_all([question.texte])[0]


@pytest.mark.parametrize(("reponse", "tenue"), [("garder", "Chez M. Houx"), ("prendre", LEA.classe)])
def test_answer_is_done_and_not_asked_again(annee, saisies, reponse, tenue):
    lea, _ = classes_asked(run(annee, simuler=True))

    bilan = run(annee, choix={lea.cle: reponse})

    assert (classe_of("Léa"), classe_of("Tom")) == (tenue, "Chez M. Houx")
    change = f"classe « Chez M. Houx » → « {LEA.classe} »"
    assert [change in dit for dit in plain_all(bilan.eleves.modifies)] == [reponse == "prendre", False]
    (reste,) = classes_asked(run(annee))
    assert "Tom MOREL" in reste.texte
    avant = database()
    run(annee)
    assert database() == avant


def test_class_that_onde_moves_after_the_town_hall_did_is_asked_about(annee):
    run(annee)
    Scolarite.objects.filter(enfant__prenom="Tom").update(classe=ClasseFactory(annee=annee, nom="Chez M. Houx"))
    assert classes_asked(run(annee)) == []  # ONDE says what it said: the correction was made knowing it

    autre = GRANDS if TOM.classe != GRANDS else MOYENS
    (question,) = classes_asked(run(annee, change(ECOLE, TOM, classe=autre), ADULTES))

    assert f"ONDE dit « {autre} »" in plain_all([question.texte])[0]
    assert classe_of("Tom") == "Chez M. Houx"


def test_class_that_only_onde_named_follows_onde(annee):
    run(annee)

    bilan = run(annee, change(ECOLE, LEA, classe=GRANDS))

    assert (classes_asked(bilan), classe_of("Léa")) == ([], GRANDS)


def test_simulation_writes_nothing_of_the_answer(annee, saisies):
    lea, _ = classes_asked(run(annee, simuler=True))

    run(annee, choix={lea.cle: "prendre"}, simuler=True)

    assert classe_of("Léa") == "Chez M. Houx"
    assert Enfant.objects.get(prenom="Léa").onde == {}


def test_same_two_classes_of_two_schools_are_two_questions():
    assert len({_cle(Classe(nom="Chez M. Houx"), Classe(nom="CP", ecole_id=ecole)) for ecole in (PREMIERE, 2, 3)}) == 3


@pytest.mark.parametrize(("n", "fin"), [(5, "A MOREL"), (6, "et 1 autre"), (7, "et 2 autres")])
def test_five_pupils_are_named_then_counted(n, fin):
    eleves = [Eleve(2, "MOREL", "", "A", date(2019, 3, 14), "f", "", "CE1", "CP") for _ in range(n)]

    assert plain_all([_noms(eleves)])[0].endswith(fin)
