"""CloudWatch metrics, collected in memory and handed over once a second, with their distribution kept.

``collector`` gathers what ``lambda_metrics``, ``sqs_metrics`` and ``emf`` observe; ``store`` keeps it in the place of
LocalStack's database, ``statistics`` computes percentiles and the like of it, ``queries`` and ``alarms`` answer with
them, and ``evaluation`` judges alarms by them.
"""
