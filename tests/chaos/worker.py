"""The portal's Celery application with the ticks of jobs only.

Matching would take the work whose number the test checks.
"""

from portal.celery import app

app.conf.beat_schedule = {
    name: entry for name, entry in app.conf.beat_schedule.items() if name == "run-jobs"
}
