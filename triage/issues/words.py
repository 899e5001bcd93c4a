"""The words of housing matters: families of objects, places in a home, and phrases that open or continue a matter.

Written by hand. A word may belong to several families; with a question mark it fits its family, but is too common to
tell that another is meant. How common words are in contacts is counted from the housing messages (common_words.json).
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files
from json import loads
from math import log

from triage.domain.reference import numerals

FAMILIES: dict[str, str] = {
    "heating": "boiler heating combi thermostat immersion pilot radiator cylinder? programmer flue lukewarm tepid heater hotwater heatpump unheated "
    "heat? warm? cold? freezing? temperature? shower? bath? tap? kettle? lockout pressure? timer? degrees? trv",
    "plumbing": "sink tap? trap? pipe drain toilet cistern flush loo wc basin stopcock overflow blockage flexi plumber? sewage drip? waste? leak? bowl? "
    "manhole drainage soakaway gully plughole commode? blocked? ballcock u-bend smell? stink?",
    "bathing": "bath? shower? bathroom? tiles? tiler? grout sealant wetroom showertray",
    "ceiling": "ceiling plaster plasterer replaster skim artex",
    "decorating": "paint? painter? decorator redecorate wallpaper? magnolia gloss? skirting",
    "damp": "mould mold damp condensation mildew dehumidifier extractorfan spores black? wall? mushroom efflorescence",
    "roof": "roof gutter guttering downpipe chimney loft? soffit fascia flashing slate roofer bracket? rain? lead? tile? scaffold?",
    "scaffold": "scaffold scaffolder netting banner?",
    "window": "window? pane glazing sash windowsill bay? glazier sill? draught? glass? blind? curtain?",
    "door": "door? hinge letterbox? closer latch doorframe doorstep? frontdoor? threshold",
    "letterbox": "letterbox postbox mailbox? flap? postman?",
    "entry": "doorentry intercom buzzer handset entryphone buzz? panel? doorbell",
    "access": "key fob keypad padlock code? keysafe locksmith lock? keyhole gatecode",
    "electric": "light? socket electric electrics fuse? switch? wiring bulb? electrician flicker flex? rcd sparks? lamp? lighting? fusebox lightbulb eicr "
    "lightsout chandelier",
    "lift": "lift? elevator liftbroken",
    "noise": "noise? loud? noisy? racket? music bass? party? shouting? stamping drum trampoline? vacuum?",
    "hum": "hum humming drone noise? buzz? vibration whine? pump?",
    "slam": "slam slamming bang? noise? thud? door?",
    "rattle": "rattle noise? clatter squeak",
    "alarm": "alarm? beep chirp smokealarm siren",
    "neighbours": "harassment? intimidation drugs cannabis weed? asb antisocial nuisance? intimidating dealing? neighbour? graffiti vandal gang mediation",
    "smoking": "smoke? cigarette smoking? fag? vape bonfire barbecue bbq",
    "animals": "dog cat? puppy pet kennel barking howl terrier parrot budgie hamster tortoise rabbit fish? muzzle bark",
    "pests": "rat mice mouse wasp ant? cockroach pigeon bedbug infestation vermin droppings? pest flea squirrel seagull bee? fox? moth bait",
    "bins": "bin rubbish refuse? recycling flytipping bulky sofa? dumping skip? dustbin binstore mattress lid? waste? wheelie chute kerbside",
    "grounds": "hedge tree grass garden? fence lawn branch weeds paving gardener privet shrub allotment? trim? shears mower strimmer conifer sycamore "
    "nettles leaves? planter plant? pot? pots? greenhouse decking",
    "allotment": "allotment plot? greenhouse? compost growing?",
    "seat": "bench seat? trellis",
    "gate": "gate latch? barrier?",
    "parking": "parking permit car? van? garage lockup vehicle motorbike parked? carpark bollard bay? caravan clamp? space? visitor? charger? evcharger",
    "storage": "buggy pram scooter bike bicycle shed pushchair mobilityscooter lobby? store? cage? wheelchair?",
    "parcels": "parcel locker delivery? amazon",
    "cleaning": "cleaning? cleaner mop hoover stairwell? caretaker?",
    "stairs": "banister handrail stair? step? staircase bannister",
    "cctv": "cctv camera",
    "notices": "noticeboard poster sign?",
    "room": "communityroom commonroom guestroom clubroom hall? booking? bingo gym? library? piano kiln",
    "rent": "rent? arrears refund? directdebit? statement? universalcredit housingbenefit overpaid? standingorder? dwp uc? income? credit? payment? rentaccount "
    "bailiff payslips",
    "charges": "directdebit? statement? payment? refund? bill? servicecharge groundrent apportionment leasehold? majorworks section20 tribunal? invoice? charge?",
    "bill": "bill? directdebit? statement? payment? meter tariff kwh reading? billing backbill prepayment",
    "recharge": "recharge rechargeable bill? invoice? charge? payment? refund? statement?",
    "moving": "transfer? band banding bidding exchange? swap? overcrowded allocation rehoused homeswap move? viewing? downsizing decant downsize homeless",
    "adaptation": "grabrail rail? ramp stairlift wetroom adaptation occupationaltherapist handrail keysafe hoist",
    "tenancy": "sublet lodger succession eviction jointtenancy noticetoquit tenancy? assignment? namechange",
    "data": "subjectaccess sar gdpr datarequest personaldata dsar data? privacy",
    "violence": "throat bruise refuge domestic? strangled punched assault? injunction safeguarding neck? police? husband? scared? beat? hits? afraid? crying?",
    "insurance": "insurance insurer compensation? claim?",
    "kitchen": "cupboard? worktop cooker oven kitchenunits units? kitchen? hob fridge freezer",
    "fire": "fire? cladding sprinkler extinguisher firedoor alarm? riser smokealarm?",
    "gas": "gas? gassafety carbonmonoxide co?",
    "asbestos": "asbestos",
    "play": "playground swing? slide? football playarea ballgames goalposts trampoline",
    "signal": "aerial satellite broadband internet fibre tv? wifi openreach telly? cable?",
    "laundry": "laundry dryer drying? washingline airing? washing? washingmachine tumble tumbledryer",
    "floor": "floor? floorboard joist carpet? lino vinyl? laminate",
    "conduct": "rude? discrimination racist? racism victimisation unprofessional",
    "highway": "hump highway pothole speeding pavement kerb? resurface streetlight lamppost",
    "meeting": "agm newsletter consultation? meeting? committee? minutes?",
    "balcony": "balcony railing",
    "damage": "subsidence crack tremor",
    "warden": "warden concierge scheme?",
    "pendant": "pendant pullcord lifeline telecare",
    "water": "waterpressure stopcock watermeter nowater legionella",
}
PHRASES: dict[str, str] = {
    r"hot water|(?:tap|shower|bath|water)\b[^.!?]{0,40}\b(?:cold|freezing|warm|lukewarm|tepid)|(?:cold|freezing|lukewarm|tepid|warm) (?:water|shower|bath|tap)s?|"
    r"(?:can't|cannot|can not|couldn't) (?:get|have|run) a (?:proper |decent |hot )?(?:bath|shower)|boil(?:ing)? (?:a |the )?kettles?|with a kettle": "hotwater",
     r"airing cupboard": "", r"police constable": "", r"heat pump": "heatpump", r"door[ -]?entry|entry ?phone|entry system": "doorentry",
    r"key[ -]?safe": "keysafe", r"gate code": "gatecode", r"bin (?:store|shed|area|room)": "binstore",
    r"fly[ -]?tip\w*": "flytipping", r"lock[ -]?ups?": "lockup", r"car ?park": "carpark", r"direct debit": "directdebit",
    r"universal credit": "universalcredit", r"housing benefit": "housingbenefit", r"standing order": "standingorder",
    r"service charges?": "servicecharge", r"ground rent": "groundrent", r"major works": "majorworks", r"section 20": "section20",
    r"grab rails?": "grabrail", r"occupational therap\w+": "occupationaltherapist", r"wet ?room": "wetroom",
    r"subject access": "subjectaccess", r"data request": "datarequest", r"personal data": "personaldata",
    r"smoke alarms?|smoke detectors?": "smokealarm", r"fire doors?": "firedoor", r"gas safety": "gassafety",
    r"carbon monoxide": "carbonmonoxide", r"play (?:area|park)": "playarea", r"ball games": "ballgames",
    r"washing lines?|clothes lines?": "washingline", r"drying (?:area|room|ground|green)": "drying", r"mobility scooters?": "mobilityscooter",
    r"anti[ -]?social": "antisocial", r"joint tenancy": "jointtenancy", r"home ?swap|mutual exchange": "homeswap",
    r"back bill": "backbill", r"fuse ?box|fuse ?board|consumer unit": "fusebox", r"kitchen (?:units?|cupboards?)": "kitchenunits",
}  # fmt: skip
PLACES: dict[str, str] = {
    "kitchen": "kitchen", "bathroom": "bathroom", "bedroom": "bedroom", "hall": "hall", "hallway": "hall", "lounge": "lounge",
    "landing": "stairs", "stairs": "stairs", "stair": "stairs", "stairwell": "stairs", "loft": "loft", "garden": "garden",
    "yard": "garden", "balcony": "balcony", "lobby": "lobby", "entrance": "lobby", "foyer": "lobby", "basement": "basement",
    "cellar": "basement", "sink": "kitchen", "bath": "bathroom", "shower": "bathroom", "toilet": "bathroom", "porch": "porch",
    "laundry": "laundry", "courtyard": "courtyard", "attic": "loft", "corridor": "corridor", "utility": "utility",
}  # fmt: skip
PLACE_PHRASES: dict[str, str] = {r"living room|front room|sitting room": "lounge"}

OPENS = re.compile(
    r"\b(?:another (?:thing|matter|issue|problem|one|question|repair|job)|(?:have|got|is) another|something else|different (?:matter|issue|thing|problem|subject)|"
    r"separate(?:ly)? (?:matter|issue|thing|problem|question)?|new (?:issue|problem|matter|repair|fault|leak|job)|not (?:about|to do with) (?:the|that|his|her)|"
    r"unrelated|on another (?:note|subject)|this time|nothing to do with|while i'?m (?:here|on)|a different|not (?:his|the|that) (?:hum|leak|noise)|"
    r"(?:i'?d|i would) like to report|(?:want|wanted|wish|need) to report|reporting an?)\b",
    re.IGNORECASE,
)
CONTINUES = re.compile(
    r"\b(?:again|still|any (?:news|update|joy|word|sign)|chas(?:e|ing)|wait(?:ed|ing)|as (?:i )?(?:said|before|discussed|promised|agreed|asked|ever)|"
    r"further to|following up|you said|you told|you promised|was told|were told|promised|i (?:rang|called|phoned|emailed|wrote|asked|told)|"
    r"i'?ve (?:already|been|had|told|asked|rung|emailed|written)|last (?:week|month|time)|yesterday'?s|your (?:reply|letter|email|e-mail|answer|decision|report|surveyor|engineer|man)|"
    r"no (?:reply|answer|response|news)|nobody (?:came|called|has|'s)|no-one (?:came|called|has)|heard (?:nothing|nowt|back)|since (?:then|i|my|the)|"
    r"the same|already|when (?:will|is|are)|thank(?:s| you) (?:for|him|her|them|both)|update|escalate|stage (?:2|two|1|one)|not (?:been )?(?:done|fixed|answered|resolved))\b",
    re.IGNORECASE,
)
AFRESH = re.compile(
    r"\b(?:(?:i have|i've(?: got)?|there(?:'s| is)|we have|we've(?: got)?) (?:a|an|no|some)\b|can (?:i|we) (?:get|have|put|book|keep|use)\b|"
    r"could (?:you|i|we) (?:please |kindly )?(?:send|have|get|let|tell)\b|may (?:i|we)\b|where (?:may|can|do|should) (?:i|we)\b|how (?:do|can) (?:i|we)\b|"
    r"(?:has|have|'s) (?:come (?:away|off|loose|down)|snapped|broken|gone|stopped|lost|failed|fallen|blown|cracked|died|parted|split|jammed|packed)|"
    r"(?:is|are) (?:blank|dead|broken|stuck|blocked|leaking|dripping|jammed|loose|cracked|coming (?:in|through|down))|"
    r"(?:does|do)(?:n't| not) (?:open|close|work|shut|lock|flush|turn|ring|fit)|won't (?:open|close|shut|lock|flush|turn|start|light)|just wondering|quick question)",
    re.IGNORECASE,
)
REFERS_BACK = re.compile(
    r"^\W*(?:(?:hello|hi|hiya|yeah|yes|well|right|ok|okay|so|sorry|and|but|morning|good morning|mr|mrs|miss|dear)\b[^.!?\n]{0,25}?[,.!\n ]+)?"
    r"(?:they|he|she|that|those|these|them|it (?:has|is|was|did|does|went|still|keeps)|it's (?=[a-z])|its (?=not|still|been)|no |not |same|nothing|nobody|another |"
    r"as (?:i|you|before)|further|regarding my|re my|i (?:have|'ve) (?:your|read|had)|i've (?:read|had|heard)|you (?:said|asked|told|say)|your )",
    re.IGNORECASE,
)
AGENT_OPENS = re.compile(
    r"\b(?:i'?ll (?:raise|log|book|get (?:a|an|some|that|the|this)|send (?:a|an|some|the)|have some)|(?:booked|raised|logged) (?:that|it|for)|raise (?:a|that|it)|"
    r"(?:can|could) i take (?:your|the|a|some)|what'?s (?:the|your) (?:address|name|postcode)|is (?:the|it) (?:water|anyone|anybody)|when did (?:it|this|that) start|"
    r"(?:surveyor|engineer|plumber|electrician|joiner|somebody|someone|operative) (?:on )?(?:today|tomorrow|monday|tuesday|wednesday|thursday|friday|tonight|within|this))",
    re.IGNORECASE,
)
AGENT_KNOWS = re.compile(
    r"\b(?:i can see|(?:it|that)(?:'s| has| is) (?:been |already )?(?:answered|closed|logged|booked|sat with|with the|on the list|down for|raised)|it says|"
    r"nothing since|your last|already|you'?ve (?:had|been|got)|it'?s showing|the (?:note|notes)|(?:has|he'?s|she'?s|they'?ve) (?:answered|put a note|written)|still (?:six|on|with|waiting)|chase|"
    r"i'?ll (?:chase|push|escalate|add|put|leave|send) (?:it|that|this|a (?:note|message))|no change|pass (?:it|that) on)",
    re.IGNORECASE,
)
CLOSES = re.compile(
    r"\b(?:thank(?:s| you| him| her| them)|(?:works?|working|sorted|fixed|mended|done|finished) (?:now|well|fine|thanks|perfectly)|dry as a bone|all (?:done|good|sorted|fixed)|"
    r"is quiet|did (?:my|the|a|it) [^.]{0,30}well|not (?:his|her|the|that|about|to do with)\b|nothing to do with|(?:is|are|was|been) (?:fixed|mended|sorted|cured|lovely)|brilliant job)\b",
    re.IGNORECASE,
)
ENDS = re.compile(
    r"\b(?:(?:i am|i'm|we are|i have|i've|we have|we've) (?:now )?clos(?:ed|ing)|closing (?:this|it|the|your)|is now closed|case closed|nothing (?:more|further) to (?:add|do))\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^.!?\n]+[.!?\n]*\s*")
EVERYDAY = frozenset(
    [
        "a",
        "about",
        "above",
        "after",
        "again",
        "against",
        "all",
        "also",
        "am",
        "an",
        "and",
        "any",
        "anybody",
        "anyone",
        "anything",
        "are",
        "around",
        "as",
        "ask",
        "asked",
        "asking",
        "at",
        "away",
        "back",
        "be",
        "because",
        "been",
        "before",
        "being",
        "below",
        "between",
        "both",
        "but",
        "by",
        "call",
        "called",
        "can",
        "cannot",
        "can't",
        "come",
        "coming",
        "could",
        "couldn't",
        "day",
        "days",
        "dear",
        "did",
        "didn't",
        "do",
        "does",
        "doesn't",
        "doing",
        "don't",
        "done",
        "down",
        "during",
        "each",
        "either",
        "else",
        "email",
        "e-mail",
        "end",
        "even",
        "ever",
        "every",
        "everyone",
        "few",
        "first",
        "following",
        "for",
        "from",
        "further",
        "get",
        "gets",
        "getting",
        "give",
        "given",
        "go",
        "goes",
        "going",
        "gone",
        "good",
        "got",
        "had",
        "has",
        "hasn't",
        "have",
        "haven't",
        "having",
        "he",
        "he'd",
        "he's",
        "hello",
        "help",
        "her",
        "here",
        "hers",
        "him",
        "his",
        "hi",
        "home",
        "hope",
        "house",
        "how",
        "i",
        "i'd",
        "i'll",
        "i'm",
        "i've",
        "if",
        "in",
        "into",
        "is",
        "isn't",
        "it",
        "it's",
        "its",
        "just",
        "keep",
        "kind",
        "kindly",
        "know",
        "last",
        "later",
        "least",
        "leave",
        "left",
        "let",
        "letter",
        "like",
        "little",
        "long",
        "look",
        "looking",
        "made",
        "make",
        "man",
        "many",
        "matter",
        "may",
        "maybe",
        "me",
        "mean",
        "message",
        "might",
        "mine",
        "miss",
        "monday",
        "month",
        "months",
        "more",
        "morning",
        "most",
        "mr",
        "mrs",
        "ms",
        "much",
        "must",
        "my",
        "name",
        "near",
        "need",
        "needs",
        "never",
        "new",
        "next",
        "no",
        "nobody",
        "none",
        "not",
        "nothing",
        "now",
        "number",
        "of",
        "off",
        "office",
        "oh",
        "ok",
        "okay",
        "old",
        "on",
        "once",
        "one",
        "only",
        "or",
        "other",
        "our",
        "ours",
        "out",
        "over",
        "own",
        "people",
        "per",
        "person",
        "phone",
        "please",
        "put",
        "quite",
        "rang",
        "rather",
        "re",
        "really",
        "regards",
        "reply",
        "right",
        "ring",
        "said",
        "same",
        "say",
        "says",
        "see",
        "seen",
        "send",
        "sent",
        "she",
        "should",
        "since",
        "sincerely",
        "sir",
        "so",
        "some",
        "somebody",
        "someone",
        "something",
        "sorry",
        "still",
        "such",
        "sure",
        "take",
        "talk",
        "tell",
        "than",
        "thank",
        "thanks",
        "that",
        "that's",
        "the",
        "their",
        "them",
        "then",
        "there",
        "there's",
        "these",
        "they",
        "they're",
        "thing",
        "things",
        "think",
        "this",
        "those",
        "though",
        "thought",
        "through",
        "time",
        "times",
        "to",
        "today",
        "told",
        "tomorrow",
        "too",
        "took",
        "try",
        "tuesday",
        "two",
        "under",
        "until",
        "up",
        "us",
        "use",
        "very",
        "wait",
        "waiting",
        "want",
        "wanted",
        "was",
        "wasn't",
        "way",
        "we",
        "we'll",
        "we're",
        "we've",
        "wednesday",
        "week",
        "weeks",
        "well",
        "went",
        "were",
        "what",
        "when",
        "where",
        "which",
        "while",
        "who",
        "why",
        "will",
        "wish",
        "with",
        "within",
        "without",
        "won't",
        "work",
        "would",
        "wouldn't",
        "write",
        "writing",
        "wrote",
        "yes",
        "yesterday",
        "yet",
        "you",
        "you'll",
        "you're",
        "you've",
        "your",
        "yours",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "january",
        "february",
        "march",
        "april",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "afternoon",
        "evening",
        "night",
        "year",
        "years",
        "hour",
        "hours",
        "team",
        "housing",
        "landlord",
        "association",
        "contact",
        "tenant",
        "resident",
        "customer",
        "staff",
        "manager",
        "officer",
        "flat",
        "road",
        "street",
        "close",
        "court",
        "lane",
        "avenue",
        "faithfully",
        "wishes",
        "cheers",
        "love",
        "mate",
        "madam",
        "am",
        "pm",
        "half",
        "past",
        "till",
    ]
)
_WORD = re.compile(r"[a-z][a-z'’-]*[a-z]|\d+(?:\.\d+)?%?|£\d+|[a-z]")


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """A word without its commonest English endings; equal stems mean the same thing often enough."""
    word = word.replace("’", "'").removesuffix("'s")
    for ending, instead in (
        ("ies", "y"),
        ("sses", "ss"),
        ("ches", "ch"),
        ("shes", "sh"),
        ("xes", "x"),
        ("ings", ""),
        ("ing", ""),
        ("ed", ""),
        ("s", ""),
    ):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            base = word[: len(word) - len(ending)] + instead
            if ending in {"ing", "ings", "ed"} and len(base) > 3 and base[-1] == base[-2] and base[-1] not in "ls":
                base = base[:-1]
            return base.removesuffix("e") if len(base) > 4 else base
    return word.removesuffix("e") if len(word) > 4 else word


_FAMILY_OF: dict[str, set[str]] = {}
_TELLING: set[tuple[str, str]] = set()
for _family, _words in FAMILIES.items():
    for _word in _words.split():
        _stem = stem(_word.rstrip("?"))
        _FAMILY_OF.setdefault(_stem, set()).add(_family)
        if not _word.endswith("?"):
            _TELLING.add((_family, _stem))
_PHRASES = [(re.compile(rf"\b(?:{pattern})\b"), token) for pattern, token in PHRASES.items()]
_PLACE_PHRASES = [(re.compile(rf"\b(?:{pattern})\b"), place) for pattern, place in PLACE_PHRASES.items()]


def content_words(text: str) -> tuple[str, ...]:
    """The stems of a text's words that carry meaning, set phrases as one word."""
    lowered = numerals(text.lower())
    extra: list[str] = []
    for pattern, token in _PHRASES:
        lowered, times = pattern.subn(" ", lowered)
        if times and token:
            extra.append(token)
    plain = (word.replace("’", "'") for word in _WORD.findall(lowered))
    return tuple(
        [*(stem(word) for word in plain if (len(word) > 1 or word.isdigit()) and word not in EVERYDAY), *extra]
    )


