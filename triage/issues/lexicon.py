"""The words of housing matters: families of objects, places in a home, and words that say nothing of either.

Written by hand. A word may belong to several families; with a question mark it fits its family, but is too common to
tell that another is meant.
"""

FAMILIES: dict[str, str] = {
    "heating": "boiler heating combi thermostat immersion pilot radiator cylinder? programmer flue lukewarm tepid heater hotwater heatpump unheated "
    "heat? warm? cold? freezing? temperature? shower? bath? tap? kettle? lockout pressure? timer? degrees? trv",
    "plumbing": "sink tap? trap? pipe drain toilet cistern flush loo wc basin washbasin stopcock overflow blockage flexi plumber? sewage drip? waste? leak? bowl? "
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
    "room": "communityroom commonroom guestroom clubroom hall? bingo gym? library? piano kiln",
    "rent": "rent? arrears refund? directdebit? statement? universalcredit housingbenefit overpaid? standingorder? dwp uc? income? credit? payment? rentaccount "
    "bailiff payslips",
    "charges": "directdebit? statement? payment? refund? bill? servicecharge groundrent apportionment leasehold? majorworks section20 tribunal? invoice? charge?",
    "bill": "bill? directdebit? statement? payment? meter tariff kwh reading? billing backbill prepayment",
    "recharge": "recharge rechargeable bill? invoice? charge? payment? refund? statement?",
    "moving": "transfer? priority? application? band banding bidding exchange? swap? overcrowded allocation rehoused homeswap move? viewing? downsizing decant downsize homeless",
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
    r"washing lines?|clothes lines?": "washingline", r"washing machines?": "washingmachine", r"drying (?:area|room|ground|green)": "drying", r"mobility scooters?": "mobilityscooter",
    r"anti[ -]?social": "antisocial", r"joint tenancy": "jointtenancy", r"home ?swap|mutual exchange": "homeswap",
    r"back bill": "backbill", r"fuse ?box|fuse ?board|consumer unit": "fusebox", r"kitchen (?:units?|cupboards?)": "kitchenunits",
}  # fmt: skip
PLACES: dict[str, str] = {
    "kitchen": "kitchen", "bathroom": "bathroom", "bedroom": "bedroom", "hall": "hall", "hallway": "hall", "lounge": "lounge",
    "landing": "stairs", "stairs": "stairs", "stair": "stairs", "stairwell": "stairs", "loft": "loft", "garden": "garden",
    "yard": "garden", "balcony": "balcony", "lobby": "lobby", "entrance": "lobby", "foyer": "lobby", "basement": "basement",
    "cellar": "basement", "sink": "kitchen", "bath": "bathroom", "shower": "bathroom", "toilet": "bathroom", "porch": "porch",
    "bed": "bedroom", "cot": "bedroom", "wardrobe": "bedroom", "worktop": "kitchen", "cooker": "kitchen", "hob": "kitchen", "oven": "kitchen",
    "laundry": "laundry", "courtyard": "courtyard", "attic": "loft", "corridor": "corridor", "utility": "utility",
}  # fmt: skip
PLACE_PHRASES: dict[str, str] = {r"living room|front room|sitting room": "lounge"}

_EVERYDAY = """
a about above after afternoon again against all also am an and any anybody anyone anything april are around as ask
asked asking association at august avenue away back be because been before being below between both but by call
called can can't cannot cheers close come coming contact could couldn't court customer day days dear december did
didn't do does doesn't doing don't done down during e-mail each either else email end even evening ever every
everyone faithfully february few first flat following for friday from further get gets getting give given go goes
going gone good got had half has hasn't have haven't having he he'd he's hello help her here hers hi him his home
hope hour hours house housing how i i'd i'll i'm i've if in into is isn't it it's its january july june just keep
kind kindly know landlord lane last later least leave left let letter like little long look looking love madam made
make man manager many march mate matter may maybe me mean message might mine miss monday month months more morning
most mr mrs ms much must my name near need needs never new next night no nobody none not nothing november now number
october of off office officer oh ok okay old on once one only or other our ours out over own past people per person
phone please pm put quite rang rather re really regards reply resident right ring road said same saturday say says
see seen send sent september she should since sincerely sir so some somebody someone something sorry staff still
street such sunday sure take talk team tell tenant than thank thanks that that's the their them then there there's
these they they're thing things think this those though thought through thursday till time times to today told
tomorrow too took try tuesday two under until up us use very wait waiting want wanted was wasn't way we we'll we're
we've wednesday week weeks well went were what when where which while who why will wish wishes with within without
won't work would wouldn't write writing wrote year years yes yesterday yet you you'll you're you've your yours
"""
EVERYDAY = frozenset(_EVERYDAY.split())
