"""Organisations, the people in them, and the marketplaces the portal works for."""

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from portal.core import names


class UserManager(BaseUserManager["User"]):
    """Creates users, who are known by e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Return a saved user; without a password nobody can sign in as them."""
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Return a user who may read the Django admin."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person. What they may do comes from their memberships, never from this row."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    language = models.CharField(_("language"), max_length=10, default="en")
    zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("may read the staff admin"), default=False)
    date_joined = models.DateTimeField(_("joined"), auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_ignores_case"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        """Name shown to others."""
        return str(self)


class Organisation(models.Model):
    """A tenant: what a rights holder owns carries its id."""

    class Kind(models.TextChoices):
        RIGHTS_HOLDER = "rights_holder", _("Rights holder")
        AGENT = "agent", _("Agent")
        ASSOCIATION = "association", _("Industry association")
        PLATFORM = "platform", _("Platform")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    name = models.CharField(_("name"), max_length=200)
    # What the eye keeps of the name: two of a kind with one skeleton would pass for each other.
    name_skeleton = models.CharField(
        _("name as the eye keeps it"), max_length=400, blank=True, editable=False, db_index=True
    )
    country = models.CharField(_("country"), max_length=2, help_text=_("ISO 3166 code."))
    zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    is_simulated = models.BooleanField(_("simulated"), default=False)
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        constraints = [
            models.UniqueConstraint(Lower("name"), "kind", name="organisation_name_once_a_kind"),
            models.UniqueConstraint(
                fields=("name_skeleton", "kind"),
                condition=~Q(name_skeleton=""),
                name="organisation_skeleton_once_a_kind",
            ),
            models.CheckConstraint(
                condition=Q(country__regex=r"^[A-Z]{2}$"), name="organisation_country_iso"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, with the skeleton of the name the row is made with."""
        if self._state.adding:
            self.name_skeleton = names.skeleton(self.name)[:400]
        super().save(*args, **kwargs)


class Role(models.TextChoices):
    """What a member may do; the matrix is in ``portal.core.policies``."""

    OWNER = "owner", _("Owner")
    ADMIN = "admin", _("Administrator")
    REVIEWER = "reviewer", _("Reviewer")
    COMPLAINANT = "complainant", _("Complainant")
    VIEWER = "viewer", _("Viewer")
    PLATFORM_AUDITOR = "platform_auditor", _("Platform auditor")
    PLATFORM_ADMIN = "platform_admin", _("Platform administrator")


class Member(models.Model):
    """A user in an organisation, in one role."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="members")
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    active = models.BooleanField(_("active"), default=True)
    joined_at = models.DateTimeField(_("joined"))

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [
            models.UniqueConstraint("user", "organisation", name="member_once_an_organisation"),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.organisation})"


class Invitation(models.Model):
    """An invitation by e-mail. The token itself is never stored, only its SHA-256."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="invitations"
    )
    email = models.EmailField(_("e-mail address"))
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("created"))
    expires_at = models.DateTimeField(_("expires"))
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                "organisation",
                condition=Q(accepted_at=None, withdrawn_at=None),
                name="invitation_one_open_an_address",
            ),
        ]

    def __str__(self) -> str:
        return self.email


class Marketplace(models.Model):
    """A marketplace whose listings come in and which receives orders."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slug = models.SlugField(_("short name"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    jurisdiction = models.CharField(_("jurisdiction"), max_length=2)
    zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    listing_url = models.CharField(
        _("listing address"),
        max_length=300,
        blank=True,
        help_text=_("Template with {external_id}."),
    )
    order_url = models.URLField(_("order address"), max_length=300, blank=True)
    order_secret = models.CharField(_("order signing secret"), max_length=120, blank=True)
    image_hosts = ArrayField(
        models.CharField(max_length=200),
        verbose_name=_("picture hosts"),
        default=list,
        blank=True,
        help_text=_("Hosts (host or host:port) from which listing pictures may be fetched."),
    )
    is_simulated = models.BooleanField(_("simulated"), default=False)
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("marketplace")
        verbose_name_plural = _("marketplaces")
        constraints = [
            models.UniqueConstraint(Lower("name"), name="marketplace_name_once"),
        ]

    def __str__(self) -> str:
        return self.name
