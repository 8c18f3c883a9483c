"""What a seller signed stays as signed, and who signed it: triggers hold it, whatever connects."""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION refuse_counter_notice_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a counter-notice cannot be changed once signed'
        USING ERRCODE = 'restrict_violation';
END $$;
"""
SIGNED = ("complaint_id", "attempt", "reason", "explanation", "declaration", "content_hash", "rule")
TRIGGER = f"""
CREATE TRIGGER counter_notice_immutable BEFORE UPDATE ON complaints_counternotice
FOR EACH ROW WHEN ({" OR ".join(f"OLD.{c} IS DISTINCT FROM NEW.{c}" for c in SIGNED)})
EXECUTE FUNCTION refuse_counter_notice_change();
"""
REACHED_ONCE = """
CREATE TRIGGER counter_notice_reached_once BEFORE UPDATE ON complaints_counternotice
FOR EACH ROW WHEN (
    OLD.reached_at IS NOT NULL AND OLD.reached_at IS DISTINCT FROM NEW.reached_at
) EXECUTE FUNCTION refuse_counter_notice_change();
"""


class Migration(migrations.Migration):
    dependencies = [("complaints", "0008_counter_notices")]
    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION refuse_counter_notice_change() CASCADE"),
        migrations.RunSQL(
            TRIGGER, "DROP TRIGGER counter_notice_immutable ON complaints_counternotice"
        ),
        migrations.RunSQL(
            REACHED_ONCE, "DROP TRIGGER counter_notice_reached_once ON complaints_counternotice"
        ),
    ]
