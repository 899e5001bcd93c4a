"""Whether the From address is vouched for: only our own server's topmost word counts (RFC 8601)."""

import pytest

from triage_mailbox.child import parse_here
from triage_mailbox.messages import Address
from triage_mailbox.testing import build_mail, raw_mail
from triage_mailbox.verification import SenderProof, verify_sender

ADA = Address(name="Ada", email="ada@larkpost.example")
OURS = ("mx.tarnside.example",)

RESULTS = {
    "mx.tarnside.example; dmarc=pass header.from=larkpost.example": SenderProof.PROVEN,
    "mx.tarnside.example 1; dmarc=pass (p=reject) header.from=larkpost.example": SenderProof.PROVEN,
    "MX.Tarnside.Example; DMARC=Pass header.from=LARKPOST.example": SenderProof.PROVEN,
    "mx.tarnside.example; dkim=pass header.d=larkpost.example; spf=fail smtp.mailfrom=x@bulk.example": SenderProof.PROVEN,
    "mx.tarnside.example; dkim=pass header.i=@mail.larkpost.example": SenderProof.PROVEN,
    "mx.tarnside.example; spf=pass smtp.mailfrom=ada@larkpost.example": SenderProof.PROVEN,
    "mx.tarnside.example; dmarc=fail header.from=larkpost.example; spf=pass smtp.mailfrom=a@evil.example": SenderProof.FAILED,
    "mx.tarnside.example; dkim=fail header.d=larkpost.example": SenderProof.FAILED,
    "mx.tarnside.example; spf=softfail smtp.mailfrom=ada@larkpost.example": SenderProof.FAILED,
    "mx.tarnside.example; dkim=pass header.d=evil.example": SenderProof.UNPROVEN,
    "mx.tarnside.example; dkim=pass header.d=notlarkpost.example": SenderProof.UNPROVEN,
    "mx.tarnside.example; spf=pass smtp.mailfrom=a@evil.example": SenderProof.UNPROVEN,
    "mx.tarnside.example; none": SenderProof.UNPROVEN,
    "mx.tarnside.example; dmarc=none header.from=larkpost.example": SenderProof.UNPROVEN,
    'mx.tarnside.example; spf=none reason="x; dmarc=pass" smtp.mailfrom=x': SenderProof.UNPROVEN,
    "mx.tarnside.example; spf=none (x; dmarc=pass header.from=larkpost.example)": SenderProof.UNPROVEN,
    "": SenderProof.UNPROVEN,
}


@pytest.mark.parametrize(("value", "proof"), RESULTS.items())
def test_a_result_of_our_own_server_decides(value, proof):
    verdict = verify_sender([value], ADA, OURS)
    assert verdict.proof is proof
    assert verdict.sentence.endswith(".")


def test_the_word_of_any_other_server_is_not_read():
    forged = "mx.evil.example; dmarc=pass header.from=larkpost.example"
    assert verify_sender([forged], ADA, OURS).proof is SenderProof.UNPROVEN


def test_only_the_topmost_word_under_our_name_is_read():
    topmost = "mx.tarnside.example; dmarc=fail header.from=larkpost.example"
    forged = "mx.tarnside.example; dmarc=pass header.from=larkpost.example"
    assert verify_sender([topmost, forged], ADA, OURS).proof is SenderProof.FAILED


def test_a_server_that_signs_no_name_is_trusted_where_the_settings_say_so():
    value = "spf=pass smtp.mailfrom=larkpost.example; dmarc=pass action=none header.from=larkpost.example"
    assert verify_sender([value], ADA, ("",)).proof is SenderProof.PROVEN
    assert verify_sender([value], ADA, OURS).proof is SenderProof.UNPROVEN


def test_without_a_named_server_nothing_is_said():
    assert verify_sender(["mx; dmarc=fail"], ADA, ()).proof is SenderProof.NOT_CHECKED


def test_a_mail_without_a_sender_is_unproven():
    assert verify_sender([], None, OURS).proof is SenderProof.UNPROVEN


def test_all_results_are_kept_in_order_and_within_bounds():
    mail = build_mail().replace(
        b"Subject:", b"Authentication-Results: one;\r\n spf=pass\r\nAuthentication-Results: two; none\r\nSubject:", 1
    )
    assert parse_here(raw_mail(mail)).authentication == ("one; spf=pass", "two; none")
    many = b"Authentication-Results: x; none\r\n" * 5_000 + mail
    assert len(parse_here(raw_mail(many)).authentication) == 20


@pytest.mark.parametrize(
    "value", ["(" * 5_000, "a;" * 5_000, '"' * 999, "mx.tarnside.example; ===; dkim=; =pass", "\ud800;\x00"]
)
def test_a_hostile_value_proves_nothing(value):
    assert verify_sender([value], ADA, OURS).proof is SenderProof.UNPROVEN
