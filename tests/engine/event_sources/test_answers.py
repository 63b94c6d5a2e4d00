"""What a function's answer says about its batch."""

import pytest

from loadstack_engine.event_sources.answers import MalformedAnswerError, failed_items

BATCH = {"a", "b"}


@pytest.mark.parametrize(
    "payload",
    [None, b"null", b"{}", b'{"batchItemFailures": null}', b'{"batchItemFailures": []}', b'{"other": 1}'],
)
def test_nothing_failed(payload):
    assert failed_items(payload, BATCH) == set()


@pytest.mark.parametrize(
    "payload",
    [
        b"not JSON",
        b'"text"',
        b"[1]",
        b'{"batchItemFailures": "a"}',
        b'{"batchItemFailures": ["a"]}',
        b'{"batchItemFailures": [{"itemIdentifier": ""}]}',
        b'{"batchItemFailures": [{"itemIdentifier": null}]}',
        b'{"batchItemFailures": [{"wrong": "a"}]}',
        b'{"batchItemFailures": [{"itemIdentifier": "a"}, {"itemIdentifier": "unknown"}]}',
        b'{"batchItemFailures": [{"itemIdentifier": ["a"]}]}',
    ],
)
def test_malformed_answer_fails_all(payload):
    with pytest.raises(MalformedAnswerError):
        failed_items(payload, BATCH)


def test_empty_answer_is_a_success():
    assert failed_items(b"", BATCH) == set()


def test_listed_items_failed():
    answer = b'{"batchItemFailures": [{"itemIdentifier": "a"}]}'
    assert failed_items(answer, BATCH) == {"a"}
