"""Buckets, directories and mappings that are not there, what a bucket cannot do, and ways out that are none."""

from support.sallyport import full_rights

from .case import Case, denied, done, listing, unsupported
from .cases_rights import HOME, user
from .world import policy

RIGHTS = full_rights("BUCKET")
EVERYTHING = policy(("Allow", "s3:*", "*"))
GONE = [{"Entry": "/in", "Target": "/BUCKET/in"}, {"Entry": "/gone", "Target": "/BUCKET/gone"}]
NESTED = [{"Entry": "/a/b", "Target": "/BUCKET/in"}, {"Entry": "/c", "Target": "/BUCKET/out"}]


def resumed(world):
    world.put("ann/file")
    (world.folder / "file").write_text("hello\nworld\n")
    world.user(RIGHTS)


def optimized_home(world):
    world.own_server()
    world.sallyport.call("UpdateServer", ServerId=world.server,
                         S3StorageOptions={"DirectoryListingOptimization": "ENABLED"})
    world.user(RIGHTS, folder=False)


DIRECTORIES = [
    Case("bucket-missing-ls", "There is no such bucket", user(EVERYTHING, home="/NOBUCKET/ann"), ["ls /NOBUCKET"],
         ["Couldn't read directory: Failure"], [listing("Error performing readdir")]),
    Case("bucket-missing-home", "The home directory's bucket is not there", user(EVERYTHING, home="/NOBUCKET"), ["ls"],
         ["Couldn't read directory: Failure"], [listing("Error performing readdir")]),
    Case("bucket-missing-put", "There is no such bucket", user(EVERYTHING, home="/NOBUCKET"), ["put FOLDER/file file"],
         ['dest open "/NOBUCKET/file": Failure'],
         [denied("OPEN", "/NOBUCKET/file", "The specified bucket does not exist")]),
    Case("missing-ls", "There is no such directory; the rights are good", user(RIGHTS), ["ls missing"],
         [f'Can\'t ls: "{HOME}/missing" not found'], []),
    Case("missing-cd", "There is no such directory; the rights are good", user(RIGHTS), ["cd missing"],
         ["stat remote: No such file or directory"], []),
    Case("missing-get", "There is no such file; the rights are good", user(RIGHTS), ["get missing FOLDER/b"],
         [f'File "{HOME}/missing" not found.'], []),
    Case("home-missing-ls", "The home folder is not there (no object `ann/`, none below it)",
         user(RIGHTS, folder=False), ["ls"], ["Couldn't read directory: No such file or directory"], []),
    Case("home-missing-put", "The same: the first upload makes it", user(RIGHTS, folder=False),
         ["put FOLDER/file file", "ls"], [],
         [done("OPEN", f"{HOME}/file", mode="CREATE|TRUNCATE|WRITE"),
          done("CLOSE", f"{HOME}/file", bytes_in="6")]),
    Case("home-missing-optimized", "The same with DirectoryListingOptimization: it need not be there",
         optimized_home, ["ls"], [], []),
    Case("home-without-bucket", "The user has no home directory (PATH)", user(RIGHTS, home="/"), ["pwd", "ls"],
         ["Couldn't read directory: Permission denied"], [listing("Access denied")],
         shows=["Remote working directory: /"]),
    Case("home-without-bucket-put", "The same: names in `/` are buckets",
         user(RIGHTS, home="/"), ["put FOLDER/file file"], ['dest open "/file/file": Permission denied'],
         [denied("OPEN", "/file/file")]),
    Case("append", "The client appends or resumes an upload", resumed, ["reput FOLDER/file file"],
         [f'dest open "{HOME}/file": Operation unsupported'],
         [unsupported("OPEN", f"{HOME}/file", "Cannot open file in mode: APPEND|CREATE|WRITE")]),
    Case("set-attributes", "The client sets times or modes (`put -p`, `chmod`)", user(RIGHTS, "ann/a"), ["chmod 600 a"],
         [f'remote setstat "{HOME}/a": Operation unsupported'],
         [unsupported("SETSTAT", f"{HOME}/a", "Setting attributes is not supported on S3 storage")]),
    Case("rename-directory", "A directory is renamed", user(RIGHTS, "ann/d/"), ["rename d e"],
         [f'remote rename "{HOME}/d" to "{HOME}/e": Operation unsupported'],
         [unsupported("RENAME", f"{HOME}/d", "Directories cannot be renamed")]),
    Case("rename-onto", "A file is renamed onto one that exists", user(RIGHTS, "ann/a", "ann/b"), ["rename a b"],
         [f'remote rename "{HOME}/a" to "{HOME}/b": Failure'], []),
]

