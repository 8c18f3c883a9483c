"""From complaint to consequence."""

from complaints.models.complaint import Complaint
from complaints.models.consequence import ShopConsequence
from complaints.models.counter_notice import CounterNotice, CounterNoticeFile, SellerIdentity
from complaints.models.credit import CreditAccount, CreditDay, CreditLine, CreditRules, TierAppeal
from complaints.models.decision import Decision, StatementOfReasons
from complaints.models.hearing import HearingClock, HearingRule
from complaints.models.message import ComplaintMessage
from complaints.models.misuse import MisuseAppeal, MisuseStep
from complaints.models.order import Order
from complaints.models.reinstatement import Reinstatement
from complaints.models.review import SampledReview
from complaints.models.right_review import RightReview
from complaints.models.statement_delivery import StatementBatch, StatementDelivery
from complaints.models.strike import Strike

__all__ = [
    "Complaint",
    "ComplaintMessage",
    "CounterNotice",
    "CounterNoticeFile",
    "CreditAccount",
    "CreditDay",
    "CreditLine",
    "CreditRules",
    "Decision",
    "HearingClock",
    "HearingRule",
    "MisuseAppeal",
    "MisuseStep",
    "Order",
    "Reinstatement",
    "RightReview",
    "SampledReview",
    "SellerIdentity",
    "ShopConsequence",
    "StatementBatch",
    "StatementDelivery",
    "StatementOfReasons",
    "Strike",
    "TierAppeal",
]
