"""CloudFormation's resource types as calls of the API: Transfer Family's by the names in the service's model, IAM's and
S3's by boto3. What differs between a template's words and the API's is said here and nowhere else."""

import datetime
import json
import pathlib
import uuid

MODEL = pathlib.Path(__file__).resolve().parent.parent.parent / "src/api/model/transfer-2018-11-05.json"
SHAPES = json.loads(MODEL.read_text())["shapes"]


def members_of(operation):
    return set(SHAPES.get(f"{operation}Request", {}).get("members", {}))


def changed(old, new):
    """Properties that are not as they were. One that is gone gets the empty value of its kind."""
    gone = {name: type(value)() for name, value in old.items() if name not in new}
    return {**gone, **{name: value for name, value in new.items() if old.get(name) != value}}


def by_key(tags):
    return {tag["Key"]: tag["Value"] for tag in tags}


class TransferKind:
    """A type whose properties are the members of its operations; the types that differ are below."""

    made_by = "Create"
    ref = None  # the attribute that Ref gives; the identifier unless told
    by_tag_calls = {"Tags"}
    hidden = set()  # what no Describe operation shows

    def __init__(self, noun, identifier=None, within=()):
        self.noun, self.identifier, self.within = noun, identifier or f"{noun}Id", tuple(within)

    def address(self, attributes):
        return {name: attributes[name] for name in (*self.within, self.identifier)}

    def members(self, properties):
        return properties

    def described(self, sallyport, attributes):
        return sallyport.call(f"Describe{self.noun}", **self.address(attributes))[self.noun]

    def attributes(self, sallyport, attributes):
        told = self.described(sallyport, attributes)
        out = {name: value for name, value in told.items() if isinstance(value, (str, int, list))}
        return {**out, **self.address(attributes), "Ref": self.reference({**attributes, **out})}

    def reference(self, attributes):
        return attributes[self.ref or self.identifier]

    def create(self, sallyport, properties, _):
        answer = sallyport.call(f"{self.made_by}{self.noun}", **self.members(properties))
        return {name: {**properties, **answer}[name] for name in (*self.within, self.identifier)}

    def complete(self, sallyport, made):
        """What is left to do for a resource that has an identifier by now."""

    def replaces(self, old, new):
        """Whether a change is one that the Update operation does not take."""
        return not set(changed(old, new)) <= (members_of(f"Update{self.noun}") | self.by_tag_calls) - set(self.within)

    def update(self, sallyport, made, properties):
        change = changed(made.properties, properties)
        members = {name: value for name, value in change.items() if name not in self.by_tag_calls}
        if members:
            sallyport.call(f"Update{self.noun}", **self.address(made.attributes), **self.members(members))
        if "Tags" in change:
            self.retag(sallyport, made, properties.get("Tags", []))

    def retag(self, sallyport, made, tags):
        arn, old, new = made.attributes["Arn"], by_key(made.properties.get("Tags", [])), by_key(tags)
        if gone := sorted(set(old) - set(new)):
            sallyport.call("UntagResource", Arn=arn, TagKeys=gone)
        if fresh := [{"Key": key, "Value": value} for key, value in new.items() if old.get(key) != value]:
            sallyport.call("TagResource", Arn=arn, Tags=fresh)

    def delete(self, sallyport, made):
        sallyport.call(f"Delete{self.noun}", **self.address(made.attributes))

    def shown(self, sallyport, made):
        return self.described(sallyport, made.attributes)


class Server(TransferKind):
    ref = "Arn"


class User(TransferKind):
    ref = "Arn"
    by_tag_calls = {"Tags", "SshPublicKeys"}

    def members(self, properties):
        return {name: value for name, value in properties.items() if name != "SshPublicKeys"}

    def complete(self, sallyport, made):
        self.set_keys(sallyport, made, made.properties)

    def update(self, sallyport, made, properties):
        super().update(sallyport, made, properties)
        self.set_keys(sallyport, made, properties)

    def set_keys(self, sallyport, made, properties):
        who, wanted = self.address(made.attributes), properties.get("SshPublicKeys", [])
        there = {one["SshPublicKeyBody"]: one["SshPublicKeyId"]
                 for one in self.described(sallyport, made.attributes)["SshPublicKeys"]}
        for key in set(there) - set(wanted):
            sallyport.call("DeleteSshPublicKey", **who, SshPublicKeyId=there[key])
        for key in [one for one in wanted if one not in there]:
            sallyport.call("ImportSshPublicKey", **who, SshPublicKeyBody=key)

    def shown(self, sallyport, made):
        told = super().shown(sallyport, made)
        return {**made.attributes, **told, "SshPublicKeys": [one["SshPublicKeyBody"] for one in told["SshPublicKeys"]]}


class Certificate(TransferKind):
    made_by = "Import"
    hidden = {"PrivateKey"}

    def members(self, properties):
        dates = {name: datetime.datetime.fromisoformat(properties[name].replace("Z", "+00:00")).timestamp()
                 for name in ("ActiveDate", "InactiveDate") if name in properties}
        return {**properties, **dates}


class Agreement(TransferKind):
    def reference(self, attributes):
        return f"{attributes['AgreementId']}|{attributes['ServerId']}"


class HostKey(TransferKind):
    made_by = "Import"
    ref = "Arn"
    hidden = {"HostKeyBody"}

    def shown(self, sallyport, made):
        return {**made.attributes, **super().shown(sallyport, made)}


