"""Short and full forms of first names: "Terry" is Terence, on the telephone as in the directory. Forms that are common words are left out."""

from typing import Final

_FORMS: Final = """
abigail abby gail | albert bert bertie | alexander alex alec sandy | alexandra alex sandra | alfred alf alfie fred | andrew andy | ann anne annie
| anthony tony | barbara barb babs | benjamin ben benny | charles charlie chas | charlotte charlie lottie | christine christina chris chrissie tina
| christopher chris kit | clifford cliff | daniel dan danny | david dave davy | deborah debra deb debbie debs | donald don donnie | dorothy dottie
| douglas doug dougie | edward ed eddie ted teddy | eleanor ellie nell | elizabeth liz lizzie beth betty betsy | ernest ernie | florence flo florrie
| frances fran frankie | francis frank frankie | frederick fred freddie | geoffrey jeffrey geoff jeff | gerald gerard gerry jerry | gillian gill jill
| gregory greg | gwendolen gwendoline gwen | harold harry | helen nell nellie | henry harry | isabel isabelle isabella bella izzy | jacqueline jackie jacqui
| james jim jimmy jamie | jennifer jen jenny | joanne joanna jo | john jack johnny | jonathan jon jonny | joseph joe joey | josephine jo josie | judith judy jude
| katherine catherine kathryn kathleen kate katie kathy cathy kath cath | kenneth ken kenny | lawrence laurence larry laurie | leonard len lenny | malcolm mal malc
| margaret maggie meg peggy madge | martin marty | mary molly | matthew matt | michael mike mick micky | mohammed muhammad mohamed mohammad
| nathaniel nathan | nicholas nick nicky | nicola nicky nikki | pamela pam | patricia pat patsy trish tricia | patrick pat paddy | penelope penny
| peter pete | philip phillip phil pip | raymond ray | rebecca becky becca | reginald reg reggie | richard dick rick ricky richie | robert rob robbie bob bobby
| rodney rod | ronald ron ronnie | samantha sam | samuel sam sammy | sidney sid | stanley stan | stephen steven steve | susan suzanne sue susie
| terence terrence terry | theodore theo ted | theresa teresa terry tess tessa | thomas tom tommy | timothy tim | valerie val | veronica ronnie
| victoria vicky vicki | vincent vince vinny | walter walt wally | william bill billy | winifred winnie | zachary zak zack
"""
_GROUPS: Final = tuple(frozenset(group.split()) for group in _FORMS.split("|"))


def forms_of(first: str) -> frozenset[str]:
    """All that somebody of this first name (in small letters) may be called, the name itself among it."""
    return frozenset({first}).union(*(group for group in _GROUPS if first in group))
