"""Structured codes of decisions: which fit which outcome, and what a rejection asks for."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from complaints.models import Decision
from portal.core.errors import InvalidInput, Text
from pushes.models import FeedbackFact

LONGEST_NOTE = 2000
# Which fact a decision is.
SOURCES = {
    Decision.Outcome.ESTABLISHED: FeedbackFact.Source.ESTABLISHED,
    Decision.Outcome.REJECTED: FeedbackFact.Source.REJECTED,
}
# Rejections that say the listing does not infringe; the others say only that it was not shown.
ON_THE_MERITS = {
    Decision.Code.SELLER_AUTHORISED,
    Decision.Code.FIRST_SALE,
    Decision.Code.WRONG_ITEM,
}
# What to do about a rejection, by its code; shown with the decision and where one files again.
REMEDIES: dict[str, Text] = {
    Decision.Code.RIGHT_NOT_COVERING: gettext_lazy(
        "File again with a registration that is valid where the listing is sold and whose classes "
        "cover these goods. If you have none, register it first."
    ),
    Decision.Code.EVIDENCE_MISSING: gettext_lazy(
        "Add what shows the infringement: the product model with its reference pictures, the mark "
        "in the listing's title or pictures, or a test purchase. Then file again."
    ),
    Decision.Code.SELLER_AUTHORISED: gettext_lazy(
        "Check your list of authorised sellers. If the authorisation has ended, take the seller "
        "off the list and file again."
    ),
    Decision.Code.FIRST_SALE: gettext_lazy(
        "Goods you sold yourself may be sold on. File again only with evidence that these goods "
        "are changed, worn beyond description, or fake."
    ),
    Decision.Code.WRONG_ITEM: gettext_lazy(
        "The listing offers something else than the notice says. Correct the verdict of the link; "
        "if another right is infringed, judge it so and file again."
    ),
    Decision.Code.DUPLICATE: gettext_lazy(
        "The same listing was decided before. Nothing needs to be filed again unless it changes."
    ),
}
# Codes after which filing again can lead to another decision.
CURABLE = frozenset(
    {
        Decision.Code.RIGHT_NOT_COVERING,
        Decision.Code.EVIDENCE_MISSING,
        Decision.Code.SELLER_AUTHORISED,
        Decision.Code.FIRST_SALE,
        Decision.Code.WRONG_ITEM,
    }
)


def remedy(code: str) -> Text:
    """Return what to do about a rejection; '' for a code that asks nothing."""
    return REMEDIES.get(code, "")


def check(outcome: str, code: str, note: str) -> None:
    """Raise ``InvalidInput`` for a code that does not fit the outcome, or too long a note."""
    if outcome not in Decision.Outcome.values:
        raise InvalidInput.one("outcome", "unknown", _("Choose established or rejected."))
    clear = code == Decision.Code.INFRINGEMENT_CLEAR
    if code not in Decision.Code.values or clear != (outcome == Decision.Outcome.ESTABLISHED):
        raise InvalidInput.one("code", "does_not_fit", _("Choose a reason that fits the outcome."))
    if len(note) > LONGEST_NOTE:
        raise InvalidInput.one(
            "note",
            "too_long",
            _("The note may have at most %(limit)s characters.") % {"limit": LONGEST_NOTE},
        )
