"""What the law asks for, and the map of the site."""

import re
from datetime import date

import pytest
import time_machine
from django.urls import get_resolver, reverse

from enfance.views import pages
from portail.extensions import Extension
from portail.rgaa import read
from tests.factories import ResponsableFactory, StaffFactory, make_creneaux, make_enfant
from tests.portail.rgaa import table
from tests.reading import html_of

PAGES = ["accessibilite", "donnees_personnelles", "mentions_legales", "plan_du_site"]


def titles(html: str) -> list[str]:
    return re.findall(r"<h[23]>(.*?)</h[23]>", html)


def links(html: str) -> list[str]:
    """The addresses of the page itself, without header and footer."""
    return re.findall(r'href="([^"]+)"', html.split("<main")[1].split("</main>")[0])


@pytest.fixture
def html(client):
    return lambda name: html_of(client.get(reverse(f"enfance:{name}")))


@pytest.mark.parametrize("name", PAGES)
def test_page_open_to_all_reads_no_database_and_sets_no_cookie(client, db, django_assert_num_queries, name):
    with django_assert_num_queries(0):
        response = client.get(reverse(f"enfance:{name}"))

    assert response.status_code == 200
    assert response.cookies.keys() == set()  # LEG-02


@pytest.mark.parametrize("name", PAGES)
def test_page_open_to_all_links_to_the_others_in_its_footer(html, db, name):
    footer = html(name).split("<footer")[1]

    assert re.findall(r'<li><a href="([^"]+)">', footer) == [reverse(f"enfance:{page}") for page in PAGES]  # LEG-01


@pytest.mark.parametrize("etat", ["non conforme", "partiellement conforme", "totalement conforme"])
def test_accessibilite_state_is_said_by_every_page(html, db, settings, etat):  # RGA-01
    settings.ACCESSIBILITE_ETAT = etat

    assert re.findall(r">Accessibilité : ([a-z ]+)<", html("mentions_legales")) == [etat]
    assert f"est <strong>{etat}</strong>" in html("accessibilite")


def test_accessibilite_has_the_imposed_headings_in_order(html, db):  # RGA-02
    assert titles(html("accessibilite")) == [
        "État de conformité",
        "Résultats des tests",
        "Contenus non accessibles",
        "Non-conformités",
        "Dérogations pour charge disproportionnée",
        "Contenus non soumis à l’obligation d’accessibilité",
        "Établissement de cette déclaration d’accessibilité",
        "Technologies utilisées",
        "Environnement de test",
        "Outils pour évaluer l’accessibilité",
        "Pages du site vérifiées",
        "Retour d’information et contact",
        "Faire une réclamation",
        "Voies de recours",
    ]


def test_accessibilite_says_the_law_its_date_and_the_ways_of_recourse(html, db, settings):
    settings.SITE_URL = "https://famille.saint-sauveur.example"
    settings.ACCESSIBILITE_DATE = date(2027, 3, 1)

    page = html("accessibilite")

    assert "l’article 47 de la loi n° 2005-102 du 11 février 2005" in page
    assert "https://famille.saint-sauveur.example" in page
    assert "établie le 1er mars 2027" in page  # RGA-03
    assert "Défenseur des droits<br>Libre réponse 71120<br>75342 Paris CEDEX 07" in page  # RGA-02


def test_accessibilite_audit_and_plan_are_those_of_the_settings(html, db, settings):
    settings.ACCESSIBILITE_AUDIT = "L’audit du 3 mars 2027 relève 92 % de critères respectés."
    settings.ACCESSIBILITE_PLAN = "https://saint-sauveur.example/schema"

    page = html("accessibilite")

    assert settings.ACCESSIBILITE_AUDIT in page
    assert "La commune n’a" not in page
    assert settings.ACCESSIBILITE_PLAN in links(page)


EVALUATION = read(table(conforme=14, non_conforme=1, non_applicable=5))


