"""How people get accounts: by registering a rights holder, or by invitation."""

import uuid
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.sites.shortcuts import get_current_site
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language

from portal.core import mail
from portal.core.models import User
from portal.core.web.context import YEAR


class AccountAdapter(DefaultAccountAdapter):
    """Our changes to allauth."""

    def save_user(
        self, request: HttpRequest, user: AbstractBaseUser, form: Any, commit: bool = True
    ) -> AbstractBaseUser:
        """Keep the language in which somebody signed up; their mail is written in it."""
        if isinstance(user, User):
            user.language = get_language() or settings.LANGUAGE_CODE
        return super().save_user(request, user, form, commit=commit)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Ask for allauth's mail as for every other: through the outbox, as text and as HTML.

        The request's transaction may still be rolled back, and must not wait for a mail server.
        """
        request = allauth_context.request
        given = {"request": request, "email": email, "current_site": get_current_site(request)}
        message = self.render_mail(template_prefix, email, {**given, **context})
        mail.send(
            key=f"account:{uuid.uuid4()}",
            to=[email],
            subject=str(message.subject),
            text=str(message.body),
            now=timezone.now(),
        )

    def post_login(
        self, request: HttpRequest, user: AbstractBaseUser, **kwargs: Any
    ) -> HttpResponse:
        """Give a browser that has no language yet the one its user chose elsewhere."""
        response = super().post_login(request, user, **kwargs)
        if isinstance(user, User) and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME, user.language, max_age=YEAR, samesite="Lax"
            )
        return response
