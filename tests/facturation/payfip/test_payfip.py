"""PayFiP asked over sockets, on the loopback: what it says, and the days when it says nothing."""

from __future__ import annotations

import socket
from dataclasses import replace

import pytest

from facturation.essai_payfip import soap
from facturation.essai_payfip.registre import SANS_ACCES, FauteSoap
from facturation.essai_payfip.serveur import Panne
from facturation.payfip import echange as payfip
from facturation.payfip.echange import (
    EtatPayfip,
    PayfipIndisponible,
    RefusPayfip,
    creer,
    interroger,
    obstacles_to,
    read_centimes,
    write_objet,
)
from facturation.payfip.fautes import FAUTES, faute_of
from tests.facturation.payfip.reponses import DEMANDE

# --- What may be asked ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"numcli": "90909"}, "Le numéro client PayFiP a six chiffres."),
        ({"numcli": "09090٩"}, "Le numéro client PayFiP a six chiffres."),
        ({"exer": "26"}, "L’exercice est une année de quatre chiffres."),
        ({"refdet": "F2026"}, "La référence a de 6 à 30 lettres sans accent ou chiffres."),
        ({"refdet": "F-2026-0349"}, "La référence a de 6 à 30 lettres sans accent ou chiffres."),
        ({"refdet": "F" * 31}, "La référence a de 6 à 30 lettres sans accent ou chiffres."),
        ({"objet": ""}, "L’objet a de 1 à 99 lettres sans accent, chiffres ou espaces."),
        ({"objet": "é"}, "L’objet a de 1 à 99 lettres sans accent, chiffres ou espaces."),
        ({"objet": "a" * 100}, "L’objet a de 1 à 99 lettres sans accent, chiffres ou espaces."),
        ({"montant": 65.80}, "Le montant est un nombre entier de centimes."),
        ({"montant": True}, "Le montant est un nombre entier de centimes."),
        ({"montant": 99}, "PayFiP n’accepte pas moins de 1\u202f€."),
        ({"montant": -6580}, "PayFiP n’accepte pas moins de 1\u202f€."),
        ({"montant": 10_000_001}, "PayFiP n’accepte pas plus de 100\u202f000\u202f€."),
        ({"mel": "a@b.f"}, "PayFiP demande une adresse e-mail de 6 à 80 caractères, sans accent ni espace."),
        ({"mel": "camille.example"}, "PayFiP demande une adresse e-mail de 6 à 80 caractères, sans accent ni espace."),
        (
            {"mel": f"{'a' * 70}@ville.example"},
            "PayFiP demande une adresse e-mail de 6 à 80 caractères, sans accent ni espace.",
        ),
        ({"saisie": "M"}, "Le mode de PayFiP est T (essai), X (activation) ou W (production)."),
        ({"urlnotif": "/paiement/"}, "L’adresse de notification est une adresse web entière."),
        ({"urlredirect": "http://a b/"}, "L’adresse de retour est une adresse web entière."),
    ],
)
def test_demande_that_payfip_would_refuse_is_refused_in_words(changed, said):
    refused = replace(DEMANDE, **changed)
    assert said in obstacles_to(refused)
    with pytest.raises(ValueError, match=said.replace("(", r"\(").replace(")", r"\)")):
        creer(refused)


@pytest.mark.parametrize("montant", [100, 6580, 10_000_000])
def test_demande_as_payfip_takes_it_has_no_obstacle(montant):
    assert obstacles_to(replace(DEMANDE, montant=montant)) == []


@pytest.mark.parametrize(
    ("texte", "objet"),
    [
        ("Facture F-2026-0349", "Facture F 2026 0349"),
        ("Garderie d’octobre, Léa & Zoë", "Garderie doctobre Lea Zoe"),
        ("a" * 98 + " bc", "a" * 98),
    ],
)
def test_objet_is_written_as_payfip_takes_it(texte, objet):
    assert write_objet(texte) == objet
    assert obstacles_to(replace(DEMANDE, objet=write_objet(texte))) == []


@pytest.mark.parametrize(
    ("texte", "centimes"),
    [("6580", 6580), ("0", 0), ("65.80", None), ("65,80", None), ("", None), ("-1", None), ("٣", None), ("1e3", None)],
)
def test_amount_read_is_a_whole_number_of_centimes_or_nothing(texte, centimes):
    assert read_centimes(texte) == centimes


# --- Asking for a payment ---------------------------------------------------------------------------------------------


