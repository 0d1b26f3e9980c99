"""Roles that cannot be assumed, and what policies leave and take."""

import json

from support.sallyport import TRUST, full_rights

from .case import Case, denied, done, listing, not_assumed
from .world import NO_TRUST, policy

RIGHTS = full_rights("BUCKET")
BUCKET, OBJECTS = "arn:aws:s3:::BUCKET", "arn:aws:s3:::BUCKET/*"
HOME = "/BUCKET/ann"

NOT_READ = ["Couldn't read directory: Permission denied"]
NOT_WRITTEN = [f'dest open "{HOME}/file": Permission denied']
WRITTEN = [done("OPEN", f"{HOME}/file", mode="CREATE|TRUNCATE|WRITE"), done("CLOSE", f"{HOME}/file", bytes_in="6")]
READ = [done("OPEN", f"{HOME}/a", mode="READ"), done("CLOSE", f"{HOME}/a", bytes_out="6")]


def user(rights, *keys, **more):
    """A user whose role has `rights`, and what is in the bucket beside his folder."""
    def make(world):
        world.put(*keys)
        world.user(rights, **more)
    return make


def every_operation(name, cause, make, listed, refused):
    """The documented operations, all refused for one cause: `listed` is the line of a listing, `refused` makes that
    of another operation."""
    def case(verb, command, words, lines):
        return Case(f"{name}-{verb}", cause, make, [command], words, lines)

    return [
        case("ls", "ls", NOT_READ, listed),
        case("mkdir", "mkdir d", [f'remote mkdir "{HOME}/d": Permission denied'], [refused("MKDIR", f"{HOME}/d")]),
        case("ls-missing", "ls missing", [f'Can\'t ls: "{HOME}/missing" not found'],
             [refused("STAT", f"{HOME}/missing")]),
        case("get", "get a FOLDER/b", [f'File "{HOME}/a" not found.'], [refused("STAT", f"{HOME}/a")]),
        case("put", "put FOLDER/file file", NOT_WRITTEN,
             [refused("STAT", f"{HOME}/file"), refused("OPEN", f"{HOME}/file")]),
        case("rm", "rm a", [f"remote delete {HOME}/a: Permission denied"],
             [refused("STAT", f"{HOME}/a"), refused("DELETE", f"{HOME}/a")]),
        case("rename", "rename a b", [f'remote rename "{HOME}/a" to "{HOME}/b": Permission denied'],
             [refused("RENAME", f"{HOME}/a")]),
    ]


def role_deleted(world):
    world.put("ann/a")
    world.user(RIGHTS)
    world.delete_role()


def optimized(rights, *keys):
    def make(world):
        world.put(*keys)
        world.own_server()
        world.sallyport.call("UpdateServer", ServerId=world.server,
                             S3StorageOptions={"DirectoryListingOptimization": "ENABLED"})
        world.user(rights)
    return make


def session_policy(role_rights, narrowing, *keys, **more):
    return user(role_rights, *keys, session_policy=narrowing, **more)


ROLE = [
    *every_operation("trust-missing", "The role does not trust the service", user(RIGHTS, "ann/a", trust=NO_TRUST),
                     [], not_assumed),
    *every_operation("role-deleted", "The role is not there", role_deleted, [], not_assumed),
    Case("trust-other-server", "The role trusts the service for another server only",
         user(RIGHTS, trust=TRUST.replace('"sts:AssumeRole"', '"sts:AssumeRole", "Condition": {"ArnLike": '
              '{"aws:SourceArn": "arn:aws:transfer:us-east-1:000000000000:server/s-00000000000000000"}}')),
         ["mkdir d"], [f'remote mkdir "{HOME}/d": Permission denied'], [not_assumed("MKDIR", f"{HOME}/d")]),
]

