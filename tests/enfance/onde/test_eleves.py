"""Children: INE, names, doubts, departures and returns."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from enfance.models import (
    Creneau,
    Ecole,
    Enfant,
    Evenement,
    Inscription,
    Scolarite,
)
from enfance.onde.eleves import Registre, _resembles
from enfance.onde.lecture import Eleve
from portail.tables import ImportRefuse
from tests.enfance.onde.ecole import comptes, database, responsable, run
from tests.enfance.onde.exemples import (
    ADULTES,
    ANNE,
    AUTRES,
    CAMILLE,
    DUBOIS,
    ECOLE,
    GRANDS,
    HELENE,
    JULES,
    KARIM,
    LEA,
    MOYENS,
    NADIA,
    PAUL,
    PETITS,
    TOM,
    change,
)
from tests.factories import AnneeFactory, EcoleFactory, EnfantFactory, ScolariteFactory, make_creneaux
from tests.reading import plain_all

pytestmark = [pytest.mark.django_db, pytest.mark.ci]


def test_importer_knows_a_corrected_name_by_its_ine(annee):
    run(annee)
    enfants = change(ECOLE, ANNE, nom="LE FÈVRE-ROY")
    adultes = change(ADULTES, HELENE, enfants=(("", "LE FÈVRE-ROY", "Anne-Sophie", GRANDS),))

    bilan = run(annee, enfants, adultes)

    assert plain_all(bilan.eleves.modifies) == [
        "Anne-Sophie LE FÈVRE-ROY : nom de famille « LEFÈVRE » → « LE FÈVRE-ROY »"
    ]
    assert Enfant.objects.count() == 12


def test_importer_asks_about_a_corrected_name_without_ine(annee):
    run(annee, ine=False)
    avant = database()
    enfants = change(ECOLE, ANNE, prenom="Anna-Sophia")
    adultes = change(ADULTES, HELENE, enfants=(("", "LEFÈVRE", "Anna-Sophia", GRANDS),))

    bilan = run(annee, enfants, adultes, ine=False)

    assert plain_all(bilan.doutes) == [
        "eleves.csv, ligne 4 : Anna-Sophia LEFÈVRE arrive et Anne-Sophie LEFÈVRE, né le même jour, n’y est plus. Si "
        "c’est le même enfant, corrigez le nom dans sa fiche et recommencez ; sinon, notez le départ de l’autre et "
        "recommencez.",
        "responsables.csv, ligne 4 : Hélène LEFÈVRE attend que son enfant soit reconnu (voir le fichier des élèves).",
    ]
    assert database() == avant

    Enfant.objects.filter(prenom="Anne-Sophie").update(prenom="Anna-Sophia")
    bilan = run(annee, enfants, adultes, ine=False)
    assert (bilan.doutes, comptes(bilan)[0], Enfant.objects.count()) == ([], (0, 0, 12), 12)


def test_child_in_doubt_is_not_gone_with_those_who_are(annee):
    run(annee, ine=False)
    enfants = [e for e in change(ECOLE, ANNE, prenom="Anna-Sophia") if e not in (LEA, TOM)]

    bilan = run(annee, enfants, [DUBOIS], ine=False, confirmer_departs=True)

    assert [dit.split(",")[0] for dit in bilan.eleves.partis] == ["Léa MOREL", "Tom MOREL"]


def test_child_whom_an_answer_names_is_named_once(annee):
    """Two new pupils, and the town hall says of both that they are the same child: the second stays in doubt."""
    run(annee, ine=False)
    anne = Enfant.objects.get(prenom="Anne-Sophie")
    deux = [replace(ANNE, prenom="Anna-Sophia"), replace(ANNE, prenom="Anne-Sofie")]
    enfants = [e for e in ECOLE if e is not ANNE] + deux
    adultes = [a for a in ADULTES if a is not HELENE]
    questions = run(annee, enfants, adultes, ine=False).questions

    bilan = run(annee, enfants, adultes, ine=False, choix={q.cle: f"enfant-{anne.pk}" for q in questions})

    assert Enfant.objects.get(pk=anne.pk).prenom == "Anna-Sophia"
    assert (len(questions), len(bilan.doutes), Enfant.objects.count()) == (2, 1, 12)


def test_importer_asks_about_an_ine_that_contradicts(annee):
    run(annee)
    avant = database()

    bilan = run(annee, change(ECOLE, LEA, ine="0600000099Z"))

    assert [doute.ligne for doute in bilan.doutes] == [2]
    assert "connu avec un autre INE" in bilan.doutes[0].raison
    assert (bilan.eleves.partis, database()) == ([], avant)


def test_importer_refuses_a_child_who_is_in_one_file_only(annee):
    bilan = run(annee, [e for e in ECOLE if e is not JULES])

    assert plain_all(bilan.refus) == [
        "responsables.csv, ligne 5 : Nadia BERGER : Jules LEFORT n’est pas dans le fichier des élèves.",
        "responsables.csv, ligne 6 : Paul LEFORT : Jules LEFORT n’est pas dans le fichier des élèves.",
    ]
    assert comptes(bilan) == [(11, 0, 0), (4, 0, 0), (3, 0, 0)]


def test_importer_says_that_a_pupil_has_nobody(annee):
    bilan = run(annee, adultes=[a for a in ADULTES if a is not HELENE])

    assert plain_all(bilan.propositions)[-2:] == [
        "Anne-Sophie LEFÈVRE n’a aucun responsable dans ONDE : personne ne peut l’inscrire.",
        "Jules LEFORT a deux foyers : le rythme de garde est à régler ; d’ici là, chacun peut l’inscrire.",
    ]


@pytest.fixture
def inscriptions(annee):
    """Jules comes on an evening past and on two to come."""
    run(annee)
    soir = make_creneaux()["soir"]
    jules = Enfant.objects.get(prenom="Jules")
    foyer = responsable("Nadia").foyer
    jours = [date(2026, 11, 24), date(2026, 11, 26), date(2026, 12, 1)]
    return [Inscription.objects.create(enfant=jules, jour=jour, creneau=soir, foyer=foyer) for jour in jours]


def test_importer_marks_gone_and_cancels_what_was_to_come(annee, inscriptions):
    bilan = run(annee, [e for e in ECOLE if e is not JULES], [a for a in ADULTES if a not in (NADIA, PAUL)])

    assert bilan.eleves.partis == [f"Jules LEFORT, {GRANDS}"]
    assert Scolarite.objects.get(enfant__prenom="Jules").depart == date(2026, 11, 25)
    etats = list(Inscription.objects.order_by("jour").values_list("etat", "origine"))
    assert etats == [("inscrit", "portail"), ("annulee", "import"), ("annulee", "import")]
    assert Evenement.objects.count() == bilan.inscriptions_annulees == 2
    assert responsable("Nadia").user.is_active

    assert run(annee, [e for e in ECOLE if e is not JULES]).eleves.partis == []


def test_importer_takes_back_a_pupil_and_proposes_the_inscriptions(annee, inscriptions):
    run(annee, [e for e in ECOLE if e is not JULES], [a for a in ADULTES if a not in (NADIA, PAUL)])

    bilan = run(annee)

    assert bilan.eleves.revenus == [f"Jules LEFORT, {GRANDS}"]
    assert Scolarite.objects.get(enfant__prenom="Jules").depart is None
    assert plain_all(bilan.propositions)[0] == (
        "Jules LEFORT est de retour : 2 inscriptions à venir, annulées à son départ, à rétablir si la famille le veut."
    )
    assert Inscription.objects.filter(etat="annulee").count() == 2


def test_importer_proposes_what_the_departure_cancelled_and_nothing_else(annee, inscriptions):
    run(annee, [e for e in ECOLE if e is not JULES], [a for a in ADULTES if a not in (NADIA, PAUL)])
    passee, _, prochaine = inscriptions
    Inscription.objects.filter(pk=passee.pk).update(etat="annulee", origine="import")
    Inscription.objects.filter(pk=prochaine.pk).update(origine="portail")  # by a parent since

    assert "Jules LEFORT est de retour : 1 inscription à venir" in plain_all(run(annee).propositions)[0]


def test_importer_gives_back_the_inscriptions_of_a_pupil_when_asked(annee, inscriptions):
    run(annee, [e for e in ECOLE if e is not JULES], [a for a in ADULTES if a not in (NADIA, PAUL)])
    Creneau.objects.update(places=0)
    Inscription.objects.filter(jour=date(2026, 12, 1)).update(creneau=make_creneaux()["matin"])
    Creneau.objects.filter(code="matin").update(places=None)

    bilan = run(annee, retablir_retours=True)

    assert bilan.inscriptions_retablies == 1
    assert (
        plain_all(bilan.propositions)[0]
        == "Jules LEFORT, jeudi 26 novembre, soir : non rétabli, il n’y a plus de place."
    )
    etats = Inscription.objects.order_by("jour").values_list("etat", "origine")
    assert list(etats) == [("inscrit", "portail"), ("annulee", "mairie"), ("inscrit", "portail")]
    assert run(annee, retablir_retours=True).inscriptions_retablies == 0


def test_importer_keeps_a_departure_noted_by_the_town_hall(annee):
    run(annee)
    Scolarite.objects.filter(enfant__prenom="Jules").update(depart=date(2026, 11, 20))

    bilan = run(annee)

    assert Scolarite.objects.get(enfant__prenom="Jules").depart == date(2026, 11, 20)
    assert (
        plain_all(bilan.propositions)[0]
        == "Jules LEFORT, noté parti le 20/11/2026 par la mairie, est encore dans ONDE."
    )


def test_importer_leaves_a_child_typed_by_the_town_hall(annee):
    run(annee)
    ScolariteFactory(enfant=EnfantFactory(nom="Nouveau", prenom="Zoé"), annee=annee, classe=None)

    bilan = run(annee)

    assert bilan.eleves.partis == []
    assert (
        plain_all(bilan.propositions)[0]
        == "Zoé Nouveau, saisi par la mairie, n’est pas dans ONDE : rien n’a été changé."
    )


def test_importer_stops_when_one_class_was_exported_alone(annee):
    run(annee)
    avant = database()
    seuls = [e for e in ECOLE if e.classe == MOYENS and e is not AUTRES[0]]  # one of them has really left

    with pytest.raises(ImportRefuse) as refus:
        run(annee, seuls, [CAMILLE, KARIM, DUBOIS])

    assert plain_all([refus.value]) == [
        "eleves.csv : 4 élèves sur 12 ne sont plus dans ce fichier (classes absentes : "
        f"{GRANDS}, {PETITS}). Une seule classe a-t-elle été exportée ?"
    ]
    assert database() == avant
    assert run(annee, seuls, simuler=True).a_confirmer
    assert len(run(annee, seuls, confirmer_departs=True).eleves.partis) == 4


def test_importer_counts_departures_among_the_pupils_of_onde_alone(annee):
    run(annee)
    for n in range(30):
        ScolariteFactory(enfant=EnfantFactory(nom="Nouveau", prenom=f"Zoé {n}"), annee=annee, classe=None)

    with pytest.raises(ImportRefuse, match="3.élèves sur 12"):
        run(annee, [e for e in ECOLE if e.classe == MOYENS], [CAMILLE, KARIM, DUBOIS])


def test_importer_accepts_one_departure_in_ten(annee):
    enfants = [LEA, TOM, *AUTRES]
    run(annee, enfants, [CAMILLE, KARIM, DUBOIS])

    assert run(annee, enfants[:-1], [CAMILLE, KARIM, DUBOIS]).eleves.partis == [f"PrénomH DUBOIS, {MOYENS}"]


def test_importer_confirms_a_provisional_year(annee):
    run(annee)
    suivante = AnneeFactory(debut=date(2027, 9, 2), fin=date(2028, 7, 3))
    for enfant in Enfant.objects.all():
        ScolariteFactory(enfant=enfant, annee=suivante, niveau="CM2", classe=None)

    bilan = run(suivante, change(ECOLE, LEA, niveau="CE2"))

    lea = suivante.scolarites.get(enfant__prenom="Léa")
    assert (lea.niveau, lea.classe.nom) == ("CE2", MOYENS)
    assert annee.scolarites.get(enfant__prenom="Léa").niveau == "CE1"
    assert comptes(bilan)[0][0] == 0


def test_importer_of_the_next_year_leaves_this_one_alone(annee, inscriptions):
    suivante = AnneeFactory(debut=date(2027, 9, 2), fin=date(2028, 7, 3))
    for enfant in Enfant.objects.all():
        ScolariteFactory(enfant=enfant, annee=suivante, classe=None)

    bilan = run(suivante, [e for e in ECOLE if e is not JULES], [a for a in ADULTES if a not in (NADIA, PAUL)])

    assert bilan.eleves.partis == ["Jules LEFORT, CE1"]
    assert suivante.scolarites.get(enfant__prenom="Jules").depart == date(2027, 9, 2)
    assert annee.scolarites.get(enfant__prenom="Jules").depart is None
    assert Inscription.objects.inscrit().count() == 3


# --- The year that is prepared ----------------------------------------------------------------------------------------


@pytest.fixture
def suivante(annee):
    """The year after, where the rollover has put everybody."""
    run(annee)
    suivante = AnneeFactory(debut=date(2027, 9, 2), fin=date(2028, 7, 3))
    for enfant in Enfant.objects.all():
        ScolariteFactory(enfant=enfant, annee=suivante, classe=None)
    return suivante


def departs_of(prenom):
    places = Scolarite.objects.filter(enfant__prenom=prenom).order_by("annee__debut", "pk")
    return list(places.values_list("depart", flat=True))


def test_departure_reaches_the_prepared_year_and_so_does_a_return(annee, suivante):
    run(annee, [e for e in ECOLE if e is not JULES], [a for a in ADULTES if a not in (NADIA, PAUL)])
    assert departs_of("Jules") == [date(2026, 11, 25), date(2027, 9, 2)]

    run(annee)
    assert departs_of("Jules") == [None, None]


def test_departure_that_the_town_hall_noted_in_the_prepared_year_stays(annee, suivante):
    suivante.scolarites.filter(enfant__prenom="Jules").update(depart=date(2028, 1, 10))

    run(annee, [e for e in ECOLE if e is not JULES], [a for a in ADULTES if a not in (NADIA, PAUL)])
    assert departs_of("Jules") == [date(2026, 11, 25), date(2028, 1, 10)]

    run(annee)
    assert departs_of("Jules") == [None, date(2028, 1, 10)]


def test_departures_of_the_town_hall_stay_where_a_pupil_comes_from_another_school(annee, suivante):
    """That of the prepared year, then that of the school where the pupil came."""
    bourg, hameau, janvier = Ecole.objects.get(), EcoleFactory(), date(2027, 1, 4)
    suivante.scolarites.filter(enfant__prenom="Jules").update(depart=date(2028, 1, 10))
    run(annee, [e for e in ECOLE if e is not JULES], [a for a in ADULTES if a not in (NADIA, PAUL)], ecole=bourg)
    run(annee, [JULES], [PAUL], ecole=hameau, confirmer_ecole=True)
    annee.scolarites.filter(ecole=hameau).update(depart=janvier)

    run(annee, [JULES], [PAUL], ecole=hameau, confirmer_ecole=True)

    assert departs_of("Jules") == [date(2026, 11, 25), janvier, date(2028, 1, 10)]


def test_file_of_which_half_are_of_another_school_is_taken_and_more_is_not(annee):
    """What is known of a year to come says nothing of this one."""
    hameau, lac = EcoleFactory(), EcoleFactory(code="lac", nom="École du Lac")
    bourg, suivante = Ecole.objects.get(code="ecole"), AnneeFactory(debut=date(2027, 9, 2), fin=date(2028, 7, 3))
    run(annee, [LEA, TOM], [CAMILLE], ecole=bourg)
    for enfant in Enfant.objects.all():
        ScolariteFactory(enfant=enfant, annee=suivante, ecole=hameau, classe=None)
    run(annee, [ANNE], [HELENE], ecole=lac)

    assert run(annee, [LEA, TOM], [CAMILLE], ecole=bourg).eleves.inchanges == 2
    assert run(annee, [LEA, TOM, *AUTRES[:2]], [CAMILLE], ecole=hameau, simuler=True).eleves.crees == 2
    with pytest.raises(ImportRefuse, match="2.élèves de ce fichier, sur 3, .*autre école"):
        run(annee, [LEA, TOM, ANNE], [CAMILLE], ecole=hameau, simuler=True)


def test_departure_leaves_a_year_whose_classes_are_known(annee, suivante):
    run(suivante)

    run(annee, [e for e in ECOLE if e is not JULES], [a for a in ADULTES if a not in (NADIA, PAUL)])

    assert departs_of("Jules") == [date(2026, 11, 25), None]


# --- Without a database ---------------------------------------------------------------------------------------------

NE_LE = date(2019, 3, 14)


def known(pk=1, onde=None, **champs):
    return Enfant(**{"pk": pk, "nom": "MOREL", "prenom": "Léa", "date_naissance": NE_LE, "onde": onde or {}} | champs)


def line(ligne=2, nom="MOREL", prenom="Léa", ine=""):
    return Eleve(ligne, nom, "", prenom, NE_LE, "f", ine, "CE1", MOYENS)


def test_child_known_by_its_ine_is_no_candidate_for_another_of_the_same_name():
    registre = Registre([known(ine="A")])

    assert registre.find([line(2, ine="A"), line(3, ine="B")]) == ({2: 1}, {})


def test_child_whose_ine_the_town_hall_corrected_is_found_by_that_of_onde():
    registre = Registre([known(ine="B", onde={"ine": "A"})])

    assert registre.find([line(nom="ROLLIN", ine="A")]) == ({2: 1}, {})


@pytest.mark.parametrize(
    ("eleve", "enfant", "proche"),
    [
        (line(prenom="Lia"), known(), True),
        (line(nom="ROLLIN"), known(), True),
        (line(nom="ROLLIN", prenom="Lia"), known(), False),
        (line(prenom="Lia"), known(date_naissance=date(2019, 4, 14)), False),
        (line(prenom="Lia"), known(date_naissance=date(2019, 4, 14), onde={"date_naissance": "2019-03-14"}), True),
        (line(prenom="Lia", ine="A"), known(ine="B"), False),  # two INE are two children
        (line(prenom="Lia", ine="A"), known(), True),
    ],
)
def test_new_pupil_may_be_a_known_child_born_the_same_day_under_another_name(eleve, enfant, proche):
    assert _resembles(eleve, enfant) is proche
