"""A name like that of a forbidden person: asked of the town hall once, and let in or refused by it."""

from datetime import date, datetime, timedelta

import pytest
from django_tasks_db.models import DBTaskResult

from enfance.famille.autorisations import MAX as MAX_AUTORISEES
from enfance.famille.autorisations import ajouter, retirer
from enfance.famille.homonymes import MAX, admettre, refuser, reopen, ressemblances
from enfance.models import DemandeAutorisation, PersonneAutorisee
from portail.dates import PARIS
from tests.factories import FoyerFactory, ResponsableFactory, StaffFactory, make_enfant
from tests.races import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.ci]
NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)
TODAY = NOW.date()


@pytest.fixture
def camille():
    return ResponsableFactory()


@pytest.fixture
def lea(camille):
    lea = make_enfant(camille, ResponsableFactory(foyer=FoyerFactory()), prenom="Léa")
    lea.personnes_autorisees.create(nom="Jean Dupont", interdite=True)
    return lea


@pytest.fixture
def agent():
    return StaffFactory()


def ask(lea, auteur, nom="J. Dupont", **fields):
    return [obstacle.message for obstacle in ajouter([lea], auteur, nom=nom, now=NOW, **fields).values()]


def autorisees(lea):
    return [personne.nom for personne in lea.personnes_autorisees.autorisees(TODAY)]


def told():
    """The persons of whom the other parents are told, and by whom."""
    tasks = DBTaskResult.objects.filter(task_path__endswith=".tell_autorisation")
    return [tuple(task.args_kwargs["args"]) for task in tasks]


def test_name_is_asked_once_however_often_it_is_said(lea, camille):
    for nom in ("J. Dupont", "j dupont", "J. DUPONT"):
        assert ask(lea, camille, nom) == [f"Pour {nom}, appelez la mairie."]
    assert (DemandeAutorisation.objects.get().nom, autorisees(lea), told()) == ("J. Dupont", [], [])


def test_each_other_name_is_asked(lea, camille):
    ask(lea, camille)
    ask(lea, camille, "Dupont Jean")
    assert {demande.nom for demande in lea.demandes_autorisation.all()} == {"J. Dupont", "Dupont Jean"}


def test_name_that_hides_in_the_link_is_asked(lea, camille):
    assert ask(lea, camille, "Mamie", lien="Jean Dupont") == ["Pour Mamie, appelez la mairie."]
    assert autorisees(lea) == []


@pytest.mark.parametrize(
    "otherwise",
    [{"lien": "son père"}, {"telephone": "06 39 98 00 86"}, {"debut": date(2026, 12, 7)}, {"fin": date(2026, 12, 7)}],
)
def test_what_is_said_otherwise_is_another_request(lea, camille, agent, otherwise):  # ACC-07
    ask(lea, camille)
    seen = lea.demandes_autorisation.get()
    for _ in range(2):
        ask(lea, camille, **otherwise)  # while an agent reads the first
    assert lea.demandes_autorisation.count() == 2
    personne = admettre(seen.pk, agent, now=NOW).personne
    assert (personne.lien, personne.telephone, personne.debut, personne.fin) == ("", "", None, None)
    assert lea.demandes_autorisation.exclude(pk=seen.pk).get().attend


def test_request_of_both_parents_in_the_same_words_is_one(lea, camille):
    ask(lea, camille, lien="un ami")
    ask(lea, lea.responsables.exclude(pk=camille.pk).get(), lien="Un ami")
    demande = DemandeAutorisation.objects.get()
    assert (demande.lien, demande.demandee_par) == ("un ami", camille.user)


def test_name_that_is_half_in_the_link_is_asked(lea, camille):  # ACC-07
    assert ask(lea, camille, "PapaJean", lien="MrDupont") == ["Pour PapaJean, appelez la mairie."]


def test_town_hall_is_not_flooded(lea, camille):
    for n in range(MAX + 2):
        assert ask(lea, camille, f"Jean Dupont {n}") != []
    assert (lea.demandes_autorisation.count(), autorisees(lea)) == (MAX, [])


def test_same_name_for_another_child_is_nobody_s_business(lea, camille):
    assert ask(make_enfant(camille, prenom="Tom"), camille) == []


def test_namesake_is_let_in_as_the_parent_asked(lea, camille, agent):
    ask(lea, camille, lien="sa grand-mère", telephone="06 39 98 00 85", fin=date(2026, 12, 11))
    demande = admettre(DemandeAutorisation.objects.get().pk, agent, now=NOW)
    personne = lea.personnes_autorisees.autorisees(TODAY).get()
    assert (demande.personne, demande.decidee_par, demande.decidee_le) == (personne, agent, NOW)
    assert (personne.nom, personne.lien, personne.telephone) == ("J. Dupont", "sa grand-mère", "06 39 98 00 85")
    assert (personne.debut, personne.fin, personne.ajoutee_par) == (None, date(2026, 12, 11), camille.user)
    assert told() == [([personne.pk], camille.user_id, False)]


