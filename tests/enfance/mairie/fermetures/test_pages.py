"""A closure is seen before it is written, and opened again rather than deleted."""

from datetime import date, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from accounts.models import User
from enfance.inscriptions import Changement, enregistrer
from enfance.mairie.fermetures import ecriture as fermetures
from enfance.mairie.fermetures.ecriture import Portee, fermer
from enfance.models import Creneau, Enregistrement, Evenement, Fermeture, Inscription, Responsable, Scolarite
from enfance.regles import Acteur, Cle
from tests.enfance.mairie.conftest import JEUDI_SOIR, LUNDI
from tests.enfance.mairie.fermetures.ecran import AJOUTER, strike
from tests.factories import AnneeFactory, ClasseFactory, ResponsableFactory, make_enfant
from tests.reading import messages_of, plain, words_of


def counts():
    modeles = (Fermeture, Enregistrement, Evenement, LogEntry)
    return [modele.objects.count() for modele in modeles] + list(Inscription.objects.values_list("etat", flat=True))


@pytest.fixture
def fermeture(inscription) -> Fermeture:
    return fermer(Portee(LUNDI, LUNDI, "grève"), now=JEUDI_SOIR).fermeture


@pytest.mark.parametrize(
    ("codes", "noms", "inscriptions"),
    [([], [], 1), (["soir"], [], 1), (["matin"], [], 0), ([], ["CE1-CE2 Mme Sorbier"], 1), ([], ["CM2"], 0)],
)
def test_who_is_touched_is_shown_before_anything_is_written(mairie, inscription, codes, noms, inscriptions):
    pks = dict(Creneau.objects.values_list("code", "pk"))
    classes = {nom: ClasseFactory(nom=nom).pk for nom in ("CE1-CE2 Mme Sorbier", "CM2")}
    avant = counts()

    response = mairie.post(
        AJOUTER, strike(creneaux=[pks[code] for code in codes], classes=[classes[nom] for nom in noms])
    )

    assert response.context["touches"].inscriptions == inscriptions
    assert counts() == avant


def test_closure_is_confirmed(mairie, inscription, agente):
    response = mairie.agree(AJOUTER, strike(creneaux=[inscription.creneau_id]))

    assert messages_of(response) == [
        "Fermé : lundi 7 décembre (grève). Annulées : 1 inscription, 1 enfant, 1 foyer. "
        "Les familles sont prévenues par e-mail."
    ]
    fermeture = Fermeture.objects.get()
    assert list(fermeture.creneaux.all()) == [inscription.creneau]
    inscription.refresh_from_db()
    assert (inscription.etat, inscription.origine) == ("annulee", "fermeture")
    assert Enregistrement.objects.get().auteur == agente
    assert LogEntry.objects.get().object_id == str(fermeture.pk)


def test_day_that_loses_its_garderie_meanwhile_is_said(mairie, inscription, monkeypatch):
    def fermer_apres(*args, **kwargs):
        Creneau.objects.update(lundi=False)  # by another agent, once the form was read
        return fermer(*args, **kwargs)

    monkeypatch.setattr(fermetures, "fermer", fermer_apres)

    response = mairie.post(AJOUTER, strike())

    assert response.context["form"].errors["debut"] == ["Pas de garderie lundi 7\u00a0décembre\u00a0: rien à fermer."]
    assert Fermeture.objects.count() == 0


def test_preview_says_what_changes_for_whom_and_reads_a_mail(mairie, lea, creneaux):
    camille = lea.responsables.get()
    changements = [Changement(Cle(lea.pk, LUNDI, code), "inscrit") for code in ("matin", "soir")]
    enregistrer(changements, Acteur.parent(camille), now=JEUDI_SOIR)
    muette = ResponsableFactory(user__first_name="Agnès", user__email="", telephone="06 39 98 00 52")
    Inscription.objects.create(enfant=make_enfant(muette, prenom="Chloé"), jour=LUNDI, creneau=creneaux["soir"])

    response = mairie.post(AJOUTER, strike())

    apercu = response.context["apercu"]
    assert plain(apercu.phrase) == "Ceci touche 3 inscriptions de 2 familles."
    assert [(effet.titre, effet.nombre, effet.icone) for effet in apercu.effets] == [
        ("Matin", 1, "matin"),
        ("Soir", 2, "soir"),
        ("Ne change pas", None, "ok"),
    ]
    assert apercu.effets[1].detail == "de 2\u00a0familles, non facturées"
    premieres = apercu.tableaux[0]
    assert (premieres.titre, premieres.reste) == ("Les inscriptions", "")
    assert [tuple(getattr(cellule, "texte", cellule) for cellule in ligne) for ligne in premieres.lignes] == [
        ("Chloé Morel", "CE1-CE2 Mme Sorbier", "soir", "non noté", "à appeler"),
        ("Léa Morel", "CE1-CE2 Mme Sorbier", "matin", "Camille Morel", "e-mail"),
        ("Léa Morel", "CE1-CE2 Mme Sorbier", "soir", "Camille Morel", "e-mail"),
    ]
    assert apercu.courriels == 1
    assert "Bonjour Camille" in apercu.exemple
    assert 'href="tel:+33639980052"' in response.text


