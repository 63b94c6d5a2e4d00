"""The stack as an AWS SAM template, and what a template needs to be deployed.

`shop.template()` is the shop's, as data in CloudFormation's long form (`{"Fn::GetAtt": ["OrdersTable", "Arn"]}`), and
`text.render` writes such data as YAML for people.

| module | holds |
|---|---|
| `names` | logical ids, and what a reference of the declaration is in CloudFormation |
| `data`, `messages`, `code`, `rest_api`, `state_machines`, `monitoring` | each kind of resource in CloudFormation |
| `stack` | a whole stack's resources, in the order of the declaration |
| `merge` | two renderings as one, with conditions where they differ |
| `shop` | the shop's template: both flows, parameters, outputs |
| `text` | YAML |
| `files` | where the archives lie that the shop's template names |
| `artifacts` | what any template names of local files, in S3 |
"""
