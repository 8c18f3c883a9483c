"""The Celery application.

The schedule is code (``CELERY_BEAT_SCHEDULE`` in the settings): what runs is reviewed like
everything else. Messages carry no truth. They only wake relays, which find their work in the
database, so a lost message costs a delay and never an effect.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
