"""What the services of the shop are made of: function, role and log group, queues with their dead letters, grants.

`shop` declares each service with these.
"""

from collections.abc import Iterator, Mapping

from bootstrap.references import Arn, Kind, Ref, Value
from bootstrap.resources import (
    DeadLetter,
    EventSourceMapping,
    Folder,
    Function,
    LogGroup,
    Permission,
    Queue,
    QueuePolicy,
    Resource,
    Role,
    Rule,
    Statement,
    Target,
)
from bootstrap.shop_api import API

BUS = Ref(Kind.EVENT_BUS, "shop")
JWT_SECRET = Ref(Kind.SECRET, "shop/jwt")
DELETED_USERS = Ref(Kind.TABLE, "deleted-users")
CHECKS_TOKENS: Mapping[str, Value] = {"JWT_SECRET_ID": JWT_SECRET, "DELETED_USERS_TABLE": DELETED_USERS}
LAYERS = (Ref(Kind.LAYER, "shop-dependencies"), Ref(Kind.LAYER, "shop-common"))


def table_ref(name: str) -> Ref:
    return Ref(Kind.TABLE, name)


def allow(resource: Ref | Arn, *actions: str) -> Statement:
    return Statement(actions, (resource.arn() if isinstance(resource, Ref) else resource,))


def allow_querying(table: Ref, *indexes: str) -> Statement:
    """Each index has an ARN of its own; one of the table does not stand for them."""
    return Statement(("dynamodb:Query",), tuple(table.arn(f"/index/{index}") for index in indexes))


def allow_publishing() -> Statement:
    return allow(BUS, "events:PutEvents")


def allow_checking_tokens() -> tuple[Statement, ...]:
    """What `common.auth` needs, with the settings `CHECKS_TOKENS`."""
    return (
        # Secrets Manager appends six random characters to the name in the ARN.
        allow(JWT_SECRET.arn("-??????"), "secretsmanager:GetSecretValue"),
        allow(DELETED_USERS, "dynamodb:GetItem"),
    )


def service(
    name: str,
    *,
    environment: Mapping[str, Value],
    may: tuple[Statement, ...],
    timeout: int = 5,
    memory_size: int = 256,
    layers: tuple[Ref, ...] = (),
    schedules: Mapping[str, str] | None = None,
) -> tuple[Resource, ...]:
    """A function with a role and a log group of its own; the role may log, and do what `may` says.

    `layers` come after those that all have. `schedules` invoke it, each by its name and expression. What fails for good
    then lies in `<name>-async-dlq`.
    """
    dead_letters = Ref(Kind.QUEUE, f"{name}-async-dlq") if schedules else None
    log_group = Ref(Kind.LOG_GROUP, f"/aws/lambda/{name}")
    role = Ref(Kind.ROLE, f"shop-{name}")
    function = Function(
        name=name,
        handler=f"{name}.handler.handler",
        code=Folder(f"functions/{name}", name),
        role=role,
        log_group=log_group,
        layers=(*LAYERS, *layers),
        environment={"POWERTOOLS_SERVICE_NAME": name, "POWERTOOLS_LOG_LEVEL": "INFO", **environment},
        timeout=timeout,
        memory_size=memory_size,
        dead_letters=dead_letters,
    )
    may_log = allow(log_group.arn(":*"), "logs:CreateLogStream", "logs:PutLogEvents")
    declared = (LogGroup(log_group.name), function)
    if dead_letters is None:
        return (Role(role.name, (may_log, *may)), *declared)
    may_send = allow(dead_letters, "sqs:SendMessage")
    return (
        Role(role.name, (may_log, *may, may_send)),
        *declared,
        *_scheduled(function.ref, dead_letters, schedules or {}),
    )


