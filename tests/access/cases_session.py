"""What changes while a session lives: policies count at the next call, trust until the credentials' life is over."""

from support.sallyport import TRUST, full_rights

from .case import Case, Step, denied, done, listing
from .cases_rights import HOME, NOT_READ, user
from .world import NO_TRUST

RIGHTS = full_rights("BUCKET")


def delete_bucket(world):
    s3 = world.sallyport.client("s3")
    s3.delete_object(Bucket=world.bucket, Key="ann/")
    s3.delete_bucket(Bucket=world.bucket)


CASES = [
    Case("policy-taken", "The policy is taken away and given back: each counts at the next call", user(RIGHTS),
         ["mkdir d", Step("the policy is taken away", lambda world: world.set_rights(None)), "mkdir e",
          Step("the policy is given back", lambda world: world.set_rights(RIGHTS)), "mkdir e"],
         [f'remote mkdir "{HOME}/e": Permission denied'],
         [done("MKDIR", f"{HOME}/d"), denied("MKDIR", f"{HOME}/e"), done("MKDIR", f"{HOME}/e")]),
    Case("trust-taken", "The trust is taken away: who has assumed the role goes on, for an hour at most",
         user(RIGHTS),
         ["mkdir d", Step("the trust is taken away", lambda world: world.set_trust(NO_TRUST)), "mkdir e"],
         [], [done("MKDIR", f"{HOME}/d"), done("MKDIR", f"{HOME}/e")]),
    Case("trust-given", "The trust is put right: it counts at the next call", user(RIGHTS, trust=NO_TRUST),
         ["ls", Step("the trust is put right", lambda world: world.set_trust(TRUST)), "mkdir d"], NOT_READ,
         [done("MKDIR", f"{HOME}/d")]),
    Case("role-taken", "The role is deleted: its policies are gone at the next call", user(RIGHTS),
         ["mkdir d", Step("the role is deleted", lambda world: world.delete_role()), "mkdir e"],
         [f'remote mkdir "{HOME}/e": Permission denied'],
         [done("MKDIR", f"{HOME}/d"), denied("MKDIR", f"{HOME}/e")]),
    Case("bucket-taken", "The bucket is deleted", user(RIGHTS, home="/BUCKET"),
         ["ls", Step("the bucket is deleted", delete_bucket), "ls"], ["Couldn't read directory: Failure"],
         [listing("Error performing readdir")]),
]
