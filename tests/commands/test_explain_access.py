"""`sallyport explain-access`: its words, its exit codes, and that what it says to type helps."""

import json
import subprocess

import pytest

from support.sallyport import TRUST
from support.sftp_client import SftpClient

from .conftest import commands_of, policy, statement, type_in

LIST_ONLY = policy(statement("s3:ListBucket", Sid="Look"))
OTHER_TRUST = TRUST.replace("transfer.amazonaws.com", "ec2.amazonaws.com")


def sftp(site):
    return SftpClient(*site.sallyport.endpoint(site.server), "ann", site.key)


def follow(site, path, action):
    """Types what explain-access says until it says "allowed"."""
    for _ in range(4):
        told = site.explain(path, action)
        if told.returncode == 0:
            return told
        commands = commands_of(told.stdout)
        assert commands, told.stdout
        for command in commands:
            type_in(site.sallyport, command)
    raise AssertionError(told.stdout)


def test_table_shows_every_verb_allowed(site):
    told = site.explain("/" + site.bucket + "/ann")
    assert told.returncode == 0 and not told.stderr
    rows = [line.split()[:2] for line in told.stdout.splitlines()]
    for verb in ("ls", "stat", "get", "put", "mkdir", "rmdir", "rm", "rename"):
        assert [verb, "allowed"] in rows
    assert "assumed for transfer.amazonaws.com" in told.stdout
    assert "statement 0 of the role policy rights allows s3:ListBucket" in told.stdout


def test_relative_paths_begin_at_home(site):
    told = site.explain("in/../a b.txt", "put")
    assert told.returncode == 0
    assert f"s3://{site.bucket}/ann/a b.txt; nothing is there" in told.stdout


def test_missing_right_comes_with_a_policy_that_helps(site):
    site.give_role(LIST_ONLY)
    told = site.explain("new", "mkdir")
    assert told.returncode == 1
    assert "mkdir: implicit deny (no statement allows s3:PutObject)" in told.stdout
    assert f"s3:PutObject on arn:aws:s3:::{site.bucket}/ann/new/" in told.stdout
    assert not sftp(site).batch("mkdir new").ok
    follow(site, "new", "mkdir")
    assert sftp(site).batch("mkdir new").ok


def test_role_without_any_policy_denies_everything(site):
    site.give_role(None)
    told = site.explain(".")
    assert told.returncode == 1
    assert told.stdout.count("implicit deny") >= 8
    assert "--action ls" in told.stdout
    assert "Permission denied" in sftp(site).batch("ls").stderr
    follow(site, ".", "ls")
    assert not sftp(site).batch("ls").stderr


def test_explicit_deny_names_its_statement_and_goes_by_typing(site):
    site.give_role(policy(statement("s3:*"), statement("s3:DeleteObject", effect="Deny", Sid="Keep")))
    told = site.explain("a", "rm")
    assert told.returncode == 1
    assert "explicit deny by statement 1 (Keep) of the role policy rights" in told.stdout
    assert "a Deny wins over every Allow" in told.stdout
    follow(site, "a", "rm")


def test_missing_trust_shows_the_policy_to_put(site):
    site.give_role(policy(statement("s3:*")), trust=OTHER_TRUST)
    told = site.explain(".", "ls")
    assert told.returncode == 1
    assert "ls: role not assumed" in told.stdout
    assert '{"Service":"transfer.amazonaws.com"}' in told.stdout
    assert "Permission denied" in sftp(site).batch("ls").stderr
    follow(site, ".", "ls")
    assert not sftp(site).batch("ls").stderr
    name = site.explain_json(".", "ls")["Role"]["Arn"].rsplit("/", 1)[1]
    trust = site.sallyport.client("iam").get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
    assert [s["Principal"]["Service"] for s in trust["Statement"]] == ["ec2.amazonaws.com", "transfer.amazonaws.com"]


def test_missing_trust_of_all_verbs_is_told_once(site):
    site.give_role(policy(statement("s3:*")), trust=OTHER_TRUST)
    told = site.explain(".")
    assert told.returncode == 1
    assert told.stdout.count("update-assume-role-policy") == 1


def test_deleted_role_is_said_to_be_gone(site):
    name = site.give_role(None)
    site.sallyport.client("iam").delete_role(RoleName=name)
    told = site.explain(".", "ls")
    assert told.returncode == 1
    assert "there is no such role" in told.stdout and f"iam create-role --role-name {name}" in told.stdout


def test_missing_bucket_is_told_and_made(site):
    site.update(HomeDirectory=f"/{site.bucket}-gone/ann")
    site.give_role(policy(statement("s3:*")))
    told = site.explain("a", "put")
    assert told.returncode == 1
    assert "put: bucket missing" in told.stdout and "the bucket is not there" in told.stdout
    follow(site, "a", "put")


def test_session_policy_that_is_too_narrow_is_widened(site):
    site.update(Policy=json.dumps(policy(statement("s3:ListBucket", "arn:aws:s3:::${transfer:HomeBucket}"))))
    told = site.explain("a", "put")
    assert told.returncode == 1
    assert "the role allows it, the user's session policy does not" in told.stdout
    assert "the user's session policy limits it" in told.stdout
    follow(site, "a", "put")
    user = site.sallyport.client("transfer").describe_user(ServerId=site.server, UserName="ann")["User"]
    assert "${transfer:HomeBucket}" in user["Policy"], "what was there stays as it was"


def test_unreadable_session_policy_denies_everything(site):
    site.update(Policy='{"Statement":[{"Effect":"Perhaps"}]}')
    told = site.explain(".", "ls")
    assert told.returncode == 1
    assert "ls: role not assumed" in told.stdout and "session policy" in told.stdout
    follow(site, ".", "ls")