def objects(words: Iterable[str]) -> frozenset[str]:
    """The stems that leave little doubt what thing is meant."""
    return frozenset(word for word in words if any((family, word) in _TELLING for family in _FAMILY_OF.get(word, ())))


def families(words: Iterable[str], *, telling: bool = False) -> frozenset[str]:
    """The families of some stems; ``telling`` ones only of words that leave little doubt."""
    return frozenset(
        family for word in words for family in _FAMILY_OF.get(word, ()) if not telling or (family, word) in _TELLING
    )


def places(text: str) -> frozenset[str]:
    lowered = text.lower()
    found = {PLACES[word] for word in _WORD.findall(lowered) if word in PLACES}
    return frozenset(found | {place for pattern, place in _PLACE_PHRASES if pattern.search(lowered)})


def telling_part(text: str) -> str:
    """A text without sentences that only close a matter or say what it is not, where another sentence names a thing.

    "Sink dry as a bone, thank him. I have another for you: the bay window lets in rain" is about the window.
    """
    sentences = _SENTENCE.findall(text)
    kept = [sentence for sentence in sentences if not CLOSES.search(sentence)]
    return "".join(kept) if kept and len(kept) < len(sentences) and families(content_words("".join(kept))) else text


@lru_cache(maxsize=1)
def _shares() -> dict[str, float]:
    return dict(loads(files("triage.issues").joinpath("common_words.json").read_text(encoding="utf-8")))


@lru_cache(maxsize=65536)
def weight(word: str) -> float:
    """How telling a stem is: the log of how seldom contacts have it (0 in all, about 7 in fewer than 1 in 1,000)."""
    return -log(_shares().get(word, 0.0008))
