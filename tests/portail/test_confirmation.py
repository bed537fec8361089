"""What the page of confirmation sends again."""

from portail.confirmation import hidden_of


def test_form_is_sent_again_whole_but_for_the_answer_and_the_token(rf):
    sent = {"classes": ["1", "2"], "motif": "", "csrfmiddlewaretoken": "x", "confirmer": "1", "empreinte": "y"}
    assert hidden_of(rf.post("/", sent)) == [("classes", "1"), ("classes", "2"), ("motif", "")]
