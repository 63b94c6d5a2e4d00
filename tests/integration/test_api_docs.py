"""The API's description and its page, as a browser gets them."""

from sandbox.paths import ROOT


def test_page_and_what_it_loads_are_served_beside_the_api(anonymous):
    page = anonymous.call("GET", "/docs")
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")

    for name, kind in (("swagger-ui-bundle.min.js", "text/javascript"), ("swagger-ui.min.css", "text/css")):
        assert f'"docs/{name}"' in page.text
        loaded = anonymous.call("GET", f"/docs/{name}")
        assert (loaded.status_code, loaded.headers["Content-Type"]) == (200, f"{kind}; charset=utf-8")
        assert len(loaded.content) > 100_000


def test_description_is_the_one_of_this_checkout(anonymous):
    answer = anonymous.call("GET", "/docs/openapi.yaml")

    assert answer.content == (ROOT / "docs" / "openapi.yaml").read_bytes()


def test_other_method_of_a_known_path_is_405(customer):
    answer = customer.call("PATCH", "/products")

    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, POST")
    assert answer.json()["error"]["code"] == "METHOD_NOT_ALLOWED"
