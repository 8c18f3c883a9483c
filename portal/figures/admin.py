"""Staff admin of the rollups."""

from django.contrib import admin

from portal.admin import ReadOnlyAdmin
from portal.figures.models import CaseTime, DailyFigure, TransparencyFigure

admin.site.register([CaseTime, DailyFigure, TransparencyFigure], ReadOnlyAdmin)