def test_namesake_is_let_in_once(lea, camille, agent):
    ask(lea, camille)
    pk = DemandeAutorisation.objects.get().pk
    assert [bool(admettre(pk, agent, now=NOW)) for _ in range(2)] == [True, False]
    assert refuser(pk, agent, now=NOW) is None
    assert (autorisees(lea), len(told())) == (["J. Dupont"], 1)


@pytest.mark.parametrize("answer", [admettre, refuser])
def test_request_that_does_not_exist_is_answered_by_nothing(agent, answer):
    assert answer(12, agent, now=NOW) is None


def test_namesake_who_was_let_in_is_not_asked_again(lea, camille, agent):
    ask(lea, camille)
    admettre(DemandeAutorisation.objects.get().pk, agent, now=NOW)
    assert ask(lea, camille, "j. dupont") == []
    assert autorisees(lea) == ["J. Dupont"]
    retirer(lea, camille, lea.personnes_autorisees.get(interdite=False).pk, now=NOW)
    assert ask(lea, camille) == []
    assert (autorisees(lea), DemandeAutorisation.objects.count()) == (["J. Dupont"], 1)


LUNDI = date(2026, 12, 7)


@pytest.fixture
def cousin(lea, camille, agent):
    """Let in by the town hall for one day."""
    ask(lea, camille, lien="cousin", telephone="06 39 98 00 85", debut=LUNDI, fin=LUNDI)
    return admettre(DemandeAutorisation.objects.get().pk, agent, now=NOW).personne


@pytest.mark.parametrize(
    "wider",
    [
        {"lien": "son père"},
        {"lien": ""},
        {"telephone": "06 39 98 00 86"},
        {"debut": None},
        {"fin": None},
        {"debut": None, "fin": None},
        {"debut": LUNDI - timedelta(days=1)},
        {"fin": LUNDI + timedelta(days=1)},
        {"debut": LUNDI + timedelta(days=1), "fin": None},
    ],
)
def test_admission_holds_for_what_was_admitted_only(lea, camille, cousin, wider):  # ACC-07
    said = {"lien": "cousin", "telephone": "06 39 98 00 85", "debut": LUNDI, "fin": LUNDI} | wider
    assert ask(lea, camille, **said) == ["Pour J. Dupont, appelez la mairie."]
    assert list(lea.personnes_autorisees.autorisees(TODAY)) == [cousin]
    assert lea.demandes_autorisation.get(decidee_le=None).lien == said["lien"]


def test_admission_holds_for_fewer_days(lea, camille, agent):
    ask(lea, camille, debut=LUNDI)
    admettre(DemandeAutorisation.objects.get().pk, agent, now=NOW)
    assert ask(lea, camille, debut=LUNDI + timedelta(days=1), fin=LUNDI + timedelta(days=1)) == []
    assert (len(autorisees(lea)), DemandeAutorisation.objects.count()) == (2, 1)


@pytest.mark.parametrize("changed", [{"lien": "son père"}, {"telephone": ""}, {"fin": None}, {"nom": "Jean Dupont"}])
def test_namesake_who_is_not_the_one_let_in_is_warned_of(lea, cousin, changed):  # ACC-07
    said = {"nom": "J. Dupont", "lien": "cousin", "telephone": "06 39 98 00 85", "debut": LUNDI, "fin": LUNDI}
    other = lea.personnes_autorisees.create(**said | changed)
    assert [personne for personne, _ in ressemblances(lea, TODAY)] == [other]


def test_telephone_that_the_town_hall_corrects_is_still_of_the_one_let_in(lea, cousin):
    lea.personnes_autorisees.filter(pk=cousin.pk).update(telephone="06 39 98 00 86")
    assert ressemblances(lea, TODAY) == []


def test_drawing_that_was_let_in_lets_in_no_other(lea, camille, agent):
    ask(lea, camille, "★ ☺")
    admettre(DemandeAutorisation.objects.get().pk, agent, now=NOW)
    assert ask(lea, camille, "★ ☺") == []
    assert ask(lea, camille, "🅹🅴🅰🅽 🅳🆄🅿🅾🅽🆃") != []


