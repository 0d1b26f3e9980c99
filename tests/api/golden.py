"""Golden requests and answers, from AWS's own documents: `golden/OPERATION-N.json`. Members of a file:

operation, source   what is called; the document and the section that shows it
needs               calls made before: `call`, `with` (its members), `gives` (member of the answer → the document's
                    text for it), `until` (the state of the server to wait for)
stands_for          text that the document shortens → what is sent in its place (`StandIns`)
request             the members as the document shows them; sent: those that are sent otherwise (null: not at all)
response            the answer as the document shows it, "" for an empty body; or error and status
says                texts that the document prints as parts of the error's message
made                paths of what the service makes up: must be of the model's form
added_since         paths of our answer that the document does not show → why they are right
differs             paths whose value is another one in our answer → why
document_errs       paths ("request.…", "response.…") where the document contradicts the model, or another page → how
withdrawn           elements of lists that the service has taken back since → what came of them
caller, settings, alone   who calls, with which settings of a server of its own, whether the account must be empty

A path has no indexes: "response.Users[].Arn". Account numbers are the document's; ours take their place."""

import datetime
import functools
import json
import pathlib
import re

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from support.sshkeys import new_key

from .page import ROOT

FOLDER = pathlib.Path(__file__).parent / "golden"
ACCOUNT = re.compile(r"(arn:aws:[\w-]+:[\w-]*:)(?:\d{12}|your-account-id)(?=:)")
# Errors of every operation, beside those of the model.
COMMON_ERRORS = {"ValidationException": 400, "SerializationException": 400, "ThrottlingException": 400}
# Members of answers that the user guide shows (security-policies.html) and no published model has.
SHOWN_BY_THE_GUIDE = {"DescribedSecurityPolicy": ("ContentEncryptionCiphers", "HashAlgorithms")}


@functools.lru_cache
def model():
    """The service's model with the members that came later, as the program has it."""
    folder = ROOT / "src/api/model"
    out = json.loads((folder / "transfer-2018-11-05.json").read_text())
    added = json.loads((folder / "transfer-additions.json").read_text())
    out["shapes"].update(added["shapes"])
    for shape, members in added["members"].items():
        out["shapes"][shape]["members"].update(members)
    for shape, members in SHOWN_BY_THE_GUIDE.items():
        out["shapes"][shape]["members"].update({one: {"shape": "SecurityPolicyOptions"} for one in members})
    return out


def shape_of(name):
    return model()["shapes"][name]


# What Python's patterns write otherwise.
JAVA_PATTERNS = {r"\p{Print}": " -~", r"\P{M}\p{M}": r"\s\S", r"\p{L}\p{Z}\p{N}_": r"\w\s", r"[\w- ]": r"[\w\- ]"}


def moment(text):
    return datetime.datetime.fromisoformat(text).timestamp()


def is_time(value, documented):
    if isinstance(value, str) and documented:
        return bool(re.match(r"\d{4}-\d\d-\d\dT", value))
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def fits(value, shape):
    """Whether a text or number is within the model's constraints."""
    size = len(value) if isinstance(value, str) else value
    pattern = shape.get("pattern", "")
    for java, python in JAVA_PATTERNS.items():
        pattern = pattern.replace(java, python)
    return (shape.get("min", size) <= size <= shape.get("max", size) and value in shape.get("enum", [value])
            and (not pattern or re.fullmatch(pattern, value) is not None))


def violations(value, name, path, documented=False, words=()):
    """Paths at which a value is not what the model says. `documented`: as documents write it, with dates as text;
    `words` are texts that only stand for something."""
    shape = shape_of(name)
    kind = shape["type"]
    if kind == "structure":
        if not isinstance(value, dict):
            return {path}
        out = {f"{path}.{one}" for one in value if one not in shape["members"]}
        out |= {f"{path}.{one}" for one in shape.get("required", []) if one not in value}
        return out.union(*(violations(value[one], shape["members"][one]["shape"], f"{path}.{one}", documented, words)
                           for one in value if one in shape["members"]))
    if kind == "list":
        if not isinstance(value, list):
            return {path}
        out = set() if shape.get("min", 0) <= len(value) <= shape.get("max", len(value)) else {path}
        return out.union(*(violations(one, shape["member"], path + "[]", documented, words) for one in value))
    if kind == "timestamp":
        right = is_time(value, documented)
    elif kind in ("integer", "long"):
        right = isinstance(value, int) and not isinstance(value, bool) and fits(value, shape)
    elif kind == "boolean":
        right = isinstance(value, bool)
    else:
        right = isinstance(value, str) and (kind == "blob" or value in words or fits(value, shape))
    return set() if right else {path}


