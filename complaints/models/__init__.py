"""From complaint to consequence."""

from complaints.models.complaint import Complaint
from complaints.models.consequence import ShopConsequence
from complaints.models.credit import CreditAccount, CreditDay, CreditLine, CreditRules, TierAppeal
from complaints.models.decision import Decision, StatementOfReasons
from complaints.models.misuse import MisuseAppeal, MisuseStep
from complaints.models.order import Order
from complaints.models.review import SampledReview
from complaints.models.right_review import RightReview
from complaints.models.strike import Strike

__all__ = [
    "Complaint",
    "CreditAccount",
    "CreditDay",
    "CreditLine",
    "CreditRules",
    "Decision",
    "MisuseAppeal",
    "MisuseStep",
    "Order",
    "RightReview",
    "SampledReview",
    "ShopConsequence",
    "StatementOfReasons",
    "Strike",
    "TierAppeal",
]
