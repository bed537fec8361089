"""A child's file: who may fetch the child, by each parent; what its forms refuse."""

from datetime import date

import pytest
from django.core import mail
from django.core.cache import caches

from enfance.famille.tasks import tell_autorisation
from enfance.models import Inscription, PersonneAutorisee, Scolarite
from tests.enfance.views.conftest import NOW
from tests.enfance.views.fiche import post, run_tasks
from tests.factories import ResponsableFactory, StaffFactory, make_enfant
from tests.reading import html_of

pytestmark = pytest.mark.django_db
VENDREDI, LUNDI = date(2026, 12, 4), date(2026, 12, 7)
INSCRIT = Inscription.Etat.INSCRIT


def test_person_is_added_at_once_and_traced(connected, camille, lea, journal):
    page = html_of(post(connected, lea, ajouter="1", nom="Odile Morel", lien="sa grand-mère", telephone="0639980085"))
    assert "Odile Morel peut venir chercher Léa." in page
    assert "06 39 98 00 85" in page
    personne = PersonneAutorisee.objects.get()
    assert (personne.enfant, personne.ajoutee_par, personne.ajoutee_le) == (lea, camille.user, NOW)
    assert (personne.debut, personne.fin, personne.interdite) == (None, None, False)
    assert "Odile" not in journal.text
    assert "person_added" in journal.text


def test_person_is_added_between_two_days(connected, lea):
    page = html_of(post(connected, lea, ajouter="1", nom="Sam Rivière", debut="2026-12-07", fin="2026-12-11"))
    assert "Sam Rivière peut venir chercher Léa, du lundi 7 décembre 2026 au vendredi 11 décembre 2026." in page


def test_person_is_added_for_the_brothers_and_sisters_as_well(connected, camille, lea):
    tom, zoe = make_enfant(camille, prenom="Tom"), make_enfant(camille, prenom="Zoé")
    Scolarite.objects.filter(enfant=zoe).update(depart=date(2026, 11, 1))
    max_ = make_enfant(camille, prenom="Max")
    assert "Aussi pour Max et Tom" in html_of(connected.get(f"/enfants/{lea.pk}/"))

    page = html_of(
        post(connected, lea, ajouter="1", nom="Odile Morel", lien="sa grand-mère", fin="2026-12-11", aussi="on")
    )

    assert "Odile Morel peut venir chercher Léa, Max et Tom, jusqu’au vendredi 11 décembre 2026." in page
    admises = PersonneAutorisee.objects.filter(nom="Odile Morel", lien="sa grand-mère", fin=date(2026, 12, 11))
    assert set(admises.values_list("enfant", flat=True)) == {lea.pk, tom.pk, max_.pk}


def test_person_of_three_children_is_told_in_one_mail_to_each_adult(connected, camille, sacha, lea):  # ACC-03
    """Of the children that each may see, and of no other."""
    tom, zoe = make_enfant(camille, prenom="Tom"), make_enfant(camille, prenom="Zoé")
    dominique = ResponsableFactory(foyer=camille.foyer, user__first_name="Dominique")
    for enfant in (lea, tom, zoe):
        enfant.responsabilites.create(responsable=dominique)
    tom.responsabilites.create(responsable=sacha)
    zoe.responsabilites.create(responsable=sacha, suspendue=True)

    post(connected, lea, ajouter="1", nom="Odile Morel", telephone="0639980085", aussi="on")
    run_tasks()

    said = {message.to[0]: (message.subject, " ".join(message.body.split())) for message in mail.outbox}
    assert len(mail.outbox) == len(said) == 2
    (sujet, texte), (autre_sujet, autre_texte) = said[dominique.user.email], said["sacha@ailleurs.example"]
    assert sujet == "Une personne de plus peut venir chercher Léa, Tom et Zoé"
    assert "Camille a ajouté Odile Morel aux personnes qui peuvent venir chercher Léa, Tom et Zoé" in texte
    assert autre_sujet == "Une personne de plus peut venir chercher Léa et Tom"
    assert "L’autre parent a ajouté Odile Morel aux personnes qui peuvent venir chercher Léa et Tom" in autre_texte
    assert [mot for mot in ("Zoé", "06 39", "Camille") if mot in autre_texte] == []


def test_mail_waiting_since_the_version_before_is_of_one_person(camille, sacha, lea):
    """Its task names the row alone, not in a list."""
    personne = PersonneAutorisee.objects.create(enfant=lea, nom="Odile Morel", ajoutee_par=camille.user)

    tell_autorisation.func(personne.pk, camille.user_id, False)
    run_tasks()

    assert [message.subject for message in mail.outbox] == ["Une personne de plus peut venir chercher Léa"]


