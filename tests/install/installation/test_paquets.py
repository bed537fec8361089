"""What is missing is named with its package, and installed only by whoever said yes."""

from __future__ import annotations

from pathlib import Path

import pytest

from install.installation import paquets
from install.installation.fichiers import InstallError
from install.installation.machine import Done
from install.installation.reponses import Reponses
from tests.reading import plain

pytestmark = pytest.mark.ci


def names(r: Reponses, machine) -> list[str]:
    return [besoin.paquet for besoin in paquets.besoins(r, machine)]


@pytest.fixture
def bare(machine, monkeypatch, tmp_path):
    """A machine that has apt and nothing else; apt brings what it is told to."""
    machine.commands = {"apt-get"}
    monkeypatch.setattr(paquets, "POLICY", tmp_path / "policy-rc.d")
    monkeypatch.setattr(paquets, "has_server", lambda machine: "postgres" in machine.commands)
    return machine


def test_needs_follow_the_answers(machine):
    assert names(Reponses(), machine)[-2:] == ["nginx", "certbot"]
    assert names(Reponses(serveur="caddy"), machine)[-1] == "caddy"
    assert names(Reponses(certificat=Path("/c"), cle=Path("/k")), machine)[-1] == "nginx"
    assert "postgresql" in names(Reponses(base="postgresql"), machine)
    assert "postgresql-client" in names(Reponses(base="postgresql", base_serveur="base"), machine)
    assert names(Reponses(python=Path("/usr/bin/python3.13")), machine)[0] == "python3.13-venv"


def test_missing_packages_are_named_and_not_installed_without_a_yes(bare):
    with pytest.raises(InstallError) as refusal:
        paquets.install(Reponses(), bare, allowed=False)

    said = plain(refusal.value)
    assert said.startswith("Il manque : ")
    assert "nginx (le serveur web placé devant)" in said
    assert "« sudo apt install " in said
    assert not [line for line in bare.ran if "apt-get" in line]


def test_missing_packages_are_installed_and_start_nothing_without_systemd(bare, monkeypatch):
    policies = []

    def run(*command, **options):
        bare.ran.append(" ".join(map(str, command)))
        if "install" in command:
            policies.append(paquets.POLICY.read_text())
            bare.commands |= set(command)
        return Done(0, "", "")

    bare.systemd = bare.racine / "absent"
    monkeypatch.setattr(bare, "run", run)

    assert paquets.install(Reponses(), bare, allowed=True) is True
    installed = next(line for line in bare.ran if " install " in line)
    assert installed.startswith("env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends")
    assert {"git", "nginx", "certbot"} <= set(installed.split())
    assert policies == ["#!/bin/sh\nexit 101\n"]
    assert not paquets.POLICY.exists()
    assert paquets.install(Reponses(), bare, allowed=True) is False


def test_failure_of_apt_is_told_and_leaves_no_policy(bare):
    bare.said["env DEBIAN_FRONTEND=noninteractive apt-get update"] = Done(100, "", "E: no network")
    with pytest.raises(InstallError, match="apt n’a pas pu installer .*E: no network"):
        paquets.install(Reponses(), bare, allowed=True)
    assert not paquets.POLICY.exists()


def test_machine_without_apt_is_told_what_to_find(bare):
    bare.commands = set()
    with pytest.raises(InstallError, match="n’a pas apt"):
        paquets.install(Reponses(), bare, allowed=True)
