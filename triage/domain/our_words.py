"""What our own outgoing words say of us: whether they answer, hold, ask, promise, name an owner, decide or refuse."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from triage.domain import acts
from triage.domain.acts import EVEN, Act
from triage.domain.gist import Gist
from triage.domain.moments import moments_in
from triage.domain.phrases import GREETING, SENTENCE, any_of, capitalised, in_a_sentence
from triage.domain.remembered import remembered
from triage.domain.workdays import LONDON, WorkingDays

_DECIDES = any_of(
    r"\b(?:final|stage (?:1|2|one|two)|formal|review|revised|full) (?:response|decision|answer|reply|outcome)\b",
    r"\b(?:un|not |partly |part[- ])?upheld\b|\bdo(?:es)? not uphold\b|\b(?:our|the|my) (?:findings|decision|response|outcome) (?:is|are|stands)\b",
    r"\bresponse\b|\bdecision\b|\boutcome of\b|\byour (?:file|data|records) (?:is|are) (?:attached|enclosed)\b",
)
_FINAL = any_of(
    r"\bfinal (?:response|decision|answer)\b|\bthis is final\b|\bno (?:further|more) (?:internal )?(?:review|appeal|stage)s?\b",
    r"\b(?:complaints? )?(?:procedure|process) (?:is|has been) (?:now )?(?:exhausted|complete)",
)
_NEXT_ROUTE = any_of(
    r"\bombudsman\b", r"\btribunal\b", r"\bindependent (?:review|body)\b", r"\bregulator\b", r"\bico\b"
)
_ROUTE_ON_RECORD = any_of(
    r"\b(?:next|independent|external) (?:route|step)s? (?:was |is |has been )?(?:told|given|named|explained|set out)\b",
    r"\broutes? (?:was |were )?(?:told|given|named|explained|set out)\b|\bhos\b|\blgsco\b|\breferral rights\b|\bsignposted\b",
)
_ROUTE_UNTOLD = any_of(
    r"\bnot (?:yet )?(?:been )?(?:told|named|given|mentioned|explained|signposted|set out)\b|\bno(?:t| mention) (?:of )?(?:the |an? )?(?:\w+ )?ombudsman\b",
    r"\b(?:no|without(?: an?y?)?) (?:\w+ ){0,2}(?:routes?|ombudsman|signpost\w*|referral rights)\b",
)
_OWNER = any_of(
    r"\bi(?:'m| am) (?:your|the) (?:contact|person|officer|case ?worker|named|one)\b|\bi (?:own|run|look after|manage|deal with|handle) (?:this|it|the|your)\b",
    r"\b(?:come|write|speak|talk|ring|reply|get back) (?:straight |direct(?:ly)? |only )?(?:to )?me\b|\b(?:please )?(?:ask|ring|call|e-?mail|contact) (?:for )?me\b",
    r"\b(?:is|will be|has been) (?:your (?:single point of |named )?contact|dealing with|looking after|handling|the (?:person|owner|officer))\b",
    r"\b(?:has|have) your case\b|\byour (?:single|named) (?:point of )?contact\b",
)
_ASKS = any_of(
    r"\?",
    r"\b(?:please|kindly) (?:could you |can you )?(?:tell|let|send|reply|confirm|give|text|ring|call|write|fill|complete|sign|return|provide|show)\b",
    r"\b(?:let me|let us) (?:know|have)\b|\b(?:can|could|would|will|do|did|have|are|is) you\b[^.]*\?|\btell me\b",
)
_INVITES = any_of(
    r"\b(?:ask|ring|call|phone|text|e-?mail|contact|message|come|speak|talk|write) (?:back )?(?:straight |direct(?:ly)? )?(?:for |to )?me\b"
)
_SENDS_ELSEWHERE = any_of(
    r"\b(?:please |best to |you(?:'ll| will)? (?:need|have) to |i(?:'d| would) |you (?:can|could|should|might) )(?:try|contact|e-?mail|ring|call|write to|drop a line to|speak to|use|go to|report (?:it|this)|fill|message|ask)\b(?! (?:to )?(?:me|us|him|her)\b)",
    r"\bstraight to (?:complaints|repairs|housing|lettings|income|estates)\b|\bmark it for\b|(?:(?:^|[.!?,;:\n])\s*|\b(?:please|just|best to|you (?:can|could|should|may|(?:'ll |will )?(?:need|have) to)) )(?:send|put) (?:it|that|this) (?:to|on|through)\b",
    r"\b(?:can't|cannot) (?:do|take|discuss|deal with) (?:it|that|this) (?:here|on this)\b",
)
_SINGLE_CONTACT = any_of(
    r"\bsingle point of contact\b|\bcontact agreement\b",
    r"\b(?:only|all) (?:contact|calls?|e-?mails?|messages|correspondence|communication)\b[^.]*\b(?:with|to|through|via|by)\b",
    r"(?<!asked to )(?<!ask to )(?<!want to )(?<!wish to )(?<!like to )(?<!prefer to )\b(?:speak|write|talk|ring|contact|deal) (?:only|just) (?:to|with)?\b|\bplease (?:only )?(?:contact|write to|ring|speak to) (?:only )?(?:me|her|him) only\b",
)
_OUTSIDE_REMIT = any_of(
    r"\b(?:outside|beyond|not (?:with)?in) (?:\w+ ){0,2}(?:our|the association's|the trust's) (?:remit|responsibility|powers?|control)\b",
    r"\b(?:not|isn't|is not) (?:\w+ ){0,2}(?:our|ours to) (?:land|road|responsibility|property|job|pipe|fence|tree|wall|service)\b",
    r"\bwe have no (?:power|authority|control) (?:to|over)\b|\b(?:belongs?|adopted|owned|run|maintained|collected) (?:to|by) (?:the )?(?:county|council|borough|freeholder|water|city|highways|national|canal)",
)
_SIGNPOSTS = any_of(
    r"\b(?:contact|ring|call|e-?mail|write to|report (?:it|this) to|requests? go to|the number|their (?:form|website|number)|website|form)\b"
)
_TOLD_STANDARD = any_of(
    r"\b(?:\d{1,2}|one|two|three|four|five|six|seven|ten|fifteen|twenty) (?:working|business) days?\b",
    r"\b(?:aim|try|target|standard|service level)\b[^.]*\bdays?\b|\b(?:within|takes?|up to|in) (?:\w+ ){0,2}(?:\d{1,2}|two|three|five|ten|fourteen|twenty[- ]eight|a) (?:days?|weeks?|fortnight|month)\b",
)
_IF_THAT = re.compile(r"\W*if (?:that|this|it|so)\b", re.IGNORECASE)
_REOPENS = any_of(
    r"\bre-?open\w*\b|\blook(?:ing)? (?:at (?:it|this|that) )?(?:again|afresh)\b|\b(?:fresh|another|new) (?:look|decision|review|assessment)\b",
    r"\bi(?:'ve| have) asked\b|\bwe(?:'ll| will) (?:test|check|review|reconsider)\b|\bthat (?:is|was|'s) (?:important|helpful|useful|new)\b|\bthank you,? that(?:'s| is)\b",
)
_DROPPED = any_of(
    r"\b(?:dropped|disconnect\w*|abandon\w*|lost|hung up|cut off|no answer|ended by (?:network|system)|call failed|line fault)\b"
)
_RECORDS = any_of(
    r"\b(?:voice ?mail|answer(?:ing)?[- ]?(?:phone|machine)|(?:leave|left|record(?:ed)?) (?:a|your|the) message|message (?:left|taken|recorded)|after the (?:tone|beep))\b"
)
_NOT = any_of(r"\b(?:not|no|never|nothing|cannot|\w+n't|neither|nor|if|unless)\b")
_NOT_EXAMINED = any_of(
    r"\bno access\b|\bnobody (?:in|home)\b|\bcancel\w*\b|\bnot (?:inspected|examined|attended)\b|\bmissed\b|\bcarded\b"
)
_NOT_BEFORE = any_of(r"\b(?:not|no|never|nothing|nobody|cannot|\w+n't)\b[^.;]*\b(?:before|until|till)\b")
_FOUND_NOBODY = any_of(
    r"\bmissed (?:you|him|her|them)\b(?! (?:off|out)\b)|\bnot to have (?:met|seen|caught|found) (?:you|him|her|them)\b|\bno ?(?:body|one|-one) (?:was |were )?(?:in|home|at home)\b",
    r"\bno access\b|\bno (?:answer|reply) at (?:the|your|their) door\b|\b(?:knocked|called|rang the bell)\b[^.]{0,40}\b(?:no|without) (?:answer|reply|response)\b|\bcould(?:n't| not) gain access\b",
    r"\b(?:you|customer|tenant|resident|he|she|they) (?:(?:were|was) (?:out|away)|(?:weren't|wasn't|were not|was not|not) (?:in|home|at home))\b|\bcarded\b|\bcard left\b|\bleft (?:you )?(?:a|our|the) card\b",
)
_OUR_OWN_FAULT = any_of(
    r"\b(?:ill|sick|late|held up|over-?r[au]n|r[au]n(?:ning)? over|broken? down|wrong (?:address|door|flat|house|home|day|time)|cancelled|our (?:mistake|fault|error)|never (?:came|went)|short of staff)\b",
    r"\b(?:could|did)(?:n't| not) (?:come|make it|get (?:to you|there)|attend|turn up)\b|\b(?:if|in case|unless|whether|should)\b",
)
_ON_A_DAY = re.compile(
    r"\b(?:(?P<yesterday>yesterday)|(?P<day>mon|tues|wednes|thurs|fri|satur|sun)day|the (?P<nth>\d{1,2})(?:st|nd|rd|th))\b",
    re.IGNORECASE,
)
_CANNOT = any_of(
    r"\b(?:can't|cannot|can not|unable|not able|no longer|isn't|is not|doesn't|does not|don't|won't|will not|not available|moved|left|has gone|took over|has taken|retired|on (?:long )?leave|another team|new (?:job|post|role|team))\b"
)
_TELLS = any_of(
    r"\b(?:hear|answer|reply|respond|decision|decide[sd]?|result|write|letter|let you know|takes?|process\w*|will|'ll|standard|due)\b"
)
_CONDITION = any_of(
    r"\bif\b",
    r"\bunless\b",
    r"\bplease\b",
    r"\bcould you\b",
    r"\bcan you\b",
    r"\byou (?:need|must|should|have) to\b",
    r"\b(?:each|every) (?:\w+ )?(?:day|week|time|morning|month|message|e-?mail|ticket|enquiry)\b",
    r"\b(?:reply to|answer|respond to) (?:anything|everything|all|any)\b",
    r"^\W*(?:(?:hi|hello|hiya|dear|morning|afternoon|evening|good \w+) \w+\W+)?(?:just |do )?(?:pop|come|bring|send|drop|ring|call|text|e-?mail|reply|tell|give|let|use|fill|sign|put)\b.*\b(?:and|then) (?:we|i)(?:'ll| will)\b",
    r"\?",
)
_SOMEBODY = r"(?:joiner|carpenter|plumber|engineer|electrician|roofer|surveyor|contractors?|locksmith|technician|fitter|builder|fencer|glazier|decorator|plasterer|inspector|caretakers?|crew|gang|squad|specialist|operatives?|handyman|driver|lads|men|cleaners?|gardeners?|gas ?man|men)"
_WILL_DO = any_of(
    r"\b(?:i|we|you|they|he|she|somebody|someone|engineer|surveyor|plumber|\w+)(?:'ll| will| shall)\b",
    rf"\b{_SOMEBODY} (?!was|has|is)\w+s\b",
    r"^\W*by (?:the )?\S+(?: \w+)?\W*$",
)
_BY = any_of(
    r"\bby\b",
    r"\bdue\b",
    r"\bbefore\b",
    r"\bwithin\b",
    r"\bno later than\b",
    r"\bin (?:the next )?\w+ (?:minutes|mins|hours)\b",
)
_WILL_BE_HEARD = any_of(
    r"\b(?:i|we)(?:'ll| will| shall)(?: \w+){0,2} (?:(?:ring|call|phone|e-?mail|text|tell|update|see|visit|write to|get back to|come back to|speak to) you|let you know|be in touch|write|reply|answer|respond)\b",
    r"\byou(?:'ll| will) (?:hear|have (?:an?|my|our|the) (?:answer|reply|decision|call)|get (?:an?|my|our|the) (?:answer|reply|decision|call))\b",
)
_COMES = any_of(
    rf"\b{_SOMEBODY}\b",
    r"(?:'ll| will| shall)(?: \w+){0,2} (?:be (?:there|here|with you|round|back|out|done|fitted|fixed|mended|repaired|replaced|delivered|posted|sent|paid|refunded|emptied|cleared|cleaned|cut|collected|installed|removed|changed|working|on again)|"
    r"fit|fix|mend|repair|replace|deliver|install|come|attend|visit|look at|measure|start|bring|arrive|reach|finish|collect|clear|cut|paint|test|inspect|go (?:on|in|up|out|back))\b",
    r"\b(?:booked|scheduled|arranged|ordered|appointment)\b",
    r"\b(?:comes?|coming|arrives?|goes (?:on|in|up|out|back)|starts?|fitted|delivered|posted|paid)\b",
)
_PAST = any_of(
    r"\b(?:came|was|were|had|went|visited|attended|saw|missed|did|told|said|wrote|rang|found|reported|since|asked|lifted|checked|looked|thanks? (?:you )?for|rent|(?:standing )?orders?|direct debit|every|always)\b",
    rf"\b{_SOMEBODY} (?!booked|ordered|scheduled|arranged)\w+ed\b",
)
_MEANWHILE = any_of(
    r"\b(?:until then|in the meantime|meanwhile|opens|opening (?:hours|times)|open (?:from|till?|until|between|\d))\b"
)
"""Speaks of what holds all along, not of a day on which somebody comes."""
_NOT_THEN = re.compile(
    r"\b(?:until|till?|since|from|after|of|than|dated|your|my|our|last|every|each|and|mail|letter)\s+(?:the\s+)?(?:\w+day,?\s+)?(?:the\s+)?$",
    re.IGNORECASE,
)
_DONE = any_of(r"\b(?:paid|refunded|credited|completed|done|delivered|fixed|fitted|finished|closed)\b")
_IS_DONE = any_of(
    r"\b(?:has|have|is|are|was|were|been|'s|'ve)(?: now| been| all| just| already)* (?:paid|refunded|credited|completed|done|delivered|fixed|fitted|finished|repaired|mended|replaced|"
    r"sent|posted|issued|collected|emptied|cut|cleared|cleaned|removed|changed|installed|reset|(?<!you are )(?<!you're )ready|in the post|on (?:its|their|the) way)\b(?! (?:for|on|by|to)\b)",
    r"\b(?:left|put|dropped|posted) (?:\w+ ){0,2}(?:with|at|in|through)\b",
)
_TO_BE_TOLD = any_of(
    r"\b(?:repl(?:y|ies|ied)|answer(?:s|ed)?|respon\w+|writ(?:e|ten)|letter|e-?mail|ring|call(?:[- ]?back)?|phone|text|contact(?:ed)?|tell|told|hear|know|update|decisions?|decided?|outcome|result|report|explain|explanation|"
    r"confirm\w*|figures?|statement|information|breakdown|copy|quote|bills?|invoices?|certificates?|review|be in touch|(?:come|get) back to|speak|in writing|yours will be)\b",
    r"^\W*by (?:the )?\S+(?: \w+)?\W*$",
)
_IN_TOUCH = any_of(
    r"\b(?:ring|call|phone|text|e-?mail|update|write to|speak to|be in touch with|get back to|come back to|tell|let) (?:you|\w+ (?:know|back)|him|her|them|(?-i:[A-Z]\w+))\b|\b(?:be in touch|call[- ]?back|ring back|get in touch|drop you a line|let you know)\b"
)
_AN_ANSWER = any_of(
    r"\b(?:answer\w*|decision|decide\w*|outcome|result\w*|repl(?:y|ies)|respon\w+|findings?|figures?|statement|report|explain\w*|explanation|breakdown|confirm\w*|date|dates|whether|what (?:i|we|he|she|they))\b"
)


_TOGETHER = any_of(
    r"\b(?:not|\w+n't|without) (?:be )?(?:answer|reply|respond|acknowledg)\w*(?: to)?(?: \w+){0,4} (?:one by one|individually|separately|each|every)\b",
    r"\b(?:answer|reply to|go through|look at) (?:them |it )?all (?:of them )?(?:together|at once|in one)\b",
)


def answers(words: str, gist: Gist | None = None) -> bool:
    """Gives the substance, also where it is a no or what was said before: nobody is left waiting for a word."""
    return acts.chance(Act.ANSWER, words, gist) > EVEN


def promises_answer(words: str, said: datetime, workdays: WorkingDays) -> bool:
    """Says by when an answer comes: so this is not it, whatever else is said."""
    return any(promises_word(one.sentence) for one in promises_in(words, said, workdays))


def only_holds(words: str, gist: Gist | None = None) -> bool:
    """Says that a reply will come, or that it was passed on, rather than anything else."""
    return acts.chance(Act.HOLD, words, gist) > acts.chance(Act.ANSWER, words, gist)


def asks_back(words: str, gist: Gist | None = None) -> bool:
    """Asks the customer for something and gives nothing yet."""
    return not answers(words, gist) and ("?" in words or acts.chance(Act.ASK, words, gist) > EVEN)


@remembered
def leaves_open(words: str, said: datetime, workdays: WorkingDays, gist: Gist | None = None) -> bool:
    """A call or chat in which our side only holds and names no day: the customer still waits for a word."""
    return only_holds(words, gist) and next(moments_in(words, said, workdays), None) is None


@remembered
def gives_decision(words: str) -> bool:
    return bool(_DECIDES.search(words))


@remembered
def gives_final_decision(words: str) -> bool:
    """A final decision that also names the next independent route (policy 2.0; behaviours A.11)."""
    return bool(_FINAL.search(words) and _NEXT_ROUTE.search(words))


@remembered
def tells_next_route(words: str) -> bool:
    """Some sentence names an independent body to go to next, or notes that this was told (behaviours A.11)."""
    return any(
        (_NEXT_ROUTE.search(said) or _ROUTE_ON_RECORD.search(said)) and not _ROUTE_UNTOLD.search(said)
        for said in re.split(r"(?<=[.!?])\s+|\n", words)
    )


@remembered
def denies_next_route(words: str) -> bool:
    """A record says that no next route was told."""
    return bool(_ROUTE_UNTOLD.search(words))


@remembered
def names_owner(words: str) -> bool:
    return bool(_OWNER.search(words))


@remembered
def names_who_cannot(words: str) -> frozenset[str]:
    """The names in a message that says who cannot or no longer does ("Julie now looks after Eastside and can't open yours"), in lower case."""
    said = GREETING.sub("", words)
    return capitalised(said) - frozenset(re.findall(r"[a-z]+", said)) if _CANNOT.search(said) else frozenset()


@remembered
def invites_back(words: str) -> bool:
    """The writer asked to be asked for: "ring me", "come straight to me" (behaviours A.6)."""
    return bool(_INVITES.search(words))


@remembered
def questions_in(words: str) -> str:
    """The sentences that ask the customer for something; "if that is you, tell me" brings along what "that" is."""
    sentences = SENTENCE.split(words)
    asking: list[str] = []
    for index, sentence in enumerate(sentences):
        if _ASKS.search(sentence):
            asking += sentences[max(0, index - 1) : index] if _IF_THAT.match(sentence) else []
            asking.append(sentence)
    return " ".join(asking)


@remembered
def reopens(words: str) -> bool:
    """We said that we look at a decided matter again; "we will not look again" says the opposite."""
    return in_a_sentence(words, _REOPENS, _NOT)


@remembered
def was_not_examined(words: str) -> bool:
    """A record's words that nobody could look: no access, or cancelled."""
    return bool(_NOT_EXAMINED.search(words))


