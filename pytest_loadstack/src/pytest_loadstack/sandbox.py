"""What tests know of the sandbox."""

from dataclasses import dataclass

_NOWHERE = "/dev/null"


@dataclass(frozen=True)
class Sandbox:
    """Where the AWS of the tests is. Its account takes any credentials."""

    endpoint: str
    region: str = "us-east-1"
    account: str = "000000000000"

    @property
    def environment(self) -> dict[str, str]:
        """The variables that point an AWS SDK or CLI here, and keep it from the user's own profile and credentials.

        For code under test that makes its own clients: ``monkeypatch.setenv`` each, or hand them to a process.
        """
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_SESSION_TOKEN": "test",
            "AWS_CONFIG_FILE": _NOWHERE,
            "AWS_SHARED_CREDENTIALS_FILE": _NOWHERE,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false",
            "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
        }
