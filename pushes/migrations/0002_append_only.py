"""Facts and listing versions are never changed: triggers hold it, whatever role connects."""

from django.db import migrations

TRIGGER = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""
TABLES = ("pushes_feedbackfact", "pushes_listingversion")


class Migration(migrations.Migration):
    dependencies = [("pushes", "0001_initial"), ("core", "0002_append_only")]
    operations = [
        migrations.RunSQL(TRIGGER.format(table=table), f"DROP TRIGGER append_only ON {table}")
        for table in TABLES
    ]
