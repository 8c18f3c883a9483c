"""The page shell: home, health, and the visitor's preferences."""

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from portal.core.web import navigation
from portal.core.web.context import SHORTCUTS, THEMES, YEAR


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Send members to their first page; tell strangers what this is."""
    if first := navigation.first_page(getattr(request, "actor", None)):
        return redirect(first)
    return render(request, "home.html")


@require_GET
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})


@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Keep theme, shortcuts and language in cookies, and the language with the user."""
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = "/"
    response = redirect(back)
    for name, values in {"theme": THEMES, "shortcuts": SHORTCUTS}.items():
        if (value := request.POST.get(name, "")) in values:
            response.set_cookie(name, value, max_age=YEAR, samesite="Lax", httponly=True)
    language = request.POST.get("language", "")
    if language in dict(settings.LANGUAGES):
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=YEAR, samesite="Lax")
        if request.user.is_authenticated:
            request.user.language = language
            request.user.save(update_fields=["language"])
    return response
