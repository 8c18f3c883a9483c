"""From complaint to consequence."""

from complaints.models.complaint import Complaint
from complaints.models.decision import Decision, StatementOfReasons
from complaints.models.order import Order
from complaints.models.strike import Strike

__all__ = ["Complaint", "Decision", "Order", "StatementOfReasons", "Strike"]
