"""The portal's Celery application with the journal's tick only, at its usual pace."""

from portal.celery import app

app.conf.beat_schedule = {
    name: entry for name, entry in app.conf.beat_schedule.items() if name == "seal-journal"
}
