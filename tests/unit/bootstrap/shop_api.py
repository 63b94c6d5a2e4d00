"""What the bootstrap uses of the shop's API, on the tables of an AWS."""

from dataclasses import dataclass, field

from bootstrap.clients import Clients


@dataclass
class ShopApi:
    """`POST /users` and `/users/login` as the users service answers; `status` other than 201 is the answer to all,
    502 that of the first `failures`.
    """

    url: str
    clients: Clients
    status: int = 201
    failures: int = 0
    registered: list[str] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)

    def answer(self, path: str, body: dict[str, str]) -> int:
        if self.failures:
            self.failures -= 1
            return 502
        if self.status != 201:
            return self.status
        if path == "/dev/users":
            return self._register(body)
        return self._log_in(body) if path == "/dev/users/login" else 404

    def _register(self, user: dict[str, str]) -> int:
        self.registered.append(user["email"])
        owner = f"id-of-{user['email']}"
        if "Item" in self.clients.dynamodb.get_item(TableName="users", Key={"userId": {"S": owner}}):
            return 409
        account = {"userId": owner, "email": user["email"], "name": user["name"], "role": "customer"}
        for item in (
            {**account, "passwordHash": f"hash of {user['password']}", "kept": "by the service"},
            {"userId": f"email#{user['email']}", "ownerId": owner},
        ):
            self.clients.dynamodb.put_item(TableName="users", Item={key: {"S": text} for key, text in item.items()})
        return 201

    def _log_in(self, body: dict[str, str]) -> int:
        self.logins.append(body["email"])
        find = self.clients.dynamodb.get_item
        address = find(TableName="users", Key={"userId": {"S": f"email#{body['email']}"}}).get("Item")
        user = find(TableName="users", Key={"userId": address["ownerId"]}).get("Item") if address else None
        return 200 if user and user["passwordHash"]["S"] == f"hash of {body['password']}" else 401
