import pytest

from sandbox.aws_plan import words
from sandbox.errors import UsageError


def test_nothing_said_is_a_plan_without_confirmation() -> None:
    assert words.read({}) == words.Words("loadstack-shop", None, {})


def test_everything_said() -> None:
    said = {
        "STACK": "shop-2",
        "CONFIRM": "123456789012",
        "FLOW": "saga",
        "PARAMETERS": "MailSender=me@here.org Note='two words' Empty=",
    }
    expected = {"MailSender": "me@here.org", "Note": "two words", "Empty": "", "Flow": "saga"}
    assert words.read(said) == words.Words("shop-2", "123456789012", expected)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("STACK", "2shop"),
        ("STACK", "shop_2"),
        ("STACK", "s" * 129),
        ("CONFIRM", "yes"),
        ("CONFIRM", "12345678901"),
        ("CONFIRM", "١٢٣٤٥٦٧٨٩٠١٢"),
        ("FLOW", "sage"),
        ("PARAMETERS", "Flow"),
        ("PARAMETERS", "=saga"),
        ("PARAMETERS", "A=1 A=2"),
        ("PARAMETERS", "A='1"),
    ],
)
def test_wrong_word_is_told_by_its_name(name: str, value: str) -> None:
    with pytest.raises(UsageError, match=name):
        words.read({name: value})


def test_two_flows_are_refused() -> None:
    with pytest.raises(UsageError, match="FLOW=saga and PARAMETERS=Flow=choreography"):
        words.read({"FLOW": "saga", "PARAMETERS": "Flow=choreography"})
    assert words.read({"FLOW": "saga", "PARAMETERS": "Flow=saga"}).parameters == {"Flow": "saga"}
