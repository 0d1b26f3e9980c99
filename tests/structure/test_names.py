"""The sanitizer tree compiles a dozen files as one, which must not change what a name means."""

import collections
import re
import subprocess

FUNCTION = re.compile(r"^[0-9a-f]* [a-zA-Z] (sallyport(?:::\w+)*?)::(\(anonymous namespace\)::)?(\w+)(?:\[abi:cxx11\])?\(")


def compiled_functions(tree):
    """Two dicts, of unnamed and of other namespaces: namespace -> names of its free functions."""
    files = [*tree.glob("*.a"), *tree.glob("CMakeFiles/*_test.dir/**/*.o")]
    assert files, f"nothing is built in {tree}"
    out = subprocess.run(["nm", "-C", "--defined-only", *map(str, files)], text=True, capture_output=True, check=True)
    unnamed, named = collections.defaultdict(set), collections.defaultdict(set)
    for line in out.stdout.splitlines():
        if found := FUNCTION.match(line):
            (unnamed if found[2] else named)[found[1]].add(found[3])
    return unnamed, named


def test_an_unnamed_namespace_takes_no_name_of_those_around_it(binary):
    unnamed, named = compiled_functions(binary.parent)
    assert len(unnamed) > 5 and len(named) > 5
    taken = []
    for namespace, names in sorted(unnamed.items()):
        steps = namespace.split("::")
        around = set().union(*(named["::".join(steps[:n])] for n in range(1, len(steps) + 1)))
        taken += [f"{namespace}: {name}" for name in sorted(names & around)]
    assert not taken, "rename one of two, in the .cc file: " + ", ".join(taken)
