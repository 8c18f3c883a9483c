"""The ground floor: settings, organisations, journal, clocks, jobs, page shell and figures."""

from portal.celery import app as celery_app

__all__ = ["celery_app"]
