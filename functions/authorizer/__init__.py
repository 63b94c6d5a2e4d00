"""Lambda authorizer: who is calling, asked by API Gateway before the services are."""
