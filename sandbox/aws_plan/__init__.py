"""``make aws-plan``: a deployment to an AWS account, prepared and checked up to a change set; nothing is executed."""
