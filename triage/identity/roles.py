"""What speakers say that they are to the person whose home it is: "I am Mary Okafor's carer", "my mum", "one of my constituents"."""

import re

from triage.domain.customer import Role
from triage.identity.normal import APOSTROPHES, plain

_KIN = (
    "partner|husband|wife|spouse|son|daughter|mum|mummy|mother|mam|mom|dad|father|sister|brother|niece|nephew|"
    "granddaughter|grandson|grandad|grandfather|grandmother|grandma|gran|granny|nan|nana|nanna|aunt|auntie|uncle|cousin|"
    "girlfriend|boyfriend|fiance|fiancee|stepson|stepdaughter|stepmum|stepdad|lodger|flatmate|son-in-law|daughter-in-law|"
    "mother-in-law|father-in-law|brother-in-law|sister-in-law"
)
_CARE = "carer|caregiver|care worker|care assistant|support worker|key worker|keyworker|home help|personal assistant"
_ACTS = (
    "friend|caseworker|case worker|adviser|advisor|advocate|social worker|solicitor|lawyer|attorney|representative|"
    "appointee|guardian|deputy|nurse|occupational therapist|health visitor"
)
_NEAR = "neighbour|neighbor"
KIN = f"{_KIN}|{_CARE}|{_ACTS}|{_NEAR}"
"""Words for what somebody is to another person."""
RELATIONS = frozenset(tuple(relation.split()) for relation in KIN.split("|"))

_OF_WORD = ((Role.HOUSEHOLD, _KIN), (Role.CARER, _CARE), (Role.NEIGHBOUR, _NEAR), (Role.ADVOCATE, _ACTS))
_NO_NAME = (
    r"(?!(?:my|our|your|the|an?|this|that|his|her|its|is|was|has|as|us|always|perhaps|about|of|off|with|to|for|from|by|at|in|on|and|or|but|"
    r"not|no|so|very|sick|afraid|sure|sorry|here|seeing|hearing|[a-z]+ing)\b)"
)
_KIND = r"(?:(?!(?:my|our|your|the|an?|and|or|is|was|please)\b)[a-z-]+ ){0,2}?"  # "elderly", "live-in", "next door"
_RELATION = rf"{_KIND}(?P<relation>{KIN})\b"
_I_AM = r"\b(?:i'?m|i am|we'?re|we are|it'?s|it is|this is|speaking as|as)"
_SOMEBODY = (
    r"(?!(?:me|my|our|your|us|you|it|this|that|these|those|the|an?|two|three|four|twins|anybody|everybody|anyone|everyone|another)\b)"
    r"[a-z][a-z'.-]*"
)
_POSSESSED = (
    r"(?:(?:the )?(?:tenant|resident|leaseholder)'s|"
    rf"(?:(?:mr|mrs|ms|miss|mx|dr)\.? )?(?:{_NO_NAME}[a-z][a-z-]* ){{0,2}}{_NO_NAME}[a-z][a-z-]*(?:'s|s'|s))"
)
_ACTING = r"(?:ringing|calling|phoning|writing|speaking|emailing|messaging|acting|texting)"
_MP = re.compile(r"\bMP\b|@parliament\.uk\b", re.IGNORECASE)
_COUNCILLOR = re.compile(r"\b(?:cllr|councillor)\b(?! (?:said|told|wrote))")
_OFFICE = re.compile(r"\boffice of\b|\bcasework")