@remembered
def found_nobody_in(words: str, said: datetime) -> date | None:
    """The day on which somebody of ours came and found nobody in, as our words tell it; None where they do not, or name our own fault.

    A day that they name lies behind, within a month; without one it is that day.
    """
    telling = [part for part in SENTENCE.split(words) if _FOUND_NOBODY.search(part)]
    if not telling or _OUR_OWN_FAULT.search(" ".join(telling)):
        return None
    today = said.astimezone(LONDON).date()
    named = _ON_A_DAY.search(" ".join(telling))
    if named is None:
        return today
    days = (today - timedelta(days=ago) for ago in range(32))
    if named["yesterday"]:
        return today - timedelta(days=1)
    if named["day"]:
        return next(day for day in days if f"{day:%A}".lower() == f"{named['day'].lower()}day")
    return next((day for day in days if day.day == int(named["nth"])), None)


@remembered
def answers_together(words: str) -> bool:
    """Says that what they send is not answered one by one."""
    return bool(_TOGETHER.search(words))


@remembered
def takes_a_message(words: str) -> bool:
    """A system's note that it recorded what a caller said: a message left is an approach, heard or not."""
    return bool(_RECORDS.search(words))


@remembered
def says_call_dropped(words: str) -> bool:
    """A system's note that a call was lost before it was dealt with."""
    return bool(_DROPPED.search(words))


