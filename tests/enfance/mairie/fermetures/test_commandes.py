"""Closing and opening again by the commands, without the pages."""

from datetime import date

import pytest
from django.core.management import CommandError, call_command

from enfance.models import Fermeture
from tests.enfance.mairie.fermetures.ecran import run


def test_command_closes_and_reopens(inscription):
    fermer_ = [
        "fermer",
        "--du",
        "07/12/2026",
        "--motif",
        "grève",
        "--creneau",
        "soir",
        "--classe",
        "CE1-CE2 Mme Sorbier",
    ]

    simulee = run(*fermer_, "--simuler")
    assert simulee.startswith(
        "Simulation, rien n’est écrit : lundi 7 décembre 2026 (grève).\nSont touchés : 1 inscription"
    )
    assert not Fermeture.objects.exists()
    assert "  CE1-CE2 Mme Sorbier : soir 1" in run(*fermer_)
    assert run(*fermer_) == "Déjà fermé : rien n’a été changé.\n"

    pk = Fermeture.objects.get().pk
    assert "Simulation" in run("rouvrir", pk, "--simuler")
    assert Fermeture.objects.exists()
    assert run("rouvrir", pk).startswith("Rouvert : lundi 7 décembre (grève).")
    inscription.refresh_from_db()
    assert inscription.etat == "inscrit"


@pytest.mark.parametrize(
    ("args", "erreur"),
    [
        (
            ["--du", "2026-12-07", "--au", "2026-12-06", "--motif", "x"],
            "Le dernier jour doit suivre le premier, ou être le même.",
        ),
        (["--du", "2026-12-07", "--motif", " "], "Ce champ ne peut pas être vide."),
        (["--du", "7 décembre", "--motif", "x"], "n’est pas une date"),
        (["--du", "06/12/2026", "--motif", "x"], "Pas de garderie dimanche 6"),
        (["--du", "07/12/2026", "--motif", "x", "--creneau", "nuit"], "nuit.*. On connaît.: matin, midi, soir"),
        (["--du", "07/12/2026", "--motif", "x", "--classe", "CM3"], "Cette classe n’existe pas"),
    ],
)
def test_command_refuses_what_it_cannot_read(inscription, args, erreur):
    with pytest.raises(CommandError, match=erreur):
        call_command("fermer", *args)
    assert not Fermeture.objects.exists()


def test_command_does_not_reopen_what_is_over(inscription):
    passee = Fermeture.objects.create(debut=date(2026, 12, 1), fin=date(2026, 12, 2), motif="grève")

    with pytest.raises(CommandError, match="est finie"):
        call_command("rouvrir", passee.pk)
    with pytest.raises(CommandError, match="Aucune fermeture 0"):
        call_command("rouvrir", 0)