WRITE_ONLY = policy(("Allow", "s3:PutObject", OBJECTS))
WRITE_AND_LIST = policy(("Allow", "s3:PutObject", OBJECTS), ("Allow", "s3:ListBucket", BUCKET))
READ_ONLY = policy(("Allow", "s3:GetObject", OBJECTS), ("Allow", "s3:ListBucket", BUCKET))
HOME_ONLY = policy(("Allow", "s3:ListBucket", "arn:aws:s3:::${transfer:HOMEBUCKET}",
                    {"StringLike": {"s3:prefix": ["${transfer:homefolder}/*", "${Transfer:HomeFolder}"]}}),
                   ("Allow", ["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::${transfer:homeDirectory}/*"),
                   ("Allow", "s3:GetObject", "arn:aws:s3:::${TRANSFER:homebucket}/of-${transfer:USERNAME}/*"))


def narrowed(world):
    world.put("bob/a", f"of-{world.user_name}/a")
    world.user(RIGHTS, session_policy=HOME_ONLY)


def bucket_policy_denies(world):
    world.put("ann/a")
    world.user(RIGHTS)
    role = world.sallyport.client("iam").get_role(RoleName=world.role_name)["Role"]["Arn"]
    document = world.fill(policy(("Deny", "s3:DeleteObject", OBJECTS)))
    document["Statement"][0]["Principal"] = {"AWS": role}
    world.sallyport.client("s3").put_bucket_policy(Bucket=world.bucket, Policy=json.dumps(document))


POLICIES = [
    *every_operation("policy-missing", "The role has no policy for the bucket", user(None, "ann/a"),
                     [listing("Access denied")], denied),
    Case("write-only-put", "The role may only write (`s3:PutObject`): uploads work, though the client looks first",
         user(WRITE_ONLY), ["put FOLDER/file file"], [], [denied("STAT", f"{HOME}/file"), *WRITTEN]),
    Case("write-only-ls", "The role may only write", user(WRITE_ONLY), ["ls"], NOT_READ, [listing("Access denied")]),
    Case("write-only-mkdir", "The role may only write: directories can be made", user(WRITE_ONLY), ["mkdir d"], [],
         [done("MKDIR", f"{HOME}/d")]),
    Case("write-list-markers", "The role may write and list, and there are marker objects: each is looked at, which "
         "wants `s3:GetObject`", user(WRITE_AND_LIST, "ann/d/"), ["ls"], NOT_READ, [listing("Access denied")]),
    Case("write-list-plain", "The same without marker objects", user(WRITE_AND_LIST, "ann/d/a", folder=False),
         ["ls -1"], [], [], shows=["d"]),
    Case("write-list-optimized", "The same with marker objects and DirectoryListingOptimization",
         optimized(WRITE_AND_LIST, "ann/d/"), ["ls -1"], [], [], shows=["d"]),
    Case("read-only-get", "The role may read and list: downloads work", user(READ_ONLY, "ann/a"),
         ["ls -1", "get a FOLDER/b"], [], READ, shows=["a", f"Fetching {HOME}/a to b"]),
    Case("read-only-put", "The role may only read", user(READ_ONLY), ["put FOLDER/file file"], NOT_WRITTEN,
         [denied("OPEN", f"{HOME}/file")]),
    Case("read-only-mkdir", "The role may only read", user(READ_ONLY), ["mkdir d"],
         [f'remote mkdir "{HOME}/d": Permission denied'], [denied("MKDIR", f"{HOME}/d")]),
    Case("read-only-rm", "The role may only read", user(READ_ONLY, "ann/a"), ["rm a"],
         [f"remote delete {HOME}/a: Permission denied"], [denied("DELETE", f"{HOME}/a")]),
    Case("read-only-rename", "The role may only read", user(READ_ONLY, "ann/a"), ["rename a b"],
         [f'remote rename "{HOME}/a" to "{HOME}/b": Permission denied'], [denied("RENAME", f"{HOME}/a")]),
    Case("list-missing", "The role may read but not list (`s3:ListBucket`)",
         user(policy(("Allow", "s3:GetObject", OBJECTS)), "ann/a"), ["get a FOLDER/b", "ls"], NOT_READ,
         [*READ, listing("Access denied")]),
    Case("list-on-objects", "`s3:ListBucket` is allowed on the objects (`arn:aws:s3:::BUCKET/*`) and not on the bucket",
         user(policy(("Allow", ["s3:ListBucket", "s3:GetObject"], OBJECTS))), ["ls"], NOT_READ,
         [listing("Access denied")]),
    Case("get-missing", "The role may list but not read (`s3:GetObject`)",
         user(policy(("Allow", "s3:ListBucket", BUCKET)), "ann/a", folder=False), ["ls", "get a FOLDER/b"],
         [f'remote open "{HOME}/a": Permission denied'], [denied("OPEN", f"{HOME}/a")]),
    Case("delete-missing", "The role may not delete (`s3:DeleteObject`), which a rename wants as well",
         user(policy(("Allow", ["s3:GetObject", "s3:PutObject"], OBJECTS), ("Allow", "s3:ListBucket", BUCKET)),
              "ann/a"), ["rename a b"], [f'remote rename "{HOME}/a" to "{HOME}/b": Permission denied'],
         [denied("RENAME", f"{HOME}/a")]),
    Case("explicit-deny", "A Deny of the role's policy, whatever else allows",
         user(policy(("Allow", "s3:*", "*"), ("Deny", "s3:DeleteObject", OBJECTS)), "ann/a"), ["rm a"],
         [f"remote delete {HOME}/a: Permission denied"], [denied("DELETE", f"{HOME}/a")]),
    Case("bucket-policy-deny", "A Deny of the bucket's policy, whatever the role's allow", bucket_policy_denies,
         ["rm a"], [f"remote delete {HOME}/a: Permission denied"], [denied("DELETE", f"{HOME}/a")]),
    Case("session-policy-outside", "The session policy allows the home directory only",
         narrowed, ["ls", "put FOLDER/file file", "ls ../bob", "get ../bob/a FOLDER/b", "put FOLDER/file ../file"],
         ['Can\'t ls: "/BUCKET/ann/../bob" not found', 'File "/BUCKET/ann/../bob/a" not found.',
          'dest open "/BUCKET/ann/../file": Permission denied'],
         [*WRITTEN, denied("STAT", "/BUCKET/bob"), denied("STAT", "/BUCKET/bob/a"), denied("STAT", "/BUCKET/file"),
          denied("OPEN", "/BUCKET/file")]),
    Case("session-policy-variables", "The four variables of session policies, in any letter case",
         narrowed, ["get ../of-USER/a FOLDER/b"], [],
         [done("OPEN", "/BUCKET/of-ann/a", mode="READ"), done("CLOSE", "/BUCKET/of-ann/a", bytes_out="6")]),
    Case("session-policy-no-more", "A session policy gives nothing that the role does not have",
         session_policy(READ_ONLY, policy(("Allow", "s3:*", "*"))), ["mkdir d"],
         [f'remote mkdir "{HOME}/d": Permission denied'], [denied("MKDIR", f"{HOME}/d")]),
    Case("session-policy-logical", "`${transfer:Home…}` in the session policy of a LOGICAL user: names nothing",
         session_policy(RIGHTS, HOME_ONLY, mappings=[{"Entry": "/", "Target": "/BUCKET/ann"}]), ["mkdir d"],
         ['remote mkdir "/d": Permission denied'], [denied("MKDIR", f"{HOME}/d")]),
]
