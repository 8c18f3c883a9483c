"""Who exists, what they may see, and what happened."""

from portal.core.models.access import ApiKey, AssociationMembership, Mandate
from portal.core.models.calendar import CalendarOverride, CalendarYear
from portal.core.models.files import StoredFile
from portal.core.models.journal import Cursor, JournalEntry, JournalSeal, JournalWaiting
from portal.core.models.mail import PageMail
from portal.core.models.notices import MailPreference, Notice
from portal.core.models.organisation import (
    Invitation,
    Marketplace,
    Member,
    Organisation,
    Role,
    User,
)
from portal.core.models.work import Job, JobError, OutboxMessage

__all__ = [
    "ApiKey",
    "AssociationMembership",
    "CalendarOverride",
    "CalendarYear",
    "Cursor",
    "Invitation",
    "Job",
    "JobError",
    "JournalEntry",
    "JournalSeal",
    "JournalWaiting",
    "MailPreference",
    "Mandate",
    "Marketplace",
    "Member",
    "Notice",
    "Organisation",
    "OutboxMessage",
    "PageMail",
    "Role",
    "StoredFile",
    "User",
]
