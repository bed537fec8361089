"""The canteen in the admin: a list with its preview, what lacks its lunch break, one mail a family."""

from datetime import date

import pytest
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django_tasks_db.models import DBTaskResult

from enfance.courriels.tasks import send_repas
from enfance.models import Inscription, ListeRepas, Repas
from tests.enfance.mairie.conftest import JEUDI_SOIR, LUNDI
from tests.factories import CreneauFactory, EcoleFactory, FoyerFactory, ResponsableFactory, make_enfant
from tests.reading import html_of, messages_of, plain, plain_all

AJOUT, LISTES, REPAS = (f"/admin/enfance/{chemin}" for chemin in ("listerepas/add/", "listerepas/", "repas/"))
MARDI = date(2026, 12, 8)


def fichier(*lignes):
    return SimpleUploadedFile("repas.csv", "\n".join(["nom,prénom,date", *lignes]).encode())


def apercu(client, *lignes, **champs):
    return client.post(AJOUT, {"fichier": fichier(*lignes), "apercu": "1", **champs})


def confirme(client, page, **reponses):
    liste = page.context["apercu"].confirmation.data["liste"]
    return client.post(AJOUT, {"liste": liste, "confirmer": "1", **reponses}, follow=True)


def manger(enfant, *jours):
    liste, _ = ListeRepas.objects.get_or_create(debut=LUNDI, fin=date(2026, 12, 18))
    return [Repas.objects.create(enfant=enfant, jour=jour, liste=liste) for jour in jours]


def act(client, *repas):
    pks = [un_repas.pk for un_repas in repas]
    return client.post(REPAS, {"action": "prevenir", "_selected_action": pks}, follow=True)


def tell(client, *repas):
    """The page that follows when the preview is confirmed."""
    return client.confirm_preview(act(client, *repas))


# --- Importing --------------------------------------------------------------------------------------------------------


def test_list_of_several_schools_says_which(mairie, lea, creneaux):
    assert "De quelles écoles est cette liste" not in mairie.get(AJOUT).text
    hameau = EcoleFactory()
    assert "De quelles écoles est cette liste" in mairie.get(AJOUT).text
    assert "Cochez au moins une école." in apercu(mairie, "Morel,Léa,07/12/2026").text

    ecole = lea.scolarites.get().ecole
    page = confirme(mairie, apercu(mairie, "Morel,Léa,07/12/2026", ecoles=[ecole.pk]))

    assert list(ListeRepas.objects.get().ecoles.all()) == [ecole]
    assert '<td class="field-ecole">École</td>' in page.text
    ListeRepas.objects.get().ecoles.add(hameau)
    assert '<td class="field-ecole">École et École du Hameau</td>' in mairie.get(LISTES).text


def test_preview_says_what_the_list_would_do_and_writes_nothing(mairie, lea, creneaux):
    page = apercu(mairie, "Morel,Léa,07/12/2026", "Inconnu,Zoé,07/12/2026")
    html = page.text
    assert "Liste de repas du lundi 7\u00a0décembre 2026" in html
    assert "Repas\u00a0: 1\u00a0ajouté, 0\u00a0retiré, 0\u00a0inchangé." in html
    assert "repas.csv, ligne 3\u00a0: Zoé Inconnu n’est pas un enfant connu de l’école." in html
    assert not Repas.objects.exists()
    assert not ListeRepas.objects.exists()


def test_confirmation_imports_what_was_seen(mairie, agente, lea, creneaux):
    response = confirme(mairie, apercu(mairie, "Morel,Léa,07/12/2026", "Inconnu,Zoé,07/12/2026"))
    liste = ListeRepas.objects.get()
    assert list(Repas.objects.values_list("enfant", "jour", "liste")) == [(lea.pk, LUNDI, liste.pk)]
    assert liste.importee_par == agente
    assert messages_of(response) == [
        "Liste de repas du lundi 7 décembre 2026. Repas : 1 ajouté, 0 retiré, 0 inchangé. "
        "Repas sans inscription à la pause méridienne, à partir d’aujourd’hui : 1.",
        "Lignes refusées (1) : repas.csv, ligne 3 : Zoé Inconnu n’est pas un enfant connu de l’école",
    ]
    assert LogEntry.objects.get().object_id == str(liste.pk)  # ADM-04


def test_list_of_given_days_empties_the_others_of_them(mairie, lea, creneaux):
    manger(lea, MARDI)
    page = apercu(mairie, "Morel,Léa,07/12/2026", debut="07/12/2026", fin="11/12/2026")
    question = (
        "1 repas serait retiré (mardi 8 décembre), sur 1 connu à ces dates, "
        "et il n’en resterait aucun mardi 8 décembre."
    )
    assert question in html_of(confirme(mairie, page))
    assert list(Repas.objects.values_list("jour", flat=True)) == [MARDI]
    confirme(mairie, page, retirer="on")
    assert list(Repas.objects.values_list("jour", flat=True)) == [LUNDI]


