"""Staff admin of the rollups."""

from django.contrib import admin

from portal.admin import ReadOnlyAdmin
from portal.figures.models import DailyFigure

admin.site.register(DailyFigure, ReadOnlyAdmin)
