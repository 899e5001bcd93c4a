"""Whether our own mail server vouches for the From address: Authentication-Results of RFC 8601, one trusted hop only."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from triage_mailbox.messages import Address

MOST_METHODS = 40


class SenderProof(StrEnum):
    """What is known of the From address; `NOT_CHECKED` where the account names no server to trust."""

    NOT_CHECKED = "not_checked"
    PROVEN = "proven"
    UNPROVEN = "unproven"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The proof and a sentence for people that names the result it rests on."""

    proof: SenderProof
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Result:
    method: str
    result: str
    properties: dict[str, str]


def verify_sender(authentication: Sequence[str], sender: Address | None, trusted: Collection[str]) -> Verdict:
    """Judge the From address by the topmost result of a server in `trusted` (authserv-ids; "" for one that writes none).

    All other results are the sender's own claim and are not read (RFC 8601, 5 and 7.1): anybody can write the header.
    DMARC decides where it is given (RFC 7489); else DKIM or SPF must pass for the domain of the From address.
    """
    if not trusted:
        return Verdict(
            proof=SenderProof.NOT_CHECKED, sentence="No server is named whose word on the sender is trusted."
        )
    if sender is None:
        return Verdict(proof=SenderProof.UNPROVEN, sentence="The message names no sender that could be verified.")
    names = {name.casefold() for name in trusted}
    mine = next((value for value in authentication if _server_of(value) in names), None)
    if mine is None:
        sentence = "Our mail server left no word on whether the sender's address is genuine."
        return Verdict(proof=SenderProof.UNPROVEN, sentence=sentence)
    return _judged(list(_results(mine)), sender)


def _judged(results: Sequence[_Result], sender: Address) -> Verdict:
    domain = sender.email.rpartition("@")[2]
    dmarc = next((found for found in results if found.method == "dmarc"), None)
    if dmarc is not None and dmarc.result in ("pass", "fail") and _is_of(dmarc, ("header.from",), domain, or_none=True):
        passed = dmarc.result == "pass"
        return _verdict(SenderProof.PROVEN if passed else SenderProof.FAILED, f"DMARC {dmarc.result}", domain)
    for found in results:
        keys = ("header.d", "header.i") if found.method == "dkim" else ("smtp.mailfrom", "smtp.helo")
        if found.method in ("dkim", "spf") and found.result == "pass" and _is_of(found, keys, domain):
            return _verdict(SenderProof.PROVEN, f"{found.method.upper()} pass", domain)
    failed = [found for found in results if found.method in ("dkim", "spf") and found.result in ("fail", "softfail")]
    if failed:
        return _verdict(SenderProof.FAILED, f"{failed[0].method.upper()} {failed[0].result}", domain)
    return _verdict(SenderProof.UNPROVEN, "no check for this domain", domain)


def _verdict(proof: SenderProof, why: str, domain: str) -> Verdict:
    sentences = {
        SenderProof.PROVEN: f"Our mail server vouches for the sender's domain {domain} ({why}).",
        SenderProof.FAILED: f"The sender's address may be forged: our mail server's check of {domain} failed ({why}).",
        SenderProof.UNPROVEN: f"Our mail server could not verify that the mail comes from {domain} ({why}).",
    }
    return Verdict(proof=proof, sentence=sentences[proof])


def _is_of(result: _Result, keys: Sequence[str], domain: str, *, or_none: bool = False) -> bool:
    """Whether a property's domain is the sender's, or one of the two is a subdomain of the other (relaxed alignment)."""
    for key in keys:
        value = result.properties.get(key)
        if value:
            other = value.rpartition("@")[2].strip(".")
            return other == domain or domain.endswith(f".{other}") or other.endswith(f".{domain}")
    return or_none


def _server_of(value: str) -> str:
    """The authserv-id of a header's value, in lower case; "" where the value begins with a result."""
    first = _without_comments(value).partition(";")[0].strip()
    name = first.split(" ")[0].casefold() if first else ""
    return "" if "=" in name else name


def _results(value: str) -> Iterator[_Result]:
    parts = _without_comments(value).split(";")[: MOST_METHODS + 1]
    for part in parts if _server_of(value) == "" else parts[1:]:
        pairs = [piece.partition("=") for piece in part.split() if "=" in piece]
        if not pairs:
            continue
        method, _, result = pairs[0]
        yield _Result(
            method=method.partition("/")[0].casefold(),
            result=result.casefold(),
            properties={key.casefold(): found.strip('"').casefold() for key, _, found in pairs[1:]},
        )


def _without_comments(value: str) -> str:
    """Comments in parentheses taken out, innermost first, within bounds; quoted strings keep no separator of results."""
    value = re.sub(r'"([^"]*)"', lambda match: re.sub(r"[\s;=()]", "_", match.group(1)), value)
    for _ in range(5):
        value, count = re.subn(r"\([^()]*\)", " ", value)
        if not count:
            break
    return re.sub(r"\s*=\s*", "=", value)
