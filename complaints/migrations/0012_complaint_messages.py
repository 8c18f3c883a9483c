"""Messages about complaints. A new table, so nothing waits; a trigger keeps what was written."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

TRIGGER = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON complaints_complaintmessage
FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("complaints", "0011_identity_erased"),
        ("core", "0005_notices"),
    ]
    operations = [
        migrations.CreateModel(
            name="ComplaintMessage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name="public id")),
                ("side", models.CharField(choices=[("complainant", "Complainant"), ("platform", "Platform")], max_length=11, verbose_name="side")),
                ("text", models.TextField(verbose_name="message")),
                ("at", models.DateTimeField(verbose_name="written")),
                ("complaint", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="messages", to="complaints.complaint", verbose_name="complaint")),
                ("member", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.member", verbose_name="member")),
            ],
            options={
                "verbose_name": "message about a complaint",
                "verbose_name_plural": "messages about complaints",
                "indexes": [models.Index(fields=["complaint", "at"], name="complaint_thread")],
                "constraints": [models.CheckConstraint(condition=models.Q(("text", ""), _negated=True), name="complaint_message_has_text")],
            },
        ),
        migrations.RunSQL(TRIGGER, "DROP TRIGGER append_only ON complaints_complaintmessage"),
    ]
