"""Reading order logs: one with every oddity of UCI's Online Retail, made-up ones, and broken ones."""

import csv
import gzip
import io
import os
import random
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bootstrap import departments, order_log
from bootstrap.order_log import OrderLog
from products.domain import MAX_PRICE_CENTS
from products.models import ProductRequest
from retail_log import lines
from retail_log.errors import OrderLogError
from users.models import Registration

FIXTURE = Path(__file__).with_name("order_log.csv")
UCI = "ONLINE_RETAIL_CSV"  # the real file is not part of the project
HEADER = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country")
URL_SAFE = re.compile(r"[A-Za-z0-9._~-]{1,64}")

words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
codes = st.sampled_from(["85123A", "85123a", " 85123A", "22 a", "22  A", "POST", "x/9", "ß"]) | words
sales = st.tuples(
    st.sampled_from(["536365", "C536365", " c1"]),
    codes,
    words | st.text("Ä \t", max_size=300),
    st.sampled_from(["1", "12.0", "0", "-3"]),
    st.just("2010-12-01 08:26:00"),
    st.sampled_from(["2.55", "2.550", " 2.95", "0", "0.001", "-1", "1e2"]),
    st.sampled_from(["", "17850.0", "17850", "A 1", "a  1", "ä", "x" * 80]),
    st.just("EIRE"),
)


def _read(content: bytes) -> OrderLog:
    """Reads from a pipe, as from `/dev/stdin`: whatever is read is read once."""
    source, sink = os.pipe()
    with os.fdopen(sink, "wb") as file:
        file.write(content)
    try:
        return order_log.read(Path(f"/dev/fd/{source}"))
    finally:
        os.close(source)


