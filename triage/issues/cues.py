"""Phrases that open a matter, continue one or close one, in the sender's words and in our own."""

import re

OPENS = re.compile(
    r"\b(?:another (?:thing|matter|issue|problem|one|question|repair|job)|(?:have|got|is) another|something else|different (?:matter|issue|thing|problem|subject)|"
    r"separate(?:ly)? (?:matter|issue|thing|problem|question)?|new (?:issue|problem|matter|repair|fault|leak|job)|not (?:about|to do with) (?:the|that|his|her)|"
    r"unrelated|on another (?:note|subject)|nothing to do with|a different|not (?:his|the|that) (?:hum|leak|noise)|not (?:the|that|my) [\w-]+(?: one)?(?= ?[,-] )|"
    r"(?:i'?d|i would) like to report|(?:want|wanted|wish|need) to report|reporting an?|"
    r"now (?:it'?s|it is) (?:the|my|our|another)(?! (?:\w+ )?(?:day|week|month|time)))\b",
    re.IGNORECASE,
)
ASIDE = re.compile(
    r"\b(?:(?:a|an|on a|on an|this is a|quite a) (?:separate|different|another|unrelated|new) (?:matter|issue|thing|subject|question|query|problem|note|topic|point)|another (?:matter|question|query|thing)|"
    r"separately(?! (?:metered|billed|charged))|different thing|(?:new|another) one for you|unrelated(?:ly)?|nothing to do with (?:the|that|my|our)|(?:by the way|btw)|"
    r"(?:is ?n[o']?t|not|nothing) (?:about|to do with|concerning) (?:the|that|my|our|his|her)|while (?:i'?m|i am) (?:at it|on|here|writing)|while i(?:'ve| have)? (?:got|have) you|"
    r"also,? (?:could|can|would|will|while|when|the|my|our)|one more thing|something else)\b",
    re.IGNORECASE,
)
"""Says that it is not, or not only, about what the thread is about."""
CONTINUES = re.compile(
    r"\b(?:again|once more|still(?! (?:to let|for rent|available|vacant)\b)|any (?:news|update|joy|word|sign)|chas(?:e|ing)|wait(?:ed|ing)|as (?:i )?(?:said|before|discussed|promised|agreed|asked|ever)|"
    r"further to|following up|you said|you told|you promised|was told|were told|promised|i (?:rang|called|phoned|emailed|wrote|asked|told)|"
    r"i'?ve (?:already|been|told|asked|rung|emailed|written|had (?:no|nothing|nobody|your|(?:a|an|the|another) (?:reply|letter|text|call|e-?mail|answer|visit)))|last (?:week|month|time)|yesterday'?s|your (?:reply|letter|email|e-mail|answer|decision|report|surveyor|engineer|man)|(?:got|had|received|read) the (?:letter|e-?mail|reply|answer|report)|"
    r"no (?:reply|answer|response|news)|nobody (?:came|called|has|'s)|no-one (?:came|called|has)|heard (?:nothing|nowt|back)|since (?:then|i (?:\w+ )?(?:rang|called|phoned|e-?mailed|wrote|asked|told|reported|complained)|(?:my|your|the) (?:last |first )?(?:call|e-?mail|letter|message|text|report|complaint|visit|reply))|"
    r"(?:it'?s|(?:has|have|'ve|'s) come|came) back(?=\W*$|\W*[.,!?;]|\W+(?:again|and|this|today|on|since|worse))|"
    r"the same|already|when (?:will|is|are)|thank(?:s| you) (?:for|him|her|them|both)|update|escalate|stage (?:2|two|1|one)|not (?:been )?(?:done|fixed|answered|resolved)|"
    r"(?:has|have|had) been told|suits?(?: me| us)?|(?:is|are|'s|would be) (?:fine|good|best|easiest|ok|okay) (?:for me|for us|to ring|to call|to come|with me))\b",
    re.IGNORECASE,
)
ASKS_AFTER = re.compile(
    r"\b(?:ask(?:ed|ing)? (?:\w+ )?(?:again|before)|i ask again|still (?:no|not|nothing|waiting|haven'?t|hasn'?t)|any (?:news|update|word|answer|joy|sign)|(?:any|no)(?:body|one|-one) [^.?!\n]{0,60}\byet|"
    r"(?:days?|weeks?|months?|times?) (?:since|and (?:still|no))|chas(?:e|ed|ing)|heard (?:nothing|nowt|back)|where (?:are we|is (?:it|this|that) up to)|what'?s happening|(?:no|your) (?:reply|answer|response))\b",
    re.IGNORECASE,
)
AFRESH = re.compile(
    r"\b(?:(?:i have|i've(?: got)?|there(?:'s| is)|we have|we've(?: got)?) (?:a|an|no|some)\b|can (?:i|we) (?:get|have|put|book|keep|use)\b|"
    r"could (?:you|i|we) (?:please |kindly )?(?:send|have|get|let|tell)\b|(?:can|could|would|will) (?:someone|somebody|anyone|anybody) (?:please |kindly )?(?:come|look|have|see|cut|fix|mend|clear|take|change|check|replace|sort|help|tell)\b|"
    r"(?:i'?d|(?:i|we) (?:would|should)) like to (?:rent|book|apply|put|keep|buy|swap|join|see|view|know if)\b|may (?:i|we)\b|where (?:may|can|do|should) (?:i|we)\b|how (?:do|can) (?:i|we)\b|"
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
    r"\b(?:i'?ll (?:raise|log|book|get (?:a|an|some|that|the|this)|send (?:a|an|some|the)|have some)|(?:booked|raised|logged|passed) (?:that|it|this|for|you|an?|the)\b|raise (?:a|that|it)|"
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
ASKS_WHEN = re.compile(
    r"\b(?:(?:is|are|was|were) (?:he|she|they|you|it|anyone|anybody|someone|somebody|(?:the|your|my) \w+) (?:still |now |ever |actually )?(?:coming|booked|due|on for|this week|today|tomorrow)|"
    r"when (?:is|are|will|does|do|can|s) (?:he|she|they|it|(?:the|your) \w+)\b|(?:nobody|no-one|no one|not a soul)(?:'s| has| have| is)? (?:been|come|came|here|turned up|shown up|arrived)|"
    r"(?:been|be) nobody|(?:didn'?t|did not|never|hasn'?t|not) (?:turn(?:ed)? up|show(?:n|ed)? up|come|came|arrive[d]?)|(?:stayed|waited|stopped|took|taken) (?:\w+ ){0,4}(?:in|off|home)\b|"
    r"(?:what|which) (?:time|day))",
    re.IGNORECASE,
)
