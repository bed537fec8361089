"""A secretary's week, from the phone that she enrols to the month that a spreadsheet opens, with her group's rights."""

from __future__ import annotations

import base64
import io
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.utils import timezone
from django_otp.oath import TOTP
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from accounts.models import User
from enfance.models import Classe, Creneau, Enfant, Fermeture, Foyer, Garde, Inscription, Responsable
from tests.enfance.onde.ecole import run
from tests.enfance.onde.exemples import ADULTES, ECOLE, MOYENS, NADIA, change, texte_eleves, texte_responsables
from tests.factories import STAFF_PASSWORD, AnneeFactory, FoyerFactory, StaffFactory, make_creneaux
from tests.navigateur.gestes import go, press
from tests.navigateur.site import DESKTOP, Site

pytestmark = pytest.mark.navigateur

SECONDE = {"adresse": "99 rue Neuve", "portable": "0639980077", "courriel": "autre@courriel.example"}
TROISIEME = {"adresse": "1 place Neuve", "portable": "0639980088", "courriel": "troisieme@courriel.example"}


@pytest.fixture
def ecole(site: Site):
    """The school of the first import, in which one adult may be two."""
    annee = AnneeFactory()
    make_creneaux()
    run(annee, adultes=[*ADULTES, *change([NADIA], NADIA, **SECONDE)])
    return annee


@pytest.fixture
def secretaire(ecole) -> User:
    call_command("sync_groups", stdout=io.StringIO())
    secretaire = StaffFactory(is_superuser=False, first_name="Dominique", last_name="Roux")
    secretaire.groups.add(Group.objects.get(name="Secrétariat"))
    return secretaire


def code_for(key: str) -> str:
    """What the phone shows."""
    phone = TOTP(base64.b32decode(key.replace(" ", "")))
    phone.time = timezone.now().timestamp()
    return f"{phone.token():06d}"


def come_in(page: Page, user: User) -> None:
    """By the one login page, then the phone: the first time, it is enrolled."""
    page.goto("/connexion/")
    page.get_by_label("Identifiant", exact=True).fill(user.identifiant)
    page.get_by_label("Mot de passe", exact=True).fill(STAFF_PASSWORD)
    press(page, "Connexion")
    expect(page.get_by_role("heading", level=1)).to_have_text("Protéger votre compte")
    page.goto("/admin/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Protéger votre compte")
    page.get_by_text("Impossible de scanner ?").click()
    page.locator("[name=code]").fill(code_for(page.locator(".cle").inner_text()))
    press(page, "Vérifier et continuer")
    assert page.locator("main li").count() >= 10  # the recovery codes
    page.get_by_label("J’ai mis ces 10 codes en lieu sûr").check()
    press(page, "Continuer")


def test_week_of_a_secretary(site: Site, ecole, secretaire, tmp_path: Path):
    page = site.open(size=DESKTOP)
    come_in(page, secretaire)
    expect(page.get_by_role("heading", name="À traiter")).to_be_visible()

    import_onde(page, ecole)
    send_credentials_to_a_class(site, page)
    print_letters(page)
    close_a_strike_day(site, page)
    register_past_the_deadline(site, page)
    merge_a_double_home(page)
    export_the_month(page, tmp_path)


def import_onde(page: Page, annee) -> None:
    adultes = change(ADULTES, NADIA, **TROISIEME)
    page.goto("/admin/")
    go(page.get_by_role("link", name="Importer ONDE"))
    files = {"eleves": texte_eleves(ECOLE), "responsables": texte_responsables(adultes)}
    for name, text in files.items():
        file = {"name": f"{name}.csv", "mimeType": "text/csv", "buffer": text.encode("cp1252")}
        page.locator(f"[name={name}]").set_input_files(file)
    press(page, "Voir l’aperçu")
    expect(page.get_by_role("heading", name="À préciser (1)")).to_be_visible()
    page.get_by_role("radio", name=re.compile("99 rue Neuve")).check()
    press(page, "Voir l’aperçu avec ces réponses")
    press(page, "Importer")
    assert Responsable.objects.get(user__email="troisieme@courriel.example").user.first_name == "Nadia"
    assert Responsable.objects.filter(user__first_name="Nadia").count() == 2


def send_credentials_to_a_class(site: Site, page: Page) -> None:
    page.goto("/admin/")
    go(page.get_by_role("link", name="Envoyer les identifiants"))
    page.get_by_label("Classe").select_option(str(Classe.objects.get(nom=MOYENS).pk))
    press(page, "Voir à qui")
    expect(page.get_by_text("3 e-mails partiront")).to_be_visible()
    press(page, "Envoyer")
    site.run_tasks()
    sent = {mail.to[0] for mail in site.mails if mail.subject == "Envoi de vos identifiants de connexion"}
    assert sent == {"camille@courriel.example", "karim@courriel.example", "remi@courriel.example"}


