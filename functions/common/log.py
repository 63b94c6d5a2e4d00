"""The one structured logger; its service name and level come from POWERTOOLS_* variables."""

from aws_lambda_powertools import Logger

logger = Logger()