def _scheduled(function: Ref, dead_letters: Ref, schedules: Mapping[str, str]) -> Iterator[Resource]:
    """A rule for each schedule; what it could not deliver lies where the function's failures do."""
    rules = [
        Rule(name, (Target("function", function, dead_letters),), schedule_expression=expression)
        for name, expression in schedules.items()
    ]
    yield from rules
    yield from dead_letter_queue(dead_letters, "events.amazonaws.com", *(rule.ref.arn() for rule in rules))
    for rule in rules:
        yield Permission(function, rule.name, "events.amazonaws.com", rule.ref.arn())


def dead_letter_queue(queue: Ref, principal: str, *senders: Arn) -> tuple[Resource, ...]:
    """A queue of dead letters that `senders` may fill."""
    return (
        kept_longest(queue),
        QueuePolicy(queue, tuple(let_in(queue, principal, sender) for sender in senders)),
    )


def kept_longest(queue: Ref) -> Queue:
    """A queue that keeps messages for 14 days, the longest there is."""
    return Queue(queue.name, message_retention_period=1_209_600)


def let_in(queue: Ref, principal: str, sender: Arn) -> Statement:
    return Statement(("sqs:SendMessage",), (queue.arn(),), principal=principal, source=sender)


def dead_letters_of(queue: str) -> Ref:
    return Ref(Kind.QUEUE, f"{queue}-dlq")


def allow_consuming(queue: str) -> Statement:
    return allow(Ref(Kind.QUEUE, queue), "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")


def feeding(
    queue: Ref,
    function: str,
    *,
    batch_size: int = 10,
    visibility_timeout: int = 30,
    maximum_message_size: int | None = None,
) -> tuple[Resource, ...]:
    """A queue that feeds `function`; its dead-letter queue is declared apart, with those who may fill it."""
    return (
        Queue(
            queue.name,
            visibility_timeout=visibility_timeout,
            maximum_message_size=maximum_message_size,
            dead_letter=DeadLetter(dead_letters_of(queue.name)),
        ),
        EventSourceMapping(queue, Ref(Kind.FUNCTION, function), batch_size=batch_size),
    )


def consumer(
    name: str, *senders: tuple[Arn, str], batch_size: int = 10, visibility_timeout: int = 30
) -> tuple[Resource, ...]:
    """A queue that `senders` (each with its principal) may fill, and that feeds the function of the same name.

    Its dead-letter queue also takes what they could not deliver: all in it goes back to the same queue.
    """
    queue, dead_letters = Ref(Kind.QUEUE, name), dead_letters_of(name)
    return (
        kept_longest(dead_letters),
        *feeding(queue, name, batch_size=batch_size, visibility_timeout=visibility_timeout),
        *(
            QueuePolicy(each, tuple(let_in(each, principal, sender) for sender, principal in senders))
            for each in (dead_letters, queue)
        ),
    )


def event_consumer(
    name: str,
    *detail_types: str,
    also: tuple[tuple[Arn, str], ...] = (),
    batch_size: int = 10,
    visibility_timeout: int = 30,
) -> tuple[Resource, ...]:
    """A consumer of the shop's events of these detail-types; `also` may fill its queue too, each with its principal."""
    rule = Rule(
        name=name,
        targets=(Target("queue", Ref(Kind.QUEUE, name), dead_letters_of(name)),),
        event_bus=BUS,
        event_pattern={"source": [{"prefix": "shop."}], "detail-type": list(detail_types)},
    )
    return (
        rule,
        *consumer(
            name,
            (rule.ref.arn(), "events.amazonaws.com"),
            *also,
            batch_size=batch_size,
            visibility_timeout=visibility_timeout,
        ),
    )


def behind_api(name: str, path: str = "", statement_id: str = "api") -> Permission:
    """API Gateway may call the function for its own paths, or those that `path` stands for."""
    return Permission(
        function=Ref(Kind.FUNCTION, name),
        statement_id=statement_id,
        principal="apigateway.amazonaws.com",
        source=API.arn(f"/*/*/{path or f'{name}*'}"),
    )
