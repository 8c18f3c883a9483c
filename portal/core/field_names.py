"""What staff tables call columns whose model gives them no name of their own.

Django would show the Python name. A name here counts for every model; one that means something
else in one model gets a ``verbose_name`` there. A test holds that no column is left in English.
"""

from django.apps import apps
from django.db.models import Field
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

OURS = ("portal", "brands", "pushes", "complaints")
NAMES: dict[str, Promise] = {
    "account": _("account"),
    "after": _("after"),
    "agent": _("agent"),
    "answered_by": _("answered by"),
    "api_key": _("API key"),
    "asked_by": _("asked by"),
    "assignee": _("assignee"),
    "association": _("association"),
    "attempts": _("attempts"),
    "audit_failed": _("audits failed"),
    "audit_passed": _("audits passed"),
    "auditor": _("auditor"),
    "batch": _("batch"),
    "before": _("before"),
    "brand": _("brand"),
    "brands": _("brands"),
    "calendar_version": _("calendar version"),
    "cancel_requested": _("cancel requested"),
    "cause": _("cause"),
    "changed_by": _("changed by"),
    "check_job": _("check"),
    "checkpoint": _("checkpoint"),
    "closed_by": _("closed by"),
    "complaint": _("complaint"),
    "confirmed_by": _("confirmed by"),
    "consequence": _("consequence"),
    "content_hash": _("hash of the content"),
    "counter_notice": _("counter-notice"),
    "created_at": _("created"),
    "created_by": _("created by"),
    "day": _("day"),
    "decided_by": _("decided by"),
    "decision": _("decision"),
    "document": _("document"),
    "due_at": _("due"),
    "due_rule": _("rule of the deadline"),
    "due_zone": _("zone of the deadline"),
    "entry": _("entry"),
    "established": _("established"),
    "file": _("file"),
    "filed_by": _("filed by"),
    "filed_by_key": _("filed by key"),
    "findings": _("findings"),
    "fine": _("fine"),
    "finished_at": _("finished"),
    "first": _("first"),
    "handler": _("handler"),
    "hash": _("hash"),
    "head": _("newest version"),
    "images": _("pictures"),
    "import_job": _("import"),
    "imported_by": _("imported by"),
    "in_time": _("in time"),
    "infringing": _("infringing"),
    "invited_by": _("invited by"),
    "job": _("job"),
    "kept_down_by": _("kept down by"),
    "key": _("key"),
    "last_error": _("last error"),
    "late": _("late"),
    "layout": _("layout"),
    "lease_until": _("taken until"),
    "letter": _("letter"),
    "link": _("link"),
    "listing": _("listing"),
    "logo": _("logo"),
    "made_by": _("made by"),
    "mandate": _("mandate"),
    "mapping": _("mapping of columns"),
    "marketplace": _("marketplace"),
    "member": _("member"),
    "name": _("name"),
    "notice_hash": _("hash of the notice"),
    "number": _("number"),
    "number_key": _("number without marks"),
    "object_id": _("row"),
    "organisation": _("organisation"),
    "overturned": _("overturned"),
    "params": _("parameters"),
    "parent": _("parent"),
    "payload": _("payload"),
    "picture": _("picture"),
    "previous_hash": _("hash before"),
    "product_model": _("product model"),
    "puid": _("public number"),
    "reading": _("reading"),
    "reason": _("reason"),
    "registration": _("registration"),
    "rejected": _("rejected"),
    "replied_by": _("replied by"),
    "requested_by": _("requested by"),
    "resolved_by": _("resolved by"),
    "result": _("result"),
    "retracted": _("retracted"),
    "reviewed_by": _("reviewed by"),
    "reviewer": _("reviewer"),
    "rights_holder": _("rights holder"),
    "ruleset": _("ruleset"),
    "secret_hash": _("hash of the secret"),
    "seller": _("seller"),
    "seq": _("place"),
    "settled_by": _("settled by"),
    "sha256": _("SHA-256"),
    "signal_kinds": _("kinds of signals"),
    "snapshot_hash": _("hash of the snapshot"),
    "source": _("source"),
    "state": _("state"),
    "statement": _("statement"),
    "step": _("step"),
    "stored": _("stored file"),
    "submitted_by": _("submitted by"),
    "table": _("table"),
    "text_bands": _("bands of the text"),
    "token_hash": _("hash of the token"),
    "undo_job": _("taking back"),
    "user": _("user"),
    "uuid": _("public id"),
    "vector": _("vector"),
    "version": _("version"),
}


def apply() -> None:
    """Name the columns of our models. Migrations do not see it: they hold what a model states."""
    for model in apps.get_models():
        if not model.__module__.startswith(OURS):
            continue
        for field in model._meta.get_fields():
            if isinstance(field, Field) and not given(field) and field.name in NAMES:
                field.verbose_name = NAMES[field.name]  # type: ignore[assignment]  # a lazy text


def given(field: "Field[object, object]") -> bool:
    """Whether the model itself names the column."""
    return getattr(field, "_verbose_name", None) is not None
