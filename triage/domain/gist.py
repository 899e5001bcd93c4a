"""The gist of a message, by a small reader that was taught on labelled histories: what each side does in it, and what it is about.

It is worked out once, when a contact is read (`triage_models.gist_reader`), and kept with the contact; the domain only weighs it
(`acts`, `adding`), and linking compares what two messages are about. Where there is none the words alone are weighed.
"""

from dataclasses import dataclass
from typing import Final

OURS: Final = ("answer", "hold", "ask", "done", "owner", "elsewhere", "notours", "final")
"""What our side does: `acts` says the first three; it says that something is done, who deals with it, who else can help, that it is
not for us, that a decision stands."""
THEIRS: Final = (
    "needs", "reply", "new", "first", "closing", "press",
    "reopen", "outside", "records", "stage", "told", "aside",
)  # fmt: skip
"""What the customer's side does: `acts` says the first five; it presses, raises again what was closed, goes outside, asks for records,
asks for the next stage, repeats what we told, adds something by the way."""


SURELY_NOT: Final = -2.0
"""Log-odds below which an act is ruled out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gist:
    """``model`` made it. ``ours`` and ``theirs``: log-odds of OURS and THEIRS, in their order; empty where that side says nothing.

    ``about`` is a direction of length one (128 signed bytes, in base64), to be compared with those of the same model and with nothing
    else. Never shown, logged or exported.
    """

    model: str
    ours: tuple[float, ...] = ()
    theirs: tuple[float, ...] = ()
    about: str = ""

    def says(self, act: str) -> float | None:
        """Log-odds that its side performs the act; None where that side says nothing."""
        side, names = (self.ours, OURS) if act in OURS else (self.theirs, THEIRS)
        return side[names.index(act)] if side else None


def says(gist: "Gist | None", act: str) -> bool:
    """Whether a gist says an act, likelier than not: beside phrases that find a third of what people write in other words."""
    read = gist.says(act) if gist is not None else None
    return read is not None and read > 0


def denies(gist: "Gist | None", act: str) -> bool:
    """Whether a gist rules an act out, though a phrase seems to say it: such phrases are wrong where it does (of 13,905 contacts 50 such
    were, and 10 were not)."""
    read = gist.says(act) if gist is not None else None
    return read is not None and read < SURELY_NOT
