"""The staff admin reads and never writes: every change goes through a service."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from portal.core.errors import NotAllowed
from portal.core.web.middleware import actor_of

# Django's own Chinese catalogue lacks it; ours answers instead.
gettext_noop("Change or view list link")


class ReadOnlySite(admin.AdminSite):
    """Django's admin for platform administrators, behind the portal's own sign-in."""

    site_header = _("Staff tables (read only)")
    site_title = _("Staff tables")
    index_title = _("Tables")
    enable_nav_sidebar = False

    def register(
        self,
        model_or_iterable: Any,
        admin_class: type[admin.ModelAdmin[Any]] | None = None,
        **options: Any,
    ) -> None:
        """Take read-only tables; what libraries register could write and is left out."""
        if admin_class is not None and issubclass(admin_class, ReadOnlyAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        """Platform administrators only; the flag on the user is not asked."""
        # The middleware found the actor; the index asks here once for each table.
        actor = request.actor if hasattr(request, "actor") else actor_of(request)
        return actor is not None and actor.is_platform and actor.role == "platform_admin"

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Use the portal's sign-in, with its rate limits and its second step.

        Whoever is signed in and still comes here lacks the role; the sign-in would only send them
        back, for ever.
        """
        if request.user.is_authenticated:
            raise NotAllowed("role", _("Your role does not allow this."))
        return redirect_to_login(reverse("admin:index"), reverse("account_login"))


class ReadOnlyAdmin(admin.ModelAdmin[Model]):
    """An admin page without any way to write."""

    show_full_result_count = False  # counting a large table costs more than the page

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whoever may enter the site may read every table."""
        return self.admin_site.has_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may enter the site may read every row."""
        return self.admin_site.has_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds rows here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes rows here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes rows here."""
        return False