def _csv(*rows: tuple[str, ...]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([HEADER, *rows])
    return text.getvalue().encode()


def _sale(**other: str) -> tuple[str, ...]:
    row = dict(zip(HEADER, ("1", "85123A", "HOLDER", "1", "2010-12-01", "2.55", "17850", "EIRE"), strict=True))
    return tuple({**row, **other}.values())


@pytest.fixture(scope="module")
def log() -> OrderLog:
    return order_log.read(FIXTURE)


def test_products_of_the_log_are_what_was_sold(log: OrderLog) -> None:
    found = {each.product_id: (each.name, each.category, each.price_cents) for each in log.products}
    assert found == {
        "82567": ("AIRLINE LOUNGE,METAL SIGN", "home", 210),
        "85123A": ("WHITE HANGING HEART T-LIGHT HOLDER", "lighting", 295),
        "22041": ('RECORD FRAME 7" SINGLE SIZE', "home", 195),
        "22139": ("RETROSPOT TEA SET CERAMIC 11 PC", "kitchen", 425),
        "GIFT_0001_40": ("Dotcomgiftshop Gift Voucher £40.00", "gifts", 3333),
        "BOX-9~a89036c3b089": ("WOODEN BOX OF NINE", "home", 1000),
        "99999": ("99999", "gifts", 50),
    }
    assert {each.stock for each in log.products} == {1_000_000}
    assert (log.lines, log.sales) == (21, 16)


def test_customers_of_the_log_have_ids_and_addresses_of_their_numbers(log: OrderLog) -> None:
    ids = ["customer-12583", "customer-15311", "customer-16210", "customer-17850"]
    odd = [each.user_id for each in log.customers if each.user_id not in ids]
    assert [re.sub("~.*", "~", each) for each in odd] == ["customer-c-7-smith~", "customer-c-7-smith~"]
    assert len(set(odd)) == 2
    assert [each.email for each in log.customers] == [f"{each}@example.com" for each in sorted([*ids, *odd])]


def test_gzipped_log_is_the_same(log: OrderLog, tmp_path: Path) -> None:
    packed = tmp_path / "log.csv.gz"
    packed.write_bytes(gzip.compress(FIXTURE.read_bytes()))
    assert order_log.read(packed) == log


def test_byte_order_mark_and_capitals_of_the_header_do_not_matter() -> None:
    content = _csv(_sale())
    header, rest = content.split(b"\r\n", 1)
    assert _read(b"\xef\xbb\xbf" + header.upper() + b"\r\n" + rest) == _read(content)


@given(st.lists(sales, min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_whatever_was_sold_can_be_in_the_shop_and_its_order_does_not_matter(
    rows: list[tuple[str, ...]], chance: random.Random
) -> None:
    content = _csv(*rows, _sale())
    log = _read(content)
    shuffled = [*rows, _sale()]
    chance.shuffle(shuffled)
    assert _read(_csv(*shuffled)) == log
    for product in log.products:
        assert URL_SAFE.fullmatch(product.product_id)
        request = {"name": product.name, "category": product.category, "priceCents": product.price_cents}
        ProductRequest.model_validate({**request, "stock": product.stock, "description": product.description})
    for customer in log.customers:
        assert URL_SAFE.fullmatch(customer.user_id)
        Registration.model_validate({"email": customer.email, "password": "demo-password", "name": customer.name})
    assert len({each.product_id.lower() for each in log.products}) == len(log.products)
    assert len({each.email for each in log.customers}) == len(log.customers)


@given(st.lists(st.integers(1, 100_000_000), min_size=1, max_size=30))
def test_price_is_the_most_frequent_and_of_those_the_lowest(prices: list[int]) -> None:
    rows = [_sale(UnitPrice=f"{cents // 100}.{cents % 100:02}") for cents in prices]
    counted = Counter(prices)
    [product] = _read(_csv(*rows)).products
    assert product.price_cents == min(cents for cents in prices if counted[cents] == max(counted.values()))


@given(st.binary(max_size=200), st.booleans())
def test_broken_log_is_one_line_and_nothing_else(content: bytes, headed: bool) -> None:
    with pytest.raises(OrderLogError) as told:
        _read(_csv() + content if headed else content)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([_sale(), _sale(UnitPrice="2,55")], r"line 3, column UnitPrice: '2,55' is no number: write it as 2\.55"),
        ([_sale(Description="TWO\nLINES"), _sale(Quantity="six")], "line 4, column Quantity: 'six' is no number"),
        ([_sale(UnitPrice="")], "line 2, column UnitPrice: '' is no number"),
        ([_sale(UnitPrice="NaN")], "line 2, column UnitPrice: 'NaN' is no number"),
        ([_sale(UnitPrice="1_000")], "line 2, column UnitPrice: '1_000' is no number"),
        ([_sale(UnitPrice="1000000.01")], "line 2, column UnitPrice: 1000000.01 is more than the shop's limit"),
        ([_sale(UnitPrice="-1e99")], "none of its 1 lines is the sale of a product"),
        ([_sale()[:-1]], "line 2 has 7 columns and the header 8"),
        ([("1", "2", 'a "quoted" word', *_sale())], "line 2 has 11 columns and the header 8"),
        ([_sale(StockCode="POST"), _sale(Quantity="-1")], "none of its 2 lines is the sale of a product"),
        ([], "none of its 0 lines is the sale of a product"),
    ],
)
def test_bad_line_is_named(rows: list[tuple[str, ...]], said: str) -> None:
    with pytest.raises(OrderLogError, match=said):
        _read(_csv(*rows))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty: give a CSV file with the columns InvoiceNo, StockCode"),
        (b"Invoice;StockCode\n1;2\n", r"line 1: no column InvoiceNo, StockCode, .* \(found: Invoice;StockCode\)"),
        (b"\xff\xfeI\x00", "is UTF-16: save it as CSV in UTF-8"),
        (b"\x1f\x8b broken", "is damaged or cut off"),
        (gzip.compress(_csv(_sale()), mtime=0)[:-9], "is damaged or cut off"),
        (_csv() + b'1,2,"never closed', "line 2: unexpected end of data: is a quotation mark not closed"),
        (_csv() + b'"' + b"x" * 200_000, "field larger than field limit"),
    ],
)
def test_file_that_is_no_log_is_told(content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(content)
    with pytest.raises(OrderLogError, match=said):
        order_log.read(path)


def test_missing_file_and_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(OrderLogError, match=r"nowhere\.csv: there is no such file"):
        order_log.read(tmp_path / "nowhere.csv")
    with pytest.raises(OrderLogError, match=r"cannot be read: Is a directory\."):
        order_log.read(tmp_path)


def test_long_log_is_told_as_it_is_read(tmp_path: Path) -> None:
    path, told = tmp_path / "log.csv", []
    path.write_bytes(_csv(*[_sale()] * 100_001))
    order_log.read(path, lambda what, how: told.append(how))
    assert told == ["50,000 lines", "100,000 lines"]


def test_limits_are_the_services() -> None:
    assert lines.MAX_PRICE_CENTS == MAX_PRICE_CENTS


@pytest.mark.parametrize(
    ("name", "category"),
    [("LUNCH BAG RED RETROSPOT", "bags"), ("MUGS", "kitchen"), ("PAPER LANTERN", "lighting"), ("", "gifts")],
)
def test_category_is_that_of_the_first_department_with_a_word_of_the_name(name: str, category: str) -> None:
    assert departments.category_of(name) == category


@pytest.mark.skipif(UCI not in os.environ, reason=f"{UCI} names no file")
def test_real_log_is_read() -> None:
    log = order_log.read(Path(os.environ[UCI]))
    assert (log.lines, log.sales, len(log.products), len(log.customers)) == (541_909, 530_100, 3_803, 4_338)
    assert {each.category for each in log.products} == set(departments.CATEGORIES)