def test_ten_first_rows_are_shown_and_the_others_linked(mairie, creneaux):
    camille = ResponsableFactory()
    for rang in range(12):
        enfant = make_enfant(camille, prenom=f"Enfant{rang:02}")
        Inscription.objects.create(enfant=enfant, jour=LUNDI, creneau=creneaux["soir"])

    response = mairie.post(AJOUTER, strike())

    premieres = response.context["apercu"].tableaux[0]
    assert (premieres.titre, len(premieres.lignes)) == ("Les 10 premières inscriptions", 10)
    assert premieres.reste == "et 2\u00a0autres"
    assert mairie.get(premieres.lien).context["cl"].result_count == 12


def test_mail_of_the_preview_holds_an_hour_that_is_not_agreed_to(mairie, inscription, time_machine):
    apercu = mairie.post(AJOUTER, strike()).context["apercu"]
    time_machine.move_to(JEUDI_SOIR + timedelta(minutes=7), tick=False)

    mairie.post(AJOUTER, strike(confirmer="1", empreinte=apercu.empreinte))

    assert Fermeture.objects.exists()


def test_closure_confirmed_twice_is_one(mairie, inscription):
    mairie.agree(AJOUTER, strike())
    response = mairie.post(AJOUTER, strike(), follow=True)

    assert messages_of(response) == ["Déjà fermé : lundi 7 décembre (grève). Rien n’a changé."]
    assert Fermeture.objects.count() == 1


def test_preview_comes_back_when_what_it_showed_has_changed(mairie, inscription):
    apercu = mairie.post(AJOUTER, strike()).context["apercu"]
    Inscription.objects.update(etat="annulee")
    avant = counts()

    response = mairie.post(AJOUTER, strike(confirmer="1", empreinte=apercu.empreinte))

    assert "a changé depuis l’aperçu" in response.text
    assert counts() == avant


def test_family_without_an_address_is_to_be_called(mairie, inscription):
    user = inscription.enfant.responsables.get().user
    user.email = ""
    user.save()

    apercu = mairie.post(AJOUTER, strike())
    response = mairie.agree(AJOUTER, strike())

    assert "Léa Morel" in apercu.text
    assert messages_of(response)[-1] == "Sans e-mail, familles à appeler : Léa Morel (Camille Morel, aucun téléphone)."


@pytest.mark.parametrize(
    ("champs", "champ", "erreur"),
    [
        ({"debut": "08/12/2026"}, "__all__", "Le dernier jour doit suivre le premier, ou être le même."),
        ({"debut": "07/12/1990"}, "debut", "Indiquez un jour d’une année scolaire déjà préparée."),
        ({"fin": "07/12/2036"}, "fin", "Indiquez un jour d’une année scolaire déjà préparée."),
        ({"motif": ""}, "motif", "Ce champ est obligatoire."),
        ({"debut": "hier"}, "debut", "Saisissez une date valide."),
    ],
)
def test_closure_that_cannot_be_says_why(mairie, inscription, champs, champ, erreur):
    response = mairie.post(AJOUTER, strike(**champs))

    assert response.context["form"].errors[champ] == [erreur]
    assert not Fermeture.objects.exists()


