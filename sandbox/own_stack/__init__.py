"""``make up TEMPLATE=…``: a user's own stack in the sandbox, of a SAM or CloudFormation template or ``cdk synth``."""