@remembered
def sends_elsewhere(words: str) -> bool:
    """We ourselves pointed the customer to another team or channel."""
    return bool(_SENDS_ELSEWHERE.search(words))


@remembered
def imposes_single_contact(words: str) -> bool:
    return bool(_SINGLE_CONTACT.search(words))


@remembered
def says_outside_remit(words: str) -> bool:
    """A clear reason why it is not ours, and who can help (behaviours A.9)."""
    return bool(_OUTSIDE_REMIT.search(words) and _SIGNPOSTS.search(words))


@remembered
def tells_when(words: str, said: datetime, workdays: WorkingDays) -> bool:
    """Names the standard, or a later day on which they will hear or it will be done."""
    if _TOLD_STANDARD.search(words):
        return True
    return any(
        workdays.between(said, moment) >= 1
        for sentence in SENTENCE.split(words)
        if _TELLS.search(sentence) and "?" not in sentence
        for _, moment in moments_in(sentence, said, workdays)
    )


@remembered
def says_done(words: str) -> bool:
    """A record's words that it was done; a message says more around them, and is asked `says_it_is_done`."""
    return bool(_DONE.search(words))


@remembered
def says_it_is_done(words: str) -> bool:
    """A message that what was asked for or promised has been done, or is with it."""
    return in_a_sentence(words, _IS_DONE, _NOT)


