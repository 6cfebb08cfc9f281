"""The calls JOOR is asked, of both generations of its API."""

from linesheet.cli.sides.traffic import Request, Traffic

DATA, IMAGES, CUSTOMERS, STOCK = "data-export", "images-export", "customers-export", "stock-export"
CHECK, ORDERS = "account-check", "orders-import"

TRAFFIC = Traffic(
    tasks=(DATA, IMAGES, CUSTOMERS, STOCK, CHECK, ORDERS),
    requests={
        "product write": Request("POST", "/v4/products/bulk_", DATA, ("name", "new product")),
        "SKU write": Request("POST", "/v4/skus/bulk_", DATA, ("new product", "add size")),
        "price write": Request("POST", "/v4/prices/bulk_", DATA, ("price", "new product")),
        "season write": Request("POST", "/v4/seasons/bulk_", DATA, ("new product",)),
        "linesheet write": Request("POST", "/v4/collections/bulk_", DATA, ("new product", "take out", "place")),
        "picture write": Request("POST", "/v4/assets/", IMAGES, ("picture",), late=True),
        "customer write": Request("POST", "/v2/bulk-connection", CUSTOMERS, ("new customer", "rename customer")),
        "stock write": Request("POST", "/v2/bulk-inventory", STOCK, ("stock",), late=True),
        "acknowledgement": Request("POST", "/v4/orders/bulk_update", ORDERS, ("order",)),
        "product list": Request("GET", "/v4/products", DATA, ("name",)),
        "SKU list": Request("GET", "/v4/skus", DATA, ("new product", "price")),
        "price list": Request("GET", "/v4/prices", DATA, ("price",)),
        "linesheet list": Request("GET", "/v4/collections|/v4/seasons", DATA, ("new product", "take out")),
        "customer list": Request("GET", "/v2/connection", CUSTOMERS, ("new customer",)),
        "job": Request("GET", "/v2/bulk-connection/", CUSTOMERS, ("new customer",)),
        "order list": Request("GET", "/v2/order", ORDERS, ("order",)),
        "log-in": Request("POST", "/auth", DATA, ("name",)),
        "any write": Request("POST", "/v4/|/v2/"),
        "anything": Request("", "/v4/|/v2/|/auth"),
    },
    writes=(
        *("product write", "SKU write", "price write", "season write", "linesheet write", "picture write"),
        *("customer write", "stock write", "acknowledgement"),
    ),
    reads=(
        *("product list", "SKU list", "price list", "linesheet list", "customer list", "job", "order list", "log-in"),
    ),
    lists=("product list", "SKU list", "price list", "linesheet list", "customer list", "order list"),
    others=("any write", "anything"),
    blocks=("no barcode", "no price", "not visible", "withdrawn", "same as another"),
    edits=("take out", "take out", "place"),
    answers=("half", "half"),
    halves=(
        *("product write", "SKU write", "price write", "linesheet write", "picture write", "customer write"),
        *("stock write", "acknowledgement"),
    ),
    switches={
        "empty_list_as_text": (False, True),
        "season_name_present": (True, True, False),
        "job_seconds": (0.1, 0.1, 1, 4),
        "page_size_limit": (200, 200, None),
        # So many that runs of one storm do not use them up.
        "credits": (100_000,),
    },
    # Some jobs take longer than is waited for them.
    waits={"linesheet.platforms.joor.client_v2:ClientV2": {"patience": 2.0}},
    access="/auth",
)
