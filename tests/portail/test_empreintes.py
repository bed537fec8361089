"""What a page showed, and what its form sends back."""

from datetime import timedelta

import pytest

from portail.empreintes import GARDE, ListeSignee, fingerprint_of, is_still

LISTE = {"nom": "liste.csv", "texte": "Nom;Prénom\r\nMorel;Léa\r\n"}


class DUnSujet(ListeSignee):
    sel = "tests.un"


class DUnAutre(ListeSignee):
    sel = "tests.autre"


def test_fingerprint_is_of_these_values_under_this_key(settings):
    ours = fingerprint_of(["Léa", 1])

    assert is_still(ours, ["Léa", 1])
    assert [is_still(sent, held) for sent, held in [(ours, ["Léa", 2]), ("", ["Léa", 1]), ("é", ["Léa", 1])]] == [
        False
    ] * 3

    settings.SECRET_KEY = "the key of another town"
    assert not is_still(ours, ["Léa", 1])


def test_signed_list_comes_back_whole_for_an_hour(time_machine):
    time_machine.move_to("2026-11-16T10:00:00+01:00", tick=False)
    data = DUnSujet.of(LISTE).data
    form = DUnSujet(data)

    assert form.is_valid()
    assert form.cleaned_data["liste"] == LISTE

    time_machine.shift(timedelta(seconds=GARDE + 1))
    assert not DUnSujet(data).is_valid()


@pytest.mark.parametrize("of", [lambda: DUnAutre.of(LISTE).data, lambda: {"liste": "x:y:z"}], ids=["subject", "forged"])
def test_list_of_another_subject_or_forged_is_refused_in_a_sentence(of):
    form = DUnSujet(of())

    assert not form.is_valid()
    assert form.errors["liste"] == ["L’aperçu n’est plus valable\u00a0: choisissez le fichier à nouveau."]
