"""Routes of users. Registration and login are open: who has no account yet has no token. A profile is its owner's."""

import os
import uuid
from functools import cache
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.depends import Depends
from aws_lambda_powertools.event_handler.openapi.params import Path

from common import auth, aws
from common.auth import Principal
from common.http import BEARER, Customer, raises, resolver
from common.log import logger
from users import passwords
from users.domain import MAX_EMAIL_LENGTH, BadCredentialsError, EmailTakenError, NoSuchUserError, User
from users.models import Login, Profile, ProfileChange, Registered, Registration, SignedIn
from users.store import DynamoUsers, Users

app = resolver()


@cache
def users_table() -> Users:
    """The store, made once in an environment; tests override it."""
    return DynamoUsers(aws.dynamodb(), os.environ["USERS_TABLE"], os.environ["DELETED_USERS_TABLE"])


UserStore = Annotated[Users, Depends(users_table)]
UserId = Annotated[str, Path(min_length=1, max_length=64)]


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
    token = auth.issue(Principal(user.user_id, user.email, user.role), auth.jwt_secret())
    return SignedIn(token=token, expires_in=auth.LIFETIME_S, user_id=user.user_id)


@app.get("/users/<user_id>", security=BEARER)
def get_profile(user_id: UserId, customer: Customer, users: UserStore) -> Profile:
    """One's own profile. 404 for any other, whether it exists or not."""
    return _profile(users.get(_own(user_id, customer)))


@app.patch("/users/<user_id>", security=BEARER, responses=raises(EmailTakenError))
def change_profile(user_id: UserId, body: ProfileChange, customer: Customer, users: UserStore) -> Profile:
    """Change one's own name, e-mail address or both. One signs in with the new address from then on.

    404 for any other profile; 409 when the address has another account. A token keeps the address that it was given for
    as long as it holds.
    """
    changed = users.change(_own(user_id, customer), body.email or None, body.name or None)
    logger.info("profile changed", fields=sorted(body.model_fields_set))
    return _profile(changed)


@app.delete("/users/<user_id>", status_code=204, security=BEARER)
def delete_user(user_id: UserId, customer: Customer, users: UserStore) -> Response[None]:
    """Delete one's own account: its tokens count no more, and its address is free. 404 for any other."""
    users.delete(_own(user_id, customer))
    logger.info("user deleted")
    return Response(204)


def _own(user_id: str, customer: Principal) -> str:
    if user_id != customer.user_id:
        raise NoSuchUserError
    return user_id


def _profile(user: User) -> Profile:
    return Profile(user_id=user.user_id, email=user.email, name=user.name)
