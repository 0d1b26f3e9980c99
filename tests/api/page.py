"""The table of docs/api.md, from the sources: which operations there are, behind which of them nothing acts yet, and
which test files call each. A C++ test calls an operation when it, or a function of its file or of the shared fixture
that it uses, names it; a Python test when it calls the SDK's method or types the command line's name; the test of the
golden requests calls what its files name."""

import ast
import json
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PAGE = ROOT / "docs/api.md"
README = ROOT / "README.md"
BEGIN = "<!-- Written by the tests: SALLYPORT_WRITE_DOCS=1 /usr/bin/python3 -m pytest tests/api/test_page.py -->"
END = "<!-- End of what the tests write. -->"
# Methods that the SDK's IAM client has as well; only Transfer's take a server.
SHARED_NAMES = {"create_user", "delete_user", "list_users", "update_user"}
# Requests that lie in files, and the test that sends them.
GOLDEN = ("tests/api/test_golden.py", ROOT / "tests/api/golden")
FIXTURE = ROOT / "src/api/testing/api_fixture.h"


def operations():
    model = json.loads((ROOT / "src/api/model/transfer-2018-11-05.json").read_text())
    return sorted(model["operations"])


def snake(operation):
    return re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower()


def not_there():
    """Operation → (what does not happen yet, how it answers all the same or None), from the program's own list."""
    source = (ROOT / "src/api/transfer/not_there.cc").read_text()
    clauses = dict(re.findall(r'std::string_view (k\w+) =\s*"([^"]+)"', source))
    rows = re.findall(r'\{"(\w+)", (k\w+)(?:,\s*"([^"]+)")?\}', source)
    return {operation: (clauses[clause], instead or None) for operation, clause, instead in rows}


def body_at(text, start):
    """What is between the brace at or after `start` and its match."""
    start = text.index("{", start)
    depth = 0
    for part in re.finditer(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)\'|//[^\n]*|[{}]', text[start:]):
        depth += {"{": 1, "}": -1}.get(part[0], 0)
        if depth == 0:
            return text[start:start + part.end()]
    return text[start:]


def cpp_functions(text):
    """(name, body) of functions; tests come as their macro's name."""
    for found in re.finditer(r"^[ \t]*(?:[\w:<>,&*]+[ \t]+)*(\w+)\(([^;{}]|\{\})*\)[ \t]*(?:const[ \t]*)?\{", text, re.M):
        yield found[1], body_at(text, found.end() - 1)


def closure(direct, calls, name):
    """What a function names, itself or by those it calls."""
    seen, todo = set(), [name]
    while todo:
        one = todo.pop()
        if one not in seen and one in direct:
            seen.add(one)
            todo += calls[one]
    return set().union(*(direct[one] for one in seen))


def cpp_calls(text, shared, known):
    direct, calls, tests = {}, {}, []
    for name, body in [*shared, *cpp_functions(text)]:
        if name in ("TEST", "TEST_F", "TEST_P"):
            name = f"test {len(tests)}"
            tests.append(name)
        named = {word for word in re.findall(r'"(\w+)"', body) if word in known}
        direct[name] = direct.get(name, set()) | named
        calls[name] = calls.get(name, set()) | set(re.findall(r"(\w+)\(", body))
    return set().union(*(closure(direct, calls, test) for test in tests)) if tests else set()


class PythonCalls(ast.NodeVisitor):
    def __init__(self, by_snake, by_kebab, known):
        self.by_snake, self.by_kebab, self.known = by_snake, by_kebab, known
        self.named, self.called = set(), set()

    def visit_Call(self, node):
        words = {one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str)}
        if isinstance(node.func, ast.Name):
            self.called.add(node.func.id)
        if isinstance(node.func, ast.Attribute):
            name = node.func.attr
            ours = "transfer" in ast.unparse(node.func.value) or any(one.arg == "ServerId" for one in node.keywords)
            methods = words if name in ("get_paginator", "get_waiter") else {name}
            self.named |= {self.by_snake[one] for one in methods & set(self.by_snake) if ours or one not in SHARED_NAMES}
            if name == "call":  # of the support's Sallyport: what boto3 does not know
                self.named |= words & self.known
        if "transfer" in words:
            self.named |= {self.by_kebab[word] for word in words & set(self.by_kebab)} | (words & self.known)
        self.generic_visit(node)


def python_calls(text, known):
    by_snake = {snake(one): one for one in known}
    by_kebab = {name.replace("_", "-"): one for name, one in by_snake.items()}
    direct, calls, tests = {}, {}, []
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef):
            found = PythonCalls(by_snake, by_kebab, known)
            found.visit(node)
            direct[node.name], calls[node.name] = found.named, found.called
            if node.name.startswith("test_"):
                tests.append(node.name)
    return set().union(*(closure(direct, calls, test) for test in tests)) if tests else set()


def tests_by_operation():
    """Operation → names of the test files that call it, C++ first."""
    known = set(operations())
    shared = list(cpp_functions(FIXTURE.read_text()))
    out = {operation: [] for operation in sorted(known)}
    files = [(path, cpp_calls(path.read_text(), shared, known)) for path in sorted((ROOT / "src/api/transfer").glob("*_test.cc"))]
    files += [(path, python_calls(path.read_text(), known)) for path in sorted((ROOT / "tests").rglob("test_*.py"))
              if "node_modules" not in path.parts]
    files.append((ROOT / GOLDEN[0], {json.loads(one.read_text())["operation"] for one in GOLDEN[1].glob("*.json")}))
    for path, named in sorted(files, key=lambda one: (one[0].suffix == ".py", one[0])):
        for operation in named:
            out[operation].append(str(path.relative_to(ROOT)))
    return out


def state_of(row):
    if row is None:
        return "works"
    what, instead = row
    return f"validates only: {what}" + (f", so {instead}" if instead else "")


def rendered_page():
    missing = not_there()
    lines = ["| Operation | State | Tests |", "|---|---|---|"]
    for operation, tests in tests_by_operation().items():
        names = ", ".join(f"`{test.removeprefix('src/').removeprefix('tests/')}`" for test in tests)
        lines.append(f"| {operation} | {state_of(missing.get(operation))} | {names} |")
    return "\n".join(lines)


def rendered_readme():
    """One line for each thing that is not there, with the operations that wait for it."""
    by_clause = {}
    for operation, (what, instead) in sorted(not_there().items()):
        by_clause.setdefault(what, {}).setdefault(instead, []).append(operation)
    lines = []
    for what, groups in by_clause.items():
        waits = [", ".join(f"`{name}`" for name in names) + (f" ({instead})" if instead else "")
                 for instead, names in sorted(groups.items(), key=lambda one: one[0] or "")]
        lines.append(f"- {what[0].upper()}{what[1:]}: {'; '.join(waits)}")
    return "\n".join(lines)


def written(page):
    text = page.read_text()
    return text[text.index(BEGIN) + len(BEGIN):text.index(END)].strip("\n")


def write(page, content):
    text = page.read_text()
    start, end = text.index(BEGIN) + len(BEGIN), text.index(END)
    page.write_text(f"{text[:start]}\n\n{content}\n\n{text[end:]}")
