"""`sallyport doctor` on stores that are well, that refuse, and that are not there."""

import json
import subprocess

import pytest

from support.ports import free_port
from support.sallyport import Sallyport


@pytest.fixture(scope="module")
def door(rgw):
    """(name, Access) of the user as whom Sallyport acts."""
    return rgw.make_user()


@pytest.fixture(scope="module")
def files(door, tmp_path_factory):
    """A folder with the door's key in files."""
    folder, access = tmp_path_factory.mktemp("files"), door[1]
    (folder / "secret").write_text(access.secret_key + "\n")
    (folder / "profiles").write_text(
        f"[door]\naws_access_key_id = {access.access_key}\naws_secret_access_key = {access.secret_key}\n")
    return folder


@pytest.fixture(scope="module")
def site(rgw, door, files, binary, tmp_path_factory):
    """A Sallyport with a store of each kind, the buckets STORE-* in it."""
    access = door[1]
    keys = {"access_key_id": access.access_key, "secret_access_key": access.secret_key}
    profile = {"credentials": "file", "credentials_file": str(files / "profiles")}
    stores = {
        "well": {"endpoint": rgw.url, **keys},
        "tls": {"endpoint": rgw.tls_url, "ca_file": rgw.ca, **keys},
        "untrusted": {"endpoint": rgw.tls_url, **keys},
        "plain": {"endpoint": rgw.url.replace("http:", "https:"), **keys},
        "stranger": {"endpoint": rgw.url, **keys, "secret_access_key": "wrong"},
        "gone": {"endpoint": f"http://127.0.0.1:{free_port()}", **keys},
        "static": {"endpoint": rgw.url, "sts": False, **keys},
        "secret-file": {"endpoint": rgw.url, "access_key_id": access.access_key,
                        "secret_access_key_file": str(files / "secret")},
        "profile": {"endpoint": rgw.url, "profile": "door", **profile},
        "no-profile": {"endpoint": rgw.url, "profile": "other", **profile},
        "environment": {"endpoint": rgw.url, "credentials": "environment"},
    }
    folder = tmp_path_factory.mktemp("site")
    config = folder / "sallyport.toml"
    config.write_text("".join(
        f'[stores.{name}]\nbuckets = ["{name}-*"]\n' + "".join(
            f"{member} = {json.dumps(value)}\n" for member, value in members.items())
        for name, members in stores.items()))
    environment = {"AWS_ACCESS_KEY_ID": access.access_key, "AWS_SECRET_ACCESS_KEY": access.secret_key}
    with Sallyport(binary, folder / "data", config=config, server_environment=environment) as running:
        yield running


def all_findings(site):
    done = subprocess.run([site.binary, "doctor", "--json", "--api", site.api_url], env=site.environment(),
                          capture_output=True, text=True, timeout=120)
    assert not done.stderr
    return json.loads(done.stdout)["Findings"]


@pytest.fixture(scope="module")
def examined(site, door):
    """Store name -> its findings."""
    found = all_findings(site)
    assert door[1].secret_key not in json.dumps(found)
    stores = {}
    for one in found:
        if one["Area"] == "stores":
            stores.setdefault(one["Subject"].removeprefix("store "), []).append(one)
    return stores


def levels(found):
    return [(one["Kind"], one["Level"]) for one in found]


WELL = [("reach", "ok"), ("sts", "ok"), ("keys", "ok"), ("roles", "ok")]


def test_a_store_that_is_well(rgw, door, examined):
    found = examined["well"]
    assert levels(found) == WELL
    assert door[1].access_key in found[2]["Text"]
    roles = found[3]
    assert "no longer transfer.amazonaws.com" in roles["Text"] and "aws:SourceAccount" in roles["Text"]
    assert roles["Next"].startswith(f"env aws --endpoint-url {rgw.url} iam update-assume-role-policy --role-name ROLE")
    trust = json.loads(roles["Next"].split("'")[1])
    assert trust["Statement"][0]["Principal"] == {"AWS": "arn:aws:iam:::user/NAME"}


def test_the_trust_policy_that_it_shows_lets_the_role_be_assumed(rgw, door, examined):
    name, access = door
    role = rgw.make_role(["nobody-else"])
    shown = examined["well"][3]["Next"].split("'")[1]
    rgw.access.client("iam").update_assume_role_policy(
        RoleName=role.rsplit("/", 1)[1], PolicyDocument=shown.replace("NAME", name))
    assert rgw.assume(access, role).token


def test_tls_with_the_right_authority_with_none_and_without_tls(rgw, examined):
    assert levels(examined["tls"]) == WELL
    [untrusted] = examined["untrusted"]
    assert (untrusted["Kind"], untrusted["Level"]) == ("tls", "problem")
    assert "is not trusted" in untrusted["Text"] and untrusted["Next"].startswith("openssl s_client")
    [plain] = examined["plain"]
    assert "does not speak TLS" in plain["Text"] and plain["Next"] == "curl -i " + rgw.url


def test_keys_that_the_store_does_not_know(examined):
    found = examined["stranger"]
    assert levels(found) == [("reach", "ok"), ("sts", "ok"), ("keys", "warning"), ("roles", "ok")]
    assert "AccessDenied" in found[2]["Text"]


def test_a_place_where_nobody_is(examined):
    [found] = examined["gone"]
    assert (found["Kind"], found["Level"]) == ("reach", "problem")
    assert found["Next"].startswith("nc -vz 127.0.0.1 ")


def test_a_store_without_sts(examined):
    found = examined["static"]
    assert levels(found) == [("reach", "ok"), ("keys", "ok"), ("roles", "ok")]
    assert "evaluated here" in found[2]["Text"]


@pytest.mark.parametrize("store", ["secret-file", "profile", "environment"])
def test_keys_of_the_environment_and_of_files(examined, store):
    assert levels(examined[store]) == WELL


def test_a_profile_that_is_not_in_the_file(examined):
    found = examined["no-profile"]
    assert levels(found) == [("reach", "ok"), ("keys", "problem")]
    assert "[other]" in found[1]["Text"]


def test_roles_and_buckets_of_users_elsewhere_are_not_missed_here(site):
    server = site.server(wait=False)
    for name, bucket in (("ann", "well-1"), ("bob", "static-1"), ("eve", "here-1")):
        site.client("transfer").create_user(ServerId=server, UserName=name, Role=f"arn:aws:iam::000000000000:role/of-{name}",
                                    HomeDirectory=f"/{bucket}/x")
    problems = [one["Subject"] + " " + one["Text"] for one in all_findings(site)
                if one["Level"] == "problem" and one["Area"] in ("users", "roles")]
    assert any("here-1" in one for one in problems) and any("of-eve" in one for one in problems)
    assert any("of-bob" in one for one in problems)  # evaluated here
    assert not any("-1 " in one and "here-1" not in one or "of-ann" in one for one in problems), problems


def test_settings_that_are_wrong_end_the_start(binary, tmp_path):
    config = tmp_path / "sallyport.toml"
    config.write_text('[stores.s]\nendpoint = "s3.example"\n')
    done = subprocess.run([binary, "serve", "--config", config, "--print-config"], capture_output=True, text=True,
                          timeout=60)
    assert done.returncode == 2 and "stores.s.endpoint" in done.stderr
