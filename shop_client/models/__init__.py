"""Contains all the data models used in inputs/outputs"""

from .accepted import Accepted
from .async_order_request import AsyncOrderRequest
from .async_order_request_items_item import AsyncOrderRequestItemsItem
from .async_order_request_payment import AsyncOrderRequestPayment
from .async_order_request_payment_token import AsyncOrderRequestPaymentToken
from .cancelled import Cancelled
from .cart_line import CartLine
from .cart_view import CartView
from .checked_out import CheckedOut
from .checkout_request import CheckoutRequest
from .entry_view import EntryView
from .entry_view_type import EntryViewType
from .error_content import ErrorContent
from .error_response import ErrorResponse
from .field_error import FieldError
from .image import Image
from .ledger_view import LedgerView
from .line_request import LineRequest
from .line_view import LineView
from .login import Login
from .minute_sales import MinuteSales
from .order_request import OrderRequest
from .order_view import OrderView
from .order_view_page import OrderViewPage
from .payment_request import PaymentRequest
from .payment_request_token import PaymentRequestToken
from .post_async_orders_response_202 import PostAsyncOrdersResponse202
from .product import Product
from .product_page import ProductPage
from .product_request import ProductRequest
from .product_sales import ProductSales
from .profile import Profile
from .profile_change import ProfileChange
from .put_product_image_response_202 import PutProductImageResponse202
from .quantity_request import QuantityRequest
from .recommendation import Recommendation
from .recommendations import Recommendations
from .registered import Registered
from .registration import Registration
from .sales import Sales
from .signed_in import SignedIn
from .taken import Taken
from .timeline_entry import TimelineEntry

__all__ = (
    "Accepted",
    "AsyncOrderRequest",
    "AsyncOrderRequestItemsItem",
    "AsyncOrderRequestPayment",
    "AsyncOrderRequestPaymentToken",
    "Cancelled",
    "CartLine",
    "CartView",
    "CheckedOut",
    "CheckoutRequest",
    "EntryView",
    "EntryViewType",
    "ErrorContent",
    "ErrorResponse",
    "FieldError",
    "Image",
    "LedgerView",
    "LineRequest",
    "LineView",
    "Login",
    "MinuteSales",
    "OrderRequest",
    "OrderView",
    "OrderViewPage",
    "PaymentRequest",
    "PaymentRequestToken",
    "PostAsyncOrdersResponse202",
    "Product",
    "ProductPage",
    "ProductRequest",
    "ProductSales",
    "Profile",
    "ProfileChange",
    "PutProductImageResponse202",
    "QuantityRequest",
    "Recommendation",
    "Recommendations",
    "Registered",
    "Registration",
    "Sales",
    "SignedIn",
    "Taken",
    "TimelineEntry",
)
