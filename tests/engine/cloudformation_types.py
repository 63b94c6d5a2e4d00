"""A template with a resource of each type that the engine adds or mends, and the same with all of them changed."""

from copy import deepcopy
from typing import Any

ROLE_POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}],
}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}],
}
MOCK = {
    "Type": "MOCK",
    "RequestTemplates": {"application/json": '{"statusCode": 200}'},
    "IntegrationResponses": [{"StatusCode": "200"}],
}
FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:nobody"
URI = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{FUNCTION}/invocations"


def resource(type_name: str, **properties: Any) -> dict[str, Any]:
    return {"Type": type_name, "Properties": properties}


def table(attributes: tuple[str, ...], **properties: Any) -> dict[str, Any]:
    return resource(
        "AWS::DynamoDB::Table",
        TableName="cfn-table",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in attributes],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        **properties,
    )


FIRST = {
    "Bus": resource("AWS::Events::EventBus", Name="cfn-bus"),
    "Archive": resource(
        "AWS::Events::Archive",
        ArchiveName="cfn-archive",
        SourceArn={"Fn::GetAtt": ["Bus", "Arn"]},
        EventPattern={"source": ["one"]},
        RetentionDays=1,
    ),
    "Queue": resource("AWS::SQS::Queue", QueueName="cfn-queue"),
    "Rule": resource(
        "AWS::Events::Rule",
        Name="cfn-rule",
        EventBusName={"Ref": "Bus"},
        EventPattern={"source": ["one"]},
        Targets=[{"Id": "queue", "Arn": {"Fn::GetAtt": ["Queue", "Arn"]}}],
    ),
    "Dashboard": resource("AWS::CloudWatch::Dashboard", DashboardName="cfn-board", DashboardBody='{"widgets": []}'),
    "Alarm": resource(
        "AWS::CloudWatch::Alarm",
        AlarmName="cfn-alarm",
        Namespace="Own",
        MetricName="Things",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    ),
    "Logs": resource("AWS::Logs::LogGroup", LogGroupName="/cfn", RetentionInDays=1),
    "Filter": resource(
        "AWS::Logs::MetricFilter",
        FilterName="cfn-filter",
        LogGroupName={"Ref": "Logs"},
        FilterPattern="ERROR",
        MetricTransformations=[{"MetricName": "Errors", "MetricNamespace": "Own", "MetricValue": "1"}],
    ),
    "Table": table(("id",), TimeToLiveSpecification={"AttributeName": "expires", "Enabled": True}),
    "Bucket": resource(
        "AWS::S3::Bucket",
        BucketName="cfn-bucket",
        LifecycleConfiguration={"Rules": [{"Id": "old", "Status": "Enabled", "ExpirationInDays": 1}]},
        CorsConfiguration={"CorsRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]},
    ),
    "Secret": resource(
        "AWS::SecretsManager::Secret", Name="cfn-secret", SecretString="first", Tags=[{"Key": "team", "Value": "shop"}]
    ),
    "Topic": resource("AWS::SNS::Topic", TopicName="cfn-topic"),
    "Subscription": resource(
        "AWS::SNS::Subscription",
        TopicArn={"Ref": "Topic"},
        Protocol="sqs",
        Endpoint={"Fn::GetAtt": ["Queue", "Arn"]},
        FilterPolicy={"kind": ["a"]},
        RawMessageDelivery=True,
    ),
    "Role": resource("AWS::IAM::Role", RoleName="cfn-role", AssumeRolePolicyDocument=TRUST),
    "RolePolicy": resource(
        "AWS::IAM::RolePolicy", RoleName={"Ref": "Role"}, PolicyName="send", PolicyDocument=ROLE_POLICY
    ),
    "Function": resource(
        "AWS::Lambda::Function",
        FunctionName="cfn-function",
        Runtime="python3.13",
        Handler="index.handler",
        Role={"Fn::GetAtt": ["Role", "Arn"]},
        Code={"ZipFile": "def handler(event, context): pass"},
        Environment={"Variables": {"A": "1"}},
        Timeout=7,
        DeadLetterConfig={"TargetArn": {"Fn::GetAtt": ["Queue", "Arn"]}},
        ReservedConcurrentExecutions=2,
        Tags=[{"Key": "team", "Value": "shop"}],
    ),
    "Mapping": resource(
        "AWS::Lambda::EventSourceMapping",
        EventSourceArn={"Fn::GetAtt": ["Queue", "Arn"]},
        FunctionName={"Ref": "Function"},
        ScalingConfig={"MaximumConcurrency": 2},
        FilterCriteria={"Filters": [{"Pattern": '{"body": {"kind": ["a"]}}'}]},
    ),
    "Machine": resource(
        "AWS::StepFunctions::StateMachine",
        StateMachineName="cfn-machine",
        RoleArn={"Fn::GetAtt": ["Role", "Arn"]},
        DefinitionString='{"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}',
        Tags=[{"Key": "team", "Value": "shop"}],
    ),
    "Mail": resource(
        "AWS::SES::Template",
        Template={"TemplateName": "cfn-mail", "SubjectPart": "One", "TextPart": "Text"},
    ),
    "Sender": resource("AWS::SES::EmailIdentity", EmailIdentity="cfn@example.com"),
    "Api": resource("AWS::ApiGateway::RestApi", Name="cfn-api"),
    "Get": resource(
        "AWS::ApiGateway::Method",
        RestApiId={"Ref": "Api"},
        ResourceId={"Fn::GetAtt": ["Api", "RootResourceId"]},
        HttpMethod="GET",
        AuthorizationType="CUSTOM",
        AuthorizerId={"Ref": "Authorizer"},
        Integration=MOCK,
        MethodResponses=[{"StatusCode": "200"}],
    ),
    "Authorizer": resource(
        "AWS::ApiGateway::Authorizer",
        RestApiId={"Ref": "Api"},
        Name="own",
        Type="TOKEN",
        IdentitySource="method.request.header.Authorization",
        AuthorizerUri=URI,
        AuthorizerResultTtlInSeconds=60,
    ),
    "Deployment": {**resource("AWS::ApiGateway::Deployment", RestApiId={"Ref": "Api"}), "DependsOn": "Get"},
    "Stage": resource(
        "AWS::ApiGateway::Stage",
        RestApiId={"Ref": "Api"},
        StageName="live",
        DeploymentId={"Ref": "Deployment"},
        Variables={"one": "1", "two": "2"},
        AccessLogSetting={"DestinationArn": {"Fn::GetAtt": ["Logs", "Arn"]}, "Format": "$context.requestId"},
        MethodSettings=[
            {"ResourcePath": "/*", "HttpMethod": "*", "ThrottlingRateLimit": 7, "ThrottlingBurstLimit": 9},
            {"ResourcePath": "/things", "HttpMethod": "GET", "ThrottlingRateLimit": 3},
        ],
    ),
}


def second() -> dict[str, Any]:
    """The same with something else in each."""
    wanted = deepcopy(FIRST)

    def change(name: str, **properties: Any) -> None:
        wanted[name]["Properties"] |= properties

    def take_out(name: str, *properties: str) -> None:
        for each in properties:
            del wanted[name]["Properties"][each]

    change("Archive", RetentionDays=2, EventPattern={"source": ["two"]})
    change("Rule", EventPattern={"source": ["two"]}, Targets=[])
    change("Dashboard", DashboardBody='{"widgets": [], "periodOverride": "auto"}')
    change("Alarm", Threshold=5)
    change("Logs", RetentionInDays=3)
    change("Filter", FilterPattern="WARNING")
    wanted["Table"] = table(
        ("id", "kind"),
        StreamSpecification={"StreamViewType": "NEW_IMAGE"},
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-kind",
                "KeySchema": [{"AttributeName": "kind", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
    change("Bucket", LifecycleConfiguration={"Rules": [{"Id": "old", "Status": "Enabled", "ExpirationInDays": 2}]})
    take_out("Bucket", "CorsConfiguration")
    change("Secret", SecretString="second")
    take_out("Secret", "Tags")
    take_out("Subscription", "FilterPolicy", "RawMessageDelivery")
    take_out("Function", "Environment", "Timeout", "DeadLetterConfig", "ReservedConcurrentExecutions", "Tags")
    take_out("Mapping", "ScalingConfig", "FilterCriteria")
    change("Machine", RoleArn="arn:aws:iam::000000000000:role/other", Tags=[{"Key": "team", "Value": "other"}])
    change("Mail", Template={"TemplateName": "cfn-mail", "SubjectPart": "Two", "TextPart": "Text"})
    change("Authorizer", AuthorizerResultTtlInSeconds=0)
    change("Get", AuthorizationType="NONE", MethodResponses=[{"StatusCode": "201"}])
    change("Get", Integration={**MOCK, "IntegrationResponses": [{"StatusCode": "201"}]})
    take_out("Get", "AuthorizerId")
    change("Stage", Variables={"two": "II"}, Description="the second")
    change("Stage", MethodSettings=FIRST["Stage"]["Properties"]["MethodSettings"][:1])
    take_out("Stage", "AccessLogSetting")
    return wanted