class StandIns:
    """What is sent where a document shortens a key, a certificate or the like."""

    def __init__(self, folder):
        self.folder = folder

    @functools.lru_cache(maxsize=None)
    def of(self, what):
        if what == "ssh public key of 2049 characters":
            return "ssh-rsa ".ljust(2049, "A")
        if what.startswith("ssh public key "):
            return new_key(self.folder, what.split()[-1]).public_text
        if what.startswith("ssh private key "):
            return new_key(self.folder, what.split()[-1]).path.read_text()
        if what.startswith("known host "):
            return "sftp.example.com " + " ".join(new_key(self.folder, what.split()[-1]).public_text.split()[:2])
        if what == "role":
            return "arn:aws:iam::000000000000:role/transfer"
        return self.certificates()[what]

    @functools.lru_cache
    def certificates(self):
        """One issued by a root; both are valid since before the documents were written."""
        (root, _), (issued, key) = made_certificates("root", "us")
        return {"certificate": issued, "certificate key": key, "certificate chain": root}


def made_certificates(*names):
    """(certificate, key) of each name as PEM, each issued by the name before it; the first by itself."""
    issuer, out = None, []
    for name in names:
        key = rsa.generate_private_key(65537, 2048)
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        issuer = issuer or (subject, key)
        built = x509.CertificateBuilder(issuer[0], subject, key.public_key(), x509.random_serial_number(),
                                        datetime.datetime(2021, 1, 1), datetime.datetime(2051, 1, 1))
        built = built.add_extension(x509.BasicConstraints(ca=not out, path_length=None), critical=True)
        certificate = built.sign(issuer[1], hashes.SHA256())
        issuer = subject, key
        out.append((certificate.public_bytes(serialization.Encoding.PEM).decode(), key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()))
    return out


def translated(value, texts):
    """A value of the document in our terms: our ids, our account, what stands for shortened texts."""
    if isinstance(value, dict):
        return {key: translated(one, texts) for key, one in value.items()}
    if isinstance(value, list):
        return [translated(one, texts) for one in value]
    if isinstance(value, str):
        for text in sorted(texts, key=len, reverse=True):
            value = value.replace(text, texts[text])
        return ACCOUNT.sub(r"\g<1>000000000000", value)
    return value


def on_the_wire(value, name):
    """Dates as the protocol has them: seconds since the epoch."""
    shape = shape_of(name)
    if isinstance(value, dict) and shape["type"] == "structure":
        known = shape["members"]
        return {key: on_the_wire(one, known[key]["shape"]) if key in known else one for key, one in value.items()}
    if isinstance(value, list) and shape["type"] == "list":
        return [on_the_wire(one, shape["member"]) for one in value]
    return moment(value) if shape["type"] == "timestamp" and isinstance(value, str) else value


