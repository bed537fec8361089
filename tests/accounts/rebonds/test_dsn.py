"""What a report says, whoever wrote it; nothing that a stranger sends makes the reading fail."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Refusal
from accounts.rebonds import dsn
from accounts.rebonds.reasons import reason_of
from tests.accounts.rebonds import avis
from tests.accounts.rebonds.avis import OURS

pytestmark = pytest.mark.ci


def only(raw):
    """The one recipient of this report: the addresses, the action, the code, the reply."""
    report = dsn.parse(raw)
    (echec,) = report.recipients
    return report.message_ids, set(echec.addresses), echec.action, echec.status, echec.reply


STATUS = b"Content-Type: multipart/report; boundary=x\n\n--x\nContent-Type: message/delivery-status\n\n"


@pytest.mark.parametrize(
    ("start", "again"),
    [
        (STATUS, b"\n"),
        (STATUS, b"a:b\r\n\r\n"),
        (STATUS + b"Final-Recipient: rfc822;a@b\nDiagnostic-Code: ", b"550 5."),
        (STATUS, b"Final-Recipient: rfc822;a@b\n" * 20 + b"\n"),
        (b"Content-Type: multipart/report; ", b"a=b;"),
        (b"Content-Type: multipart/report;", b"\n a=b;"),
        (b"", b"Content-Type: message/rfc822\n\n"),
        (b"Content-Type: multipart/report; boundary=x\n\n", b"--x\n"),
    ],
)
def test_report_made_to_be_endless_is_read_in_a_moment(start, again):  # VAL-15
    raw = start + again * ((dsn.SIZE - len(start)) // len(again))
    report = dsn.parse(raw)  # it took minutes
    assert report is None or len(report.recipients) <= dsn.PARTS


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (avis.postfix(), ({"camille@example.fr"}, "failed", "5.1.1", "550")),
        (avis.postfix(headers_alone=True), ({"camille@example.fr"}, "failed", "5.1.1", "550")),
        (avis.postfix(action="delayed", status="4.4.1"), ({"camille@example.fr"}, "delayed", "4.4.1", "550")),
        (avis.orange(), ({"camille@orange.fr"}, "failed", "5.1.1", "550")),
        (avis.orange(full=True), ({"camille@orange.fr"}, "failed", "5.1.1", "552")),
        (avis.gmail(), ({"camille@gmail.com"}, "failed", "5.1.1", "550")),
        (avis.gmail(original=False), ({"camille@gmail.com"}, "failed", "5.1.1", "550")),
        (avis.exim(), ({"camille@example.fr"}, "failed", "5.2.2", "550")),
        (avis.exim(reply="550 No such user"), ({"camille@example.fr"}, "failed", "5.0.0", "550")),
        (avis.exim_of_before(), ({"camille@example.fr"}, "failed", "5.0.0", "")),
        (
            avis.exim_of_before(said="SMTP error after RCPT TO: host mx.example.fr: 550 5.1.1 User unknown"),
            ({"camille@example.fr"}, "failed", "5.1.1", "550"),
        ),
    ],
)
def test_report_says_whom_and_why_and_quotes_the_mail(raw, said):
    ids, *rest = only(raw)
    assert (ids, *rest) == ((OURS,), *said)


def test_report_of_several_recipients_tells_each_apart():
    second = b"\r\nFinal-Recipient: rfc822; lou@example.fr\r\nAction: relayed\r\nStatus: 2.0.0\r\n\r\n"
    raw = avis.postfix().replace(b"User unknown\r\n\r\n", b"User unknown\r\n" + second)
    assert [(set(e.addresses), e.action, e.status) for e in dsn.parse(raw).recipients] == [
        ({"camille@example.fr"}, "failed", "5.1.1"),
        ({"lou@example.fr"}, "relayed", "2.0.0"),
    ]


def test_forwarded_address_is_known_by_both_its_names():
    raw = avis.postfix().replace(b"Final-Recipient: rfc822; camille@example.fr", b"Final-Recipient: rfc822; c@autre.fr")
    assert only(raw)[1] == {"camille@example.fr", "c@autre.fr"}


def test_mail_that_is_quoted_by_an_answer_alone_is_known():
    raw = avis.postfix(message_id="<autre@x>").replace(b"Message-ID: <autre@x>\r\n", b"")
    assert only(raw)[0] == ()
    assert only(b"In-Reply-To: " + OURS.encode() + b"\r\n" + raw)[0] == (OURS,)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"Subject: Bonjour\r\n\r\nUne question.",
        avis.away(),
        avis.postfix().replace(b"message/delivery-status", b"message/disposition-notification"),  # it was read
        avis.postfix().replace(b"message/delivery-status", b"message/feedback-report"),
        avis.postfix() + b" " * dsn.SIZE,
        b'Content-Type: multipart/mixed; boundary="a"\r\n\r\n'
        + b'--a\r\nContent-Type: multipart/x; boundary="a"\n\n' * 30,
    ],
)
def test_what_is_no_report_is_none(raw):
    assert dsn.parse(raw) is None


def test_report_without_a_recipient_says_nothing():
    raw = avis.postfix().replace(b"Recipient: ", b"Recipient-: ")
    assert dsn.parse(raw).recipients == ()


@given(
    st.binary(max_size=400),
    st.integers(0, 2500),
    st.sampled_from([avis.postfix(), avis.gmail(), avis.exim_of_before()]),
)
def test_nothing_makes_the_reading_fail(noise, at, raw):
    report = dsn.parse(raw[:at] + noise + raw[at:])
    for echec in report.recipients if report else ():
        assert echec.status == "" or dsn.STATUS.fullmatch(echec.status)
    for message_id in report.message_ids if report else ():
        assert message_id.isascii()
        assert message_id.isprintable()


@pytest.mark.parametrize(
    ("status", "reply", "reason"),
    [
        ("5.1.1", "550", Refusal.UNKNOWN),
        ("5.1.2", "", Refusal.UNKNOWN),
        ("5.1.10", "", Refusal.UNKNOWN),
        ("5.1.8", "", Refusal.BLOCKED),
        ("5.1.1", "552", Refusal.FULL),
        ("5.2.1", "", Refusal.CLOSED),
        ("5.2.2", "", Refusal.FULL),
        ("4.2.2", "452", Refusal.FULL),
        ("5.2.3", "", Refusal.OTHER),
        ("5.3.0", "", Refusal.SILENT),
        ("5.4.1", "550", Refusal.UNKNOWN),
        ("5.4.4", "", Refusal.UNKNOWN),
        ("4.4.1", "", Refusal.SILENT),
        ("4.4.7", "", Refusal.SILENT),
        ("5.7.1", "554", Refusal.BLOCKED),
        ("4.7.0", "421", Refusal.BLOCKED),
        ("5.0.0", "550", Refusal.OTHER),
    ],
)
def test_code_becomes_a_reason(status, reply, reason):
    assert reason_of(status, reply) is reason
