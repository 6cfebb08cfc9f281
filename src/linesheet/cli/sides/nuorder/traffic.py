"""The calls NuORDER is asked."""

from linesheet.cli.sides.traffic import Request, Traffic

DATA, IMAGES, STOCK, ORDERS = "data-export", "images-export", "stock-export", "orders-import"

TRAFFIC = Traffic(
    tasks=(DATA, IMAGES, STOCK, ORDERS),
    requests={
        "product write": Request("PUT", "/api/product/new", DATA, ("name", "new product")),
        "customer write": Request("PUT", "/api/company/new", DATA, ("new customer",)),
        "customer update": Request("POST", "/api/company/", DATA, ("terms",), late=True),
        "picture write": Request("POST", "/api/product/external_id/", IMAGES, ("picture",), late=True),
        "stock write": Request("POST", "/api/inventory/", STOCK, ("stock",), late=True),
        "acknowledgement": Request("POST", "/processed", ORDERS, ("order",)),
        "order read": Request("GET", "/api/order/", ORDERS, ("order",)),
        "order list": Request("GET", "/api/orders/.*/list$", ORDERS, ("order",)),
        "order page": Request("GET", "/api/orders/.*/detail$", ORDERS, ("order",)),
        "listing": Request("GET", "/list$", DATA, ("name",)),
        "read back": Request("GET", "/external_id/|/company/"),
        "any write": Request("", "/api/product/new|/api/company/|/api/inventory/|/processed"),
        "anything": Request("", "/api/"),
    },
    writes=("product write", "customer write", "customer update", "picture write", "stock write", "acknowledgement"),
    reads=("listing", "order list", "order page", "order read"),
    lists=("order list", "order page", "listing"),
    others=("read back", "any write", "anything"),
    blocks=("no barcode", "no price", "not visible", "withdrawn", "same as another"),
)