def test_person_forbidden_for_the_first_child_is_added_for_nobody(connected, camille, lea):  # ACC-07
    make_enfant(camille, prenom="Tom")
    forbidden(lea, None)
    post(connected, lea, ajouter="1", nom="Claude Interdit", aussi="on")
    assert [personne.interdite for personne in PersonneAutorisee.objects.all()] == [True]
    run_tasks()
    assert mail.outbox == []


def test_person_is_added_for_one_child_alone_unless_asked(connected, camille, lea):
    make_enfant(camille, prenom="Tom")
    post(connected, lea, ajouter="1", nom="Odile Morel")
    assert [personne.enfant for personne in PersonneAutorisee.objects.all()] == [lea]


def test_only_child_has_no_brothers_and_sisters_to_choose(connected, lea):
    assert "Aussi pour" not in html_of(connected.get(f"/enfants/{lea.pk}/"))


def test_person_forbidden_for_a_brother_is_added_for_the_others(connected, camille, lea, journal):  # ACC-07
    tom = make_enfant(camille, prenom="Tom")
    forbidden(tom, None)
    page = html_of(post(connected, lea, ajouter="1", nom="Claude Interdit", aussi="on"))
    assert "Claude Interdit peut venir chercher Léa." in page
    assert "Tom : Pour Claude Interdit, appelez la mairie." in page
    assert "interdite" not in page
    assert lea.personnes_autorisees.autorisees(VENDREDI).count() == 1
    assert tom.personnes_autorisees.autorisees(VENDREDI).count() == 0
    assert [event["child"] for event in journal.events if event["event"] == "person_to_check"] == [tom.pk]


def test_children_of_others_are_never_among_the_brothers_and_sisters(connected, camille, sacha, lea):  # ACC-02
    make_enfant(sacha, prenom="Noé")
    post(connected, lea, ajouter="1", nom="Odile Morel", aussi="on")
    assert [personne.enfant for personne in PersonneAutorisee.objects.all()] == [lea]


def test_other_parent_is_told_the_name_and_not_the_phone(connected, client, camille, sacha, lea):  # ACC-03
    post(connected, lea, ajouter="1", nom="Odile Morel", telephone="0639980085")
    run_tasks()
    [message] = mail.outbox
    assert message.to == ["sacha@ailleurs.example"]
    assert message.subject == "Une personne de plus peut venir chercher Léa"
    body = " ".join(message.body.split())
    assert "L’autre parent a ajouté Odile Morel aux personnes qui peuvent venir chercher Léa à la garderie." in body
    assert [word for word in ("06 39", "0639980085", "Camille", camille.user.email) if word in body] == []
    client.force_login(sacha.user)
    page = html_of(client.get(f"/enfants/{lea.pk}/"))
    assert ("Odile Morel" in page, "06 39 98 00 85" in page, "ajoutée par l’autre parent" in page) == (
        True,
        False,
        True,
    )
    assert 'name="retirer"' not in page


def test_adult_of_the_same_home_is_told_by_whom(connected, camille, lea):
    dominique = ResponsableFactory(foyer=camille.foyer, user__first_name="Dominique")
    lea.responsabilites.create(responsable=dominique)
    post(connected, lea, ajouter="1", nom="Odile Morel")
    run_tasks()
    said = {message.to[0]: " ".join(message.body.split()) for message in mail.outbox}
    assert "Camille a ajouté Odile Morel" in said[dominique.user.email]
    assert "L’autre parent a ajouté" in said["sacha@ailleurs.example"]


@pytest.mark.parametrize("gone", ["suspended", "no address", "same address"])
def test_whoever_may_not_know_is_not_told(connected, camille, sacha, lea, gone):
    if gone == "suspended":
        lea.responsabilites.filter(responsable=sacha).update(suspendue=True)
    else:
        sacha.user.email = "" if gone == "no address" else camille.user.email.upper()
        sacha.user.save()
    post(connected, lea, ajouter="1", nom="Odile Morel")
    run_tasks()
    assert mail.outbox == []


def test_person_is_withdrawn_at_once_and_the_trace_stays(connected, camille, lea):
    personne = PersonneAutorisee.objects.create(enfant=lea, nom="Odile Morel", ajoutee_par=camille.user)
    page = html_of(post(connected, lea, retirer=personne.pk))
    assert "Odile Morel ne peut plus venir chercher Léa." in page
    assert 'name="retirer"' not in page
    personne.refresh_from_db()
    assert (personne.retiree_par, personne.retiree_le) == (camille.user, NOW)
    run_tasks()
    [message] = mail.outbox
    assert message.subject == "Une personne ne peut plus venir chercher Léa"
    assert "L’autre parent a retiré Odile Morel" in " ".join(message.body.split())