@pytest.mark.parametrize(
    ("audit", "has", "lacks"),
    [
        ("", ["La commune n’a encore adopté aucune évaluation", "elle n’engage pas la commune"], ["et adoptée par"]),
        (
            "logiciel",
            ["adoptée par la commune, révèle que <strong>93 % des critères", "en raison des non-conformités"],
            ["La commune n’a", "n’engage pas", ">logiciel<"],
        ),
        ("L’audit relève 92 %.", ["L’audit relève 92 %.", "n’engage pas", "rapport d’audit"], ["La commune n’a"]),
    ],
)
def test_accessibilite_tells_the_evaluation_of_the_software(html, db, settings, monkeypatch, audit, has, lacks):
    monkeypatch.setattr(pages, "evaluation", lambda: EVALUATION)
    settings.ACCESSIBILITE_AUDIT = audit

    page = html("accessibilite")

    assert "Évaluation du logiciel : 93 %. Sur 20 critères, 15 s’appliquent à ses pages, 14 sont respectés." in page
    assert "<li>critère 8.15, Une règle : tests/x.py::y</li>" in page
    assert "<li>Connexion</li><li>Mentions légales et contact</li>" in page
    assert [words for words in has if words not in page] == []
    assert [words for words in lacks if words in page] == []


def test_accessibilite_without_the_evaluation_says_none(html, db, settings, monkeypatch):
    monkeypatch.setattr(pages, "evaluation", lambda: None)
    settings.ACCESSIBILITE_AUDIT = "logiciel"

    page = html("accessibilite")

    assert "Évaluation du logiciel" not in page
    assert "La commune n’a adopté aucun audit" in page


def test_accessibilite_contact_needs_no_account(html, db, settings):  # RGA-04
    contact = html("accessibilite").split("Retour d’information et contact")[1].split("</section>")[0]

    assert f"mailto:{settings.COMMUNE_COURRIEL}" in contact
    assert settings.COMMUNE_TELEPHONE in contact
    assert settings.COMMUNE_ADRESSE in contact
    assert "en accuse réception et vous répond sous une semaine" in contact


def test_donnees_personnelles_has_the_nine_items(html, db):  # RGP-02
    page = html("donnees_personnelles")

    assert re.findall(r"<h2>(.*?)</h2>", page) == [
        "Qui est responsable de ces données",
        "À quoi elles servent",
        "Ce qui permet à la commune de les utiliser",
        "Ce qui est obligatoire",
        "Qui les lit",
        "Combien de temps elles sont gardées",
        "Vos droits",
        "Le délégué à la protection des données",
        "Réclamation à la CNIL",
        "Cookies",
    ]
    assert "Une mission d’intérêt public (article 6-1-e" in page  # RGP-01
    assert 'type="checkbox"' not in page


def test_donnees_personnelles_prints_the_durations_of_the_settings(html, db, settings):  # RGP-06
    lignes = [duree for duree in Extension.installed().durees if duree.reglages]
    nombres = {reglage: 1000 + n for n, reglage in enumerate(sorted({r for d in lignes for r in d.reglages}))}
    for reglage, nombre in nombres.items():
        setattr(settings, reglage, nombre)

    section = html("donnees_personnelles").split("Combien de temps")[1].split("</section>")[0]

    assert re.findall(r"<li>(.*?) : ", section) == [duree.nom for duree in Extension.installed().durees]
    for duree in lignes:
        (ligne,) = re.findall(rf"<li>{re.escape(duree.nom)} : (.*)</li>", section)
        assert {f"{nombres[reglage]} jours" for reglage in duree.reglages} <= set(re.findall(r"1\d{3} jours", ligne))
    assert "archives publiques" in section


def test_donnees_personnelles_names_the_contacts_and_the_cookies(html, db, settings):
    settings.COMMUNE_DPO = "donnees@saint-sauveur.example"

    page = html("donnees_personnelles")

    assert "mailto:donnees@saint-sauveur.example" in links(page)
    assert re.findall(r"« (\w+) »", page) == [  # LEG-02
        settings.SESSION_COOKIE_NAME,
        settings.CSRF_COOKIE_NAME,
        settings.KNOWN_DEVICE_COOKIE_NAME,
        settings.SECOND_FACTOR_COOKIE_NAME,
    ]
    assert "sur papier, au guichet de la mairie" in page  # LEG-05


def test_mentions_legales_are_those_of_the_settings(html, db, settings):  # LEG-01
    settings.COMMUNE_NOM = "Autre-Commune"
    settings.COMMUNE_ADRESSE = "2 rue Haute"
    settings.COMMUNE_TELEPHONE = "04 65 71 00 50"
    settings.COMMUNE_DIRECTEUR_PUBLICATION = "Madame la maire"
    settings.COMMUNE_HEBERGEUR = "Hébergeur du Canton, 3 rue Basse, 04 65 71 00 51"

    page = html("mentions_legales").split("<main")[1].split("<footer")[0]

    assert "Commune de Autre-Commune<br>2 rue Haute" in page
    assert "tel:+33465710050" in page
    assert "Pour la commune : Madame la maire." in page
    assert "Hébergeur du Canton, 3 rue Basse, 04 65 71 00 51" in page


