"""Forgery signals: what may be wrong with a credential, computed and explained.

Each signal is one file with one class. ``SIGNALS`` is the only list of them; a contract test holds
every entry to the same promises. A finding is a hint to an auditor and decides nothing.
"""

from brands.forgery.base import Case, Finding, Severity, Signal, look_at
from brands.forgery.document import (
    ActiveContent,
    ChangedAfterSigning,
    EditedDocument,
    NearCopy,
    OddMetadata,
    SameDocument,
)
from brands.forgery.letter import AgentNotConfirmed, AuthorisesItself
from brands.forgery.organisation import LooksLikeAnother
from brands.forgery.register import NotInRegister, RegisterDiffers
from brands.forgery.right import (
    ClassMissing,
    Expired,
    NotYetValid,
    NumberReused,
    OtherOwner,
    TextDiffers,
)

SIGNALS: tuple[Signal, ...] = (
    SameDocument(),
    NearCopy(),
    NumberReused(),
    RegisterDiffers(),
    ChangedAfterSigning(),
    AuthorisesItself(),
    AgentNotConfirmed(),
    LooksLikeAnother(),
    OtherOwner(),
    NotInRegister(),
    EditedDocument(),
    OddMetadata(),
    ActiveContent(),
    ClassMissing(),
    TextDiffers(),
    Expired(),
    NotYetValid(),
)


def findings_of(case: Case) -> list[Finding]:
    """Return what every signal found, the gravest first."""
    return look_at(SIGNALS, case)


__all__ = ["SIGNALS", "Case", "Finding", "Severity", "Signal", "findings_of"]