DISGUISED = [
    "Jean Dupont2", "Jean Dupont²", "Jean Dupont\u02bc", "MrJeanDupont", "JeanMarieDupont", "Jeandu pont",
    "Je@n Dupont", "Jean\u30fcDupont", "Jean Dup\u3007nt", "ᒍEᗩᑎ ᗪᑌᑭOᑎT", "🅹🅴🅰🅽 🅳🆄🅿🅾🅽🆃", "Jean1 Dupont",
    "JeanDupont06", "jean.dupont38", "J3an Dupont", "MrDupont Jean", "PapaJeanDupont", "Jean Dup*nt", "Jean Dup()nt",
    "Jean\u4e00Dupont", "Jean\u3161Dupont", "Jean\u1427 Dupont", "Jean Dupont\u01c3", "Jean\ua78f Dupont\ua78f",
    "JEAN DUPONT\u0640", "Jean Dupont\u02c8", "ꓙꓰꓮꓠ ꓓꓴꓑꓳꓠꓔ", "Jean Dup\u2c9fnt", "Jean \u0189upont", "🅙🅔🅐🅝 🅓🅤🅟🅞🅝🅣",
    "🇯🇪🇦🇳 🇩🇺🇵🇴🇳🇹",
]  # fmt: skip


@pytest.mark.parametrize("nom", DISGUISED)
def test_name_in_disguise_is_asked_of_the_town_hall(lea, camille, nom):  # ACC-07
    assert ask(lea, camille, nom) == [f"Pour {nom}, appelez la mairie."]
    assert ask(lea, camille, "Mamie", lien=nom) != []
    assert (lea.demandes_autorisation.count(), autorisees(lea)) == (2, [])
    assert {demande.nom for demande in lea.demandes_autorisation.all()} == {nom, "Mamie"}


def test_name_that_cannot_be_read_is_like_nobody_s_where_nobody_is_forbidden(camille):
    tom = make_enfant(camille, prenom="Tom")
    assert (ask(tom, camille, "Mamie ☺"), autorisees(tom)) == ([], ["Mamie ☺"])


@pytest.mark.parametrize("lien", ["", "-", "sa grand-mère", "06 39 98 00 85"])
def test_other_names_stay_free(lea, camille, lien):  # ACC-07
    for nom in ("Marie Sorbier", "Marie Dupont", "Jeanne Martin", "Мария Иванова", "محمد بن علي", "Ayşe Yıldız"):
        assert ask(lea, camille, nom, lien=lien) == []
    assert lea.demandes_autorisation.count() == 0


@pytest.mark.parametrize("nom", ["Jean Dupont", "Mme Dupont (papa)", "M. Dupont", "Dupont"])
def test_another_name_is_asked_though_a_namesake_was_let_in(lea, camille, agent, nom):
    ask(lea, camille, "Mme Dupont")
    admettre(DemandeAutorisation.objects.get().pk, agent, now=NOW)
    assert ask(lea, camille, nom) == [f"Pour {nom}, appelez la mairie."]


def test_link_that_names_the_forbidden_person_is_asked_though_the_name_was_let_in(lea, camille, agent):
    ask(lea, camille, "Mamie", lien="Dupont")
    admettre(DemandeAutorisation.objects.get().pk, agent, now=NOW)
    assert ask(lea, camille, "Mamie", lien="Jean Dupont") != []
    for demande in lea.demandes_autorisation.all():
        admettre(demande.pk, agent, now=NOW)
    assert autorisees(lea) == ["Mamie", "Mamie"]


def test_refused_name_stays_refused_and_may_be_let_in_later(lea, camille, agent):
    ask(lea, camille)
    pk = DemandeAutorisation.objects.get().pk
    assert refuser(pk, agent, now=NOW).decidee_par == agent
    assert refuser(pk, agent, now=NOW) is None
    assert ask(lea, camille) == ["Pour J. Dupont, appelez la mairie."]
    demande = DemandeAutorisation.objects.get()
    assert (demande.attend, demande.admise, autorisees(lea), told()) == (False, False, [], [])
    admettre(pk, agent, now=NOW)
    assert autorisees(lea) == ["J. Dupont"]


def test_person_that_the_town_hall_deletes_is_no_namesake_any_more(lea, camille, agent):
    ask(lea, camille)
    admettre(DemandeAutorisation.objects.get().pk, agent, now=NOW)
    PersonneAutorisee.objects.get(interdite=False).delete()
    assert ask(lea, camille) != []
    demande = DemandeAutorisation.objects.get()
    assert (demande.attend, demande.admise, autorisees(lea)) == (False, False, [])


def test_person_added_by_the_town_hall_meanwhile_is_let_in_without_a_double(lea, camille, agent):
    ask(lea, camille)
    deja = lea.personnes_autorisees.create(nom="J. Dupont", ajoutee_par=agent)
    assert admettre(DemandeAutorisation.objects.get().pk, agent, now=NOW).personne == deja
    assert (autorisees(lea), told()) == (["J. Dupont"], [])