@pytest.mark.parametrize(
    ("decision", "sentence"),
    [("", "n’est pas encore publiée"), ("arrêté 2027-12 du 4 janvier 2027", "arrêté 2027-12 du 4 janvier 2027")],
)
def test_mentions_legales_say_the_security_decision(html, db, settings, decision, sentence):  # LEG-03
    settings.COMMUNE_HOMOLOGATION = decision

    assert sentence in html("mentions_legales").split("Sécurité du service")[1].split("</section>")[0]


def pages_without_argument() -> set[str]:
    """Each page of the site that has an address of its own."""
    return {
        reverse(f"{namespace}:{name}")
        for namespace, (_, resolver) in get_resolver().namespace_dict.items()
        if namespace in {"accounts", "enfance"}
        for name in resolver.reverse_dict
        if isinstance(name, str) and not resolver.reverse_dict.getlist(name)[0][0][0][1]
    }


@pytest.mark.parametrize("page", ["service", "feuille_service"])
def test_script_of_a_service_worker_is_sent_as_javascript(client, db, page):
    """A browser refuses any other type; `SAID_BY_THE_BROWSER` lets a message about it pass, this test does not."""
    client.force_login(StaffFactory())

    script = client.get(reverse(f"enfance:{page}"))

    assert (script.status_code, script["Content-Type"]) == (200, "text/javascript")


# Steps of a procedure, actions, what a script asks: nobody looks for them.
STEPS = {
    "accounts:logout",
    "accounts:forgot_done",
    "accounts:identifiant_forgotten_done",
    "accounts:new_password",
    "accounts:close_other_sessions",
    "accounts:confirm",
    "accounts:recovery_codes",
    "accounts:second_factor",
    "accounts:second_factor_enrolment",
    "accounts:stay",
    "enfance:cantine_export",
    "enfance:fermeture_masquer",
    "enfance:mes_donnees",
    "enfance:feuille_fiches",
    "enfance:places",
    "enfance:gardees",
    "enfance:hors_ligne",
    "enfance:service",
    "enfance:feuille_service",
    "enfance:feuille_hors_ligne",
}
FIRST_STEPS = "/comment-entrer/fr/"
BEFORE_LOGIN = {reverse(f"accounts:{name}") for name in ("login", "forgot", "identifiant_forgotten")} | {FIRST_STEPS}


def test_plan_du_site_shows_every_page_to_the_right_reader(client, html, db):  # RGA-12
    responsable = ResponsableFactory()
    enfant = make_enfant(responsable)
    make_enfant(ResponsableFactory(), prenom="Noé")
    anonymous = links(html("plan_du_site"))
    client.force_login(responsable.user)

    connected = links(html("plan_du_site"))
    client.force_login(StaffFactory())
    staff = links(html("plan_du_site"))

    assert reverse("enfance:enfant", args=[enfant.pk]) in connected
    assert set(connected) & set(anonymous) == {reverse(f"enfance:{page}") for page in PAGES[:3]}
    assert set(connected) & set(staff) == {reverse(f"enfance:{page}") for page in PAGES[:3]}
    assert set(connected) | set(anonymous) | set(staff) | {reverse(step) for step in STEPS} | {
        reverse("enfance:plan_du_site")
    } == pages_without_argument() | {
        reverse("enfance:enfant", args=[enfant.pk]),
        reverse("admin:index"),
        reverse("facturation:factures"),  # which leads to the others
        FIRST_STEPS,
    }
    assert set(anonymous) - set(connected) == BEFORE_LOGIN


@pytest.mark.parametrize("path", ["/planning/2026-12/", "/jour/2026-12-10/"])
def test_form_says_what_becomes_of_what_it_collects(client, db, path):  # RGP-03
    famille = ResponsableFactory()
    make_enfant(famille)
    make_creneaux()

    with time_machine.travel("2026-12-03T20:41:00+01:00"):
        client.force_login(famille.user)
        page = client.get(path).text

    assert reverse("enfance:donnees_personnelles") in links(page)
    assert "Ces informations servent à inscrire vos enfants à la garderie." in page
