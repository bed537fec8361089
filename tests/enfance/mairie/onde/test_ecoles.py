"""Importing ONDE where the commune has several schools: which one is chosen, and confirmed where it seems wrong."""

from dataclasses import replace

import pytest

from enfance.models import Ecole, Enfant, ImportOnde, Scolarite
from tests.enfance.mairie.onde.ecran import AJOUT, confirme, depose, erreurs, page_of, responsables
from tests.enfance.onde.exemples import ADULTES, ECOLE
from tests.factories import EcoleFactory
from tests.reading import plain_all

pytestmark = pytest.mark.ci


def test_only_school_is_not_asked(mairie, annee):
    assert "école" not in mairie.get(AJOUT).context["form"].fields
    assert list(mairie.get(AJOUT).context["form"].fields) == ["annee", "eleves", "responsables"]
    assert depose(mairie, annee).context["titre"].endswith("année 2026-2027")


def test_school_is_asked_where_there_are_several(mairie, annee):
    hameau = EcoleFactory()

    response = depose(mairie, annee)
    assert erreurs(response).keys() == {"ecole"}
    assert not ImportOnde.objects.exists()

    response = depose(mairie, annee, ecole=hameau)
    assert plain_all([response.context["titre"]]) == ["Importer ONDE : l’aperçu, année 2026-2027, École du Hameau"]
    response = confirme(mairie, response)

    assert set(Scolarite.objects.values_list("ecole", flat=True)) == {hameau.pk}
    assert "Import d’ONDE, année 2026-2027, École du Hameau" in response.text
    assert ImportOnde.objects.get().ecole == hameau


def test_files_of_another_school_are_asked_about_and_kept(mairie, annee):
    hameau = EcoleFactory()
    confirme(mairie, depose(mairie, annee, ecole=Ecole.objects.exclude(pk=hameau.pk).get()))

    response = depose(mairie, annee, ecole=hameau)

    assert "12 élèves de ce fichier, sur 12, sont connus dans une autre école" in erreurs(response)["ecole"][0]
    assert "C’est bien cette école" in response.text
    assert 'id="id_confirmer_ecole"' in response.text
    data = {"annee": annee.pk, "ecole": hameau.pk, "deposer": "1"}
    depot = response.context["depot"]
    assert erreurs(mairie.post(page_of(response), data, follow=True)).keys() == {"ecole"}

    response = mairie.post(page_of(response), data | {"confirmer_ecole": "on"}, follow=True)

    assert response.context["depot"] == depot
    assert len(response.context["bilan"].questions) == 12
    assert set(Scolarite.objects.values_list("ecole__code", flat=True)) == {"ecole"}
    question = next(q for q in response.context["bilan"].questions if "Léa" in q.texte)
    response = mairie.post(page_of(response), {"apercu": "1", f"q-{question.cle}": f"ecole-{hameau.pk}"}, follow=True)
    confirme(mairie, response, **{f"q-{question.cle}": f"ecole-{hameau.pk}"})

    assert Enfant.objects.get(prenom="Léa").scolarites.get(depart=None).ecole == hameau
    assert Scolarite.objects.filter(ecole=hameau).count() == 1
    reponse = ImportOnde.objects.latest("pk").choix
    assert reponse == {"ecole": "hameau", question.cle: f"ecole-{hameau.pk}"}


def test_answer_about_a_school_is_known_to_the_next_import_and_its_confirmation_is_not(mairie, annee):
    test_files_of_another_school_are_asked_about_and_kept(mairie, annee)
    bourg = Ecole.objects.exclude(code="hameau").get()

    response = depose(mairie, annee, ECOLE, ADULTES, ecole=bourg)

    assert "ecole" not in response.context["depot"].choix
    assert [q.reponse for q in response.context["bilan"].questions] == [f"ecole-{Ecole.objects.get(code='hameau').pk}"]
    assert response.context["bilan"].doutes == []


