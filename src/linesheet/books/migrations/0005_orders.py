from decimal import Decimal

from django.db import migrations, models
from django.db.models import F, Value
from django.db.models.functions import Cast, Concat, Lower, Round

SUMS_ARE_KEPT = """
CREATE FUNCTION linesheet_sum_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT coalesce(sum(quantity), 0), count(*) FILTER (WHERE sku_id IS NULL), coalesce(sum(quantity * price), 0)
      INTO NEW.units, NEW.unmatched, NEW.amount
      FROM books_orderline WHERE order_id = NEW.id;
    RETURN NEW;
END;
$$;
-- Whoever saves an order with sums that were read long ago saves those of now.
CREATE TRIGGER linesheet_sums BEFORE UPDATE OF units, unmatched, amount ON books_order
    FOR EACH ROW EXECUTE FUNCTION linesheet_sum_order();

-- Orders whose sums are right already, as new ones come with them, are left alone.
CREATE FUNCTION linesheet_sum_orders(orders bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE books_order o SET units = o.units
     WHERE o.id = ANY (orders)
       AND (o.units, o.unmatched, o.amount) <> (
           SELECT coalesce(sum(quantity), 0), count(*) FILTER (WHERE sku_id IS NULL), coalesce(sum(quantity * price), 0)
             FROM books_orderline WHERE order_id = o.id);
END;
$$;

CREATE FUNCTION linesheet_lines_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- As an array the orders are looked up by id, however few or many there are when this is first planned.
    IF TG_OP <> 'INSERT' THEN
        PERFORM linesheet_sum_orders(ARRAY(SELECT DISTINCT order_id FROM before_it));
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM linesheet_sum_orders(ARRAY(SELECT DISTINCT order_id FROM after_it));
    END IF;
    RETURN NULL;
END;
$$;
CREATE TRIGGER linesheet_lines_inserted AFTER INSERT ON books_orderline
    REFERENCING NEW TABLE AS after_it FOR EACH STATEMENT EXECUTE FUNCTION linesheet_lines_changed();
CREATE TRIGGER linesheet_lines_updated AFTER UPDATE ON books_orderline
    REFERENCING OLD TABLE AS before_it NEW TABLE AS after_it
    FOR EACH STATEMENT EXECUTE FUNCTION linesheet_lines_changed();
CREATE TRIGGER linesheet_lines_deleted AFTER DELETE ON books_orderline
    REFERENCING OLD TABLE AS before_it FOR EACH STATEMENT EXECUTE FUNCTION linesheet_lines_changed();

UPDATE books_order SET units = units;
"""
SUMS_ARE_KEPT_UNDONE = """
DROP TRIGGER linesheet_lines_inserted ON books_orderline;
DROP TRIGGER linesheet_lines_updated ON books_orderline;
DROP TRIGGER linesheet_lines_deleted ON books_orderline;
DROP TRIGGER linesheet_sums ON books_order;
DROP FUNCTION linesheet_lines_changed();
DROP FUNCTION linesheet_sum_orders(bigint[]);
DROP FUNCTION linesheet_sum_order();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('books', '0004_lists'),
    ]

    operations = [
        migrations.AddField(
            model_name='customer',
            name='source_key',
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name='order',
            name='units',
            field=models.BigIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name='order',
            name='unmatched',
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name='order',
            name='amount',
            field=models.DecimalField(decimal_places=4, default=Decimal('0'), editable=False, max_digits=34),
        ),
        migrations.RunSQL(SUMS_ARE_KEPT, SUMS_ARE_KEPT_UNDONE),
        migrations.AddField(
            model_name='order',
            name='total',
            field=models.GeneratedField(
                db_persist=True,
                expression=Round(F('amount') * (1 - F('discount_percent') / 100), 2),
                output_field=models.DecimalField(decimal_places=2, max_digits=34),
            ),
        ),
        migrations.AddField(
            model_name='order',
            name='search',
            field=models.GeneratedField(
                db_persist=True,
                expression=Lower(
                    Concat(
                        Cast('number', models.TextField()), Value(' '), F('reference'), Value(' '), F('customer_reference')
                    )
                ),
                output_field=models.TextField(),
            ),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(fields=['company', 'currency'], include=('units', 'total'), name='order_sums'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(fields=['company', 'total', 'id'], name='order_by_total'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(fields=['company', 'created_at'], name='order_by_age'),
        ),
        migrations.AddIndex(
            model_name='customer',
            index=models.Index(fields=['company', 'name'], name='customer_by_name'),
        ),
    ]