@pytest.mark.parametrize(
    ("champs", "refus"),
    [
        ({"debut": "05/12/2026", "fin": "05/12/2026"}, "Pas de garderie samedi 5 décembre : rien à fermer."),
        (
            {"debut": "21/12/2026", "fin": "24/12/2026"},
            "Pas de garderie du lundi 21 décembre au jeudi 24 décembre (Vacances de Noël) : rien à fermer.",
        ),
        ({"debut": "09/12/2026", "fin": "09/12/2026"}, "Pas de garderie mercredi 9 décembre : rien à fermer."),
    ],
)
def test_days_without_garderie_are_not_closed(mairie, inscription, champs, refus):
    for confirmed in ({}, {"confirmer": "Fermer"}):
        response = mairie.post(AJOUTER, strike(**champs) | confirmed)

        (erreur,) = response.context["form"].errors["debut"]
        assert plain(erreur) == refus
    assert not Fermeture.objects.exists()


@pytest.mark.parametrize(
    ("champs", "titre", "remarques"),
    [
        ({}, "Fermer lundi 7 décembre (grève)", []),
        (
            {"debut": "05/12/2026", "fin": "13/12/2026"},
            "Fermer du lundi 7 décembre au vendredi 11 décembre (grève)",
            [
                "Déjà sans garderie : du samedi 5 décembre au dimanche 6 décembre ; mercredi 9 décembre ; "
                "du samedi 12 décembre au dimanche 13 décembre. Rien n’y est fermé ni annoncé."
            ],
        ),
        (
            {"debut": "03/12/2026", "fin": "04/12/2026"},
            "Fermer du jeudi 3 décembre au vendredi 4 décembre (grève)",
            [],
        ),
        (
            {"debut": "01/12/2026", "fin": "01/12/2026"},
            "Fermer mardi 1er décembre (grève)",
            ["Déjà passé : mardi 1er décembre. Les inscriptions y seront annulées aussi, donc pas facturées."],
        ),
        (
            {"debut": "08/12/2025", "fin": "08/12/2025"},
            "Fermer lundi 8 décembre 2025 (grève)",
            ["Déjà passé : lundi 8 décembre. Les inscriptions y seront annulées aussi, donc pas facturées."],
        ),
    ],
)
def test_days_that_may_be_a_slip_are_said(mairie, inscription, champs, titre, remarques):
    AnneeFactory(debut=date(2025, 9, 1), fin=date(2026, 7, 3), conges=False)

    response = mairie.post(AJOUTER, strike(**champs))

    assert plain(response.context["titre"]) == titre
    said = [plain(remarque) for remarque in response.context["apercu"].remarques]
    assert said == remarques


def test_classes_long_gone_are_not_offered(mairie, inscription):
    for debut in (date(2024, 9, 1), date(2025, 9, 1)):
        ancienne = AnneeFactory(debut=debut, fin=debut.replace(year=debut.year + 1, month=7), conges=False)
        ClasseFactory(annee=ancienne, nom="CM2")

    form = mairie.get(AJOUTER).context["form"]

    annees = [
        (str(annee), [boite.choice_label for _, boites in groupes for boite in boites], cochee)
        for annee, groupes, cochee in form["classes"].annees
    ]
    assert annees == [("2026-2027", ["CE1-CE2 Mme Sorbier"], False), ("2025-2026", ["CM2"], False)]


def test_closure_of_a_class_names_its_pupils_and_its_year(mairie, inscription):
    classe = inscription.enfant.scolarites.get().classe

    page = mairie.post(AJOUTER, strike(classes=[classe.pk]))

    assert "CE1-CE2 Mme Sorbier de 2026-2027, 1 enfant : Léa Morel" in words_of(page)


def test_class_of_another_year_is_refused(mairie, inscription):
    passee = AnneeFactory(debut=date(2025, 9, 1), fin=date(2026, 7, 3), conges=False)
    classe = ClasseFactory(annee=passee, nom="CM2")

    response = mairie.post(AJOUTER, strike(classes=[classe.pk]))

    assert response.context["form"].errors["classes"] == ["Pas dans l’année de ces dates\u00a0: CM2 (2025-2026)."]


def test_only_the_reason_is_corrected(mairie, fermeture):
    page = reverse("admin:enfance_fermeture_change", args=[fermeture.pk])

    mairie.post(page, {"debut": "01/12/2026", "motif": "neige"})

    fermeture.refresh_from_db()
    assert (fermeture.debut, fermeture.motif) == (LUNDI, "neige")
    assert reverse("admin:enfance_fermeture_rouvrir", args=[fermeture.pk]) in mairie.get(page).text


