"""Routes of users. Both are open: who has no account yet has no token."""

import os
import uuid
from functools import cache
from typing import Annotated

from aws_lambda_powertools.event_handler.depends import Depends

from common import auth, aws
from common.http import raises, resolver
from common.log import logger
from users import passwords
from users.domain import MAX_EMAIL_LENGTH, BadCredentialsError, EmailTakenError, User
from users.models import Login, Registered, Registration, SignedIn
from users.store import DynamoUsers, Users

app = resolver()


@cache
def users_table() -> Users:
    """The store, made once in an environment; tests override it."""
    return DynamoUsers(aws.dynamodb(), os.environ["USERS_TABLE"])


UserStore = Annotated[Users, Depends(users_table)]


@app.post("/users", status_code=201, responses=raises(EmailTakenError))
def register(body: Registration, users: UserStore) -> Registered:
    """Create a customer. 409 when the e-mail address has an account, in whatever case it is written."""
    user = User(
        user_id=str(uuid.uuid4()),
        email=body.email,
        name=body.name,
        role="customer",
        password_hash=passwords.hashed(body.password),
    )
    users.add(user)
    logger.info("user registered", registered_user_id=user.user_id)
    return Registered(user_id=user.user_id)


@app.post("/users/login", responses=raises(BadCredentialsError))
def login(body: Login, users: UserStore) -> SignedIn:
    """Give out a token. 401 tells neither whether the address exists nor what is wrong with the password."""
    email = body.email.lower()
    user = users.by_email(email) if 0 < len(email) <= MAX_EMAIL_LENGTH else None
    if not passwords.matches(body.password, user.password_hash if user else None) or user is None:
        raise BadCredentialsError("The e-mail address or the password is wrong.")
    token = auth.issue(auth.Principal(user.user_id, user.email, user.role), auth.jwt_secret())
    return SignedIn(token=token, expires_in=auth.LIFETIME_S, user_id=user.user_id)