def test_person_is_withdrawn_once(connected, camille, lea):
    personne = PersonneAutorisee.objects.create(enfant=lea, nom="Odile Morel", ajoutee_par=camille.user)
    pages = [html_of(post(connected, lea, retirer=personne.pk)) for _ in range(2)]
    assert "Cette personne n’est plus dans la liste" in pages[1]
    run_tasks()
    assert len(mail.outbox) == 1


def by_the_other_parent(lea, sacha):
    return PersonneAutorisee.objects.create(enfant=lea, nom="Alix Voisin", ajoutee_par=sacha.user)


def forbidden(lea, sacha):
    return PersonneAutorisee.objects.create(enfant=lea, nom="Claude Interdit", interdite=True)


def of_another_child(lea, sacha):
    return PersonneAutorisee.objects.create(enfant=make_enfant(sacha, prenom="Tom"), nom="Odile Morel")


@pytest.mark.parametrize("make", [by_the_other_parent, forbidden, of_another_child])
def test_person_who_is_not_ones_own_cannot_be_withdrawn(connected, lea, sacha, make):  # ACC-02
    personne = make(lea, sacha)
    page = html_of(post(connected, lea, retirer=personne.pk))
    assert "Cette personne n’est plus dans la liste" in page
    personne.refresh_from_db()
    assert personne.retiree_le is None


def test_person_of_the_town_hall_may_be_withdrawn(connected, lea):
    personne = PersonneAutorisee.objects.create(enfant=lea, nom="Odile Morel", ajoutee_par=StaffFactory())
    post(connected, lea, retirer=personne.pk)
    assert lea.personnes_autorisees.autorisees(VENDREDI).count() == 0


@pytest.mark.parametrize("nom", ["Claude Interdit", "claude  INTERDIT", "Cläude-Interdit"])
def test_forbidden_person_is_never_let_in_by_a_parent(connected, lea, nom):
    forbidden(lea, None)
    page = html_of(post(connected, lea, ajouter="1", nom=nom))
    assert "appelez la mairie." in page
    assert "interdite" not in page
    assert list(PersonneAutorisee.objects.values_list("interdite", flat=True)) == [True]


@pytest.mark.parametrize("nom", ["J", "J.", "***", "06 39", "🅹🅴🅰🅽"])
def test_name_has_two_letters(connected, lea, nom):  # ACC-07
    page = html_of(post(connected, lea, ajouter="1", nom=nom))
    assert page.count("Indiquez le prénom et le nom de la personne.") == 2  # in the summary and beside the field
    assert lea.personnes_autorisees.count() == 0


@pytest.mark.parametrize(
    "nom",
    [
        "Claude Interdit", "Interdit, Claude", "M. Claude Interdit", "C. Interdit", "Claude Interdit (papa)",
        "Mamie (Claude Interdit)", "Claudе Interdit",
    ],
)  # fmt: skip
def test_name_like_a_forbidden_one_is_asked_of_the_town_hall(connected, camille, lea, nom, journal):  # ACC-07
    forbidden(lea, None)
    page = html_of(post(connected, lea, ajouter="1", nom=nom, lien="un ami", telephone="0639980085", fin="2026-12-11"))
    assert page.count(f"Pour {nom}, appelez la mairie.") == 2  # in the summary and beside the field
    assert [mot for mot in ("interdite", "vérifi", "ressembl") if mot in page] == []
    assert lea.personnes_autorisees.autorisees(VENDREDI).count() == 0
    demande = lea.demandes_autorisation.get()
    assert (demande.nom, demande.lien, demande.telephone) == (nom, "un ami", "06 39 98 00 85")
    assert (demande.fin, demande.demandee_par, demande.demandee_le) == (date(2026, 12, 11), camille.user, NOW)
    run_tasks()
    assert mail.outbox == []
    assert [event["child"] for event in journal.events if event["event"] == "person_to_check"] == [lea.pk]
    assert "Interdit" not in journal.text


def test_request_to_the_town_hall_is_seen_by_no_parent(connected, client, camille, sacha, lea):  # ACC-07
    forbidden(lea, None)
    post(connected, lea, ajouter="1", nom="Interdit Claude")
    for parent in (camille, sacha):
        client.force_login(parent.user)
        pages = [f"/enfants/{lea.pk}/", "/", "/planning/", "/jour/2026-12-07/", "/historique/", "/compte/"]
        assert [page for page in pages if "Interdit" in html_of(client.get(page))] == []


