"""Types that LocalStack's CloudFormation lacks or has by name only, each as it is made, changed and deleted.

Properties as in https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from localstack.services.cloudformation.provider_utils import generate_default_name

from loadstack_engine.cloudformation import apis
from loadstack_engine.cloudformation.models import (
    Event,
    Model,
    Request,
    chosen,
    done,
    told,
    told_of_deletion,
    updated,
)

type Put = Callable[[Request, Model, Model | None], None]


@dataclass(frozen=True, slots=True)
class NewType:
    """``put(request, model, before)`` makes what the model says, or changes it where there is a model ``before``, and
    adds what only AWS knows (``read_only``). ``identifier`` is the property that ``Ref`` gives, and where it is
    ``named``, a name is made up for a template without one. A change of a ``fixed`` property makes a new one.
    """

    name: str
    identifier: str
    put: Put
    delete: Callable[[Request, Model], None]
    named: bool = True
    read_only: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()


class NewTypeProvider:
    """A type of ours, as LocalStack asks for it."""

    def __init__(self, described: NewType) -> None:
        self._type = described
        fixed = {*described.fixed, *((described.identifier,) if described.named else ())}
        self.SCHEMA: Mapping[str, Any] = {
            "typeName": described.name,
            "primaryIdentifier": [f"/properties/{described.identifier}"],
            "readOnlyProperties": [f"/properties/{each}" for each in described.read_only],
            "createOnlyProperties": [f"/properties/{each}" for each in sorted(fixed)],
        }

    def create(self, request: Request) -> Event:
        model = dict(request.desired_state)
        if self._type.named and not model.get(self._type.identifier):
            model[self._type.identifier] = generate_default_name(request.stack_name, request.logical_resource_id)
        self._type.put(request, model, None)
        return done(model)

    def update(self, request: Request) -> Event:
        return told(self._update, request)

    def delete(self, request: Request) -> Event:
        return told_of_deletion(self._delete, request)

    def _update(self, request: Request) -> Event:
        model = updated(request, self.SCHEMA)
        self._type.put(request, model, request.previous_state or {})
        return done(model)

    def _delete(self, request: Request) -> Event:
        self._type.delete(request, request.desired_state)
        return done({})


def _as_text(document: Any) -> str:
    return document if isinstance(document, str) else json.dumps(document)


def _put_archive(request: Request, model: Model, before: Model | None) -> None:
    events = request.aws_client_factory.events
    wanted = chosen(model, ("ArchiveName", "Description", "RetentionDays"))
    if model.get("EventPattern") is not None:
        wanted["EventPattern"] = _as_text(model["EventPattern"])
    if before is None:
        answer = events.create_archive(EventSourceArn=model["SourceArn"], **wanted)
    else:
        answer = events.update_archive(**wanted)
    model["Arn"] = answer["ArchiveArn"]


def _put_dashboard(request: Request, model: Model, before: Model | None) -> None:
    request.aws_client_factory.cloudwatch.put_dashboard(
        DashboardName=model["DashboardName"], DashboardBody=_as_text(model["DashboardBody"])
    )


def _put_metric_filter(request: Request, model: Model, before: Model | None) -> None:
    """LocalStack keeps a second one of the same name, where AWS changes the first."""
    if before is not None:
        _drop_metric_filter(request, model)
    transformations = [
        {
            "metricName": each["MetricName"],
            "metricNamespace": each["MetricNamespace"],
            "metricValue": str(each["MetricValue"]),
            **({"defaultValue": float(each["DefaultValue"])} if "DefaultValue" in each else {}),
        }
        for each in model["MetricTransformations"]
    ]
    request.aws_client_factory.logs.put_metric_filter(
        logGroupName=model["LogGroupName"],
        filterName=model["FilterName"],
        filterPattern=model["FilterPattern"],
        metricTransformations=transformations,
    )


def _drop_metric_filter(request: Request, model: Model) -> None:
    request.aws_client_factory.logs.delete_metric_filter(
        logGroupName=model["LogGroupName"], filterName=model["FilterName"]
    )


def _put_role_policy(request: Request, model: Model, before: Model | None) -> None:
    request.aws_client_factory.iam.put_role_policy(
        RoleName=model["RoleName"],
        PolicyName=model["PolicyName"],
        PolicyDocument=_as_text(model.get("PolicyDocument") or {}),
    )


def _put_topic_policy(request: Request, model: Model, before: Model | None) -> None:
    request.aws_client_factory.sns.set_topic_attributes(
        TopicArn=model["TopicArn"], AttributeName="Policy", AttributeValue=_as_text(model["PolicyDocument"])
    )


def _drop_topic_policy(request: Request, model: Model) -> None:
    """The topic's own policy is back: there is no topic without one."""
    request.aws_client_factory.sns.set_topic_attributes(
        TopicArn=model["TopicArn"], AttributeName="Policy", AttributeValue=""
    )


