"""Who may act for whom: mandates of agents, consent of association members, API keys."""

import uuid

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from portal.core.models.organisation import Marketplace, Member, Organisation


class _DateRange(Func):
    function = "daterange"
    output_field = DateRangeField()


class Mandate(models.Model):
    """An agent may act for a rights holder. Activated by an audited letter of authorisation.

    ``acts`` narrows what it may do, ``brand_keys`` on which brands (primary keys of the room
    above, which copies them from the letter); empty, everything an agent can, on every brand.
    """

    class Act(models.TextChoices):
        REGISTER = "register", _("Change the registry and submit registrations")
        JUDGE = "judge", _("Judge suspected links")
        COMPLAIN = "complain", _("File complaints")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    agent = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="mandates_held")
    rights_holder = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="mandates_given"
    )
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), help_text=_("The last day on which it holds."))
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    acts = ArrayField(
        models.CharField(max_length=16, choices=Act.choices),
        verbose_name=_("acts"),
        default=list,
        blank=True,
    )
    brand_keys = ArrayField(
        models.BigIntegerField(), verbose_name=_("brands"), default=list, blank=True
    )

    class Meta:
        verbose_name = _("mandate")
        verbose_name_plural = _("mandates")
        constraints = [
            models.CheckConstraint(
                condition=~Q(agent=F("rights_holder")), name="mandate_not_to_oneself"
            ),
            models.CheckConstraint(
                condition=Q(valid_to__gte=F("valid_from")), name="mandate_ends_after_start"
            ),
            ExclusionConstraint(
                name="mandate_no_overlap",
                expressions=[
                    (F("agent"), RangeOperators.EQUAL),
                    (F("rights_holder"), RangeOperators.EQUAL),
                    (
                        _DateRange(F("valid_from"), F("valid_to"), models.Value("[]")),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(revoked_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agent} → {self.rights_holder}"


class AssociationMembership(models.Model):
    """A rights holder belongs to an association and lets its figures enter the aggregates.

    Consent counts from the first day to the last; a period is aggregated only over the brands
    whose owner consented for the whole of it.
    """

    association = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="association_members"
    )
    rights_holder = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="associations"
    )
    consented_on = models.DateField(_("consented on"))
    withdrawn_on = models.DateField(_("withdrawn on"), null=True, blank=True)

    class Meta:
        verbose_name = _("association membership")
        verbose_name_plural = _("association memberships")
        constraints = [
            models.UniqueConstraint(
                "association",
                "rights_holder",
                condition=Q(withdrawn_on=None),
                name="association_member_once",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_on=None) | Q(withdrawn_on__gte=F("consented_on")),
                name="association_withdrawal_after_consent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rights_holder} in {self.association}"


class ApiKey(models.Model):
    """A key of a marketplace or of an organisation. Only a SHA-256 of the secret is stored."""

    class Scope(models.TextChoices):
        LISTINGS_WRITE = "listings:write", _("Send listings")
        REGISTRY_READ = "registry:read", _("Read the registry")
        REGISTRY_WRITE = "registry:write", _("Change the registry")
        LINKS_READ = "links:read", _("Read suspected links")
        VERDICTS_WRITE = "verdicts:write", _("Give verdicts")
        COMPLAINTS_READ = "complaints:read", _("Read complaints")
        COMPLAINTS_WRITE = "complaints:write", _("File complaints")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="api_keys", null=True, blank=True
    )
    marketplace = models.ForeignKey(
        Marketplace, on_delete=models.PROTECT, related_name="api_keys", null=True, blank=True
    )
    name = models.CharField(_("name"), max_length=80)
    prefix = models.CharField(_("prefix"), max_length=12, unique=True)
    secret_hash = models.CharField(max_length=64)
    scopes = ArrayField(
        models.CharField(max_length=32, choices=Scope.choices), verbose_name=_("scopes")
    )
    created_by = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    created_at = models.DateTimeField(_("created"))
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        constraints = [
            models.CheckConstraint(
                condition=Q(organisation=None, marketplace__isnull=False)
                | Q(organisation__isnull=False, marketplace=None),
                name="api_key_one_owner",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