def test_payment_asked_for_has_an_idop_and_its_page(serveur):
    essai = creer(DEMANDE)

    assert essai.page == f"{serveur.adresse}/tpa/paiementws.web?idop={essai.idop}"
    (operation,) = serveur.registre.operations.values()
    assert operation.idop == essai.idop
    assert operation.champs == {
        "exer": "2026",
        "mel": "camille.durand@famille.example",
        "montant": "6580",
        "numcli": "090909",
        "objet": "Facture F 2026 0349",
        "refdet": "F20260349",
        "saisie": "T",
        "urlnotif": "http://127.0.0.1:9/paiement/notification/",
        "urlredirect": "http://127.0.0.1:9/paiement/retour/",
    }


def test_centimes_reach_payfip_as_they_are(serveur):
    """Handed in euros, 65,809 would have become 65,80, and 0,29 × 100 be 28,999…"""
    for montant in (101, 129, 6589, 9_999_999):
        creer(replace(DEMANDE, montant=montant))
    assert [one.champs["montant"] for one in serveur.registre.operations.values()] == ["101", "129", "6589", "9999999"]


def test_contract_from_a_file_gives_the_address(serveur, settings, tmp_path):
    path = tmp_path / "contrat.wsdl"
    path.write_bytes(soap.write_contract(f"{serveur.adresse}/tpa/services/securite"))
    settings.PAYFIP_WSDL = str(path)
    assert creer(DEMANDE).page.startswith(f"{serveur.adresse}/tpa/paiementws.web?idop=")


def test_without_a_contract_of_ones_own_the_page_is_that_of_production(settings, monkeypatch):
    eopayment = pytest.importorskip("eopayment.payfip_ws")
    monkeypatch.setattr(eopayment.PayFiP, "get_idop", lambda *_, **__: "cc0cb210-1cd4-11ea-8cca-0213ad91a103")
    settings.PAYFIP_WSDL = ""
    assert creer(DEMANDE).page == f"{eopayment.PAYMENT_URL}?idop=cc0cb210-1cd4-11ea-8cca-0213ad91a103"


@pytest.mark.parametrize("code", ["T2", "T4"])
def test_client_that_payfip_does_not_take_is_its_fault(serveur, code):
    numcli = {"T2": "123456", "T4": SANS_ACCES}[code]
    with pytest.raises(RefusPayfip) as refused:
        creer(replace(DEMANDE, numcli=numcli))
    assert refused.value.faute == faute_of(code)


@pytest.mark.parametrize("code", [*FAUTES, "Z9"])
def test_fault_has_a_sentence_for_a_parent_and_one_for_the_regisseur(serveur, code):
    serveur.registre.faute = code
    with pytest.raises(RefusPayfip) as refused:
        creer(DEMANDE)
    faute = refused.value.faute
    assert (faute.code, str(refused.value)) == (code, faute.for_parent)
    assert code not in faute.for_parent
    assert faute.for_regisseur.startswith(f"PayFiP répond {code}\u00a0: ")


# --- Asking what became of it -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("resultat", "etat"),
    [
        ("P", EtatPayfip.PAYE),
        ("V", EtatPayfip.PAYE),
        ("R", EtatPayfip.REFUSE),
        ("Z", EtatPayfip.REFUSE),
        ("A", EtatPayfip.ABANDONNE),
        ("Q", EtatPayfip.INCONNU),
        ("p", EtatPayfip.INCONNU),
    ],
)
def test_result_of_payfip_is_read(serveur, resultat, etat):
    idop = creer(DEMANDE).idop
    serveur.conclure(idop, resultat)

    reponse = interroger(idop)

    assert (reponse.etat, reponse.code, reponse.idop) == (etat, resultat, idop)
    assert (reponse.numcli, reponse.refdet, reponse.montant, reponse.saisie) == ("090909", "F20260349", 6580, "T")
    assert (reponse.dattrans, reponse.heurtrans) == ("20112026", "1942")  # in Paris
    assert "camille" not in str(reponse)


@pytest.mark.parametrize(
    ("faute", "etat"),
    [
        ("P1", EtatPayfip.PERIME),
        ("P3", EtatPayfip.UTILISE),
        ("P4", EtatPayfip.PERIME),
        ("P5", EtatPayfip.PAS_ENCORE),
        ("P2", EtatPayfip.INCONNU),
        ("T2", EtatPayfip.INCONNU),
    ],
)
def test_fault_of_payfip_is_a_state(serveur, faute, etat):
    idop = creer(DEMANDE).idop
    serveur.registre.operations[idop].faute = faute
    reponse = interroger(idop)
    assert (reponse.etat, reponse.code, reponse.montant, reponse.brute) == (etat, faute, None, {"code": faute})


