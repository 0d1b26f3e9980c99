"""Counts how many policy decisions Sallyport makes in a second of CPU time, for typical and for hostile policies.

A decision is one call of iam::evaluate: identity, session and bucket policies, parsed before, against one request.
"""

import argparse
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TREE = ROOT / "build/release"
REQUIRED = 20000  # a second and core


def parse_arguments():
    parser = argparse.ArgumentParser(prog="./dev bench policies", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=1, help="CPU seconds a case (default 1)")
    return parser.parse_args()


def machine():
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    return f"{os.cpu_count()} cores of {model}"


def main():
    arguments = parse_arguments()
    subprocess.run(["ninja", "-C", str(TREE), "policy_evaluations"], check=True, stdout=sys.stderr)
    run = subprocess.run([TREE / "policy_evaluations", str(arguments.seconds)], check=True, text=True, capture_output=True)
    print(f"{machine()}\n\n| case | decisions per CPU second | of the {REQUIRED:,} required |\n|---|---|---|")
    for line in run.stdout.splitlines():
        name, rate = line.split("\t")
        print(f"| {name} | {int(rate):,} | {int(rate) / REQUIRED:.1f} times |")


if __name__ == "__main__":
    main()
