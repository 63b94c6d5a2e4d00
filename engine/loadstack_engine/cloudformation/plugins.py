"""Our types among LocalStack's, by its own plugin mechanism: an entry point each (see ``pyproject.toml``)."""

from typing import Any

from localstack.services.cloudformation.resource_provider import CloudFormationResourceProviderPlugin
from plux import PluginSpec


def _spec(type_name: str) -> PluginSpec:
    return PluginSpec(CloudFormationResourceProviderPlugin.namespace, type_name, lambda: NewTypePlugin(type_name))


class NewTypePlugin(CloudFormationResourceProviderPlugin):
    """Makes providers of one type."""

    def __init__(self, type_name: str) -> None:
        self.name = type_name

    def load(self, *args: Any, **kwargs: Any) -> None:
        from loadstack_engine.cloudformation.new_types import NEW_TYPES, NewTypeProvider

        described = NEW_TYPES[self.name]
        self.factory = lambda: NewTypeProvider(described)


class CustomResourcePlugin(CloudFormationResourceProviderPlugin):
    name = "AWS::CloudFormation::CustomResource"

    def load(self, *args: Any, **kwargs: Any) -> None:
        from loadstack_engine.cloudformation.custom_resources import CustomResourceProvider

        self.factory = CustomResourceProvider


authorizer = _spec("AWS::ApiGateway::Authorizer")
dashboard = _spec("AWS::CloudWatch::Dashboard")
archive = _spec("AWS::Events::Archive")
role_policy = _spec("AWS::IAM::RolePolicy")
metric_filter = _spec("AWS::Logs::MetricFilter")
mail_template = _spec("AWS::SES::Template")
topic_policy = _spec("AWS::SNS::TopicInlinePolicy")