@pytest.mark.parametrize("liste", ["", "forgée", "forgée:signature"])
def test_forged_confirmation_imports_nothing(mairie, lea, creneaux, liste):
    response = mairie.post(AJOUT, {"liste": liste, "confirmer": "1"})
    assert "Rien n’est importé<" in response.text
    assert not Repas.objects.exists()


def test_bad_file_is_refused_with_its_reason(mairie, lea, creneaux):
    response = mairie.post(AJOUT, {"fichier": SimpleUploadedFile("menu.csv", b"lundi;frites\n"), "apercu": "1"})
    html = response.text
    assert "Rien n’est importé<" in html
    assert "menu.csv\u00a0: ce n’est pas une liste de repas" in html


def test_dates_the_wrong_way_round_are_refused(mairie, lea, creneaux):
    response = apercu(mairie, "Morel,Léa,07/12/2026", debut="11/12/2026", fin="07/12/2026")
    assert response.context["form"].errors == {"fin": ["Le dernier jour est avant le premier."]}


def test_import_asks_for_the_right_to_add(agent_with, lea, creneaux):
    assert agent_with("view_listerepas").get(AJOUT).status_code == 403
    assert apercu(agent_with("view_listerepas"), "Morel,Léa,07/12/2026").status_code == 403


def test_lists_show_their_meals_and_how_many_lack_their_lunch_break(mairie, lea, creneaux):
    manger(lea, LUNDI, MARDI)
    Inscription.objects.create(enfant=lea, jour=LUNDI, creneau=creneaux["midi"])
    html = mairie.get(LISTES).text
    liste = ListeRepas.objects.get()
    assert f'<a href="/admin/enfance/repas/?liste__id__exact={liste.pk}">2</a>' in html
    assert f'<a href="/admin/enfance/repas/?liste__id__exact={liste.pk}&amp;ecart=sans_midi">1</a>' in html


# --- What is missing --------------------------------------------------------------------------------------------------


def test_meals_without_lunch_break_are_a_list_with_its_count(mairie, lea, creneaux):
    lundi, mardi = manger(lea, LUNDI, MARDI)
    Inscription.objects.create(enfant=lea, jour=LUNDI, creneau=creneaux["midi"])
    changelist = mairie.get(f"{REPAS}?ecart=sans_midi").context["cl"]
    assert (changelist.result_count, list(changelist.result_list)) == (1, [mardi])


def test_meals_said_cancelled_are_a_list(mairie, lea, creneaux, clock):
    lundi, _ = manger(lea, LUNDI, MARDI)
    Repas.objects.filter(pk=lundi.pk).update(annule_le="2026-12-03T20:41:00Z")
    assert list(mairie.get(f"{REPAS}?ecart=annule").context["cl"].result_list) == [lundi]
    assert mairie.get(f"{REPAS}?ecart=sans_midi").context["cl"].result_count == 1


def test_lunch_breaks_without_meal_are_a_list(mairie, lea, creneaux):
    manger(make_enfant(prenom="Zoé"), LUNDI)
    sans = Inscription.objects.create(enfant=lea, jour=LUNDI, creneau=creneaux["midi"])
    Inscription.objects.create(enfant=lea, jour=date(2027, 1, 4), creneau=creneaux["midi"])
    page = mairie.get("/admin/enfance/inscription/?cantine=sans_repas")
    assert list(page.context["cl"].result_list) == [sans]


# --- Telling the families ---------------------------------------------------------------------------------------------


def told() -> list[int]:
    return sorted(task.args_kwargs["args"][0] for task in DBTaskResult.objects.filter(task_path=send_repas.module_path))


def said(page):
    """Of a preview: what leaves, its buttons, whom to call."""
    apercu = page.context["apercu"]
    return plain(apercu.consequence), [suite.verbe for suite in apercu.suites], plain_all(apercu.remarques)


def test_families_are_told_once_they_are_confirmed(mairie, lea, creneaux):
    parent = lea.responsables.get().user
    repas = manger(lea, LUNDI, MARDI)
    page = act(mairie, *repas)
    [tableau] = page.context["apercu"].tableaux
    assert tableau.lignes == (("Léa Morel", "lundi 7\u00a0décembre et mardi 8\u00a0décembre"),)
    assert said(page) == ("1 e-mail part aussitôt.", ["Envoyer les e-mails"], [])
    assert told() == []
    response = mairie.confirm_preview(page)
    assert told() == [parent.pk]
    assert messages_of(response) == ["1 e-mail envoyé."]