def test_payment_is_not_known_yet_then_forgotten_the_night_after(serveur, montre):
    idop = creer(DEMANDE).idop
    montre.move(minutes=50)
    assert interroger(idop).etat == EtatPayfip.PAS_ENCORE
    montre.move(hours=12)
    assert (interroger(idop).etat, interroger(idop).code) == (EtatPayfip.PERIME, "P1")


def test_payment_that_was_never_asked_for_is_unknown(serveur):
    assert interroger("cc0cb210-1cd4-11ea-8cca-0213ad91a103").code == "P1"


@pytest.mark.parametrize("montant", ["65.80", "", "6580 ", "x"])
def test_amount_that_is_no_number_of_centimes_is_none(serveur, montant):
    idop = creer(DEMANDE).idop
    serveur.conclure(idop, "P")
    serveur.registre.operations[idop].mensonge = {"montant": montant.replace(" ", "\u2007")}
    assert interroger(idop).montant is None


# --- The days when it does not answer ---------------------------------------------------------------------------------


@pytest.mark.ci
@pytest.mark.parametrize("panne", [panne for panne in Panne if panne])
def test_payfip_that_does_not_answer_is_one_exception(serveur, panne):
    idop = creer(DEMANDE).idop
    serveur.panne = panne
    for ask in (lambda: creer(DEMANDE, patience=1), lambda: interroger(idop, patience=1)):
        with pytest.raises(PayfipIndisponible) as unavailable:
            ask()
        assert str(unavailable.value).startswith("Le paiement en ligne ne répond pas en ce moment.")
        assert "127.0.0.1" not in unavailable.value.cause


@pytest.mark.ci
def test_payfip_that_hangs_is_not_waited_for_by_everybody(serveur):
    """Once one has waited in vain, the next ones are told at once; so is who finds two waiting already."""
    serveur.panne = Panne.MUETTE
    causes = []
    for patience in (1, 30):
        with pytest.raises(PayfipIndisponible) as unavailable:
            creer(DEMANDE, patience=patience)
        causes.append(unavailable.value.cause)
    assert causes == ["délai", "silence"]


def test_two_places_are_all_that_wait(serveur, monkeypatch):
    monkeypatch.setattr(payfip, "PLACE", 0.1)
    with payfip.PLACES, payfip.PLACES, pytest.raises(PayfipIndisponible) as unavailable:
        creer(DEMANDE)
    assert unavailable.value.cause == "places"
    assert creer(DEMANDE).idop


def test_dead_socket_is_payfip_not_answering(settings):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and never listens
        settings.PAYFIP_WSDL = f"http://127.0.0.1:{taken.getsockname()[1]}/tpa/services/securite?wsdl"
        with pytest.raises(PayfipIndisponible):
            creer(DEMANDE)


def test_service_that_died_after_its_contract_was_read_is_not_answering(serveur, settings, tmp_path):
    path = tmp_path / "contrat.wsdl"
    path.write_bytes(soap.write_contract("http://127.0.0.1:9/tpa/services/securite"))
    settings.PAYFIP_WSDL = str(path)
    with pytest.raises(PayfipIndisponible):
        interroger("cc0cb210-1cd4-11ea-8cca-0213ad91a103")


def test_contract_that_is_not_there_is_payfip_not_answering(settings):
    settings.PAYFIP_WSDL = "/nowhere/contrat.wsdl"
    with pytest.raises(PayfipIndisponible):
        creer(DEMANDE)


def test_answer_that_is_too_long_or_declares_a_dtd_is_no_answer(serveur, monkeypatch):  # VAL-15
    envelop, whole = soap.envelop, b" " * payfip.ANSWER_MAX
    for written in (
        lambda body: envelop(body) + whole,
        lambda body: envelop(body).replace(b"?>", b"?><!DOCTYPE x>", 1),
    ):
        monkeypatch.setattr(soap, "envelop", written)
        with pytest.raises(PayfipIndisponible):
            creer(DEMANDE)


@pytest.mark.parametrize("idop", ["", "x", "a" * 65, "<script>", "é" * 12])
def test_idop_that_is_no_name_is_not_taken(serveur, monkeypatch, idop):
    monkeypatch.setattr(serveur.registre, "creer", lambda fields: idop)
    with pytest.raises(PayfipIndisponible):
        creer(DEMANDE)


def test_payfip_down_in_its_own_words_is_not_answering(serveur, monkeypatch):
    def refuse(fields):
        raise FauteSoap(soap.TECHNIQUE)

    monkeypatch.setattr(serveur.registre, "creer", refuse)
    with pytest.raises(PayfipIndisponible):
        creer(DEMANDE)
