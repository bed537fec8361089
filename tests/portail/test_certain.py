import pytest

from portail.certain import certain

pytestmark = pytest.mark.une_fois


@pytest.mark.parametrize("valeur", [0, "", (), False])
def test_what_is_there_is_given_be_it_empty(valeur):
    assert certain(valeur) is valeur


def test_what_is_not_there_stops_the_work():
    with pytest.raises(LookupError):
        certain(None)
