"""The `.env` that the installer writes is the example, filled in, and the town's own words stay."""

from __future__ import annotations

import environ
import pytest
from django.conf import settings

from install.installation.fichiers import InstallError
from install.installation.reglages import fill, names, of_the_town, read, values

pytestmark = pytest.mark.ci

EXAMPLE = (settings.BASE_DIR / ".env.example").read_text("utf-8")
SMALL = "# Le nom.\nCOMMUNE_NOM=\n\n# La base.\n#DATABASE_URL=sqlite:///var/portail.sqlite3\nCOMMUNE_DPO=dpo@commune.example\n"


def test_fill_keeps_every_explanation_of_the_example():
    filled = fill("", EXAMPLE, {"COMMUNE_NOM": "Villard", "SAUVEGARDES": "/srv/s", "SITE_URL": "https://a.fr"})

    changed = [(old, new) for old, new in zip(EXAMPLE.splitlines(), filled.splitlines(), strict=True) if old != new]
    assert changed == [
        ("SITE_URL=https://portail.commune.example", "SITE_URL=https://a.fr"),
        ("#SAUVEGARDES=/srv/sauvegardes/portail", "SAUVEGARDES=/srv/s"),
        ("COMMUNE_NOM=", "COMMUNE_NOM=Villard"),
    ]


def test_fill_leaves_what_the_town_has_written():
    town = SMALL.replace("COMMUNE_NOM=", "COMMUNE_NOM=Villard") + "# à nous\n"

    filled = fill(town, SMALL, {"COMMUNE_NOM": "Autre", "COMMUNE_DPO": "dpo@villard.fr"})

    assert filled == town.replace("dpo@commune.example", "dpo@villard.fr")
    assert fill(filled, SMALL, {"COMMUNE_NOM": "Autre", "COMMUNE_DPO": "autre@villard.fr"}) == filled


def test_fill_adds_at_the_end_what_an_older_file_does_not_know():
    older = "COMMUNE_NOM=Villard\n"

    filled = fill(older, SMALL, {"SAUVEGARDES": "/srv/s", "COMMUNE_DPO": "dpo@villard.fr"})

    assert filled.startswith("COMMUNE_NOM=Villard\n\n# --- Ajouté")
    assert values(filled) == {"COMMUNE_NOM": "Villard", "SAUVEGARDES": "/srv/s", "COMMUNE_DPO": "dpo@villard.fr"}
    assert fill(filled, SMALL, {"SAUVEGARDES": "/srv/s"}) == filled


def test_fill_changes_the_line_that_counts_and_not_the_explanation_above_it():
    text = "#COMMUNE_NOM=essai\nCOMMUNE_NOM=\n"

    assert fill(text, SMALL, {"COMMUNE_NOM": "Villard"}) == "#COMMUNE_NOM=essai\nCOMMUNE_NOM=Villard\n"


@pytest.mark.parametrize(
    "value",
    [
        "Garderie d’Ici <garderie@ici.fr>",
        '"Garderie" <garderie@ici.fr>',
        '"tout entre guillemets"',
        "'tout entre apostrophes'",
        '"a \\ b"',
        "smtp+tls://x:p%40ss%23word@mail.ici.fr:587",
        "a # b",
        "a\\nb",
    ],
)
def test_django_environ_reads_back_what_was_written(value, tmp_path, monkeypatch):
    monkeypatch.setattr(environ.Env, "ENVIRON", {})
    path = tmp_path / ".env"
    path.write_text(fill("", SMALL, {"COMMUNE_NOM": value}), "utf-8")

    environ.Env.read_env(path)

    assert environ.Env.ENVIRON["COMMUNE_NOM"] == value
    assert values(path.read_text("utf-8"))["COMMUNE_NOM"] == value


def test_of_the_town_is_neither_empty_nor_left_from_the_example():
    text = "COMMUNE_NOM=\nCOMMUNE_DPO=dpo@commune.example\nSITE_URL=https://portail.commune.example\nDEBUG=0\n#A=1\n"

    assert of_the_town(text, EXAMPLE) == {"DEBUG": "0"}
    assert of_the_town(EXAMPLE, EXAMPLE) == {}


def test_names_are_those_that_the_portal_reads():
    assert {"SECRET_KEY", "DATABASE_URL", "PURGE_ANNUELLE"} <= set(names(EXAMPLE))


def test_read_says_that_a_file_is_not_in_utf_8(tmp_path):
    (tmp_path / ".env").write_bytes("COMMUNE_NOM=Évian\n".encode("latin-1"))

    with pytest.raises(InstallError, match="UTF-8"):
        read(tmp_path / ".env")
    assert read(tmp_path / "absent") == ""