def test_days_that_are_over_are_told_to_nobody(lea, camille, agent):
    ask(lea, camille, fin=TODAY)
    admettre(DemandeAutorisation.objects.get().pk, agent, now=NOW + timedelta(days=1))
    assert told() == []


def test_request_of_an_account_that_is_gone_is_told_as_the_town_hall_s(lea, agent):
    demande = lea.demandes_autorisation.create(nom="J. Dupont")
    personne = admettre(demande.pk, agent, now=NOW).personne
    assert told() == [([personne.pk], agent.pk, False)]


def test_new_prohibition_asks_again_about_namesakes(lea, camille, agent):
    ask(lea, camille)
    admettre(DemandeAutorisation.objects.get().pk, agent, now=NOW)
    personne = lea.personnes_autorisees.get(interdite=False)
    assert reopen(lea.personnes_autorisees.create(nom="Odile Morel", interdite=True)) == 0
    assert reopen(lea.personnes_autorisees.create(nom="Jacques Dupont", interdite=True)) == 1
    demande = DemandeAutorisation.objects.get()
    assert (demande.attend, demande.admise, autorisees(lea)) == (True, False, ["J. Dupont"])
    assert {(p.nom, i.nom) for p, i in ressemblances(lea, TODAY)} == {
        ("J. Dupont", "Jean Dupont"),
        ("J. Dupont", "Jacques Dupont"),
    }
    assert admettre(demande.pk, agent, now=NOW).personne == personne
    assert ressemblances(lea, TODAY) == []


def test_ressemblances_are_of_those_who_may_come(lea, camille, agent):
    lea.personnes_autorisees.create(nom="Odile Dupont")
    lea.personnes_autorisees.create(nom="Jean D.", fin=TODAY - timedelta(days=1))
    lea.personnes_autorisees.create(nom="J. D.", retiree_le=NOW)
    assert ressemblances(lea, TODAY) == []
    lea.personnes_autorisees.create(nom="Mamie", lien="Jean Dupont")
    assert [(p.nom, i.nom) for p, i in ressemblances(lea, TODAY)] == [("Mamie", "Jean Dupont")]


@pytest.mark.parametrize("nom", ["Odile Morel", "J. Dupont", "Jean Dupont", "J3an"])
def test_full_list_tells_nothing_of_a_likeness(lea, camille, nom):  # ACC-07
    for n in range(MAX_AUTORISEES):
        lea.personnes_autorisees.create(nom=f"Personne {n}")
    assert ask(lea, camille, nom) == [f"{MAX_AUTORISEES} personnes sont déjà autorisées. Retirez-en une d’abord."]
    assert lea.demandes_autorisation.count() == 0


# --- At the same instant ----------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_name_said_by_both_parents_at_once_is_asked_once(lea):
    parents = list(lea.responsables.all())
    answers = at_once(*(lambda n=n: ask(lea, parents[n % 2]) for n in range(6)))
    assert answers == [["Pour J. Dupont, appelez la mairie."]] * 6
    assert (DemandeAutorisation.objects.count(), autorisees(lea)) == (1, [])


@pytest.mark.django_db(transaction=True)
def test_two_agents_at_once_give_one_answer(lea, camille):
    ask(lea, camille)
    pk, agents = DemandeAutorisation.objects.get().pk, [StaffFactory(), StaffFactory()]
    answers = at_once(*(lambda n=n: admettre(pk, agents[n % 2], now=NOW) for n in range(4)))
    assert sum(answer is not None for answer in answers) == 1
    assert (autorisees(lea), len(told())) == (["J. Dupont"], 1)


@pytest.mark.django_db(transaction=True)
def test_yes_lets_in_what_was_read_though_it_is_asked_otherwise_at_once(lea, camille):  # ACC-07
    ask(lea, camille, lien="cousin")
    pk, agent = DemandeAutorisation.objects.get().pk, StaffFactory()
    at_once(lambda: ask(lea, camille, lien="son père"), lambda: admettre(pk, agent, now=NOW))
    assert [personne.lien for personne in lea.personnes_autorisees.autorisees(TODAY)] == ["cousin"]
    assert lea.demandes_autorisation.get(decidee_le=None).lien == "son père"


@pytest.mark.django_db(transaction=True)
def test_yes_and_no_at_once_leave_one_coherent_answer(lea, camille):
    ask(lea, camille)
    pk, agent = DemandeAutorisation.objects.get().pk, StaffFactory()
    at_once(lambda: admettre(pk, agent, now=NOW), lambda: refuser(pk, agent, now=NOW))
    demande = DemandeAutorisation.objects.get()
    assert (demande.admise, autorisees(lea)) == (True, ["J. Dupont"])  # a refusal never undoes; a yes may follow it
