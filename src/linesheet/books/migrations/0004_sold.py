"""Has the database keep what is sold from each row of stock, so that what is left to sell is a column."""

from django.db import migrations

# Every change of what is sold goes to the rows of stock as a difference: to add up all lines of a SKU again would take
# the longer the better it sells. Where a change could be missed, something is held first:
# - an order before it is asked whether its lines are sold, as it may be being approved;
# - the sales of a company, by all who change them together, and alone by who counts a row of stock from the beginning,
#   as neither sees what the other has not committed;
# - rows of stock in the order of their ids, so that no two wait for each other.
SOLD_IS_KEPT = """
CREATE TYPE linesheet_sale AS (company_id bigint, sku_id bigint, season_id bigint, location_id bigint, units bigint);

CREATE FUNCTION linesheet_hold_sales(companies bigint[], alone boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    held bigint;
BEGIN
    FOR held IN SELECT DISTINCT unnest(companies) ORDER BY 1 LOOP
        IF alone THEN
            PERFORM pg_advisory_xact_lock(211109606, (held % 2147483648)::int);
        ELSE
            PERFORM pg_advisory_xact_lock_shared(211109606, (held % 2147483648)::int);
        END IF;
    END LOOP;
END;
$$;

-- Where an order without a location sells from: the first location of the company that does.
CREATE FUNCTION linesheet_sells_first(company bigint) RETURNS bigint STABLE LANGUAGE sql AS $$
    SELECT min(id) FROM books_location WHERE company_id = company AND sells AND active;
$$;

-- Changes what is sold by these differences.
CREATE FUNCTION linesheet_sell(sales linesheet_sale[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF cardinality(sales) = 0 THEN
        RETURN;
    END IF;
    PERFORM linesheet_hold_sales(ARRAY(SELECT DISTINCT company_id FROM unnest(sales)), false);
    WITH sale AS MATERIALIZED (
        SELECT company_id, sku_id, season_id, location_id, sum(units) AS units
          FROM unnest(sales) GROUP BY 1, 2, 3, 4 HAVING sum(units) <> 0
    ), first AS MATERIALIZED (
        SELECT company_id, linesheet_sells_first(company_id) AS location_id FROM sale GROUP BY 1
    ), changed AS MATERIALIZED (
        SELECT sku_id, season_id, coalesce(sale.location_id, first.location_id) AS location_id, sum(units) AS units
          FROM sale JOIN first USING (company_id) GROUP BY 1, 2, 3
    ), held AS MATERIALIZED (
        SELECT stock.id, changed.units FROM books_stock stock JOIN changed USING (sku_id, season_id, location_id)
         ORDER BY stock.id FOR NO KEY UPDATE OF stock
    )
    UPDATE books_stock SET sold = books_stock.sold + held.units FROM held WHERE books_stock.id = held.id;
END;
$$;

-- Counts what is sold from these rows of stock from the beginning.
CREATE FUNCTION linesheet_count_sold(stocks bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM linesheet_hold_sales(ARRAY(SELECT DISTINCT company_id FROM books_stock WHERE id = ANY (stocks)), true);
    WITH first AS MATERIALIZED (
        SELECT company_id, linesheet_sells_first(company_id) AS location_id
          FROM books_stock WHERE id = ANY (stocks) GROUP BY 1
    ), counted AS MATERIALIZED (
        SELECT stock.id, sum(line.quantity) FILTER (
                   WHERE placed.approved AND placed.active AND NOT placed.force_closed
                     AND coalesce(placed.location_id, first.location_id) = stock.location_id
               ) AS units
          FROM books_stock stock
          JOIN first USING (company_id)
          LEFT JOIN books_orderline line ON line.sku_id = stock.sku_id
          LEFT JOIN books_order placed ON placed.id = line.order_id AND placed.season_id = stock.season_id
         WHERE stock.id = ANY (stocks) GROUP BY stock.id
    )
    UPDATE books_stock SET sold = coalesce(counted.units, 0) FROM counted
     WHERE books_stock.id = counted.id AND books_stock.sold <> coalesce(counted.units, 0);
END;
$$;

CREATE FUNCTION linesheet_lines_sell() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    sales linesheet_sale[] := '{}';
    orders bigint[] := '{}';
BEGIN
    IF TG_OP <> 'INSERT' THEN
        orders := ARRAY(SELECT DISTINCT order_id FROM before_it);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        orders := orders || ARRAY(SELECT DISTINCT order_id FROM after_it);
    END IF;
    PERFORM FROM books_order WHERE id = ANY (orders) ORDER BY id FOR NO KEY UPDATE;
    IF TG_OP <> 'INSERT' THEN
        sales := ARRAY(
            SELECT ROW(placed.company_id, line.sku_id, season_id, location_id, -line.quantity)::linesheet_sale
              FROM before_it line JOIN books_order placed ON placed.id = line.order_id
             WHERE line.sku_id IS NOT NULL AND approved AND active AND NOT force_closed);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        sales := sales || ARRAY(
            SELECT ROW(placed.company_id, line.sku_id, season_id, location_id, line.quantity)::linesheet_sale
              FROM after_it line JOIN books_order placed ON placed.id = line.order_id
             WHERE line.sku_id IS NOT NULL AND approved AND active AND NOT force_closed);
    END IF;
    PERFORM linesheet_sell(sales);
    RETURN NULL;
END;
$$;
CREATE TRIGGER linesheet_sold_inserted AFTER INSERT ON books_orderline
    REFERENCING NEW TABLE AS after_it FOR EACH STATEMENT EXECUTE FUNCTION linesheet_lines_sell();
CREATE TRIGGER linesheet_sold_updated AFTER UPDATE ON books_orderline
    REFERENCING OLD TABLE AS before_it NEW TABLE AS after_it FOR EACH STATEMENT EXECUTE FUNCTION linesheet_lines_sell();
CREATE TRIGGER linesheet_sold_deleted AFTER DELETE ON books_orderline
    REFERENCING OLD TABLE AS before_it FOR EACH STATEMENT EXECUTE FUNCTION linesheet_lines_sell();

-- An order comes with lines, and goes without them, where tables are filled one after the other.
CREATE FUNCTION linesheet_orders_sell() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    sales linesheet_sale[] := '{}';
    moved bigint[];
BEGIN
    IF TG_OP = 'UPDATE' THEN
        moved := ARRAY(
            SELECT id FROM before_it was JOIN after_it became USING (id)
             WHERE (was.approved, was.active, was.force_closed, was.season_id, was.location_id)
                   IS DISTINCT FROM
                   (became.approved, became.active, became.force_closed, became.season_id, became.location_id));
        IF cardinality(moved) = 0 THEN
            RETURN NULL;
        END IF;
    ELSIF TG_OP = 'DELETE' THEN
        moved := ARRAY(SELECT id FROM before_it);
    ELSE
        moved := ARRAY(SELECT id FROM after_it);
    END IF;
    IF TG_OP <> 'INSERT' THEN
        sales := ARRAY(
            SELECT ROW(was.company_id, line.sku_id, season_id, location_id, -line.quantity)::linesheet_sale
              FROM before_it was JOIN books_orderline line ON line.order_id = was.id
             WHERE line.order_id = ANY (moved)
               AND line.sku_id IS NOT NULL AND approved AND active AND NOT force_closed);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        sales := sales || ARRAY(
            SELECT ROW(became.company_id, line.sku_id, season_id, location_id, line.quantity)::linesheet_sale
              FROM after_it became JOIN books_orderline line ON line.order_id = became.id
             WHERE line.order_id = ANY (moved)
               AND line.sku_id IS NOT NULL AND approved AND active AND NOT force_closed);
    END IF;
    PERFORM linesheet_sell(sales);
    RETURN NULL;
END;
$$;
CREATE TRIGGER linesheet_sold_inserted AFTER INSERT ON books_order
    REFERENCING NEW TABLE AS after_it FOR EACH STATEMENT EXECUTE FUNCTION linesheet_orders_sell();
CREATE TRIGGER linesheet_sold_updated AFTER UPDATE ON books_order
    REFERENCING OLD TABLE AS before_it NEW TABLE AS after_it FOR EACH STATEMENT EXECUTE FUNCTION linesheet_orders_sell();
CREATE TRIGGER linesheet_sold_deleted AFTER DELETE ON books_order
    REFERENCING OLD TABLE AS before_it FOR EACH STATEMENT EXECUTE FUNCTION linesheet_orders_sell();

CREATE FUNCTION linesheet_stock_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM linesheet_count_sold(ARRAY(SELECT id FROM after_it));
    RETURN NULL;
END;
$$;
CREATE TRIGGER linesheet_sold_inserted AFTER INSERT ON books_stock
    REFERENCING NEW TABLE AS after_it FOR EACH STATEMENT EXECUTE FUNCTION linesheet_stock_inserted();

CREATE FUNCTION linesheet_stock_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM linesheet_count_sold(ARRAY[NEW.id]);
    RETURN NULL;
END;
$$;
CREATE TRIGGER linesheet_sold_moved AFTER UPDATE OF sku_id, season_id, location_id ON books_stock FOR EACH ROW
    WHEN ((OLD.sku_id, OLD.season_id, OLD.location_id) <> (NEW.sku_id, NEW.season_id, NEW.location_id))
    EXECUTE FUNCTION linesheet_stock_moved();

-- Whoever saves a row of stock with what was sold when it was read leaves what is sold now.
CREATE FUNCTION linesheet_sold_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.sold := OLD.sold;
    RETURN NEW;
END;
$$;
CREATE TRIGGER linesheet_sold BEFORE UPDATE OF sold ON books_stock
    FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION linesheet_sold_stays();

-- Which location sells first may be another now.
CREATE FUNCTION linesheet_locations_sell() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    companies bigint[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        companies := ARRAY(SELECT company_id FROM after_it);
    ELSIF TG_OP = 'DELETE' THEN
        companies := ARRAY(SELECT company_id FROM before_it);
    ELSE
        companies := ARRAY(
            SELECT was.company_id FROM before_it was JOIN after_it became USING (id)
             WHERE (was.sells, was.active) <> (became.sells, became.active));
    END IF;
    PERFORM linesheet_hold_sales(companies, true);
    PERFORM linesheet_count_sold(ARRAY(SELECT id FROM books_stock WHERE company_id = ANY (companies)));
    RETURN NULL;
END;
$$;
CREATE TRIGGER linesheet_sold_inserted AFTER INSERT ON books_location
    REFERENCING NEW TABLE AS after_it FOR EACH STATEMENT EXECUTE FUNCTION linesheet_locations_sell();
CREATE TRIGGER linesheet_sold_updated AFTER UPDATE ON books_location
    REFERENCING OLD TABLE AS before_it NEW TABLE AS after_it
    FOR EACH STATEMENT EXECUTE FUNCTION linesheet_locations_sell();
CREATE TRIGGER linesheet_sold_deleted AFTER DELETE ON books_location
    REFERENCING OLD TABLE AS before_it FOR EACH STATEMENT EXECUTE FUNCTION linesheet_locations_sell();
"""
SOLD_IS_KEPT_UNDONE = """
DROP TRIGGER linesheet_sold_deleted ON books_location;
DROP TRIGGER linesheet_sold_updated ON books_location;
DROP TRIGGER linesheet_sold_inserted ON books_location;
DROP TRIGGER linesheet_sold ON books_stock;
DROP TRIGGER linesheet_sold_moved ON books_stock;
DROP TRIGGER linesheet_sold_inserted ON books_stock;
DROP TRIGGER linesheet_sold_deleted ON books_order;
DROP TRIGGER linesheet_sold_updated ON books_order;
DROP TRIGGER linesheet_sold_inserted ON books_order;
DROP TRIGGER linesheet_sold_deleted ON books_orderline;
DROP TRIGGER linesheet_sold_updated ON books_orderline;
DROP TRIGGER linesheet_sold_inserted ON books_orderline;
DROP FUNCTION linesheet_locations_sell();
DROP FUNCTION linesheet_sold_stays();
DROP FUNCTION linesheet_stock_moved();
DROP FUNCTION linesheet_stock_inserted();
DROP FUNCTION linesheet_orders_sell();
DROP FUNCTION linesheet_lines_sell();
DROP FUNCTION linesheet_count_sold(bigint[]);
DROP FUNCTION linesheet_sell(linesheet_sale[]);
DROP FUNCTION linesheet_sells_first(bigint);
DROP FUNCTION linesheet_hold_sales(bigint[], boolean);
DROP TYPE linesheet_sale;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('books', '0003_order_sums'),
    ]

    operations = [
        migrations.RunSQL(SOLD_IS_KEPT, SOLD_IS_KEPT_UNDONE),
    ]
