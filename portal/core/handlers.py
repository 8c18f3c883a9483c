"""Outbox handlers of the ground floor."""

from django.utils.translation import gettext_lazy as _

from portal.core import exports, jobs, mail, outbox


def register_all() -> None:
    """Bind handler names to functions."""
    outbox.register("mail.send", mail.deliver)
    jobs.register(exports.KIND, exports.step, _("Export"))
