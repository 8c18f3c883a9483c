"""What reviewers keep at their desk: leases on links, notes, saved views, keys."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.core.models import Member, Organisation
from pushes.models.suspected_link import SuspectedLink


class Claim(models.Model):
    """A lease: one member looks at this link until ``until``, renewed while the page is open.

    A lease is no fact about the link, so it is not journalled; an expired row means nothing.
    """

    link = models.OneToOneField(
        SuspectedLink, on_delete=models.CASCADE, primary_key=True, related_name="claim"
    )
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField(_("since"))
    until = models.DateTimeField(_("until"))

    class Meta:
        verbose_name = _("claim")
        verbose_name_plural = _("claims")

    def __str__(self) -> str:
        return f"{self.link_id} ← {self.member_id}"


class LinkNote(models.Model):
    """A remark on a link for colleagues. Never part of a notice."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    link = models.ForeignKey(SuspectedLink, on_delete=models.PROTECT, related_name="notes")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(_("note"))
    at = models.DateTimeField(_("written"))

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")

    def __str__(self) -> str:
        return self.text[:60]

    @property
    def organisation_id(self) -> int:
        """The tenant whose link it is on."""
        return self.link.organisation_id


class SavedView(models.Model):
    """A filter and an order a member gave a name. ``query`` is the address's query part."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="saved_views")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(_("query"), max_length=600)
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        constraints = [
            models.UniqueConstraint("member", "organisation", "name", name="saved_view_once"),
        ]

    def __str__(self) -> str:
        return self.name


class DeskPreference(models.Model):
    """A member's keys. ``keys`` holds only what differs from the shipped ones."""

    member = models.OneToOneField(
        Member, on_delete=models.CASCADE, primary_key=True, related_name="desk_preference"
    )
    keys = models.JSONField(_("keys"), default=dict)
    keys_on = models.BooleanField(_("single keys act"), default=True)

    class Meta:
        verbose_name = _("desk preference")
        verbose_name_plural = _("desk preferences")

    def __str__(self) -> str:
        return str(self.member_id)
