"""How the number of batches at once follows the queue."""

from hypothesis import given
from hypothesis import strategies as st

from loadstack_engine.event_sources.sqs.scaling import MOST, Scaling


def test_five_at_first_and_at_most_the_maximum():
    assert Scaling().limit == 5
    assert Scaling(maximum=2).limit == 2


def test_three_hundred_more_a_minute_while_all_are_busy_and_messages_wait():
    scaling = Scaling()
    for _ in range(60):
        scaling.second_passed(busy=scaling.limit, backlog=True)
    assert scaling.limit == 305


def test_grows_to_the_most_and_back_to_five_when_it_is_quiet():
    scaling = Scaling()
    for _ in range(300):
        scaling.second_passed(busy=scaling.limit, backlog=True)
    assert scaling.limit == MOST
    for _ in range(300):
        scaling.second_passed(busy=0, backlog=False)
    assert scaling.limit == 5


def test_workers_that_are_enough_are_not_made_more():
    scaling = Scaling()
    scaling.second_passed(busy=4, backlog=True)
    assert scaling.limit == 5


def test_throttled_to_what_is_let_through_and_slowly_back():
    scaling = Scaling()
    scaling.throttled(running=2)
    assert scaling.limit == 2
    scaling.second_passed(busy=2, backlog=True)
    assert scaling.limit == 3


@given(
    st.integers(2, 1000),
    st.lists(
        st.one_of(
            st.tuples(st.just("second_passed"), st.integers(0, 1300), st.booleans()),
            st.tuples(st.just("throttled"), st.integers(0, 1300), st.none()),
            st.tuples(st.just("function_failed"), st.none(), st.none()),
        )
    ),
)
def test_limit_stays_between_one_and_the_maximum(maximum, happenings):
    scaling = Scaling(maximum)
    for what, number, backlog in happenings:
        if what == "second_passed":
            scaling.second_passed(busy=number, backlog=backlog)
        elif what == "throttled":
            scaling.throttled(number)
        else:
            scaling.function_failed()
        assert 1 <= scaling.limit <= maximum