class WebApp(TransferKind):
    ref = "Arn"
    by_tag_calls = {"Tags", "WebAppCustomization"}

    def members(self, properties):
        details = properties.get("IdentityProviderDetails")
        out = {name: value for name, value in properties.items() if name != "WebAppCustomization"}
        return {**out, **({"IdentityProviderDetails": {"IdentityCenterConfig": details}} if details else {})}

    def complete(self, sallyport, made):
        self.customise(sallyport, made.attributes, made.properties)

    def update(self, sallyport, made, properties):
        super().update(sallyport, made, properties)
        self.customise(sallyport, made.attributes, properties)

    def customise(self, sallyport, attributes, properties):
        if wanted := properties.get("WebAppCustomization"):
            sallyport.call("UpdateWebAppCustomization", **self.address(attributes), **wanted)

    def shown(self, sallyport, made):
        told = super().shown(sallyport, made)
        center = told.pop("DescribedIdentityProviderDetails")["IdentityCenterConfig"]
        custom = sallyport.call("DescribeWebAppCustomization", **self.address(made.attributes))["WebAppCustomization"]
        return {**told, "IdentityProviderDetails": {name: center[name] for name in ("InstanceArn", "Role")},
                "WebAppCustomization": {name: custom[name] for name in ("Title", "LogoFile") if name in custom}}


class OtherKind:
    """A type of another service: what it has is set whole, again at each change."""

    hidden = set()

    def attributes(self, *_):
        return {}

    def complete(self, *_):
        pass

    def replaces(self, *_):
        return False


class Bucket(OtherKind):
    def create(self, sallyport, properties, name):
        bucket = properties.get("BucketName", f"{name.lower()[:40]}-{uuid.uuid4().hex[:12]}")
        sallyport.client("s3").create_bucket(Bucket=bucket)
        self.set(sallyport, bucket, properties)
        return {"Ref": bucket, "Arn": f"arn:aws:s3:::{bucket}"}

    def set(self, sallyport, bucket, properties):
        s3 = sallyport.client("s3")
        if "VersioningConfiguration" in properties:
            s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration=properties["VersioningConfiguration"])

    def update(self, sallyport, made, properties):
        self.set(sallyport, made.attributes["Ref"], properties)

    def delete(self, sallyport, made):
        sallyport.client("s3").delete_bucket(Bucket=made.attributes["Ref"])

    def shown(self, sallyport, made):
        answer = sallyport.client("s3").get_bucket_versioning(Bucket=made.attributes["Ref"])
        return {"VersioningConfiguration": {"Status": answer.get("Status")}}


class Role(OtherKind):
    def create(self, sallyport, properties, name):
        known = {key: properties[key] for key in ("Description", "Path", "Tags") if key in properties}
        role = sallyport.client("iam").create_role(
            RoleName=properties.get("RoleName", f"{name[:50]}-{uuid.uuid4().hex[:12]}"),
            AssumeRolePolicyDocument=json.dumps(properties["AssumeRolePolicyDocument"]), **known)["Role"]
        self.set(sallyport, role["RoleName"], properties)
        return {"Ref": role["RoleName"], "Arn": role["Arn"], "RoleId": role["RoleId"]}

    def set(self, sallyport, role, properties):
        for policy in properties.get("Policies", []):
            sallyport.client("iam").put_role_policy(RoleName=role, PolicyName=policy["PolicyName"],
                                                    PolicyDocument=json.dumps(policy["PolicyDocument"]))

    def update(self, sallyport, made, properties):
        self.set(sallyport, made.attributes["Ref"], properties)

    def delete(self, sallyport, made):
        iam, role = sallyport.client("iam"), made.attributes["Ref"]
        for policy in made.properties.get("Policies", []):
            iam.delete_role_policy(RoleName=role, PolicyName=policy["PolicyName"])
        iam.delete_role(RoleName=role)

    def shown(self, sallyport, made):
        iam, role = sallyport.client("iam"), made.attributes["Ref"]
        policies = [iam.get_role_policy(RoleName=role, PolicyName=name)
                    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]]
        return {**iam.get_role(RoleName=role)["Role"], "Policies": policies}


class RolePolicy(OtherKind):
    """AWS::IAM::Policy: an inline policy of the roles it names."""

    def create(self, sallyport, properties, _):
        for role in properties["Roles"]:
            sallyport.client("iam").put_role_policy(RoleName=role, PolicyName=properties["PolicyName"],
                                                    PolicyDocument=json.dumps(properties["PolicyDocument"]))
        return {"Ref": properties["PolicyName"]}

    def update(self, sallyport, made, properties):
        self.delete(sallyport, made)
        self.create(sallyport, properties, "")

    def delete(self, sallyport, made):
        for role in made.properties["Roles"]:
            sallyport.client("iam").delete_role_policy(RoleName=role, PolicyName=made.properties["PolicyName"])

    def shown(self, sallyport, made):
        (role,) = made.properties["Roles"]
        told = sallyport.client("iam").get_role_policy(RoleName=role, PolicyName=made.properties["PolicyName"])
        return {"PolicyName": told["PolicyName"], "PolicyDocument": told["PolicyDocument"], "Roles": [role]}


KINDS = {
    "AWS::Transfer::Agreement": Agreement("Agreement", within=["ServerId"]),
    "AWS::Transfer::Certificate": Certificate("Certificate"),
    "AWS::Transfer::Connector": TransferKind("Connector"),
    "AWS::Transfer::HostKey": HostKey("HostKey", within=["ServerId"]),
    "AWS::Transfer::Profile": TransferKind("Profile"),
    "AWS::Transfer::Server": Server("Server"),
    "AWS::Transfer::User": User("User", "UserName", within=["ServerId"]),
    "AWS::Transfer::WebApp": WebApp("WebApp"),
    "AWS::Transfer::Workflow": TransferKind("Workflow"),
    "AWS::IAM::Policy": RolePolicy(),
    "AWS::IAM::Role": Role(),
    "AWS::S3::Bucket": Bucket(),
}
