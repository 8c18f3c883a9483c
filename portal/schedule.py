"""What runs by itself, and how often."""

from celery.schedules import crontab, schedule


def _every(seconds: float, task: str) -> dict[str, object]:
    # A tick that could not run in time is worthless, the next one does its work.
    return {"task": task, "schedule": schedule(seconds), "options": {"expires": max(seconds, 2)}}


def _nightly(hour: int, minute: int, task: str) -> dict[str, object]:
    return {"task": task, "schedule": crontab(hour=hour, minute=minute)}


SCHEDULE: dict[str, dict[str, object]] = {
    "seal-journal": _every(1, "portal.core.tasks.seal"),
    "relay-outbox": _every(1, "portal.core.tasks.relay"),
    "run-jobs": _every(2, "portal.core.tasks.run_jobs"),
    "sweep-files": _nightly(3, 15, "portal.core.tasks.sweep_files"),
    "match-listings": _every(1, "pushes.tasks.match_pending"),
    "admit-characteristics": _every(2, "pushes.tasks.admit_characteristics"),
    "settle-verdicts": _every(1, "pushes.tasks.settle_verdicts"),
    "lapse-links": _every(60, "pushes.tasks.lapse_links"),
    "share-out": _every(5, "pushes.tasks.share_out"),
    "turn-the-loop": _nightly(2, 30, "pushes.tasks.turn_the_loop"),
    "settle-complaints": _every(1, "complaints.tasks.settle_complaints"),
    "assess-accounts": _every(60, "complaints.tasks.assess_accounts"),
    "end-measures": _every(60, "complaints.tasks.end_measures"),
    "draw-owed-reviews": _every(3600, "complaints.tasks.draw_owed_reviews"),
    "remind": _every(60, "pushes.tasks.remind"),
    "mail-news": _every(30, "pushes.tasks.mail_news"),
    "send-statements": _every(60, "complaints.tasks.send_statements"),
    "erase-identities": _every(3600, "complaints.tasks.erase_identities"),
    "run-hearing-clocks": _every(30, "complaints.tasks.run_hearing_clocks"),
    "expire-credentials": _every(300, "brands.tasks.expire_credentials"),
    "read-documents": _every(300, "brands.tasks.read_documents"),
    "remind-of-credentials": _every(3600, "brands.tasks.remind_of_credentials"),
}
