"""Notices, decisions and statements stay as they were made: triggers hold it, whatever connects."""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION refuse_notice_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a notice cannot be changed once made' USING ERRCODE = 'restrict_violation';
END $$;
"""
NOTICE_TRIGGER = """
CREATE TRIGGER notice_immutable BEFORE UPDATE ON complaints_complaint
FOR EACH ROW WHEN (
    OLD.notice IS DISTINCT FROM NEW.notice OR OLD.notice_hash IS DISTINCT FROM NEW.notice_hash
) EXECUTE FUNCTION refuse_notice_change();
"""
TRIGGER = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""
TABLES = ("complaints_decision", "complaints_statementofreasons")


class Migration(migrations.Migration):
    dependencies = [("complaints", "0002_initial"), ("core", "0002_append_only")]
    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION refuse_notice_change() CASCADE"),
        migrations.RunSQL(NOTICE_TRIGGER, "DROP TRIGGER notice_immutable ON complaints_complaint"),
        *[
            migrations.RunSQL(TRIGGER.format(table=table), f"DROP TRIGGER append_only ON {table}")
            for table in TABLES
        ],
    ]
