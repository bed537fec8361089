"""An answer that cannot be true is refused with a sentence; the others are written as the portal reads them."""

from __future__ import annotations

import pytest

from install.installation import valeurs
from install.installation.valeurs import Refusal
from tests.reading import plain

pytestmark = pytest.mark.ci

GOOD = [
    (valeurs.line, "  1 place de la Mairie ", "1 place de la Mairie"),
    (valeurs.choice("sqlite", "postgresql"), "2", "postgresql"),
    (valeurs.choice("sqlite", "postgresql"), " SQLite ", "sqlite"),
    (valeurs.named("Secrétariat", "Équipe"), "secretariat", "Secrétariat"),
    (valeurs.host, "https://Portail.Commune.fr/", "portail.commune.fr"),
    (valeurs.host, "portail.évian.fr", "portail.xn--vian-9oa.fr"),
    (valeurs.server, "10.0.0.5:5433", "10.0.0.5:5433"),
    (valeurs.server, "base", "base"),
    (valeurs.address, "a.b+c@mairie-ici.fr", "a.b+c@mairie-ici.fr"),
    (valeurs.sender, "Garderie d’Ici <garderie@ici.fr>", "Garderie d’Ici <garderie@ici.fr>"),
    (valeurs.sender, "garderie@ici.fr", "garderie@ici.fr"),
    (valeurs.phone, "04 76 00 00 00", "04 76 00 00 00"),
    (valeurs.digits, "100 00\u00a033", "1000033"),
    (valeurs.account, "portail", "portail"),
    (valeurs.months, "06", "6"),
    (valeurs.folder, "/srv/sauvegardes/portail/", "/srv/sauvegardes/portail"),
    (valeurs.local_address, "localhost:8010", "127.0.0.1:8010"),
    (valeurs.local_address, "/run/portail.sock", "/run/portail.sock"),
    (valeurs.local_address, "10.0.0.11:8000", "10.0.0.11:8000"),
    (valeurs.mail_url, "smtps://a:b@mail.ici.fr", "smtps://a:b@mail.ici.fr"),
    (valeurs.database_url, "postgres:///portail", "postgres:///portail"),
    (valeurs.maybe(valeurs.phone), " ", ""),
]
BAD = [
    (valeurs.line, " ", "il faut une réponse"),
    (valeurs.line, "Ici\u200b", "signe invisible"),
    (valeurs.line, "$HOME", "ne peut pas commencer par"),
    (valeurs.line, "1 place de l’Exemple", "valeur d’exemple"),
    (valeurs.host, "portail.commune.example", "valeur d’exemple"),
    (valeurs.host, "portail", "un nom complet"),
    (valeurs.host, "portail.commune.fr/famille", "un nom complet"),
    (valeurs.host, "portail..fr", "un nom complet"),
    (valeurs.host, "192.168.0.1", "un nom complet"),
    (valeurs.choice("sqlite", "postgresql"), "3", "1 (sqlite), 2 (postgresql)"),
    (valeurs.named("Secrétariat", "Équipe"), "Chefs", "Secrétariat, Équipe"),
    (valeurs.server, "smtp://mail.ici.fr", "un nom de machine"),
    (valeurs.server, "mail.ici.fr:port", "un nom de machine"),
    (valeurs.server, "mail ici", "un nom de machine"),
    (valeurs.address, "garderie", "n’est pas une adresse e-mail"),
    (valeurs.address, "Garderie <garderie@ici.fr>", "n’est pas une adresse e-mail"),
    (valeurs.sender, "Garderie <garderie>", "n’est ni une adresse e-mail"),
    (valeurs.phone, "aucun", "n’est pas un numéro"),
    (valeurs.digits, "10000a", "que des chiffres"),
    (valeurs.digits, "１２３", "que des chiffres"),
    (valeurs.digits, "1" * 13, "12 au plus"),
    (valeurs.account, "root", "un nom de compte système"),
    (valeurs.account, "Portail famille", "un nom de compte système"),
    (valeurs.months, "0", "de 1 à 36"),
    (valeurs.folder, "sauvegardes", "commence par"),
    (valeurs.folder, "/srv/mes sauvegardes", "sans espace"),
    (valeurs.folder, "/srv/a/../../etc", "un dossier entier"),
    (valeurs.folder, "/srv", "trop près de la racine"),
    (valeurs.local_address, "0.0.0.0:8000", "réseau privé"),
    (valeurs.local_address, "8.8.8.8:8000", "réseau privé"),
    (valeurs.local_address, "10.0.0.11", "réseau privé"),
    (valeurs.local_address, "127.0.0.1:80", "réseau privé"),
    (valeurs.mail_url, "smtp://mail.ici.fr", "smtp+tls://"),
    (valeurs.database_url, "mysql://ici", "sqlite:///"),
]


@pytest.mark.parametrize(("check", "said", "value"), GOOD)
def test_good_answer_is_kept_as_the_portal_reads_it(check, said, value):
    assert check(said) == value


@pytest.mark.parametrize(("check", "said", "sentence"), BAD)
def test_bad_answer_is_refused_with_a_sentence(check, said, sentence):
    with pytest.raises(Refusal) as refusal:
        check(said)

    assert sentence in plain(refusal.value)


def test_certificate_must_be_there_and_be_one(tmp_path):
    good, other = tmp_path / "c.pem", tmp_path / "c.der"
    good.write_text("-----BEGIN CERTIFICATE-----\n")
    other.write_bytes(b"\x30\x82")

    assert valeurs.pem(f" {good} ") == str(good)
    for path, sentence in ((other, "n’est pas au format PEM"), (tmp_path / "absent", "ne se lit pas"), ("c.pem", "/")):
        with pytest.raises(Refusal, match=sentence):
            valeurs.pem(str(path))
