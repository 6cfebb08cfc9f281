"""The triggers that write down what happens to a row while a change set is being recorded.

Migrations make them from here, those of `sync` for its own tables too. A table must have a column `id`.
"""

SETTING = "linesheet.change_set"
"""The session's setting that holds the id of the change set being recorded; empty or absent when there is none."""

LEFT_ALONE = {
    "books_order": ("units", "unmatched", "amount", "total", "acknowledged_at"),
}
"""Columns, by table, that undo leaves as they are: those that the database works out of other rows, and what the ERP
said, which knows nothing of what is undone here."""

FUNCTION = f"""
CREATE FUNCTION linesheet_record_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    recorded_in bigint := current_setting('{SETTING}')::bigint;
    old_row jsonb;
    new_row jsonb;
    was jsonb;
    became jsonb;
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO books_change (change_set_id, "table", "row", operation, after)
        VALUES (recorded_in, TG_TABLE_NAME, NEW.id, 'I', to_jsonb(NEW));
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO books_change (change_set_id, "table", "row", operation, before)
        VALUES (recorded_in, TG_TABLE_NAME, OLD.id, 'D', to_jsonb(OLD));
    ELSE
        -- The arguments are columns that follow from others: they say nothing about what changed.
        old_row := to_jsonb(OLD) - TG_ARGV::text[];
        new_row := to_jsonb(NEW) - TG_ARGV::text[];
        IF old_row <> new_row THEN
            SELECT jsonb_object_agg(had.key, had.value), jsonb_object_agg(had.key, new_row -> had.key)
              INTO was, became
              FROM jsonb_each(old_row) AS had
             WHERE had.value IS DISTINCT FROM new_row -> had.key;
            INSERT INTO books_change (change_set_id, "table", "row", operation, before, after)
            VALUES (recorded_in, TG_TABLE_NAME, NEW.id, 'U', was, became);
        END IF;
    END IF;
    RETURN NULL;
END;
$$;
"""  # noqa: S608 - nothing in it is given by anyone
FUNCTION_UNDONE = "DROP FUNCTION linesheet_record_change();"


def trigger(table: str, touched: str = "", on: str = "INSERT OR UPDATE OR DELETE") -> str:
    """SQL that has changes of a table recorded. `touched` is the column that tells when a row changed, if it has one.

    `on` is what happens to its rows that a person may undo.

    The condition is looked at before the function is called, so rows cost next to nothing while none are recorded.
    """
    ignored = ", ".join(f"'{column}'" for column in (touched, *LEFT_ALONE.get(table, ())))
    return f"""
    CREATE TRIGGER linesheet_changes AFTER {on} ON {table} FOR EACH ROW
    WHEN (current_setting('{SETTING}', true) <> '') EXECUTE FUNCTION linesheet_record_change({ignored});
    """


def trigger_undone(table: str) -> str:
    """SQL that takes the trigger off a table."""
    return f"DROP TRIGGER linesheet_changes ON {table};"
