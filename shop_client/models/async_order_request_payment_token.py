from enum import StrEnum


class AsyncOrderRequestPaymentToken(StrEnum):
    TOK_DECLINED = "tok_declined"
    TOK_FLAKY = "tok_flaky"
    TOK_OK = "tok_ok"
    TOK_SLOW = "tok_slow"

    def __str__(self) -> str:
        return str(self.value)