def _put_identity(request: Request, model: Model, before: Model | None) -> None:
    """LocalStack has this type by name only: its provider makes nothing."""
    mail, identity = request.aws_client_factory.ses, model["EmailIdentity"]
    if "@" in identity:
        mail.verify_email_identity(EmailAddress=identity)
    else:
        mail.verify_domain_identity(Domain=identity)


def _put_mail_template(request: Request, model: Model, before: Model | None) -> None:
    template = dict(model["Template"])
    if not template.get("TemplateName"):
        template["TemplateName"] = (before or {}).get("Id") or generate_default_name(
            request.stack_name, request.logical_resource_id
        )
    model["Id"] = template["TemplateName"]
    mail = request.aws_client_factory.ses
    (mail.create_template if before is None else mail.update_template)(Template=template)


NEW_TYPES = {
    each.name: each
    for each in (
        NewType(
            "AWS::ApiGateway::Authorizer",
            "AuthorizerId",
            apis.put_authorizer,
            lambda request, model: request.aws_client_factory.apigateway.delete_authorizer(
                restApiId=model["RestApiId"], authorizerId=model["AuthorizerId"]
            ),
            named=False,
            read_only=("AuthorizerId",),
            fixed=("RestApiId",),
        ),
        NewType(
            "AWS::CloudWatch::Dashboard",
            "DashboardName",
            _put_dashboard,
            lambda request, model: request.aws_client_factory.cloudwatch.delete_dashboards(
                DashboardNames=[model["DashboardName"]]
            ),
        ),
        NewType(
            "AWS::Events::Archive",
            "ArchiveName",
            _put_archive,
            lambda request, model: request.aws_client_factory.events.delete_archive(ArchiveName=model["ArchiveName"]),
            read_only=("Arn",),
            fixed=("SourceArn",),
        ),
        NewType(
            "AWS::IAM::RolePolicy",
            "PolicyName",
            _put_role_policy,
            lambda request, model: request.aws_client_factory.iam.delete_role_policy(
                RoleName=model["RoleName"], PolicyName=model["PolicyName"]
            ),
            fixed=("RoleName",),
        ),
        NewType(
            "AWS::Logs::MetricFilter",
            "FilterName",
            _put_metric_filter,
            _drop_metric_filter,
            fixed=("LogGroupName",),
        ),
        NewType(
            "AWS::SES::EmailIdentity",
            "EmailIdentity",
            _put_identity,
            lambda request, model: request.aws_client_factory.ses.delete_identity(Identity=model["EmailIdentity"]),
            named=False,
            fixed=("EmailIdentity",),
        ),
        NewType(
            "AWS::SES::Template",
            "Id",
            _put_mail_template,
            lambda request, model: request.aws_client_factory.ses.delete_template(TemplateName=model["Id"]),
            named=False,
            read_only=("Id",),
        ),
        NewType(
            "AWS::SNS::TopicInlinePolicy",
            "TopicArn",
            _put_topic_policy,
            _drop_topic_policy,
            named=False,
            fixed=("TopicArn",),
        ),
    )
}
