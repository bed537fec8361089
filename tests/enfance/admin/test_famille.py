"""The counter and the phone: a family found in one field, and read on one page."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from html import unescape

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.models import EmailChange, FormerIdentifiant, UndeliveredMail
from enfance.inscriptions import Changement, enregistrer
from enfance.models import Enfant, Foyer, Garde, ListeRepas, PersonneAutorisee, Repas, Responsabilite, Scolarite
from enfance.regles import Acteur, Cle
from tests.enfance.admin.conftest import JEUDI_SOIR, LUNDI, client_of
from tests.enfance.admin.fiche import opened, sujet_of
from tests.enfance.admin.test_personnes import save
from tests.factories import ClasseFactory, FoyerFactory, ResponsableFactory, make_enfant

TROUVER = "/admin/enfance/foyer/trouver/"
RIGHTS = ["view_foyer", "view_enfant", "view_responsable"]


def page_of(foyer: Foyer) -> str:
    return f"/admin/enfance/foyer/{foyer.pk}/famille/"


def search(client, texte: str) -> list[str]:
    """The identifiants of the families found, whether they are listed or the only one opens."""
    context = client.post(TROUVER, {"famille": texte}, follow=True).context
    if "familles" not in context:
        return sorted(adulte.compte.identifiant for adulte in context["famille"].adultes)
    return sorted(a.user.identifiant for famille in context["familles"] for a in famille.adultes)


@pytest.fixture
def familles(db):
    """Two families of the school, and one that shares a child with the first."""
    morel = ResponsableFactory(
        user__identifiant="3816238",
        user__email="camille.morel@courriel.example",
        telephone="06 39 98 00 12",
        telephone_domicile="04.65.71.00.38",
    )
    munoz = ResponsableFactory(
        user__identifiant="4512778",
        user__first_name="Inès",
        user__last_name="MUÑOZ-D’ANGELO",
        foyer=FoyerFactory(adresse="3 rue du Lac"),
    )
    return {
        "morel": morel,
        "munoz": munoz,
        "lea": make_enfant(morel, prenom="Léa"),
        "zoe": make_enfant(munoz, prenom="Zoë", nom="Muñoz", nom_usage="D’Angelo"),
    }


# --- Finding --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texte", "found"),
    [
        ("lea morel", ["3816238"]),
        ("  LÉA  ", ["3816238"]),
        ("morel léa", ["3816238"]),
        ("munoz", ["4512778"]),
        ("ines d'angelo", ["4512778"]),
        ("Muñoz-d’Angelo", ["4512778"]),
        ("zoe", ["4512778"]),
        ("3816238", ["3816238"]),
        ("381 62 38", ["3816238"]),
        ("3816", ["3816238"]),
        ("381", []),
        ("06 39 98 00 12", ["3816238"]),
        ("0639980012", ["3816238"]),
        ("+33 6 39 98 00 12", ["3816238"]),
        ("04 65 71 00 38", ["3816238"]),
        ("camille.morel@courriel", ["3816238"]),
        ("morel 0639980012", ["3816238"]),
        ("lea zoe", []),
        ("%", []),
        ("e", ["3816238", "4512778"]),
    ],
)
def test_family_is_found_by_what_is_known_of_it(mairie, familles, texte, found):
    assert search(mairie, texte) == found


def test_number_that_an_account_had_still_finds_it(mairie, familles):
    FormerIdentifiant.objects.create(identifiant="10042", user=familles["munoz"].user)

    assert search(mairie, "10042") == ["4512778"]


def test_only_family_opens_at_once(mairie, familles):
    response = mairie.post(TROUVER, {"famille": "léa"}, follow=True)

    assert response.request["PATH_INFO"] == page_of(familles["morel"].foyer)


def test_families_found_are_a_page_to_come_back_to_and_no_name_is_in_its_address(mairie, familles):  # HDR-08
    response = mairie.post(TROUVER, {"famille": "e"})

    assert response.status_code == 303
    assert re.fullmatch(rf"{TROUVER}\?q=\w{{12}}", response["Location"])
    mairie.post(TROUVER, {"famille": "autre chose"})
    again = mairie.get(response["Location"])
    assert len(again.context["familles"]) == 2
    assert 'value="e"' in again.text


@pytest.mark.parametrize("query", ["?famille=lea", "?q=lea"])
def test_search_is_not_read_from_the_address(mairie, familles, query):  # HDR-08
    response = mairie.get(f"{TROUVER}{query}")

    assert (response.context["familles"], 'value="lea"' in response.content.decode()) == ([], False)


def test_homonyms_are_told_apart_by_class_and_birth(mairie, familles):
    other = ResponsableFactory(user__identifiant="5000009", foyer=FoyerFactory(adresse="9 rue Haute"))
    lea = make_enfant(other, prenom="Léa", date_naissance=date(2016, 1, 9))
    Scolarite.objects.filter(enfant=lea).update(classe=ClasseFactory(nom="CM2 M. Frêne"))

    html = mairie.post(TROUVER, {"famille": "lea morel"}, follow=True).content.decode()

    assert "Léa Morel, CE1-CE2 Mme Sorbier, 14/03/2019" in html
    assert "Léa Morel, CM2 M. Frêne, 09/01/2016" in html


def test_child_of_two_homes_finds_both(mairie, familles):
    Garde.objects.create(enfant=familles["lea"], foyer=familles["munoz"].foyer)

    assert search(mairie, "lea") == ["3816238", "4512778"]


def test_child_without_class_or_gone_says_so(mairie, familles):
    Scolarite.objects.filter(enfant=familles["lea"]).update(classe=None)
    Scolarite.objects.filter(enfant=familles["zoe"]).update(depart=date(2026, 11, 1))

    response = mairie.post(TROUVER, {"famille": "e"}, follow=True)

    classes = {str(vu): vu.classe for famille in response.context["familles"] for vu in famille.enfants}
    assert classes == {"Léa Morel": "CE1, sans classe", "Zoë D’Angelo": "parti le 01/11/2026"}


@pytest.mark.parametrize(
    ("texte", "sentence"),
    [
        ("", "Écrivez un nom, un prénom, un identifiant, un e-mail ou un téléphone."),
        ("   ", "Écrivez un nom, un prénom, un identifiant, un e-mail ou un téléphone."),
        ("a" * 101, "C’est trop long\u00a0: un nom, un e-mail ou un numéro suffisent."),
        ("inconnu", "Aucune famille ne correspond."),
        ("'", "Aucune famille ne correspond."),
    ],
)
def test_search_that_finds_nothing_says_what_to_do(mairie, familles, texte, sentence):
    assert sentence in mairie.post(TROUVER, {"famille": texte}, follow=True).content.decode()


def test_too_many_families_ask_for_more_words(mairie, familles):
    for n in range(21):
        ResponsableFactory(user__last_name="Bernard", foyer=FoyerFactory(adresse=f"{n} rue"))

    response = mairie.post(TROUVER, {"famille": "bernard"}, follow=True)

    assert (len(response.context["familles"]), response.context["trop"]) == (20, True)
    assert "Plus de 20 familles\u00a0: ajoutez un prénom ou un numéro." in response.content.decode()


def test_search_costs_the_same_for_two_and_five_families(mairie, familles, django_assert_num_queries):
    mairie.get(TROUVER)
    for expected in (2, 5):
        address = mairie.post(TROUVER, {"famille": "courriel.example"})["Location"]
        with django_assert_num_queries(9):
            response = mairie.get(address)
        assert len(response.context["familles"]) == expected
        for n in range(3):
            make_enfant(ResponsableFactory(foyer=FoyerFactory(adresse=f"{n} rue Haute")), prenom=f"Enfant {n}")


def test_field_is_on_every_page_of_who_may_use_it(agent_with, familles):
    with_it, without = agent_with(*RIGHTS), agent_with("view_absence")

    for page in ["/admin/", "/admin/enfance/foyer/", "/admin/enfance/enfant/"]:
        assert f'action="{TROUVER}"' in with_it.get(page).content.decode()
    assert f'action="{TROUVER}"' not in without.get("/admin/").content.decode()


@pytest.mark.parametrize("rights", [["view_absence"], ["view_inscription"]])
def test_families_want_their_right(agent_with, familles, rights):
    client = agent_with(*rights)

    assert client.get(TROUVER).status_code == 403
    assert client.post(TROUVER, {"famille": "lea"}).status_code == 403
    assert client.get(page_of(familles["morel"].foyer)).status_code == 403


# --- The page -------------------------------------------------------------------------------------------------------


def test_page_leads_to_the_persons_to_check(mairie, familles):  # ACC-07
    lea, page = familles["lea"], page_of(familles["morel"].foyer)
    demande = lea.demandes_autorisation.create(nom="D. Absent", lien="sa tante")
    html = mairie.get(page).text
    assert ("<div>D. Absent, sa tante</div>" in html, 'href="/admin/enfance/enfant/demandes/"' in html) == (True, True)
    lea.demandes_autorisation.filter(pk=demande.pk).update(decidee_le=demande.demandee_le)
    assert "D. Absent" not in mairie.get(page).text


def test_page_tells_all_that_a_call_may_ask(mairie, familles, creneaux):
    lea, morel = familles["lea"], familles["morel"]
    PersonneAutorisee.objects.create(enfant=lea, nom="Mamie Jeanne", lien="sa grand-mère", telephone="06 39 98 00 77")
    PersonneAutorisee.objects.create(enfant=lea, nom="Denis Absent", interdite=True)
    PersonneAutorisee.objects.create(enfant=lea, nom="Autrefois", fin=date(2026, 1, 1))
    PersonneAutorisee.objects.create(enfant=lea, nom="Retirée", retiree_le=timezone.now())
    UndeliveredMail.objects.create(user=morel.user, mail="Garderie fermée", reason="refused")
    creneaux["soir"].places = 0
    creneaux["soir"].save()
    liste = ListeRepas.objects.create(debut=LUNDI, fin=LUNDI)
    Repas.objects.create(enfant=lea, jour=LUNDI, liste=liste)
    acteur = Acteur.parent(morel)
    enregistrer([Changement(Cle(lea.pk, LUNDI, "soir"), "attente")], acteur, now=JEUDI_SOIR)
    enregistrer([Changement(Cle(lea.pk, LUNDI, "matin"), "inscrit")], acteur, now=JEUDI_SOIR)

    html = mairie.get(page_of(morel.foyer)).content.decode()

    for expected in [
        "3816238",
        "camille.morel@courriel.example",
        "06\u00a039\u00a098\u00a000\u00a012",
        "<strong>jamais</strong>",
        "«\u00a0Garderie fermée\u00a0» non remis",
        "CE1-CE2 Mme Sorbier",
        "Ici, toujours.",
        'Mamie Jeanne (sa grand-mère), <a class="nob" href="tel:+33639980077">06\u00a039\u00a098\u00a000\u00a077</a>',
        "<strong>Denis Absent</strong>",
        "Léa, soir, lundi 7\u00a0décembre\u00a0: attente n°\u00a01",
        "Léa, lundi 7\u00a0décembre\u00a0: repas commandé, pas inscrit à la pause méridienne",
        "<span>Camille Morel (accès famille)</span><p>Léa\u00a0: matin ajouté, lundi 7",
        f'href="/guichet/{morel.foyer_id}/planning/"',
    ]:
        assert expected in html, expected
    assert "Autrefois" not in html
    assert "Retirée" not in html


def test_page_says_that_a_new_address_waits_for_its_confirmation(mairie, familles):
    morel = familles["morel"]
    change = EmailChange.objects.create(
        user=morel.user,
        former=morel.user.email,
        email="nouvelle@courriel.example",
        asked_at=JEUDI_SOIR,
        expires_at=JEUDI_SOIR + timedelta(hours=24),
    )
    html = mairie.get(page_of(morel.foyer)).content.decode()
    assert "<b>nouvelle@courriel.example</b> attend d’être confirmée" in html
    assert "jusqu’au vendredi 4\u00a0décembre à 20\u00a0h\u00a041" in html

    EmailChange.objects.filter(pk=change.pk).update(expires_at=JEUDI_SOIR)
    assert "nouvelle@courriel.example" not in mairie.get(page_of(morel.foyer)).content.decode()


def test_page_opens_on_this_week_which_the_counter_saves(mairie, familles, creneaux):
    lea, morel = familles["lea"], familles["morel"]
    response = mairie.get(page_of(morel.foyer))
    mois = response.context["mois"]
    assert [str(semaine.lundi) for semaine in mois.semaines] == ["2026-11-30", "2026-12-07"]
    [past] = [case for case in mois.libres if case.cle == Cle(lea.pk, LUNDI - timedelta(days=3), "soir")]
    assert past.motif
    [action] = re.findall(r'<form class="pile" method="post" action="([^"]*)"', response.content.decode())

    data = {"avant": mois.avant, "r": str(past.cle), "motif": "Appel de la mère", "enregistrer": "1"}
    saved = mairie.post(action, data, follow=True)

    assert lea.inscriptions.get().etat == "inscrit"
    assert "C’est enregistré" in saved.content.decode()


@pytest.mark.parametrize(
    ("today", "lundis"),
    [
        (date(2026, 12, 5), ["2026-12-07", "2026-12-14"]),  # a Saturday
        (date(2027, 1, 28), ["2027-01-25"]),  # the next one is of another month, which has its own page
        (date(2026, 12, 17), ["2026-12-14"]),  # then holidays
        (date(2026, 12, 25), ["2027-01-04", "2027-01-11"]),
        (date(2027, 7, 20), []),
    ],
)
def test_weeks_shown_are_those_of_the_next_school_day(agente, familles, creneaux, time_machine, today, lundis):
    time_machine.move_to(datetime.combine(today, JEUDI_SOIR.timetz()), tick=False)

    mois = client_of(agente).get(page_of(familles["morel"].foyer)).context["mois"]

    assert [str(semaine.lundi) for semaine in mois.semaines] == lundis


def test_weeks_are_for_who_may_register(agent_with, familles, creneaux):
    response = agent_with(*RIGHTS).get(page_of(familles["morel"].foyer))

    assert (response.context["mois"], "tuile" in response.content.decode()) == (None, False)


def test_page_names_the_other_home_and_the_suspended_access(mairie, familles):
    lea, morel, munoz = familles["lea"], familles["morel"], familles["munoz"]
    Garde.objects.filter(enfant=lea).update(rythme="alternee", depuis=date(2026, 9, 9), passage="vendredi")
    Garde.objects.create(enfant=lea, foyer=munoz.foyer, debut=date(2026, 9, 1), fin=date(2027, 7, 2))
    Responsabilite.objects.create(enfant=lea, responsable=munoz, suspendue=True)

    [fiche] = mairie.get(page_of(morel.foyer)).context["famille"].enfants
    other = mairie.get(page_of(munoz.foyer)).context["famille"]

    assert fiche.gardes == [
        "Ici, une semaine sur deux à partir du lundi 7\u00a0septembre 2026, changement le vendredi soir.",
        "Foyer MUÑOZ-D’ANGELO, 3 rue du Lac, toujours, depuis le 1er\u00a0septembre 2026, "
        "jusqu’au 2\u00a0juillet 2027.",
    ]
    assert [lien.suspendue for lien in fiche.liens] == [False, True]
    assert [str(vue.enfant) for vue in other.enfants] == ["Léa Morel", "Zoë D’Angelo"]


def test_health_is_flagged_to_who_may_see_it_and_never_told_here(agent_with, familles):  # ADM-03
    Enfant.objects.filter(pk=familles["lea"].pk).update(pai=True, pai_fin=date(2027, 7, 2), consigne="arachide")
    page = page_of(familles["morel"].foyer)

    without = agent_with(*RIGHTS).get(page).content.decode()
    with_it = agent_with(*RIGHTS, "view_sante").get(page).content.decode()

    assert "PAI" not in without
    assert "PAI jusqu’au 02/07/2027" in with_it
    assert "arachide" not in with_it


def test_credentials_are_sent_from_the_page(mairie, familles):
    morel = familles["morel"]

    response = mairie.post(page_of(morel.foyer), {"envoyer": morel.user_id}, follow=True)

    assert response.request["PATH_INFO"] == page_of(morel.foyer)
    assert DBTaskResult.objects.get().args_kwargs["args"][0] == "3816238"
    assert LogEntry.objects.get().object_id == str(morel.user_id)  # ADM-04


def test_login_is_unlocked_from_the_page(client, mairie, familles):
    morel = familles["morel"]
    for _ in range(11):
        blocked = client.post("/connexion/", {"identifiant": "3816238", "password": "faux"})

    mairie.post(page_of(morel.foyer), {"debloquer": morel.user_id})
    freed = client.post("/connexion/", {"identifiant": "3816238", "password": "faux"})

    assert (blocked.status_code, freed.status_code) == (429, 200)
    assert LogEntry.objects.get().get_change_message() == "Essais de connexion remis à zéro."


@pytest.mark.parametrize("action", ["envoyer", "debloquer"])
def test_buttons_are_of_this_family_alone_and_want_their_right(mairie, agent_with, familles, action):
    page = page_of(familles["morel"].foyer)

    assert mairie.post(page, {action: familles["munoz"].user_id}).status_code == 404
    assert mairie.post(page, {action: "x"}).status_code == 404
    assert agent_with(*RIGHTS).post(page, {action: familles["morel"].user_id}).status_code == 403
    assert not DBTaskResult.objects.exists()


def test_home_without_adult_or_child_has_its_page(mairie):
    html = mairie.get(page_of(FoyerFactory())).content.decode()

    assert "Aucun adulte dans ce foyer." in html
    assert "Aucun enfant dans ce foyer." in html


def test_family_of_six_costs_as_much_as_one_of_one(mairie, familles, creneaux, django_assert_num_queries):
    morel = familles["morel"]
    page = page_of(morel.foyer)
    enregistrer([Changement(Cle(familles["lea"].pk, LUNDI, "soir"), "inscrit")], Acteur.parent(morel), now=JEUDI_SOIR)
    mairie.get(page)
    for expected in (1, 6):
        with django_assert_num_queries(29):
            famille = mairie.get(page).context["famille"]
        assert len(famille.enfants) == expected
        for n in range(5):
            make_enfant(morel, prenom=f"Enfant {n}", date_naissance=date(2018, 1, 1) + timedelta(days=n))


@pytest.mark.parametrize("of", ["lea", "adulte", "compte", "foyer"])
def test_what_is_changed_from_the_page_of_a_family_comes_back_to_it(mairie, familles, of):
    morel = familles["morel"]
    obj = {"lea": familles["lea"], "adulte": morel, "compte": morel.user, "foyer": morel.foyer}[of]
    address = f"/admin/{obj._meta.app_label}/{obj._meta.model_name}/{obj.pk}/change/"
    [link] = re.findall(rf'href="({address}[^"]*)"', mairie.get(page_of(morel.foyer)).content.decode())

    if of == "lea":
        link = f"{unescape(link)}&changer=identite"
        assert mairie.post(link, opened(mairie, link), follow=True).request["PATH_INFO"] == page_of(morel.foyer)
        return
    assert save(mairie, link).request["PATH_INFO"] == page_of(morel.foyer)
    assert save(mairie, link, _continue="1").request["PATH_INFO"] == address


def test_page_to_come_back_to_is_one_of_ours(mairie, familles):
    adulte, address = familles["morel"], sujet_of(familles["lea"], "identite", next="https://ailleurs.example/")

    response = save(mairie, f"/admin/enfance/responsable/{adulte.pk}/change/?next=https://ailleurs.example/")
    assert response.request["PATH_INFO"] == "/admin/enfance/responsable/"
    response = mairie.post(address, opened(mairie, address), follow=True)
    assert response.request["PATH_INFO"] == f"/admin/enfance/enfant/{familles['lea'].pk}/change/"
