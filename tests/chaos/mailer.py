"""The portal's Celery application with the relay of the outbox only."""

from portal.celery import app

app.conf.beat_schedule = {
    name: entry for name, entry in app.conf.beat_schedule.items() if name == "relay-outbox"
}