def test_family_of_two_children_gets_one_mail(mairie, creneaux, settings):
    foyer = FoyerFactory()
    parent = ResponsableFactory(user__first_name="Camille", foyer=foyer)
    autre = ResponsableFactory(foyer=foyer, user__email=parent.user.email)
    tom, lea = (
        make_enfant(parent, autre, prenom="Tom", date_naissance=date(2017, 5, 2)),
        make_enfant(parent, autre, sexe="f"),
    )
    tell(mairie, *manger(tom, MARDI, date(2026, 12, 10)), *manger(lea, MARDI))
    assert told() == [parent.user.pk]
    send_repas.func(parent.user.pk)
    message = mail.outbox[0]
    assert (len(mail.outbox), message.to) == (1, [parent.user.email])
    assert message.subject == "Cantine\u00a0: des midis à compléter pour Tom et Léa"
    texte = plain(message.body).replace("\n", " ")
    assert "Tom mange à la cantine mardi 8 et jeudi 10 décembre mais n’est pas inscrit à la pause méridienne." in texte
    assert "Léa mange à la cantine mardi 8 décembre mais n’est pas inscrite à la pause méridienne." in texte
    assert f"{settings.SITE_URL}/" in texte


def test_mail_of_one_child_names_its_days(mairie, lea, creneaux):
    manger(lea, MARDI, date(2026, 12, 10))
    send_repas.func(lea.responsables.get().user.pk)
    assert mail.outbox[0].subject == "Cantine\u00a0: Léa n’est pas inscrit mardi 8 et jeudi 10\u00a0décembre"


def test_family_that_has_put_it_right_gets_no_mail(mairie, lea, creneaux):
    manger(lea, MARDI)
    Inscription.objects.create(enfant=lea, jour=MARDI, creneau=creneaux["midi"])
    send_repas.func(lea.responsables.get().user.pk)
    assert mail.outbox == []


def test_foyer_of_the_day_alone_is_told(mairie, creneaux):
    camille, dominique = ResponsableFactory(), ResponsableFactory()
    jules = make_enfant(camille, dominique, prenom="Jules")
    for parent, depuis in ((camille, LUNDI), (dominique, date(2026, 12, 14))):
        jules.gardes.filter(foyer=parent.foyer).update(rythme="alternee", depuis=depuis)
    tell(mairie, *manger(jules, MARDI))
    assert told() == [camille.user.pk]


def test_family_without_address_is_to_be_called(mairie, lea, creneaux):
    user = lea.responsables.get().user
    user.email = ""
    user.save()
    page = act(mairie, *manger(lea, MARDI))
    a_appeler = "Sans adresse e-mail, à appeler : Léa Morel."
    assert said(page) == ("Aucun e-mail ne part.", ["Noter les familles à appeler"], [a_appeler])
    assert messages_of(mairie.confirm_preview(page)) == ["0 e-mail envoyé.", a_appeler]


def test_of_two_families_the_one_without_address_is_named(mairie, lea, creneaux):
    sans = make_enfant(ResponsableFactory(user__email=""), prenom="Tom", nom="Rivière")
    page = act(mairie, *manger(lea, MARDI), *manger(sans, MARDI))
    assert said(page) == (
        "1 e-mail part aussitôt.",
        ["Envoyer les e-mails"],
        ["Sans adresse e-mail, à appeler : Tom Rivière."],
    )


@pytest.mark.parametrize("who", ["suspended", "closed"])
def test_adult_who_may_not_come_in_is_not_told(mairie, lea, creneaux, who):
    parent = lea.responsables.get()
    autre = ResponsableFactory(foyer=parent.foyer, user__is_active=who != "closed")
    lea.responsabilites.create(responsable=autre, suspendue=who == "suspended")
    tell(mairie, *manger(lea, MARDI))
    assert told() == [parent.user_id]


def test_meals_with_their_lunch_break_tell_nobody(mairie, lea, creneaux):
    Inscription.objects.create(enfant=lea, jour=MARDI, creneau=creneaux["midi"])
    response = act(mairie, *manger(lea, MARDI))
    assert messages_of(response) == ["Rien à dire : ces repas ont leur pause méridienne, ou n’en demandent pas."]


def test_telling_asks_for_a_right(agent_with, lea, creneaux):
    assert "apercu" not in act(agent_with("view_repas"), *manger(lea, MARDI)).context
    assert told() == []


@pytest.mark.parametrize("services", [("annulee", "inscrit"), ("inscrit", "annulee"), ("annulee", "attente")])
def test_meal_shows_the_service_that_holds_the_child(mairie, lea, creneaux, services):
    second = CreneauFactory(code="midi-2", moment="midi", ordre=4)
    manger(lea, LUNDI)
    for creneau, etat in zip((creneaux["midi"], second), services, strict=True):
        attend = {"attente_depuis": JEUDI_SOIR} if etat == "attente" else {}
        Inscription.objects.create(enfant=lea, jour=LUNDI, creneau=creneau, etat=etat, **attend)
    [repas] = mairie.get(REPAS).context["cl"].result_list
    assert repas.midi == (set(services) - {"annulee"}).pop()