def test_name_that_is_not_like_a_forbidden_one_is_let_in(connected, lea):
    forbidden(lea, None)
    post(connected, lea, ajouter="1", nom="Odile Interdit", lien="sa grand-mère")
    assert [p.nom for p in lea.personnes_autorisees.autorisees(VENDREDI)] == ["Odile Interdit"]
    assert lea.demandes_autorisation.count() == 0


def test_forbidden_person_is_never_seen_by_a_parent(connected, lea):
    forbidden(lea, None)
    assert "Claude" not in html_of(connected.get(f"/enfants/{lea.pk}/"))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"nom": ""}, "Indiquez le prénom et le nom de la personne."),
        ({"nom": "   "}, "Indiquez le prénom et le nom de la personne."),
        ({"nom": "Odile \u202eleroM"}, "Ce nom contient un signe invisible : effacez-le et retapez-le."),  # VAL-09
        ({"lien": "sa\u200b tante"}, "Ce nom contient un signe invisible : effacez-le et retapez-le."),
        ({"telephone": "\u202a06 39 98 00 85\u202c"}, "Cette ligne contient un signe invisible : effacez-la et"),
        ({"telephone": "12"}, "Écrivez un numéro complet, comme 06 39 98 00 00."),
        ({"debut": "demain"}, "Écrivez une date, comme 07/12/2026."),
        ({"fin": "2026-12-02"}, "Cette date est passée."),
        ({"debut": "2026-12-11", "fin": "2026-12-07"}, "La date de fin doit être après celle du début."),
    ],
)
def test_refused_person_has_its_sentence(connected, lea, fields, message):
    page = html_of(post(connected, lea, **{"ajouter": "1", "nom": "Odile Morel"} | fields))
    assert page.count(message) == 2
    assert "<title>Erreur : Fiche de Léa" in page
    assert "<details open>" in page
    assert PersonneAutorisee.objects.count() == 0


def test_refused_name_is_still_in_its_field(connected, lea):  # VAL-09
    page = html_of(post(connected, lea, ajouter="1", nom="Odile\u200b Morel", lien="sa tante", telephone="0639980085"))
    for value in ["Odile\u200b Morel", "sa tante", "0639980085"]:
        assert f'value="{value}"' in page


@pytest.mark.parametrize("nom", ["Zoé D’Angelo-Ńguyen", "Zoe\u0301 O'Brien", "محمد علي", "Мария Иванова"])
def test_name_of_any_alphabet_is_kept_as_it_is_typed(connected, lea, nom):  # VAL-09
    post(connected, lea, ajouter="1", nom=nom)
    assert PersonneAutorisee.objects.get().nom == nom


def test_same_person_twice_is_once(connected, lea):
    for nom in ("Odile Morel", "odile morel"):
        post(connected, lea, ajouter="1", nom=nom)
    run_tasks()
    assert (PersonneAutorisee.objects.count(), len(mail.outbox)) == (1, 1)


def test_twenty_persons_are_enough(connected, lea):
    for n in range(20):
        PersonneAutorisee.objects.create(enfant=lea, nom=f"Personne {n}")
    assert "20 personnes sont déjà autorisées." in html_of(post(connected, lea, ajouter="1", nom="Odile Morel"))
    assert PersonneAutorisee.objects.count() == 20


def test_foreign_fields_are_ignored(connected, camille, lea):  # ACC-04
    post(connected, lea, ajouter="1", nom="Odile Morel", interdite="on", ajoutee_par="1", enfant="999")
    personne = PersonneAutorisee.objects.get()
    assert (personne.interdite, personne.ajoutee_par, personne.enfant) == (False, camille.user, lea)


def test_forms_say_what_they_are_for(connected, lea):  # RGP-03
    page = html_of(connected.get(f"/enfants/{lea.pk}/"))
    assert "L’équipe s’en sert pour savoir à qui confier Léa" in page
    assert page.count('href="/donnees-personnelles/"') >= 2


def test_changes_without_end_are_told_to_wait(connected, lea):
    statuses = [connected.post(f"/enfants/{lea.pk}/", {"retirer": "1"}).status_code for _ in range(31)]
    assert statuses == [302] * 30 + [429]
    caches["limites"].clear()


@pytest.mark.parametrize("fields", [{}, {"retirer": "x"}, {"retirer": "9" * 30}, {"absence": "x" * 5000}, {"x": "1"}])
def test_forged_form_never_breaks(connected, lea, fields):  # VAL-08
    assert post(connected, lea, **fields).status_code == 200