def test_pupils_known_in_another_school_change_school_at_once_but_for_one(mairie, annee):
    hameau = EcoleFactory()
    bourg = Ecole.objects.exclude(pk=hameau.pk).get()
    confirme(mairie, depose(mairie, annee, ecole=bourg))
    response = depose(mairie, annee, ecole=hameau)
    data = {"annee": annee.pk, "ecole": hameau.pk, "deposer": "1", "confirmer_ecole": "on"}
    response = mairie.post(page_of(response), data, follow=True)
    (commune,) = response.context["communes"]
    assert (response.context["seules"], commune.comptes) == ([], [(12, "Sans réponse")])
    assert "Connus à École (12)" in response.text

    response = mairie.post(page_of(response), {"tous": f"{commune.cle}:ecole-{hameau.pk}"}, follow=True)

    (commune,) = response.context["communes"]
    assert [n for n, _ in commune.comptes] == [12]
    reponses = {f"q-{question.cle}": question.reponse for question in commune.questions}
    assert set(reponses.values()) == {f"ecole-{hameau.pk}"}
    lea = next(question for question in commune.questions if "Léa" in question.texte)
    reponses[f"q-{lea.cle}"] = f"ecole-{bourg.pk}"
    response = mairie.post(page_of(response), reponses | {"apercu": "1"}, follow=True)
    assert [n for n, _ in response.context["communes"][0].comptes] == [11, 1]
    confirme(mairie, response, **reponses)

    assert Enfant.objects.get(prenom="Léa").scolarites.get(depart=None).ecole == bourg
    assert Scolarite.objects.filter(ecole=hameau, depart=None).count() == 11


def test_answer_for_all_that_names_nothing_changes_no_answer(mairie, annee):
    hameau = EcoleFactory()
    confirme(mairie, depose(mairie, annee, ecole=Ecole.objects.exclude(pk=hameau.pk).get()))
    response = depose(mairie, annee, ecole=hameau)
    data = {"annee": annee.pk, "ecole": hameau.pk, "deposer": "1", "confirmer_ecole": "on"}
    response = mairie.post(page_of(response), data, follow=True)
    cle = response.context["communes"][0].cle

    for tous in ("", "x", f"{cle}:ecole-99", f"x:ecole-{hameau.pk}", cle, "\u0661"):
        response = mairie.post(page_of(response), {"tous": tous}, follow=True)
        assert [n for n, _ in response.context["communes"][0].comptes] == [12]
    assert response.context["depot"].choix == {"ecole": "hameau"}


# --- Two files of two schools -----------------------------------------------------------------------------------------


def autres_adultes():
    """Those of a file of another school: one of three answers for a pupil of this one as well."""
    cite = ("", "AUTRE", "Inès", "CP")
    return [replace(adulte, enfants=(*adulte.enfants[: n == 0], cite)) for n, adulte in enumerate(ADULTES[:3])]


def test_adults_of_another_school_are_asked_about_and_the_files_kept(mairie, annee):
    hameau = EcoleFactory()

    response = depose(mairie, annee, adultes=autres_adultes(), ecole=hameau)

    assert erreurs(response) == {
        "responsables": [
            "2 adultes de ce fichier, sur 3, n’ont aucun enfant dans celui des élèves. Les deux fichiers sont-ils bien "
            "de la même école, exportés le même jour ?"
        ]
    }
    assert "Ces deux fichiers vont bien ensemble" in response.text
    data = {"annee": annee.pk, "ecole": hameau.pk, "deposer": "1"}
    assert erreurs(mairie.post(page_of(response), data, follow=True)).keys() == {"responsables"}

    confirmee = mairie.post(page_of(response), data | {"confirmer_paire": "on"}, follow=True)
    assert len(confirmee.context["bilan"].refus) == 3
    apercu = mairie.post(page_of(confirmee), {"apercu": "1"}, follow=True)
    assert "bilan" in apercu.context
    confirme(mairie, apercu)
    assert Scolarite.objects.filter(ecole=hameau).count() == len(ECOLE)


def test_right_file_of_adults_ends_the_question(mairie, annee):
    hameau = EcoleFactory()
    response = depose(mairie, annee, adultes=autres_adultes(), ecole=hameau)
    data = {"annee": annee.pk, "ecole": hameau.pk, "deposer": "1"}
    response = mairie.post(page_of(response), data | {"confirmer_paire": "on"}, follow=True)

    page = page_of(response)
    bonne = mairie.post(page, data | {"responsables": responsables(ADULTES)}, follow=True)
    assert bonne.context["bilan"].refus == []
    mauvaise = mairie.post(page, data | {"responsables": responsables(autres_adultes())}, follow=True)
    assert erreurs(mauvaise).keys() == {"responsables"}  # what was confirmed was of other files


def test_only_school_is_not_asked_whether_its_files_go_together(mairie, annee):
    response = depose(mairie, annee, adultes=autres_adultes())

    assert len(response.context["bilan"].refus) == 3


def test_most_adults_of_the_pupils_are_enough(mairie, annee):
    etranger = replace(ADULTES[-1], enfants=(("", "AUTRE", "Inès", "CP"),))

    response = depose(mairie, annee, adultes=[*ADULTES[:-1], etranger], ecole=EcoleFactory())

    assert len(response.context["bilan"].refus) == 1