LOGICAL = [
    Case("mapping-missing-ls", "The target of a mapping is not there: the entry is hidden",
         user(RIGHTS, "in/a", mappings=GONE), ["ls -1"], [], [], shows=["in"]),
    Case("mapping-missing-enter", "The same, when it is named", user(RIGHTS, "in/a", mappings=GONE), ["ls /gone"],
         ['Can\'t ls: "/gone" not found'], []),
    Case("mapping-missing-root", "The target of the only mapping, `/`, is not there",
         user(RIGHTS, mappings=[{"Entry": "/", "Target": "/BUCKET/gone"}]), ["ls"],
         ["Couldn't read directory: No such file or directory"], []),
    Case("mapping-missing-bucket", "The bucket of a mapping is not there",
         user(EVERYTHING, mappings=[{"Entry": "/", "Target": "/NOBUCKET"}]), ["ls"],
         ["Couldn't read directory: Failure"], [listing("Error performing readdir")]),
    Case("virtual-put", "An upload into a level that only leads to mappings", user(RIGHTS, "in/a", mappings=NESTED),
         ["put FOLDER/file /file", "put FOLDER/file /a/file"],
         ['dest open "/file": No such file or directory', 'dest open "/a/file": No such file or directory'], []),
    Case("virtual-mkdir", "A directory is made there", user(RIGHTS, "in/a", mappings=NESTED),
         ["mkdir /d", "mkdir /a/d"],
         ['remote mkdir "/d": No such file or directory', 'remote mkdir "/a/d": No such file or directory'], []),
    Case("mapping-rmdir", "A mapping itself is removed", user(RIGHTS, "out/", mappings=NESTED), ["rmdir /c"],
         ['remote rmdir "/c": Permission denied'], [denied("RMDIR", "/BUCKET/out")]),
]


def beside_a_secret(**more):
    def make(world):
        world.put("in/a", "secret", "ann/a")
        world.put("secret", bucket=world.other)
        world.user(RIGHTS, **more)
    return make


def nothing_came_out(world):
    assert not (world.folder / "stolen").exists()
    for bucket in (world.bucket, world.other):
        secret = world.sallyport.client("s3").get_object(Bucket=bucket, Key="secret")["Body"].read()
        assert secret == b"hello\n"


def stayed_inside(world):
    nothing_came_out(world)
    contents = world.sallyport.client("s3").list_objects_v2(Bucket=world.bucket)["Contents"]
    assert r"in/..\file" in [o["Key"] for o in contents]


IN = [{"Entry": "/in", "Target": "/BUCKET/in"}]
ESCAPES = [
    Case("escape-bucket", "Another bucket, by its name or by `..`", beside_a_secret(),
         ["get /OTHER/secret FOLDER/stolen", "get ../../OTHER/secret FOLDER/stolen",
          "put FOLDER/file //OTHER//.//secret", "rm ../../../OTHER/secret", "rename a /OTHER/secret"],
         ['File "/OTHER/secret" not found.', 'File "/BUCKET/ann/../../OTHER/secret" not found.',
          'dest open "//OTHER//.//secret": Permission denied',
          "remote delete /BUCKET/ann/../../../OTHER/secret: Permission denied",
          'remote rename "/BUCKET/ann/a" to "/OTHER/secret": Permission denied'],
         [denied("STAT", "/OTHER/secret"), denied("OPEN", "/OTHER/secret"), denied("STAT", "/OTHER/secret"),
          denied("DELETE", "/OTHER/secret"), denied("RENAME", f"{HOME}/a")], after=nothing_came_out),
    Case("escape-files", "The server's own files", beside_a_secret(),
         ["get ../../../../../../etc/passwd FOLDER/stolen", "ls /etc"],
         ['File "/BUCKET/ann/../../../../../../etc/passwd" not found.', "Couldn't read directory: Permission denied"],
         [denied("STAT", "/etc/passwd"), listing("Access denied")], after=nothing_came_out),
    Case("escape-mapping", "Out of a mapping by `..` or by real names", beside_a_secret(mappings=IN),
         ["get /in/../secret FOLDER/stolen", "get in/../../secret FOLDER/stolen", "get /BUCKET/secret FOLDER/stolen",
          "put FOLDER/file /in/../secret", "rm //in/.././secret", "rename /in/a /secret"],
         ['File "/in/../secret" not found.', 'File "/in/../../secret" not found.', 'File "/BUCKET/secret" not found.',
          'dest open "/in/../secret": No such file or directory',
          "remote delete //in/.././secret: No such file or directory",
          'remote rename "/in/a" to "/secret": No such file or directory'], [], after=nothing_came_out),
    Case("escape-root", "Out of a mapped root by `..`, which stays at the root",
         beside_a_secret(mappings=[{"Entry": "/", "Target": "/BUCKET/in"}]),
         ["cd ../..", "pwd", "get ../secret FOLDER/stolen", "put FOLDER/file ../../file"],
         ['File "/../secret" not found.'],
         [done("OPEN", "/BUCKET/in/file", mode="CREATE|TRUNCATE|WRITE"),
          done("CLOSE", "/BUCKET/in/file", bytes_in="6")],
         shows=["Remote working directory: /", "Uploading file to /../../file"], after=nothing_came_out),
    Case("escape-backslash", "Backslashes are letters of a name", beside_a_secret(mappings=IN),
         [r"put FOLDER/file /in/..\\file"], [],
         [done("OPEN", r"/BUCKET/in/..\file", mode="CREATE|TRUNCATE|WRITE"),
          done("CLOSE", r"/BUCKET/in/..\file", bytes_in="6")], after=stayed_inside),
]