_FORMS: tuple[tuple[re.Pattern[str], Role | None], ...] = tuple(
    (re.compile(form), role)
    for form, role in (
        # Whoever says what they are to somebody: the role is that of the word.
        (rf"{_I_AM} (?:also )?(?:her|his|their|{_POSSESSED}) {_RELATION}", None),
        (rf"\b(?:i'?m|i am) [a-z'-]+(?: [a-z'-]+)?, (?:her|his|their|{_POSSESSED}) {_RELATION}", None),
        (rf"{_I_AM} (?:also )?(?:the |an? )?{_RELATION} (?:of|for|to) {_SOMEBODY}", None),
        (rf"(?:^|\n|[.!] )(?:(?:hello|hi|good morning|good afternoon),? )?{_POSSESSED} {_RELATION}(?: here| speaking|[.]|$)", None),
        (rf"(?:^|\n|[.!,] )(?:the )?(?P<relation>{KIN}) (?:of|for|to) {_SOMEBODY}", None),
        (rf"(?:^|[.!\n] ?)[a-z'-]+ [a-z'-]+ ?[,(\n-] ?(?:her |his |their )?{_RELATION}[ .)!]*$", None),
        (r"\b(?:i|we) (?:also |now |mainly |usually )?(?:care for|look after) " + _SOMEBODY, Role.CARER),
        (r"\b(?:i'?m|i am|we are) (?:caring for|looking after|supporting) " + _SOMEBODY, Role.CARER),
        (r"\b(?:i|we) (?:also |now |mainly |usually )?support " + _SOMEBODY, Role.CARER),
        (rf"\b(?:i|we) (?:live |are |am )(?:right )?(?:next door|opposite|above|below|upstairs|downstairs)(?: to| from)? {_SOMEBODY}", Role.NEIGHBOUR),
        (rf"\b(?:she|he|they|{_SOMEBODY})(?: is| are|'s|'re) my {_KIND}(?:{_KIN})\b(?!')", Role.HOUSEHOLD),
        (rf"\b{_ACTING} (?:you )?(?:for|on behalf of|about) my {_KIND}(?:{_KIN})\b|\bon behalf of my {_KIND}(?:{_KIN})\b(?!')", Role.HOUSEHOLD),
        (r"\b(?:one of )?(?:my|our) constituents?\b|\bas (?:her|his|their|a|the) (?:ward |local )?(?:councillor|mp)\b(?! (?:said|told|wrote|has|is))", Role.COUNCILLOR),
        (r"\b(?:i am|i'm) (?:the |a |her |his |their |your )?(?:ward |local )?(?:councillor|mp) (?:for|of|and)\b", Role.COUNCILLOR),
        (rf"\b(?:{_ACTING} (?:you )?(?:for|on behalf of)|(?:i|we) (?:act|write|speak) for|(?:i|we) represent|on behalf of) {_SOMEBODY}", Role.ADVOCATE),
        (r"\bmy client\b|\bour client\b", Role.ADVOCATE),
    )
)  # fmt: skip
_MY_RELATIVE = re.compile(
    rf"\b[Mm]y {_KIND}(?:{_KIN}),? (?:is |called )?(?:(?:Mr|Mrs|Ms|Miss|Dr)\.? )?(?-i:[A-Z])[a-z'-]"
)
_LONGEST = 12_000
_WRAPPED = re.compile(r"(?<=[^\n]{50})\n(?=[^\n])")


def role_said(text: str, name: str, address: str) -> Role:
    """The role that the speaker plainly claims towards somebody; ``CUSTOMER`` where they claim none.

    A claim only ever keeps a contact from being the tenant's own: whoever makes one wins nothing by it.
    """
    text = _WRAPPED.sub(" ", text[:_LONGEST].translate(APOSTROPHES))
    read = plain(text)
    sender = f"{name} {address}"
    if _OFFICE.search(plain(sender)):
        return Role.ADVOCATE
    if _MP.search(sender) or _COUNCILLOR.search(plain(sender)):
        return Role.COUNCILLOR
    if (noted := re.search(rf"[,(-] ?{_RELATION}", plain(name))) is not None:
        return _of_word(noted["relation"])
    for form, role in _FORMS:
        if (found := form.search(read)) is not None:
            return role or _of_word(found["relation"])
    return Role.HOUSEHOLD if _MY_RELATIVE.search(text) else Role.CUSTOMER


def _of_word(relation: str) -> Role:
    return next(role for role, words in _OF_WORD if re.fullmatch(words, relation))