def test_closure_is_not_deleted(mairie, fermeture):
    response = mairie.post(reverse("admin:enfance_fermeture_delete", args=[fermeture.pk]), {"post": "yes"})

    assert response.status_code == 403
    assert Fermeture.objects.exists()


def test_reopening_is_shown_then_done(mairie, inscription, fermeture, agente):
    page = reverse("admin:enfance_fermeture_rouvrir", args=[fermeture.pk])
    avant = counts()

    apercu = mairie.get(page)
    assert (apercu.context["touches"].inscriptions, counts()) == (1, avant)
    response = mairie.agree(page)

    inscription.refresh_from_db()
    assert inscription.etat == "inscrit"
    assert not Fermeture.objects.exists()
    assert messages_of(response)[0].startswith("Rouvert : lundi 7 décembre (grève). Rétablies : 1 inscription")
    assert LogEntry.objects.get().user == agente
    assert mairie.post(page).status_code == 404


def test_reopening_says_what_could_not_come_back(mairie, inscription, fermeture):
    Scolarite.objects.update(depart=LUNDI)

    response = mairie.agree(reverse("admin:enfance_fermeture_rouvrir", args=[fermeture.pk]))

    assert messages_of(response)[1] == (
        "Non rétabli : Léa Morel, soir, lundi 7 décembre : cet enfant n’est pas à l’école ce jour-là."
    )


@pytest.mark.parametrize("rights", [["view_fermeture"], ["view_fermeture", "change_fermeture"]])
def test_closing_and_reopening_want_their_rights(agent_with, inscription, fermeture, rights):
    client = agent_with(*rights)
    avant = counts()

    answers = [
        client.post(AJOUTER, strike(confirmer="Fermer")).status_code,
        client.post(reverse("admin:enfance_fermeture_rouvrir", args=[fermeture.pk])).status_code,
    ]

    assert (answers, counts()) == ([403, 403], avant)


def test_list_names_who_is_touched_and_whom_to_call(mairie, inscription):
    Responsable.objects.update(telephone="06 39 98 00 01")
    User.objects.filter(is_staff=False).update(email="")
    mairie.agree(AJOUTER, strike())

    response = mairie.get(f"/admin/enfance/fermeture/{Fermeture.objects.get().pk}/liste/")

    (touche,) = response.context["enfants"]
    assert (touche.classe, touche.enfant, touche.moments, touche.a_appeler) == (
        "CE1-CE2 Mme Sorbier",
        "Léa Morel",
        ("soir, lundi 7\u00a0décembre",),
        ("Camille Morel, 06\u00a039\u00a098\u00a000\u00a001",),
    )


def test_list_says_who_reads_a_mail(mairie, inscription):
    mairie.agree(AJOUTER, strike())

    (touche,) = mairie.get(f"/admin/enfance/fermeture/{Fermeture.objects.get().pk}/liste/").context["enfants"]

    assert (touche.joignable, touche.a_appeler) == (True, ())


@pytest.mark.parametrize("missing", ["view_fermeture", "view_responsable"])
def test_list_wants_its_rights(agent_with, missing):
    fermeture = Fermeture.objects.create(debut=LUNDI, fin=LUNDI, motif="grève")
    client = agent_with(*({"view_fermeture", "view_responsable"} - {missing}))

    assert client.get(f"/admin/enfance/fermeture/{fermeture.pk}/liste/").status_code == 403


@pytest.mark.parametrize(
    ("jours", "etat", "filtre"),
    [((-3, -3), "passée", "passees"), ((-1, 2), "en cours", "a_venir"), ((4, 4), "à venir", "a_venir")],
)
def test_closures_past_and_to_come_are_told_apart(mairie, jours, etat, filtre):
    debut, fin = (date(2026, 12, 3) + timedelta(days=n) for n in jours)
    fermeture = Fermeture.objects.create(debut=debut, fin=fin, motif="grève")

    pages = {valeur: mairie.get(f"/admin/enfance/fermeture/?quand={valeur}") for valeur in ("a_venir", "passees")}

    assert [valeur for valeur, page in pages.items() if fermeture in page.context["cl"].result_list] == [filtre]
    assert f'<td class="field-etat">{etat}</td>' in pages[filtre].content.decode()
