"""The bare machine: the same functions and the same DynamoDB Local, with next to nothing between."""
