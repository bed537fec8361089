"""Places and waiting lists, as the town hall changes them."""

import pytest
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from enfance.inscriptions import Changement, enregistrer
from enfance.models import Creneau, Enfant, Enregistrement, Inscription
from enfance.regles import Acteur, Cle
from tests.enfance.mairie.admin.formulaires import save
from tests.enfance.mairie.attente.listes import ATTENTE, etats
from tests.enfance.mairie.conftest import JEUDI_SOIR, LUNDI
from tests.reading import messages_of, plain, plain_all


def order():
    lignes = Inscription.objects.filter(etat="attente").with_rang().order_by("rang")
    return list(lignes.values_list("enfant__prenom", flat=True))


def move(client, prenom, rang, motif="Situation d’urgence", **champs):
    """What the buttons send, then the answer to « pourquoi ? »; without, where `motif` is None."""
    (vue,) = client.get(ATTENTE).context["page"]
    pk = Inscription.objects.get(enfant__prenom=prenom).pk
    data = {"jour": "2026-12-07", "creneau": vue.creneau.pk, "avant": vue.avant, "place": f"{pk}:{rang}"}
    data |= ({} if motif is None else {"motif": motif}) | champs
    return client.post(ATTENTE, data, follow=True)


def test_lists_are_shown_by_day_with_their_ranks(mairie, liste):
    (vue,) = mairie.get(ATTENTE).context["page"]

    assert (vue.jour, vue.creneau, vue.inscrits) == (LUNDI, liste, 1)
    assert [(attente.rang, attente.inscription.enfant.prenom) for attente in vue.attentes] == [
        (1, "Tom"),
        (2, "Noé"),
        (3, "Zoé"),
    ]
    page = mairie.get(reverse("admin:enfance_inscription_changelist")).text
    assert f'href="{ATTENTE}"' in page


def test_nobody_waits(mairie, creneaux):
    assert "Personne n’attend." in mairie.get(ATTENTE).text


@pytest.mark.parametrize(
    ("prenom", "rang", "ordre"),
    [
        ("Zoé", 1, ["Zoé", "Tom", "Noé"]),
        ("Zoé", 2, ["Tom", "Zoé", "Noé"]),
        ("Tom", 2, ["Noé", "Tom", "Zoé"]),
        ("Tom", 3, ["Noé", "Zoé", "Tom"]),
    ],
)
def test_order_is_changed_and_kept_in_the_history(mairie, liste, agente, prenom, rang, ordre):
    avant = order().index(prenom) + 1

    response = move(mairie, prenom, rang)

    assert order() == ordre
    assert messages_of(response) == [f"{prenom} Morel, lundi 7 décembre, soir : rang {avant} → {rang}."]
    trace = LogEntry.objects.get()
    assert (trace.user, trace.object_id) == (agente, str(Inscription.objects.get(enfant__prenom=prenom).pk))
    assert trace.change_message == (
        f"Liste d’attente, lundi 7\u00a0décembre, soir\u00a0: rang {avant} → {rang}. "
        f"Motif\u00a0: Situation d’urgence. Référence {Enregistrement.objects.latest('pk').pk}."
    )


def test_order_is_asked_why_before_it_changes(mairie, liste):  # VAL-11, ADM-04
    response = move(mairie, "Zoé", 1, motif=None)

    page = response.text
    assert [(enfant.prenom, avant, apres) for enfant, avant, apres in response.context["rangs"]] == [
        ("Zoé", 3, 1),
        ("Tom", 1, 2),
        ("Noé", 2, 3),
    ]
    assert ("Écrivez pourquoi" in page, order()) == (False, ["Tom", "Noé", "Zoé"])
    assert not LogEntry.objects.exists()

    mairie.post(ATTENTE, dict(response.context["champs"]) | {"motif": "Situation d’urgence"})
    assert order() == ["Zoé", "Tom", "Noé"]


@pytest.mark.parametrize("motif", ["", "   ", "x" * 201])
def test_order_is_not_changed_without_a_reason(mairie, liste, motif):  # VAL-11
    response = move(mairie, "Zoé", 1, motif=motif)

    assert order() == ["Tom", "Noé", "Zoé"]
    (erreur,) = response.context["motif"].errors
    assert (erreur == "Écrivez pourquoi l’ordre change.") is (len(motif) < 200)
    page = response.text
    assert 'aria-invalid="true"' in page
    assert dict(response.context["champs"])["place"] in page  # what was asked is still there
    assert not Enregistrement.objects.filter(porte="mairie").exists()


def read(client, responsable):
    client.force_login(responsable.user)
    return client.get(reverse("enfance:historique")).text


def test_families_whose_rank_changes_read_it_and_not_why(mairie, client, liste, agente):  # VAL-11
    DBTaskResult.objects.all().delete()
    move(mairie, "Noé", 1)

    enregistrement = Enregistrement.objects.get(porte="mairie")
    assert (enregistrement.auteur, enregistrement.motif) == (agente, "Situation d’urgence")
    changes = enregistrement.evenements.order_by("rang_apres").values_list("enfant__prenom", "rang_avant", "rang_apres")
    assert list(changes) == [("Noé", 2, 1), ("Tom", 1, 2)]
    for prenom, phrase in [
        ("Noé", "Noé\u00a0: soir passé du n°\u00a02 au n°\u00a01 de la liste d’attente"),
        ("Tom", "Tom\u00a0: soir passé du n°\u00a01 au n°\u00a02 de la liste d’attente"),
        ("Zoé", ""),
    ]:
        responsable = Enfant.objects.get(prenom=prenom).responsables.get()
        page = read(client, responsable)
        assert phrase in page
        assert ("passé du" in page, "Situation d’urgence" in page) == (bool(phrase), False)

    foyer = Enfant.objects.get(prenom="Tom").responsables.get().foyer
    famille = mairie.get(reverse("admin:enfance_foyer_famille", args=[foyer.pk])).text
    assert "Situation d’urgence" in famille

    [task] = DBTaskResult.objects.all()
    task.task.func(*task.args_kwargs["args"])
    for sent in DBTaskResult.objects.filter(task_path__endswith="send_confirmation"):
        sent.task.func(*sent.args_kwargs["args"])
    assert sorted(plain(message.subject) for message in mail.outbox) == [
        "L’ordre de la liste d’attente a changé pour Noé",
        "L’ordre de la liste d’attente a changé pour Tom",
    ]
    body = plain(next(message.body for message in mail.outbox if "Tom" in message.subject))
    assert "La mairie a changé l’ordre d’une liste d’attente, le " in body
    assert "du n° 1 au n° 2 de la liste d’attente : lundi 7 décembre, soir" in body
    assert "urgence" not in body


