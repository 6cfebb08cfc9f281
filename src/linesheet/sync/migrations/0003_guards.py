"""Has no section lie below itself, and waiting workers told of jobs that a freed lock lets go."""

from django.db import migrations

# Neither by an edit nor by undoing one.
NO_CIRCLES = """
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
NO_CIRCLES_UNDONE = """
    DROP TRIGGER section_no_circle ON sync_section;
    DROP FUNCTION sync_section_refuse_circle();
"""

# Procrastinate tells waiting workers of a new job, but not of one that an ended job's lock has kept waiting. The index
# finds the jobs of a lock, for this and for its own fetching.
FREED_LOCK = """
CREATE INDEX linesheet_jobs_of_lock ON procrastinate_jobs (lock) WHERE status IN ('todo', 'doing');

CREATE FUNCTION linesheet_tell_of_freed_lock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM procrastinate_jobs WHERE lock = OLD.lock AND status = 'todo') THEN
        PERFORM pg_notify('procrastinate_queue_v1#' || OLD.queue_name,
                          json_build_object('type', 'job_inserted', 'job_id', OLD.id)::text);
    END IF;
    RETURN NULL;
END;
$$;

CREATE TRIGGER linesheet_freed_lock AFTER UPDATE OF status OR DELETE ON procrastinate_jobs
    FOR EACH ROW WHEN (OLD.status = 'doing' AND OLD.lock IS NOT NULL)
    EXECUTE FUNCTION linesheet_tell_of_freed_lock();
"""

FREED_LOCK_UNDONE = """
DROP TRIGGER linesheet_freed_lock ON procrastinate_jobs;
DROP FUNCTION linesheet_tell_of_freed_lock();
DROP INDEX linesheet_jobs_of_lock;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('sync', '0002_changes'),
        ('procrastinate', '0041_post_retry_failed_job'),
    ]

    operations = [
        migrations.RunSQL(NO_CIRCLES, NO_CIRCLES_UNDONE),
        migrations.RunSQL(FREED_LOCK, FREED_LOCK_UNDONE),
    ]
