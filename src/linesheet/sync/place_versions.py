"""When the place of each product in a connection's catalogue last changed, noted by triggers as in `books.versions`.

A place has changed when its product was put there or taken away, or when its section, or one above, was renamed or
moved.
"""


def kind_of(connection_id: int) -> str:
    """The kind under which changes of places of a connection are noted, by the ids of their products."""
    return f"place:{connection_id}"


_NOTED = "SELECT DISTINCT company_id, 'place:' || connection_id, product_id, pg_current_xact_id()::text::bigint, moment"

TRIGGERS = f"""
CREATE FUNCTION linesheet_place_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moment timestamptz := clock_timestamp();
BEGIN
    INSERT INTO books_version (company_id, kind, record_id, transaction, at)
    {_NOTED} FROM (
        SELECT s.company_id, s.connection_id, c.product_id FROM changed c JOIN sync_section s ON s.id = c.section_id
    ) place ON CONFLICT DO NOTHING;
    RETURN NULL;
END;
$$;
CREATE TRIGGER linesheet_version_added AFTER INSERT ON sync_placement
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION linesheet_place_version();
CREATE TRIGGER linesheet_version_edited AFTER UPDATE ON sync_placement
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION linesheet_place_version();
CREATE TRIGGER linesheet_version_gone AFTER DELETE ON sync_placement
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION linesheet_place_version();

CREATE FUNCTION linesheet_section_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moment timestamptz := clock_timestamp();
BEGIN
    INSERT INTO books_version (company_id, kind, record_id, transaction, at)
    WITH RECURSIVE below AS (
        SELECT id, company_id, connection_id FROM changed
        UNION
        SELECT s.id, s.company_id, s.connection_id FROM sync_section s JOIN below ON s.parent_id = below.id
    )
    {_NOTED} FROM (
        SELECT b.company_id, b.connection_id, p.product_id FROM below b JOIN sync_placement p ON p.section_id = b.id
    ) place ON CONFLICT DO NOTHING;
    RETURN NULL;
END;
$$;
CREATE TRIGGER linesheet_version_edited AFTER UPDATE ON sync_section
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION linesheet_section_version();
"""  # noqa: S608 - nothing in it is given by anyone
TRIGGERS_UNDONE = """
DROP TRIGGER linesheet_version_edited ON sync_section;
DROP TRIGGER linesheet_version_gone ON sync_placement;
DROP TRIGGER linesheet_version_edited ON sync_placement;
DROP TRIGGER linesheet_version_added ON sync_placement;
DROP FUNCTION linesheet_section_version();
DROP FUNCTION linesheet_place_version();
"""