def test_children_who_came_at_the_same_instant_are_put_in_order(mairie, liste):
    Inscription.objects.filter(etat="attente").update(attente_depuis=JEUDI_SOIR)

    move(mairie, "Zoé", 1)

    assert order() == ["Zoé", "Tom", "Noé"]


def test_place_freed_then_goes_to_the_new_first(mairie, liste):
    move(mairie, "Zoé", 1)
    lea = Inscription.objects.get(enfant__prenom="Léa")

    acteur = Acteur.parent(lea.enfant.responsables.get())
    enregistrer([Changement(Cle(lea.enfant_id, LUNDI, "soir"), "annulee")], acteur, now=JEUDI_SOIR)

    assert etats() == {"Léa": "annulee", "Tom": "attente", "Noé": "attente", "Zoé": "inscrit"}


def test_list_that_changed_meanwhile_is_left_alone(mairie, liste):
    (vue,) = mairie.get(ATTENTE).context["page"]
    tom = Inscription.objects.get(enfant__prenom="Tom")
    acteur = Acteur.parent(tom.enfant.responsables.get())
    enregistrer([Changement(Cle(tom.enfant_id, LUNDI, "soir"), "annulee")], acteur, now=JEUDI_SOIR)

    response = move(mairie, "Zoé", 1, avant=vue.avant)

    assert response.context["form"]["motif"].value() == "Situation d’urgence"  # what was typed is still there

    assert messages_of(response) == ["La liste a changé depuis l’affichage : rien n’est déplacé, la voici."]
    assert order() == ["Noé", "Zoé"]


@pytest.mark.parametrize(
    "champs",
    [
        {"place": "0:1"},
        {"place": "{tom}:0"},
        {"place": "{tom}:4"},
        {"place": "{tom}:1"},  # where it is
        {"place": "x"},
        {"avant": ""},
        {"avant": "1 2 x"},
        {"creneau": "999"},
        {"jour": "hier"},
    ],
)
def test_move_that_the_page_does_not_offer_is_refused(mairie, liste, champs):
    tom = Inscription.objects.get(enfant__prenom="Tom").pk

    response = move(mairie, "Tom", 3, **{nom: valeur.format(tom=tom) for nom, valeur in champs.items()})

    assert messages_of(response) == ["Ce déplacement n’existe pas : rechargez la page."]
    assert order() == ["Tom", "Noé", "Zoé"]


def test_moving_wants_the_right_to_change(agent_with, liste):
    client = agent_with("view_inscription")
    avant = order()

    answer = client.post(ATTENTE, {"jour": "2026-12-07"})

    assert (answer.status_code, order()) == (403, avant)
    assert 'name="place"' not in client.get(ATTENTE).text
    assert agent_with("view_enfant").get(ATTENTE).status_code == 403


@pytest.mark.parametrize("number", [1, 3])
def test_page_of_lists_costs_the_same(mairie, liste, number, django_assert_num_queries):
    attentes = list(Inscription.objects.filter(etat="attente").values_list("pk", flat=True))
    Inscription.objects.filter(pk__in=attentes[number:]).delete()

    with django_assert_num_queries(8):
        mairie.get(ATTENTE)


def set_places(client, creneau, places):
    return save(client, reverse("admin:enfance_creneau_change", args=[creneau.pk]), places=places)


def test_more_places_serve_the_list_in_order(mairie, liste):
    response = mairie.confirm_preview(set_places(mairie, liste, "3"))

    assert etats() == {"Léa": "inscrit", "Tom": "inscrit", "Noé": "inscrit", "Zoé": "attente"}
    sentence = "Places par jour : 1 → 3. Enfants servis de la liste d’attente : 2."
    assert sentence in messages_of(response)
    assert sentence in plain_all(LogEntry.objects.values_list("change_message", flat=True))


def test_no_limit_serves_all(mairie, liste):
    mairie.confirm_preview(set_places(mairie, liste, ""))

    assert set(etats().values()) == {"inscrit"}


def test_fewer_places_remove_nobody(mairie, liste):
    mairie.confirm_preview(set_places(mairie, liste, "3"))

    response = set_places(mairie, liste, "2")
    assert response.context["effets"] == [
        "Jours avec plus d’inscrits que de places\u00a0: lundi 7\u00a0décembre (3). Personne n’est retiré."
    ]

    mairie.confirm_preview(response)
    assert list(etats().values()).count("inscrit") == 3
    assert Creneau.objects.get(pk=liste.pk).places == 2


def test_another_correction_serves_nobody(mairie, liste):
    Creneau.objects.filter(pk=liste.pk).update(places=5)

    save(mairie, reverse("admin:enfance_creneau_change", args=[liste.pk]), nom_court="fin de journée")

    assert list(etats().values()).count("attente") == 3
