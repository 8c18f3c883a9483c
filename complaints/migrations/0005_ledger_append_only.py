"""The ledger and the published rules stay as they were written, whatever role connects."""

from django.db import migrations

TRIGGER = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""
TABLES = ("complaints_creditline", "complaints_creditrules")


class Migration(migrations.Migration):
    dependencies = [("complaints", "0004_good_faith_accounts"), ("core", "0002_append_only")]
    operations = [
        migrations.RunSQL(TRIGGER.format(table=table), f"DROP TRIGGER append_only ON {table}")
        for table in TABLES
    ]
