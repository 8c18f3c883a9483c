"""A suspected link: a listing the engine believes infringes, pushed to its brand."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from brands.models import Brand, ProductModel
from portal.core.models import Marketplace, Member, Organisation
from portal.core.states import govern
from pushes.models.listing import Listing, ListingVersion
from pushes.models.ruleset import Ruleset
from pushes.models.seller import Seller
from pushes.states import LINK


class SuspectedLink(models.Model):
    """One link per brand and listing.

    ``snapshot`` is a full copy of the listing as pushed, ``signals`` the engine's explanation:
    ``[{"kind", "field", "start", "end", "matched", "registered", "value", "contribution"}]``,
    ``vector`` the named features as scored. A link that ``explores`` lies below the threshold and
    was drawn with ``propensity``; it is outside the good-faith account. The deadline never moves
    once set. What the desk filters by is kept beside the snapshot: ``title``, ``marketplace``,
    ``seller``, ``signal_kinds`` (what spoke for suspicion) and ``text_bands``
    (``pushes.services.near_text``).
    """

    class State(models.TextChoices):
        PENDING = "pending", _("Waiting for a verdict")
        OVERFLOW = "overflow", _("Above the weekly capacity")
        COUNTERFEIT = "counterfeit", _("Counterfeit")
        OTHER_INFRINGEMENT = "other_infringement", _("Other infringement")
        GENUINE = "genuine", _("Genuine")
        AUTHORISED = "authorised", _("Authorised seller")
        APPRAISAL = "appraisal", _("In appraisal")
        LAPSED = "lapsed", _("Deadline missed")
        GONE = "gone", _("Listing gone")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="suspected_links"
    )
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="suspected_links")
    product_model = models.ForeignKey(
        ProductModel, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    listing = models.ForeignKey(Listing, on_delete=models.PROTECT, related_name="suspected_links")
    version = models.ForeignKey(ListingVersion, on_delete=models.PROTECT, related_name="+")
    snapshot = models.JSONField(_("listing as pushed"))
    snapshot_hash = models.CharField(max_length=64)
    title = models.TextField(_("title"), default="", blank=True)
    marketplace = models.ForeignKey(
        Marketplace, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    seller = models.ForeignKey(
        Seller, on_delete=models.PROTECT, related_name="suspected_links", null=True, blank=True
    )
    signal_kinds = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    text_bands = ArrayField(models.IntegerField(), default=list, blank=True)
    score = models.FloatField(_("score"))
    threshold = models.FloatField(
        _("pushed from"), null=True, blank=True, help_text=_("The threshold that held for it.")
    )
    explores = models.BooleanField(_("pushed to explore"), default=False, db_default=False)
    propensity = models.FloatField(_("chance of being pushed"), default=1.0, db_default=1.0)
    shadow_score = models.FloatField(_("score of the shadow"), null=True, blank=True)
    signals = models.JSONField(_("signals"))
    vector = models.JSONField(default=dict)
    registry_revision = models.BigIntegerField(_("registry revision"))
    ruleset = models.ForeignKey(Ruleset, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(
        _("state"), max_length=20, choices=State.choices, default=State.PENDING
    )
    pushed_at = models.DateTimeField(_("pushed"))
    due_at = models.DateTimeField(
        _("due"), null=True, blank=True, help_text=_("Empty while no clock runs.")
    )
    assignee = models.ForeignKey(
        Member, on_delete=models.SET_NULL, related_name="+", null=True, blank=True
    )
    due_zone = models.CharField(max_length=64)
    due_rule = models.CharField(max_length=40)
    calendar_version = models.CharField(max_length=64)
    judged_at = models.DateTimeField(_("judged"), null=True, blank=True)

    class Meta:
        verbose_name = _("suspected link")
        verbose_name_plural = _("suspected links")
        constraints = [
            models.UniqueConstraint("brand", "listing", name="link_once_a_brand"),
            models.CheckConstraint(condition=Q(score__gte=0, score__lte=1), name="link_score"),
            models.CheckConstraint(
                condition=Q(due_at__gte=models.F("pushed_at")), name="link_due_after_push"
            ),
            models.CheckConstraint(
                condition=Q(due_at__isnull=False) | Q(state__in=["overflow", "gone"]),
                name="link_clock_runs",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="pending"), name="link_pending_due"),
            # The desk reads a page from a place in an order: one index for each order it offers,
            # for a whole organisation and for one brand of it.
            models.Index(fields=["organisation", "state", "due_at", "id"], name="link_by_due"),
            models.Index(fields=["organisation", "state", "-score", "-id"], name="link_by_score"),
            models.Index(
                fields=["organisation", "state", "-pushed_at", "-id"], name="link_by_push"
            ),
            models.Index(fields=["brand", "state", "due_at", "id"], name="link_of_brand_by_due"),
            models.Index(fields=["brand", "state", "-score", "-id"], name="link_of_brand_by_score"),
            models.Index(
                fields=["brand", "state", "-pushed_at", "-id"], name="link_of_brand_by_push"
            ),
            models.Index(
                fields=["organisation", "assignee"],
                condition=Q(state="pending"),
                name="link_assigned",
            ),
            GinIndex(fields=["signal_kinds"], name="link_signal_kinds"),
            GinIndex(fields=["text_bands"], name="link_text_bands"),
            GinIndex(OpClass(Upper("title"), name="gin_trgm_ops"), name="link_title_words"),
        ]

    def __str__(self) -> str:
        return f"{self.brand_id} → {self.listing_id}"


govern(SuspectedLink, LINK)
