"""Callers other than the root: users with a key and policies, sessions of roles."""

import dataclasses
import json

from .s3_tools import Access

ACCOUNT = "000000000000"


def allow(action, resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action, resource="*", **more):
    return {**allow(action, resource, **more), "Effect": "Deny"}


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trusting(principal, **more):
    """A trust policy for an ARN (or account), with more members of the statement."""
    return document({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole", **more})


def bucket_arns(bucket):
    return [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]


@dataclasses.dataclass
class Person:
    name: str
    arn: str
    access: Access

    def client(self, service="s3", **config):
        return self.access.client(service, **config)


def make_user(sallyport, iam, *statements, name=None, path="/"):
    """A user with one access key and an inline policy of these statements (none: no policy)."""
    name = name or sallyport.name("user")
    arn = iam.create_user(UserName=name, Path=path)["User"]["Arn"]
    if statements:
        iam.put_user_policy(UserName=name, PolicyName="rights", PolicyDocument=document(*statements))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return Person(name, arn, Access(sallyport.api_url, key["AccessKeyId"], key["SecretAccessKey"]))


def make_role(sallyport, iam, trust, *statements, **members):
    """The ARN of a role with that trust policy and an inline policy of these statements."""
    name = sallyport.name("role")
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust, **members)["Role"]["Arn"]
    if statements:
        iam.put_role_policy(RoleName=name, PolicyName="rights", PolicyDocument=document(*statements))
    return arn


def assume(caller, role_arn, session="session", **members):
    """The Access of a session of the role, assumed with `caller`'s key."""
    given = caller.client("sts").assume_role(RoleArn=role_arn, RoleSessionName=session, **members)["Credentials"]
    return Access(getattr(caller, "access", caller).url, given["AccessKeyId"], given["SecretAccessKey"],
                  given["SessionToken"])