@remembered
def promises_word(words: str) -> bool:
    """Whether a promise is of an answer, a call or a paper, or a bare "By the 18th": a reply keeps it. Any other is kept by a deed."""
    return bool(_TO_BE_TOLD.search(words))


@remembered
def promises_touch(words: str) -> bool:
    """Whether a promise is no more than to ring or to write: "I'll text you on Friday"."""
    return bool(_IN_TOUCH.search(words)) and not _AN_ANSWER.search(words)


@remembered
def promises_deed(words: str) -> bool:
    """Whether a promise is that somebody comes or something is done."""
    return bool(_COMES.search(words))


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    """A time that we gave ourselves, and the sentence in which we did."""

    due: datetime
    sentence: str


@remembered
def promises_in(words: str, said: datetime, workdays: WorkingDays) -> tuple[Promised, ...]:
    """Dates by which we said that something would happen, or later days on which the customer would hear from us.

    A sentence with a condition or a request is not a promise, and neither is "I'll ring the contractor on Thursday".
    """
    return tuple(_promises(words, said, workdays))


def _promises(words: str, said: datetime, workdays: WorkingDays) -> Iterator[Promised]:
    for sentence in SENTENCE.split(words):
        heard = _WILL_BE_HEARD.search(sentence)
        if _CONDITION.search(sentence) or _NOT_BEFORE.search(sentence):
            continue
        if not (heard or (_WILL_DO.search(sentence) and _BY.search(sentence))):
            continue
        for start, due in moments_in(sentence, said, workdays, hours_of_days=True):
            on_a_day = heard is not None and start >= heard.start() and workdays.between(said, due) > 0
            if due > said and (on_a_day or _BY.search(sentence[max(0, start - 24) : start + 12])):
                yield Promised(due=due, sentence=sentence.strip())
                break


@remembered
def days_named_in(words: str, said: datetime, workdays: WorkingDays) -> tuple[Promised, ...]:
    """Later days on which somebody comes or something is done ("joiner booked for the 16th"), to the close of the day; not what is promised."""
    return tuple(_named(words, said, workdays))


def _named(words: str, said: datetime, workdays: WorkingDays) -> Iterator[Promised]:
    promised = {one.sentence for one in promises_in(words, said, workdays)}
    for sentence in SENTENCE.split(words):
        if (
            sentence.strip() in promised
            or not _COMES.search(sentence)
            or any(p.search(sentence) for p in (_CONDITION, _NOT, _PAST, _MEANWHILE))
        ):
            continue
        for start, due in moments_in(sentence, said, workdays):
            if workdays.between(said, due) > 0 and not _NOT_THEN.search(sentence[max(0, start - 30) : start]):
                yield Promised(due=due, sentence=sentence.strip())
                break
