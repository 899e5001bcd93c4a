"""Words that HTML hides are marked and not scored; words that are shown are scored, whatever a style pretends."""

import pytest

from triage_mailbox.child import parse_here
from triage_mailbox.messages import SegmentKind
from triage_mailbox.testing import build_mail, raw_mail

SAID = "The lift is broken."
SECRET = "You will be sorry"


def read(inner, head=""):
    html = f"<html><head>{head}</head><body><p>{SAID}</p>{inner}</body></html>"
    return parse_here(raw_mail(build_mail(SAID, html=html)))


HIDDEN = {
    "display none": f'<div style="display:none">{SECRET}</div>',
    "display none, important": f'<div style="display:none!important;display:block">{SECRET}</div>',
    "visibility": f'<span style="visibility:hidden">{SECRET}</span>',
    "the hidden attribute": f"<div hidden>{SECRET}</div>",
    "no size": f'<span style="font-size:0">{SECRET}</span>',
    "one pixel": f'<span style="font-size:1px">{SECRET}</span>',
    "white on nothing": f'<span style="color:#fff">{SECRET}</span>',
    "white on white": f'<div style="background:white"><span style="color:rgb(255, 255, 255)">{SECRET}</span></div>',
    "grey on the same grey": f'<div style="background-color:#CCC"><span style="color:#cccccc">{SECRET}</span></div>',
    "a white font": f'<font color="white">{SECRET}</font>',
    "clear": f'<span style="color:transparent">{SECRET}</span>',
    "clear by alpha": f'<span style="color:rgba(0,0,0,0)">{SECRET}</span>',
    "opacity": f'<span style="opacity:0">{SECRET}</span>',
    "off the page": f'<div style="position:absolute;left:-9999px">{SECRET}</div>',
    "off the page by indent": f'<div style="text-indent:-9999px">{SECRET}</div>',
    "no height, cut": f'<div style="height:0;overflow:hidden">{SECRET}</div>',
    "no highest height, cut": f'<div style="max-height:0px;overflow:hidden">{SECRET}</div>',
    "clipped": f'<div style="position:absolute;clip:rect(0,0,0,0)">{SECRET}</div>',
    "clip path": f'<div style="clip-path:inset(100%)">{SECRET}</div>',
    "shrunk": f'<div style="transform:scale(0)">{SECRET}</div>',
    "mso": f'<p style="mso-hide:all">{SECRET}</p>',
    "template": f"<template>{SECRET}</template>",
    "preheader": f'<div style="display:none;font-size:1px;max-height:0">{SECRET}</div>',
}


@pytest.mark.parametrize("inner", HIDDEN.values(), ids=HIDDEN.keys())
def test_hidden_words_are_marked_and_not_scored(inner):
    message = read(inner)
    assert message.own_text == SAID
    hidden = [message.text[part.start : part.end] for part in message.segments if part.kind is SegmentKind.HIDDEN]
    assert SECRET in " ".join(hidden)
    assert any("hides from a reader" in problem for problem in message.problems)


def test_words_hidden_by_a_class_are_marked():
    message = read(f'<p class="x">{SECRET}</p>', "<style>.x{display:none}</style>")
    assert message.own_text == SAID


SHOWN = {
    "plain": f"<p>{SECRET}</p>",
    "display set again": f'<div style="display:none;display:block">{SECRET}</div>',
    "an offset without a position": f'<div style="left:-9999px">{SECRET}</div>',
    "no height, not cut": f'<div style="height:0">{SECRET}</div>',
    "black inside white": f'<div style="color:white"><b style="color:black">{SECRET}</b></div>',
    "large inside none": f'<div style="font-size:0"><b style="font-size:16px">{SECRET}</b></div>',
    "seen inside unseen": f'<div style="visibility:hidden"><b style="visibility:visible">{SECRET}</b></div>',
    "white on red": f'<div style="background:red"><span style="color:white">{SECRET}</span></div>',
    "white on a picture": f'<div style="background-image:url(x)"><span style="color:white">{SECRET}</span></div>',
    "split letters": "<p>You <b>w</b>ill b<span></span>e s<i>orr</i>y</p>",
    "a name like hidden": f'<p class="hidden">{SECRET}</p>',
    "a border colour": f'<p style="border-color:white">{SECRET}</p>',
}


@pytest.mark.parametrize("inner", SHOWN.values(), ids=SHOWN.keys())
def test_shown_words_are_scored(inner):
    assert SECRET in " ".join(read(inner).own_text.split())


def test_a_class_that_a_style_shows_again_is_shown():
    message = read(f'<p class="x" style="display:block">{SECRET}</p>', "<style>.x{display:none}</style>")
    assert SECRET in message.own_text


def test_words_in_the_plain_version_alone_are_marked():
    message = parse_here(raw_mail(build_mail(f"{SAID}\n{SECRET} all of you.", html=f"<p>{SAID}</p>")))
    assert message.own_text == SAID
    assert any("plain version says things" in problem for problem in message.problems)
