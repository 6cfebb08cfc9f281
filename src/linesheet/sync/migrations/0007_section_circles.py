"""A section lies below itself for nobody: neither by an edit nor by undoing one."""

from django.db import migrations

MAKE = """
    CREATE FUNCTION sync_section_refuse_circle() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        above bigint := NEW.parent_id;
    BEGIN
        WHILE above IS NOT NULL LOOP
            IF above = NEW.id THEN
                RAISE EXCEPTION 'section % would lie below itself', NEW.id
                    USING ERRCODE = 'check_violation', TABLE = 'sync_section', CONSTRAINT = 'section_no_circle';
            END IF;
            SELECT parent_id INTO above FROM sync_section WHERE id = above;
        END LOOP;
        RETURN NULL;
    END;
    $$;
    CREATE TRIGGER section_no_circle AFTER UPDATE OF parent_id ON sync_section FOR EACH ROW
        WHEN (NEW.parent_id IS DISTINCT FROM OLD.parent_id AND NEW.parent_id IS NOT NULL)
        EXECUTE FUNCTION sync_section_refuse_circle();
"""
UNMAKE = """
    DROP TRIGGER section_no_circle ON sync_section;
    DROP FUNCTION sync_section_refuse_circle();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('sync', '0006_readiness'),
    ]

    operations = [
        migrations.RunSQL(MAKE, UNMAKE),
    ]