def test_path_outside_all_mappings_says_what_the_user_sees(site):
    site.update(HomeDirectoryType="LOGICAL",
                HomeDirectoryMappings=[{"Entry": "/in", "Target": f"/{site.bucket}/${{transfer:UserName}}"}])
    told = site.explain("/secret", "get")
    assert told.returncode == 1
    assert "get: outside all mappings" in told.stdout
    assert f"the user sees /in -> /{site.bucket}/ann" in told.stdout
    assert "--home-directory-mappings" in told.stdout
    inside = site.explain("/in/a", "put")
    assert inside.returncode == 0 and f"s3://{site.bucket}/ann/a by the mapping /in" in inside.stdout


def test_escape_from_a_mapping_stays_outside(site):
    site.update(HomeDirectoryType="LOGICAL", HomeDirectoryMappings=[{"Entry": "/in", "Target": f"/{site.bucket}/in"}])
    assert site.explain_json("/in/../../etc/passwd", "get")["Place"]["Kind"] == "outside all mappings"


def test_file_verbs_of_a_directory_are_not_possible(site):
    told = site.explain("/" + site.bucket, "get")
    assert told.returncode == 1
    assert "get: not possible (it is a directory" in told.stdout
    assert site.explain("/" + site.bucket).returncode == 0, "in the table that is no denial"


def test_json_holds_decision_and_steps(site):
    site.give_role(LIST_ONLY)
    told = site.explain_json("a", "get")
    assert told["Allowed"] is False
    [verb] = told["Actions"]
    assert verb["Outcome"] == "implicit deny"
    [ask] = verb["Needs"][0]["AnyOf"]
    assert ask == {"Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{site.bucket}/ann/a",
                   "Verdict": "implicit deny"}
    assert verb["NextSteps"][0]["Policy"]["Statement"][0]["Resource"] == ask["Resource"]


def test_s3_actions_and_rename_with_its_new_name(site):
    assert site.explain("a", "s3:GetObject").returncode == 0
    site.give_role(policy(statement("s3:*", f"arn:aws:s3:::{site.bucket}/ann/*"),
                          statement("s3:ListBucket", f"arn:aws:s3:::{site.bucket}")))
    assert site.explain("a", "rename", "--to", "b").returncode == 0
    told = site.explain("a", "rename", "--to", f"/{site.bucket}/b")
    assert told.returncode == 1 and f"s3:PutObject on arn:aws:s3:::{site.bucket}/b" in told.stdout


def test_stopped_server_is_noted(site):
    site.sallyport.client("transfer").stop_server(ServerId=site.server)
    site.sallyport.wait_state(site.server, "OFFLINE")
    told = site.explain("a", "put")
    assert told.returncode == 0 and "the server is OFFLINE: nobody can log in" in told.stdout


# Refusals: exit code 2, one sentence with the next step on stderr, nothing on stdout.

def refused(done, *words):
    assert done.returncode == 2 and done.stdout == ""
    for word in words:
        assert word in done.stderr
    return done.stderr


def test_unknown_user_and_server_are_refused(site):
    refused(site.explain("a", user="bob"), f"server {site.server} has no user 'bob'", "transfer list-users")
    refused(site.explain("a", server="s-00000000000000000"), "there is no server", "transfer list-servers")


def test_unknown_action_is_refused_with_those_that_are_known(site):
    refused(site.explain("a", "fly"), "no action 'fly'", "ls, stat, get, put, mkdir, rmdir, rm, rename")


def test_missing_options_are_refused(sallyport):
    done = sallyport.cli("explain-access", "--user", "ann", check=False)
    assert done.returncode == 2 and "--server is required" in done.stderr


def test_wrong_credentials_are_refused_with_a_hint(site):
    env = {**site.sallyport.environment(), "AWS_SECRET_ACCESS_KEY": "wrong"}
    done = subprocess.run([site.sallyport.binary, "explain-access", "--user", "ann", "--server", site.server,
                           "--path", "a", "--api", site.sallyport.api_url],
                          env=env, capture_output=True, text=True, timeout=60)
    assert "wrong" not in refused(done, "AWS_SHARED_CREDENTIALS_FILE")


def test_no_api_is_refused_with_a_hint(fresh_sallyport):
    done = fresh_sallyport.cli("explain-access", "--user", "ann", "--server", "s-1", "--path", "a", check=False)
    refused(done, "is `sallyport serve` running there?")


def iam_user(sallyport, rights):
    """Environment of an IAM user of these rights."""
    iam, name = sallyport.client("iam"), sallyport.name("operator")
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="rights", PolicyDocument=json.dumps(rights))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return {**sallyport.environment(), "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}


@pytest.mark.parametrize("rights, code", [
    (["transfer:DescribeUser"], 2),
    (["iam:SimulatePrincipalPolicy"], 2),
    (["transfer:DescribeUser", "iam:SimulatePrincipalPolicy"], 0),
])
def test_who_may_ask_is_decided_by_policies(site, rights, code):
    done = subprocess.run([site.sallyport.binary, "explain-access", "--user", "ann", "--server", site.server,
                           "--path", "a", "--action", "put", "--api", site.sallyport.api_url],
                          env=iam_user(site.sallyport, policy(statement(rights))),
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == code, done.stdout + done.stderr
    if code == 2:
        refused(done, "AccessDeniedException", "is not authorized to perform")


def test_help_shows_examples_and_exit_codes(sallyport):
    done = subprocess.run([sallyport.binary, "explain-access", "--help"], capture_output=True, text=True)
    assert done.returncode == 0
    for word in ("Examples:", "--action put", "Exit code: 0 allowed", "iam:SimulatePrincipalPolicy"):
        assert word in done.stdout