def print_letters(page: Page) -> None:
    page.goto("/admin/")
    go(page.get_by_role("link", name="Imprimer les lettres"))
    press(page, "Voir les lettres")
    expect(page.locator("article.lettre")).to_have_count(1)
    expect(page.locator("article.lettre")).to_contain_text("Hélène")
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) == 1


def close_a_strike_day(site: Site, page: Page) -> None:
    jeudi = date(2026, 12, 10)
    lea = Enfant.objects.get(prenom="Léa")
    Inscription.objects.create(
        enfant=lea, jour=jeudi, creneau=Creneau.objects.get(code="soir"), foyer=lea.gardes.get().foyer
    )
    page.goto("/admin/")
    go(page.get_by_role("link", name="Fermer la garderie"))
    for name, value in {"debut": "2026-12-10", "fin": "2026-12-10", "motif": "grève"}.items():
        page.locator(f"[name={name}]").fill(value)
    press(page, "Voir qui est touché")
    expect(page.get_by_text("1 inscription de 1 famille")).to_be_visible()
    press(page, "Fermer et prévenir")
    assert Fermeture.objects.get().motif == "grève"
    assert Inscription.objects.get(enfant=lea, jour=jeudi).etat == "annulee"
    site.run_tasks()
    assert "Garderie fermée" in site.mails[-1].subject


def register_past_the_deadline(site: Site, page: Page) -> None:
    """From whatever page: the family opens on this week, where a box says that it wants a reason."""
    page.get_by_role("searchbox").first.fill("lea morel")
    go(page.get_by_role("button", name="Trouver").first)
    box = page.get_by_role("checkbox", name="Léa, soir, vendredi 4", exact=True)
    expect(box).to_have_accessible_description("délai")
    box.check()
    page.get_by_label("Motif").fill("Réunion d’un parent, appel de 9 h")
    press(page, "Enregistrer")
    expect(page.get_by_role("main")).to_contain_text("C’est enregistré")
    vendredi = Inscription.objects.get(jour=date(2026, 12, 4))
    assert (str(vendredi.enfant), vendredi.etat, vendredi.origine) == ("Léa MOREL", "inscrit", "mairie")
    trace = vendredi.enfant.evenements.order_by("pk").last().enregistrement
    assert (trace.auteur.last_name, trace.motif) == ("Roux", "Réunion d’un parent, appel de 9 h")
    site.run_tasks()
    assert "camille@courriel.example" in {mail.to[0] for mail in site.mails[-2:]}


def merge_a_double_home(page: Page) -> None:
    camille = Responsable.objects.get(user__first_name="Camille")
    double = FoyerFactory(adresse="12 chemin des Tilleuls")
    Garde.objects.create(enfant=Enfant.objects.get(prenom="Tom"), foyer=double)
    page.goto(f"/admin/enfance/foyer/{camille.foyer_id}/reunir/?avec={double.pk}")
    press(page, "Voir ce qui change")
    press(page, "Réunir")
    assert not Foyer.objects.filter(pk=double.pk).exists()
    assert Garde.objects.filter(enfant__prenom="Tom").count() == 1


def export_the_month(page: Page, tmp_path: Path) -> None:
    page.goto("/admin/enfance/inscription/?jour__year=2026&jour__month=12")
    page.get_by_role("link", name=re.compile("Exporter")).first.click()
    page.get_by_label(re.compile("Format")).select_option(label="xlsx")
    with page.expect_download() as download:
        page.get_by_role("button", name="Exporter").click()
    path = tmp_path / "mois.xlsx"
    download.value.save_as(path)
    rows = list(load_workbook(io.BytesIO(path.read_bytes())).active.iter_rows(values_only=True))
    assert rows[0][:4] == ("Jour", "Créneau", "N° de l’enfant", "Nom de l’enfant")
    assert len(rows) == 1 + Inscription.objects.filter(jour__month=12).count()


def test_second_login_asks_for_the_phone_and_refuses_its_last_code(site: Site, secretaire, clock):
    page = site.open(size=DESKTOP)
    come_in(page, secretaire)
    press(page, "Se déconnecter")
    clock.shift(timedelta(minutes=2))
    page.goto("/connexion/")
    page.get_by_label("Identifiant", exact=True).fill(secretaire.identifiant)
    page.get_by_label("Mot de passe", exact=True).fill(STAFF_PASSWORD)
    press(page, "Connexion")
    page.goto("/admin/enfance/enfant/")
    assert "/deuxieme-facteur/" in page.url
