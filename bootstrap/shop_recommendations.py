"""What the service recommendations is made of."""

from bootstrap.resources import Resource, Table
from bootstrap.shop_services import allow, allow_querying, behind_api, service, table_ref
from bootstrap.shop_streams import allow_consuming_sales, sales_consumer


def recommendations() -> tuple[Resource, ...]:
    table, products = table_ref("recommendations"), table_ref("products")
    return (
        Table(table.name, {"id": "S"}, hash_key="id"),
        *sales_consumer("recommendations"),
        *service(
            "recommendations",
            environment={"RECOMMENDATIONS_TABLE": table, "PRODUCTS_TABLE": products},
            may=(
                allow(table, "dynamodb:BatchGetItem", "dynamodb:UpdateItem"),
                allow(products, "dynamodb:BatchGetItem"),
                allow_querying(products, "category-index"),
                *allow_consuming_sales("recommendations"),
            ),
        ),
        behind_api("recommendations", "products/*/recommendations"),
    )
