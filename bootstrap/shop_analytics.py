"""Analytics: each order's standing with the figures, and the figures, by the minute and by product."""

from bootstrap.references import Kind, Ref
from bootstrap.resources import Resource, Table
from bootstrap.shop_services import CHECKS_TOKENS, allow, allow_checking_tokens, behind_api, service, table_ref
from bootstrap.shop_streams import allow_consuming_sales, sales_consumer

FUNCTION = Ref(Kind.FUNCTION, "analytics")


def analytics() -> tuple[Resource, ...]:
    """Tables, function, and its ways from the API and from the stream of the orders."""
    sales, figures = table_ref("sales"), table_ref("sales-figures")
    return (
        Table(sales.name, {"orderId": "S"}, hash_key="orderId"),
        Table(figures.name, {"level": "S", "at": "S"}, hash_key="level", range_key="at"),
        *service(
            FUNCTION.name,
            environment={"SALES_TABLE": sales, "SALES_FIGURES_TABLE": figures, **CHECKS_TOKENS},
            may=(
                allow(sales, "dynamodb:BatchGetItem", "dynamodb:PutItem"),
                allow(figures, "dynamodb:BatchGetItem", "dynamodb:PutItem", "dynamodb:Query"),
                *allow_checking_tokens(),
                *allow_consuming_sales(FUNCTION.name),
            ),
            timeout=10,
        ),
        *sales_consumer(FUNCTION.name),
        behind_api(FUNCTION.name),
    )