class Golden:
    """One file."""

    def __init__(self, path):
        self.name, self.data = path.stem, json.loads(path.read_text())
        self.operation = self.data["operation"]
        known = model()["operations"][self.operation]
        self.input, self.output, self.errors = known["input"], known["output"], {**known["errors"], **COMMON_ERRORS}
        self.made = {"response." + one for one in self.data.get("made", [])}
        for key in ("added_since", "differs", "document_errs", "withdrawn", "stands_for"):
            setattr(self, key, self.data.get(key, {}))

    def contradictions(self, words=()):
        """Paths at which the document's own request and answer are not what the model says."""
        out = violations(self.data["request"], self.input, "request", True, words)
        if self.data.get("response"):
            out |= violations(self.data["response"], self.output, "response", True, words)
        return out

    def words(self):
        """Texts of the document that stand for a key, a certificate, an id."""
        given = [text for need in self.data.get("needs", []) for text in need.get("gives", {}).values()]
        return {*self.stands_for, *given}

    def cited(self):
        """The errors that another page of the documents shows, rather than the model."""
        return {path for path, why in self.document_errs.items() if "https://" in why}

    def make(self, sallyport, stand_ins):
        """Makes what the case needs; returns the document's texts → ours."""
        texts = {text: stand_ins.of(what) for text, what in self.stands_for.items()}
        for need in self.data.get("needs", []):
            name = model()["operations"][need["call"]]["input"]
            answer = sallyport.call(need["call"], **on_the_wire(translated(need.get("with", {}), texts), name))
            for member, text in need.get("gives", {}).items():
                texts[text] = answer[member]
            if "until" in need:
                sallyport.wait_state(answer.get("ServerId") or texts[need["with"]["ServerId"]], need["until"])
        return texts

    def request(self, texts):
        members = {**self.data["request"], **self.data.get("sent", {})}
        members = {key: value for key, value in members.items() if value is not None}
        return on_the_wire(translated(members, texts), self.input)

    def compare(self, ours, texts):
        """An answer's body with what the document shows."""
        self.used = set()
        assert not violations(ours, self.output, "response"), ours
        self._compare(translated(self.data["response"], texts), ours, self.output, "response")
        assert set(self.added_since) == self.used, f"added_since says more: {set(self.added_since) - self.used}"

    def _compare(self, theirs, ours, name, path):
        shape = shape_of(name)
        if shape["type"] == "timestamp" or path in self.made or path in self.differs:
            return  # of the right form, as all of the answer
        if path in self.document_errs and violations(theirs, name, path):
            return
        if shape["type"] == "structure":
            self._compare_members(theirs, ours, shape["members"], path)
        elif path + "[]" in self.added_since:
            self.used.add(path + "[]")
            assert set(theirs) - set(self.withdrawn) <= set(ours), path
            assert not set(self.withdrawn) & set(ours), path
        elif shape["type"] == "list":
            assert len(theirs) == len(ours), (path, theirs, ours)
            for one, other in zip(theirs, ours):
                self._compare(one, other, shape["member"], path + "[]")
        else:
            assert (type(ours), ours) == (type(theirs), theirs), path

    def _compare_members(self, theirs, ours, members, path):
        # What the model does not know, or another page has otherwise, is not to be there.
        wrong = {one for one in theirs if f"{path}.{one}" in self.document_errs
                 and (one not in members or f"{path}.{one}" in self.cited())}
        missing = set(theirs) - wrong - set(ours)
        assert not missing, f"{path} has no {missing}"
        more = {f"{path}.{one}" for one in set(ours) - (set(theirs) - wrong)}
        assert more <= set(self.added_since), f"not in the document: {more - set(self.added_since)}"
        self.used |= more
        for one in set(theirs) & set(ours) - wrong:
            self._compare(theirs[one], ours[one], members[one]["shape"], f"{path}.{one}")

    def compare_error(self, ours, texts):
        theirs = translated(self.data["error"], texts)
        code = theirs["__type"]
        known = set(shape_of(code)["members"]) if code in model()["shapes"] else set()
        word = {"Message", "message"} & set(ours)
        assert len(word) == 1 and isinstance(ours[word.pop()], str), ours
        assert set(ours) - {"__type", "message"} <= known | {"Message"}, ours
        if len(theirs) == 1:  # the document names the error and nothing else
            assert set(ours) - {"__type", "message", "Message"} == known - {"Message"}, ours
        else:
            more = {"error." + one for one in set(ours) - set(theirs)}
            assert more == set(self.added_since), more
        for member, value in theirs.items():
            assert "error." + member in self.differs or ours[member] == value, (member, ours)
        assert all(isinstance(value, str) and value for value in ours.values()), ours
        for text in self.data.get("says", []):
            assert text in ours.get("Message", ours.get("message")), ours


def all_golden():
    return [Golden(path) for path in sorted(FOLDER.glob("*.json"))]
